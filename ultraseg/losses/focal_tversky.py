"""Focal Tversky loss: a power of the Tversky loss that turns training towards the images that are still wrong.

Source: Abraham and Khan, 2018 (arXiv:1810.07842).
Departure: the mean over the channels where the paper takes the sum; `smooth` as in `tversky`; the power is replaced
by a straight line below 1e-7, where its slope would be infinite.
"""

from keras import ops

from ultraseg.losses._overlap import check, tversky_of_channels

STRAIGHT = 1e-7
"""The Tversky loss below which the power is a line; float32 does not resolve the index of 1 any finer."""


def focal_tversky(truth, logits, *, miss=0.7, alarm=0.3, power=0.75, smooth=1.0, over="image"):
    """Focal Tversky loss of each image, the mean over its channels.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        miss: weight of a missed pixel (the paper's alpha), above 0.
        alarm: weight of a falsely marked pixel (the paper's beta), above 0.
        power: the exponent, above 0 (the paper's 1 / gamma, with gamma 4/3); below 1 it steepens the loss near the
            right answer, above 1 it flattens it there.
        smooth: pixels added to both sides of the ratio, above 0.
        over: "image" counts the pixels of each image; "batch" counts those of the whole batch and gives every image
            the batch's loss, which then depends on the images beside it and on how many they are.

    Returns:
        Loss per image, `[batch]`, in [0, 1); an empty image (or batch) left empty costs 0.

    Raises:
        ValueError: a weight, `power` or `smooth` is not above 0, or `over` is unknown.
    """
    check("focal_tversky", smooth, over)
    if min(miss, alarm, power) <= 0:
        raise ValueError(f"focal_tversky: miss, alarm and power must be above 0, got {miss}, {alarm} and {power}")
    loss = tversky_of_channels(truth, logits, miss, alarm, smooth, over)
    # the branch that is not taken is kept away from 0, for its slope there would make the gradient NaN
    raised = ops.power(ops.maximum(loss, STRAIGHT), power)
    return ops.mean(ops.where(loss > STRAIGHT, raised, loss * STRAIGHT ** (power - 1)), axis=-1)
