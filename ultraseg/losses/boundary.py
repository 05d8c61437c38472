"""Boundary loss: every pixel that is marked wrongly costs its distance to the truth's outline.

Source: Kervadec et al., 2019, equations 2 to 5 (arXiv:1812.07032).
Departure: the term that does not depend on the prediction is kept, so that the right answer costs 0 and not less; the
gradient is the same. The outline runs between the pixels, half a pixel from either side; the authors' code lays it on
the lesion's outermost pixels, which then cost nothing. Distances are shares of the image's diagonal, so that the loss
lies below 1 and does not grow with the image. Without lesion, or without background, there is no outline and no
published value: every pixel is then one diagonal from it (less the half pixel), and the loss is about the mean
probability of what is not there.
"""

from keras import ops

from ultraseg.convention import THRESHOLD, probability
from ultraseg.losses._distance import to_the_other_side


def boundary(truth, logits):
    """Boundary loss of each image, the mean over its channels. Meant as one part of a `weighted_sum`.

    Args:
        truth: masks in {0, 1}, `[batch, height, width, classes]`, height and width known; a soft one is taken at one
            half.
        logits: the model's output, same shape, any float type; computed in float32.

    Returns:
        Loss per image, `[batch]`, in [0, 1), as a share of the image's diagonal; an empty image left empty costs 0.
    """
    mask = ops.cast(truth, "float32") > THRESHOLD
    _, height, width, _ = logits.shape
    distance = to_the_other_side(mask) - 0.5 / (height**2 + width**2) ** 0.5
    # |p - t|, written so that its slope is the signed distance: negative on the lesion, positive off it
    p = probability(logits)
    return ops.mean(distance * ops.where(mask, 1 - p, p), axis=(1, 2, 3))
