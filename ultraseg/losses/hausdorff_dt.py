"""Hausdorff loss by distance transforms: a wrong pixel costs by its distance to the outlines of truth and prediction.

Source: Karimi and Salcudean, 2019, the loss by distance transforms (arXiv:1904.10030).
Departure: distances are shares of the image's diagonal, so that the loss does not grow with the image; the paper's
value is this one times diagonal ** alpha. A mask without lesion, or without background, has no outline and no
published value: every pixel is then one diagonal from it. MONAI's `HausdorffDTLoss` takes 0 there, so that marking an
empty image has no cost but that of the prediction's own outline.
"""

from keras import ops

from ultraseg.convention import THRESHOLD, probability
from ultraseg.losses._distance import to_the_other_side


def hausdorff_dt(truth, logits, *, alpha=2.0):
    """Hausdorff loss of each image, the mean over its channels. Meant as one part of a `weighted_sum`.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`, height and width known; the outline of a soft one
            is taken at one half.
        logits: the model's output, same shape, any float type; computed in float32. The prediction's outline is
            where the probability passes one half; no gradient passes through the distances.
        alpha: power of the distance, above 0; the larger, the more the farthest error counts.

    Returns:
        Loss per image, `[batch]`, in [0, 2]; an empty image left empty costs 0.

    Raises:
        ValueError: `alpha` is not above 0.
    """
    if alpha <= 0:
        raise ValueError(f"hausdorff_dt: alpha must be above 0, got {alpha}")
    p = probability(logits)
    t = ops.cast(truth, "float32")
    field = to_the_other_side(t > THRESHOLD) ** alpha + to_the_other_side(p > THRESHOLD) ** alpha
    return ops.mean(ops.square(p - t) * field, axis=(1, 2, 3))
