"""The tables that follow a study's own: what differences are worth, strata, lesions, published numbers judged."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ultraseg.report import _strata, _verdicts
from ultraseg.report._conventions import Recomputed
from ultraseg.report._findings import Findings, p_value
from ultraseg.report._lesions import lesions
from ultraseg.report._summary import Summary
from ultraseg.report._words import NOTHING, beyond, number
from ultraseg.statistics.terciles import NONE

NAMES = ("statistics", "levels", "effects", "strata", "lesions", "verdicts")
"""Of the sections that a report may have."""
NORMAL = "normal"
AGAINST = (
    "difference",
    "95 % of the difference",
    "p, Wilcoxon (Holm)",
    "p, permutation (Holm)",
    "smallest resolvable",
    "verdict",
)


@dataclass(frozen=True)
class Section:
    """A heading, a table in words, sentences beneath it, and the same in numbers for a CSV named `name`."""

    name: str
    title: str
    words: pd.DataFrame
    beneath: tuple[str, ...]
    numbers: pd.DataFrame


def sections(summary: Summary, findings: Findings, recomputed: list[Recomputed]) -> list[Section]:
    """Make every section of which there is something to tell."""
    crossed = (_levels(summary, findings), _effects(summary, findings))
    parts = (_comparison(summary, findings), *crossed, _strata_of(summary, findings))
    return [part for part in (*parts, _lesions_of(summary), _judged(summary, recomputed)) if part]


def _comparison(summary: Summary, findings: Findings) -> Section | None:
    """Intervals and spreads of every row, and its difference from the baseline."""
    if not findings.used:
        return None
    lines, numbers = [], []
    for row in findings.used:
        label = row.cell.label
        found, spread, against = findings.intervals[label], findings.spreads[label], findings.line(label)
        bold = against is not None and against["distinguishable"]
        line = {
            "row": f"**{label}**" if bold else label,
            summary.outline.primary: number(found.mean),
            "95 % over images": _ends(found.low, found.high),
            "sd over seeds": number(spread.over_seeds),
            "sd over folds": number(spread.over_folds),
        }
        if findings.comparison is not None:
            line |= _against(against, bold, summary.outline.primary)
        lines.append(line)
        numbers.append(
            {"row": label, "mean": found.mean, "low": found.low, "high": found.high, "sd_seeds": spread.over_seeds}
            | {"sd_folds": spread.over_folds, "images": found.images, "groups": found.groups, "seeds": found.seeds}
            | {"folds": found.folds, "left_out": found.left_out}
            | ({} if against is None else {f"against_{key}": value for key, value in against.items() if key != "row"})
        )
    title = f"What the differences of {summary.outline.primary} are worth"
    beneath = (
        "95 % over images: bootstrap interval of the mean over test images, groups of images (patients or copies) "
        "drawn whole, seeds averaged first. The spreads over seeds and over folds are apart from it, and from each "
        "other, where the ± of the first table holds both. A small p with a verdict of not distinguishable means: "
        "these networks differ on images like these, but another training of the same two rows might not.",
    )
    return Section("statistics", title, pd.DataFrame(lines), beneath, pd.DataFrame(numbers))


def _against(against: pd.Series | None, bold: bool, primary: str) -> dict[str, str]:
    """The columns of the comparison with the baseline."""
    texts = [NOTHING] * len(AGAINST)
    if against is not None:
        texts = [
            f"**{against['difference']:+.4f}**" if bold else f"{against['difference']:+.4f}",
            _ends(against["low"], against["high"], signed=True),
            _p(against["wilcoxon_holm"]),
            _p(against["permutation_holm"]),
            "none" if beyond(against["resolvable"], primary) else number(against["resolvable"]),
            "distinguishable" if bold else "not distinguishable",
        ]
    return dict(zip(AGAINST, texts, strict=True))


def _levels(summary: Summary, findings: Findings) -> Section | None:
    """What each level of a complete cross is worth, averaged over the other axes."""
    primary, words, numbers = summary.outline.primary, [], []
    for axis, found in findings.levels.items():
        words.append({"axis": axis, "level": found.baseline} | _against(None, False, primary))
        for _, line in found.table.iterrows():
            bold = line["distinguishable"]
            level = f"**{line['row']}**" if bold else line["row"]
            words.append({"axis": axis, "level": level} | _against(line, bold, primary))
            numbers.append({"axis": axis, "baseline": found.baseline, "level": line["row"], **line.drop("row")})
    if not words:
        return None
    beneath = (
        f"{primary} of a level, averaged over all levels of the other axes, less that of the first of its axis here, "
        "the baseline's; intervals, tests and what can be resolved as above, corrected over the levels of an axis. A "
        "level's mean holds the luck of all trainings that have it, so that less is resolved than between two rows. "
        "It is the level's worth in this cross: where axes interact, as the next table tells, it is another one beside "
        "each level of the other.",
    )
    return Section("levels", "What each axis is worth", pd.DataFrame(words), beneath, pd.DataFrame(numbers))


def _effects(summary: Summary, findings: Findings) -> Section | None:
    """Main effects and two-way interactions of a crossed study."""
    found = findings.effects
    if found is None:
        return None
    words = [
        {"term": term.term, "chi2": number(term.chi2, 2), "degrees of freedom": str(term.freedom), "p": _p(term.p)}
        for term in found.terms.itertuples()
    ]
    beneath = (
        f"Mixed model of {summary.outline.primary}, seeds averaged, the image as random effect, Wald tests "
        f"({found.images} images in {found.groups} groups). It takes the trained networks as they are: a small p holds "
        "for other images, not for other seeds. Marginal means are in effects.png and in effects.csv.",
        *found.notes,
    )
    return Section("effects", "Main effects and interactions", pd.DataFrame(words), beneath, found.margins)


def _strata_of(summary: Summary, findings: Findings) -> Section | None:
    """The primary score by stratum, and every measure in the CSV."""
    found = _strata.by_stratum(summary, findings)
    primary = found[found["measure"] == summary.outline.primary]
    if primary.empty:
        return None
    most = (primary["images"] + primary["left_out"]).groupby(primary["stratum"]).max()
    if most.get(NORMAL) == most.get(NONE):  # the same images under two names
        primary = primary[primary["stratum"] != NONE]
    contrasts = _strata.large_against_small(findings)
    words = []
    for row in findings.used:
        lines = primary[primary["row"] == row.cell.label].itertuples()
        told = {line.stratum: f"{number(line.mean, 3)} {_ends(line.low, line.high, 3)}" for line in lines}
        words.append({"row": row.cell.label} | {f"{name} ({most[name]})": text for name, text in told.items()})
        if contrast := contrasts.get(row.cell.label):
            ends = _ends(contrast.low, contrast.high, 3, signed=True)
            words[-1]["large less small"] = f"{contrast.difference:+.3f} {ends}"
    beneath = (
        f"{summary.outline.primary} by stratum, its number of images in brackets, with the 95 % interval over groups "
        "of images; small, medium and large are terciles of the lesion's share of its image. Every measure is in "
        "strata.csv.",
        *_strata.sentences(summary, contrasts),
    )
    title = "By class, lesion size and source"
    return Section("strata", title, pd.DataFrame(words).fillna(NOTHING), beneath, found)


def _lesions_of(summary: Summary) -> Section | None:
    """Detection, false alarms and errors of size."""
    found = lesions(summary)
    if found.empty:
        return None
    places = {"lesions a trial": 1, "normal images a trial": 1}
    words = pd.DataFrame(
        {name: found[name] if name == "row" else [number(value, places.get(name, 3)) for value in found[name]]
         for name in found}
    )  # fmt: skip
    beneath = (
        "Lesions and found components are parts connected by sides or corners, matched one to one; a lesion is "
        "detected when its match overlaps it with the IoU said, a false alarm is a component that matches no lesion at "
        "IoU 0.1. Means over the trials of a row.",
    )
    return Section("lesions", "Lesion by lesion", words, beneath, found)


def _judged(summary: Summary, recomputed: list[Recomputed]) -> Section | None:
    """The published numbers beside ours."""
    found = _verdicts.verdicts(summary, recomputed)
    if not found:
        return None
    words = [
        {
            "row": one.row,
            "score": one.score,
            "published": number(one.published),
            "ours": number(one.ours),
            "95 % of ours": _ends(one.low, one.high),
            "one more run": _ends(*one.runs),
            "verdict": f"{one.verdict} ({one.why})" if one.why else one.verdict,
            "reproduced under": one.other or NOTHING,
        }
        for one in found
    ]
    beneath = tuple(_verdicts.sentences(found))
    return Section("verdicts", "Published numbers", pd.DataFrame(words), beneath, _verdicts.frame(found))


def conventions(summary: Summary, recomputed: list[Recomputed], explained: Iterable[str]) -> list[Section]:
    """A section per measure: what the same predictions score under every convention."""
    made = []
    for each in recomputed:
        words = each.table.map(number).rename_axis("convention").reset_index()
        numbers = each.table.rename_axis("convention").reset_index()
        made.append(
            Section(f"conventions-{each.measure}", f"{each.measure} under every convention", words, (), numbers)
        )
    return made[:-1] + [Section(**{**vars(made[-1]), "beneath": tuple(explained)})] if made else []


def _ends(low: float, high: float, places: int = 4, *, signed: bool = False) -> str:
    if np.isnan(low) or np.isnan(high):
        return NOTHING
    return f"[{low:+.{places}f}, {high:+.{places}f}]" if signed else f"[{number(low, places)}, {number(high, places)}]"


def _p(p: float) -> str:
    return NOTHING if np.isnan(p) else p_value(p)
