"""Lesion by lesion: how many were detected, how many alarms were false, and how wrong area and diameter are.

Source: Maier-Hein et al., 2024 (doi:10.1038/s41592-023-02151-z): detection is counted over lesions, not over images.
"""

import math

import numpy as np
import pandas as pd

from ultraseg.report._summary import Summary
from ultraseg.report._trials import Trial

COLUMNS = (
    "row",
    "lesions a trial",
    "sensitivity at IoU 0.1",
    "sensitivity at IoU 0.5",
    "normal images a trial",
    "false alarms per normal image",
    "false alarms per image",
    "relative area error, median",
    "diameter error in px, median",
)


def lesions(summary: Summary) -> pd.DataFrame:
    """Count over the test images of each trial, then take the mean over a row's trials.

    Returns:
        A line per row with measured trials, with `COLUMNS`; NaN where a row has no lesion or no normal image. Errors
        are over images with a lesion, signed, that of the area relative to the lesion's.
    """
    lines = []
    for row in summary.rows:
        found = [_of(trial) for trial in row.done if trial.images]
        if found:
            lines.append({"row": row.cell.label, **pd.DataFrame(found).mean().to_dict()})
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _of(trial: Trial) -> dict[str, float]:
    table = trial.tables["test"]
    count, lesion = table["lesions"].sum(), table["lesions"] > 0
    normal = table[~lesion]
    return {
        "lesions a trial": float(count),
        "sensitivity at IoU 0.1": table["detected_10"].sum() / count if count else math.nan,
        "sensitivity at IoU 0.5": table["detected_50"].sum() / count if count else math.nan,
        "normal images a trial": float(len(normal)),
        "false alarms per normal image": normal["false_alarms"].mean() if len(normal) else math.nan,
        "false alarms per image": table["false_alarms"].mean(),
        "relative area error, median": np.median(table.loc[lesion, "area_error"]) if lesion.any() else math.nan,
        "diameter error in px, median": np.median(table.loc[lesion, "diameter_error_px"]) if lesion.any() else math.nan,
    }
