"""Dice loss: one minus the soft overlap of prediction and truth.

Source: Milletari, Navab, Ahmadi, 2016 (arXiv:1606.04797), without the squares, as most use it.
Departure: per image, not pooled over the batch, unless `over` says so; `smooth` on both sides of the ratio, so that
an empty image left empty costs 0. Keras' `Dice` adds 1e-7 and pools batch and channels where no `axis` is given.
"""

from keras import ops

from ultraseg.losses._overlap import check, dice_of_channels


def dice(truth, logits, *, smooth=1.0, over="image"):
    """Dice loss of each image, the mean over its channels.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        smooth: pixels added to both sides of the ratio, above 0.
        over: "image" counts the pixels of each image; "batch" counts those of the whole batch and gives every image
            the batch's loss, which then depends on the images beside it and on how many they are.

    Returns:
        Loss per image, `[batch]`, in [0, 1); an empty image (or batch) left empty costs 0.

    Raises:
        ValueError: `smooth` is not above 0, or `over` is unknown.
    """
    check("dice", smooth, over)
    return ops.mean(dice_of_channels(truth, logits, smooth, over), axis=-1)
