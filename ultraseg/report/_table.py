"""A study's table: a line per cell in the study's order and what needs no network, in full, in short, as CSV."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from ultraseg import atomic, records
from ultraseg.report._costs import cost, fronts
from ultraseg.report._findings import Findings
from ultraseg.report._sections import Section
from ultraseg.report._summary import NAN, Row, Score, Summary, compared
from ultraseg.report._words import LOSS, NOTHING, between, number, spread, trials

PARTS = ("train", "validation", "test")
COSTS = {
    "multiply-adds (millions)": ("multiply_adds", 1e6),
    "seconds an epoch": ("seconds_per_epoch", 1),
    "images a second": ("images_per_second", 1),
    "peak memory (MiB)": ("peak_memory_mib", 1),
    "seconds a trial": ("seconds", 1),
}
"""Columns of costs, the number of `result.json` that each shows, and its unit."""
MEASURED = ("seconds_per_epoch", "images_per_second", "peak_memory_mib", "seconds_mean", "front_by_seconds")
"""Numbers of a row that depend on the machine."""
UNITS = {"hausdorff": " (px)", "hausdorff95": " (px)", "assd": " (px)", "nsd": " (at 2 px)", "diameter_error": " (px)"}


Line = list[tuple[str, str]]
"""Pairs of header and text: an axis may have the name of a score."""


def lines(summary: Summary) -> list[Line]:
    """Put the table into words, a line per cell and last what needs no network; every line has the same headers."""
    known = [_line(summary, row) for row in summary.rows]
    return [*known, *_baselines(summary, known[0], named=max(1, len(summary.outline.axes)), places=4)]


def short(summary: Summary, findings: Findings) -> list[Line]:
    """Put the table into words for a terminal, several lines to a place; `publ.` marks the published value.

    A difference from the baseline is followed by `dist.` where it is distinguishable, by `n.d.` where it is not.
    """
    known = [
        [
            ("row", row.cell.label),
            ("trials", trials(row).replace(" of ", "/").replace(", ", "\n")),
            *((_header(score), _stacked(summary, row, score, findings)) for score in summary.scores),
            ("seconds", number(cost(row, "seconds"), 1)),
        ]
        for row in summary.rows
    ]
    return [*known, *_baselines(summary, known[0], named=1, places=3)]


def markdown(rows: Sequence[Line]) -> str:
    """Write lines as a Markdown table whose columns also stand in line when it is read as text."""
    texts = [[header for header, _ in rows[0]], *([text for _, text in row] for row in rows)]
    cells = [[text.replace("|", "\\|") for text in line] for line in texts]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    written = ["| " + " | ".join(t.ljust(w) for t, w in zip(line, widths, strict=True)) + " |" for line in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([written[0], rule, *written[1:]]) + "\n"


def write(
    summary: Summary, beneath: dict[str, list[str]], folder: Path, sections: Sequence[Section]
) -> dict[str, Path]:
    """Write `table.md` with its sections, every number of its table in full, and a CSV for every section.

    `table.csv` holds what the same trials give on every machine, so that two of them can be compared byte for byte;
    `costs.csv` what the machine made of them.
    """
    paths = {name: folder / name for name in ("table.md", "table.csv", "costs.csv")}
    about = f"Study `{summary.outline.study}`, profile `{summary.outline.profile or 'none'}`: "
    about += f"{len(summary.done)} of {summary.wanted} trials done."
    foot = "".join(f"\n### {heading}\n\n{_bullets(told)}" for heading, told in beneath.items())
    whole = f"# {summary.heading}\n\n{about}\n\n{markdown(lines(summary))}{foot}"
    atomic.text(paths["table.md"], whole + "".join(map(_section, sections)))
    on = fronts(summary)
    rows = [
        _numbers(summary, row) | {f"front_by_{name}": held[place] for name, held in on.items()}
        for place, row in enumerate(summary.rows)
    ]
    for name, scores in compared(summary).items():
        means = {f"{score}_mean": mean for score, mean in scores.items()}
        rows.append({**dict.fromkeys(rows[0]), "row": name, "data_set": summary.outline.data, **means})
    columns = [name for name in rows[0] if name not in MEASURED]
    records.write_rows(paths["table.csv"], columns, ({name: row[name] for name in columns} for row in rows))
    measured = [name for name in ("row", *MEASURED) if name in rows[0]]
    records.write_rows(
        paths["costs.csv"], measured, ({name: row[name] for name in measured} for row in rows[: len(summary.rows)])
    )
    return paths | _numbers_of(sections, folder)


def write_sections(heading: str, sections: Sequence[Section], path: Path) -> dict[str, Path]:
    """Write sections as a page of their own, and a CSV for each beside it."""
    atomic.text(path, f"# {heading}\n" + "".join(map(_section, sections)))
    return {path.name: path} | _numbers_of(sections, path.parent)


def _section(section: Section) -> str:
    rows = [list(zip(section.words.columns, map(str, line), strict=True)) for line in section.words.to_numpy()]
    foot = _bullets(section.beneath)
    return f"\n## {section.title}\n\n{markdown(rows)}" + (f"\n{foot}" if foot else "")


def _bullets(sentences: Iterable[str]) -> str:
    return "".join(f"* {sentence}\n" for sentence in sentences)


def _numbers_of(sections: Sequence[Section], folder: Path) -> dict[str, Path]:
    for section in sections:
        records.write_rows(
            folder / f"{section.name}.csv", list(section.numbers.columns), section.numbers.to_dict("records")
        )
    return {f"{section.name}.csv": folder / f"{section.name}.csv" for section in sections}


def _line(summary: Summary, row: Row) -> Line:
    line = list(row.cell.at.items()) or [("row", row.cell.label)]
    line.append(("trials", trials(row)))
    for score in summary.scores:
        name = _header(score)
        line.append((name, _defined(row.scores[score], places=1 if name.endswith("(px)") else 4)))
        if score == summary.outline.primary:
            line.append((f"{name}, median", number(row.scores[score].median)))
        if score in summary.pooled:
            line.append((f"{name}, pooled", spread(row.pooled[score])))
        if score in summary.published:
            line.append((f"{name}, {_published(summary)}", number(row.cell.published.get(score, NAN))))
    line.append(("test images", between(trial.result["data"]["test"] for trial in row.done)))
    line.append(("parameters", between(trial.result["parameters"]["trainable"] for trial in row.done)))
    return [*line, *((header, number(cost(row, name) / unit, 1)) for header, (name, unit) in COSTS.items())]


def _baselines(summary: Summary, like: Line, *, named: int, places: int) -> list[Line]:
    """What needs no network, under the headers of a line whose first `named` columns name the row."""
    found = []
    for name, scores in compared(summary).items():
        means = {_header(score): number(mean, places) for score, mean in scores.items()}
        texts = [name, *[NOTHING] * (named - 1), *(means.get(header, NOTHING) for header, _ in like[named:])]
        found.append([(header, text) for (header, _), text in zip(like, texts, strict=True)])
    return found


def _defined(score: Score, *, places: int) -> str:
    """A spread, and how many images are in none of it."""
    left_out = f" ({score.undefined} of {score.images} undefined)" if score.undefined and score.trials else ""
    return spread(score, places=places) + left_out


def _header(score: str) -> str:
    return LOSS if score == "loss" else f"{score}{UNITS.get(score, '')}"


def _published(summary: Summary) -> str:
    if summary.outline.comparable:
        return "published"
    return f"published on {summary.outline.source['data']} (not comparable)"


def _stacked(summary: Summary, row: Row, score: str, findings: Findings) -> str:
    stack = [spread(row.scores[score], places=3).replace(" ± ", "±").replace(" (one trial)", "")]
    if score == summary.outline.primary and row.scores[score].trials:
        stack.append(f"median {number(row.scores[score].median, 3)}")
        against = findings.line(row.cell.label)
        if against is not None:
            stack.append(f"diff. {against['difference']:+.3f}{' dist.' if against['distinguishable'] else ' n.d.'}")
    if score in row.cell.published:
        stack.append(f"publ. {number(row.cell.published[score], 3)}{'' if summary.outline.comparable else '*'}")
    return "\n".join(stack)


def _numbers(summary: Summary, row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {"row": row.cell.label, **row.cell.at, "data_set": summary.outline.data}
    line |= {"trials": len(row.done), "trials_wanted": len(row.trials)}
    line |= {outcome: row.count(outcome) for outcome in records.OUTCOMES}
    for score in summary.scores:
        line |= _fields(score, row.scores[score])
        if score in summary.pooled:
            pooled = row.pooled[score]
            line |= {f"{score}_pooled_mean": pooled.mean, f"{score}_pooled_sd": pooled.sd}
        if score in summary.published:
            line[f"{score}_published"] = row.cell.published.get(score)
    line["published_comparable"] = summary.outline.comparable if row.cell.published else None
    line["loss_unit"] = " / ".join(sorted({trial.loss for trial in row.done}))
    for part in PARTS:
        line[f"{part}_images"] = _average(trial.result["data"][part] for trial in row.done)
    for kind in ("trainable", "not_trainable"):
        line[f"parameters_{kind}"] = _average(trial.result["parameters"][kind] for trial in row.done)
    line |= {name: cost(row, name) for name, _ in COSTS.values() if name != "seconds"}
    return {**line, "seconds_mean": cost(row, "seconds")}


def _fields(name: str, score: Score) -> dict[str, Any]:
    known = {"mean": score.mean, "sd": score.sd, "median": score.median, "n": score.trials}
    return {f"{name}_{key}": value for key, value in (known | {"undefined": score.undefined}).items()}


def _average(values: Iterable[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None
