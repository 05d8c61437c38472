"""A study's measures by stratum: class, lesion size and image source; and whether large lesions are harder.

Source: report 001 says that its networks are worse on large lesions, without a number.
Departure: size is the lesion's share of its image, since data sets give no pixel size; the cuts are those of the test
images of this study.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ultraseg import catalogue
from ultraseg.report._findings import Findings, finite, table
from ultraseg.report._summary import Summary
from ultraseg.statistics import Contrast, contrast, strata, terciles
from ultraseg.statistics.terciles import NAMES, NONE

KINDS = ("label", "size", "source")
LARGE, SMALL = "large", "small"
CLAIMED = ("dice", "iou")
"""What report 001's claim is about; accuracy is lower on large lesions by what an empty mask misses."""


def by_stratum(summary: Summary, findings: Findings) -> pd.DataFrame:
    """Take every measure by stratum, those of the table first, for the rows that the statistics use.

    Returns:
        A line per measure, kind of stratum, stratum and row: measure, kind, stratum, row, mean, low, high, images,
        groups, left_out, note. A kind of which all images are alike is left out; empty if no row is complete.
    """
    kinds = _kinds(findings)
    lines = []
    for measure in dict.fromkeys([*summary.scores, *catalogue.names("metrics")]):
        if not all(trial.holds(measure) for row in findings.used for trial in row.done):
            continue
        scores = table(findings.used, measure)
        for row in findings.used:
            if not finite(scores, row.cell.label):
                continue
            for kind, stratum in kinds.items():
                found = strata(scores, row.cell.label, stratum)
                lines.append(found.assign(measure=measure, kind=kind, row=row.cell.label))
    columns = ["measure", "kind", "stratum", "row", "mean", "low", "high", "images", "groups", "left_out", "note"]
    return pd.concat(lines, ignore_index=True)[columns] if lines else pd.DataFrame(columns=columns)


def large_against_small(findings: Findings) -> dict[str, Contrast]:
    """Mean of the primary score on large lesions minus that on small ones, by row; empty without three lesions."""
    sizes = _kinds(findings).get("size")
    if sizes is None:
        return {}
    found = {}
    for row in findings.used:
        try:
            found[row.cell.label] = contrast(findings.scores, row.cell.label, sizes, LARGE, SMALL)
        except ValueError:  # no image of one of the two has a defined score
            continue
    return found


def sentences(summary: Summary, contrasts: dict[str, Contrast]) -> Iterator[str]:
    """Answer report 001's claim for the baseline, with its interval; not where it found no lesion at all."""
    label = summary.baseline.cell.label
    if label not in contrasts or summary.baseline.failed:
        return
    found, primary = contrasts[label], summary.outline.primary
    told = f"{found.difference:+.4f} (95 % interval {found.low:+.4f} to {found.high:+.4f})"
    if np.isnan(found.low):
        answer = f"no interval can be given: {found.note}"
    elif found.note:  # fewer than six groups of images in one of them
        answer = f"too few to say a sign: {found.note.removesuffix('.')}"
    elif found.low > 0:
        answer = "higher on large lesions"
    elif found.high < 0:
        answer = "lower on large lesions"
    else:
        answer = "which leaves either sign open"
    yield (
        f"By lesion size (terciles of the lesion's share of its image), {primary} of {label!r} on large lesions minus "
        f"that on small ones: {told}, {answer}."
        + (" Report 001 holds that large breast lesions are the harder ones." if primary in CLAIMED else "")
    )


def _kinds(findings: Findings) -> dict[str, pd.Series]:
    """The strata by kind, each by image; only kinds with two strata or more."""
    if not findings.used:
        return {}
    row = findings.used[0]
    images = pd.concat([trial.tables["test"] for trial in row.done]).drop_duplicates("id").set_index("id")
    found = {kind: images[kind] for kind in ("label", "source") if images[kind].nunique() > 1}
    share = (images["tp"] + images["fn"]) / (images["height"] * images["width"])
    if (share > 0).sum() >= 3:
        sizes = terciles(share)
        if sizes.nunique() > 1:
            found["size"] = sizes
    order = {name: place for place, name in enumerate((NONE, *NAMES))}
    return {
        kind: found[kind].sort_values(key=lambda names: names.map(lambda name: order.get(name, name)))
        for kind in KINDS
        if kind in found
    }
