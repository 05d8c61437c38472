"""Everything that is measured of one image: each count, sort, edge and component taken once."""

import functools
import inspect

import numpy as np

from ultraseg import catalogue, records
from ultraseg.counts import counts, masks
from ultraseg.lesions import compare
from ultraseg.metrics.accuracy import accuracy_of
from ultraseg.metrics.area_error import area_error_of
from ultraseg.metrics.assd import assd_of
from ultraseg.metrics.auc import auc_of
from ultraseg.metrics.average_precision import average_precision_of
from ultraseg.metrics.brier import brier_of
from ultraseg.metrics.detected import detected_of
from ultraseg.metrics.diameter_error import diameter_error_of
from ultraseg.metrics.dice import dice_of
from ultraseg.metrics.expected_calibration_error import expected_calibration_error_of
from ultraseg.metrics.false_alarms import false_alarms_of
from ultraseg.metrics.hausdorff import hausdorff_of
from ultraseg.metrics.hausdorff95 import hausdorff95_of
from ultraseg.metrics.iou import iou_of
from ultraseg.metrics.mcc import mcc_of
from ultraseg.metrics.nsd import nsd_of
from ultraseg.metrics.precision import precision_of
from ultraseg.metrics.recall import recall_of
from ultraseg.metrics.specificity import specificity_of
from ultraseg.probabilities import calibrate, rank
from ultraseg.surfaces import distances

OVERLAPS = {"accuracy": accuracy_of, "precision": precision_of, "recall": recall_of, "specificity": specificity_of}
OVERLAPS |= {"dice": dice_of, "iou": iou_of, "mcc": mcc_of, "area_error": area_error_of}
DISTANCES = {"hausdorff": hausdorff_of, "hausdorff95": hausdorff95_of, "assd": assd_of}
TOLERANCE = 2.0
"""Pixels within which an edge counts as right in `nsd_2px`."""
TOLERANCE_MM = 1.0
"""Millimetres within which it does in `nsd_1mm`."""


def measure(truth, found, probability, *, pitch=None):
    """Measure one image.

    Args:
        truth: mask in {0, 1}, `[height, width]`.
        found: mask in {0, 1}, same shape: what was decided.
        probability: of lesion, same shape, in [0, 1]: what it was decided from.
        pitch: height and width of a pixel in mm, None where the source gives none.

    Returns:
        A number per column of `records.MEASURED`, in its order, NaN where undefined, as millimetres without a pitch;
        then one per measure of the catalogue that has no column there, under its own name, with its defaults.

    Raises:
        ValueError: the shapes differ, a mask value is not 0 or 1, or a probability is not a number in [0, 1].
    """
    truth, found = masks(truth, found)
    counted, compared = counts(truth, found), compare(truth, found)
    edges = distances(truth, found)
    ranking, calibration = rank(truth, probability), calibrate(truth, probability)
    row = counted._asdict()
    row |= {name: of(counted) for name, of in OVERLAPS.items()}
    row |= {f"{name}_px": of(edges) for name, of in DISTANCES.items()}
    row["nsd_2px"] = nsd_of(edges, tolerance=TOLERANCE)
    edges = distances(truth, found, pitch=pitch) if pitch else None
    row |= {f"{name}_mm": of(edges) if pitch else np.nan for name, of in DISTANCES.items()}
    row["nsd_1mm"] = nsd_of(edges, tolerance=TOLERANCE_MM) if pitch else np.nan
    row |= {"auc": auc_of(ranking), "average_precision": average_precision_of(ranking)}
    row |= {"brier": brier_of(calibration), "expected_calibration_error": expected_calibration_error_of(calibration)}
    row |= {"lesions": compared.lesions, "components": compared.components}
    row |= {f"detected_{int(100 * share)}": detected_of(compared, overlap=share) for share in (0.1, 0.5)}
    row["false_alarms"] = false_alarms_of(compared)
    row["diameter_error_px"] = diameter_error_of(compared)
    row["diameter_error_mm"] = diameter_error_of(compare(truth, found, pitch=pitch)) if pitch else np.nan
    return row | {name: of(truth, probability if soft else found) for name, of, soft in _others()}


@functools.cache
def _others():
    """The measures of the catalogue without a column of their own: name, function, whether it wants probabilities."""
    found = []
    for name in catalogue.names("metrics"):
        if records.COLUMN.get(name, name) not in records.MEASURED:
            of = catalogue.find("metrics", name)
            found.append((name, of, list(inspect.signature(of).parameters)[1] == "probability"))
    return found
