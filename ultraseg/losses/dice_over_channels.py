"""Dice loss of all channels counted together, the background's among them.

Source: report 003, whose two-channel Dice loss of 0.0916 for a mask without lesion fits this count and no mean over
channels; its code does not define the loss. Keras' `Dice` counts so too, over the batch.
Departure: `smooth` on both sides of the ratio, as in `dice`. The background's pixels, nine in ten, hide the lesion.
"""

from keras import ops

from ultraseg.losses._overlap import check, overlap_and_sizes


def dice_over_channels(truth, logits, *, smooth=1.0, over="image"):
    """Dice loss of each image, overlap and sizes summed over its channels before the ratio is taken.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        smooth: pixels added to both sides of the ratio, above 0.
        over: "image" counts the pixels of each image; "batch" counts those of the whole batch and gives every image
            the batch's loss, which then depends on the images beside it and on how many they are.

    Returns:
        Loss per image, `[batch]`, in [0, 1); with one channel the same as `dice`; an empty image left empty costs 0.

    Raises:
        ValueError: `smooth` is not above 0, or `over` is unknown.
    """
    check("dice_over_channels", smooth, over)
    overlap, sizes = (ops.sum(each, axis=-1) for each in overlap_and_sizes(truth, logits, over))
    return 1 - (2 * overlap + smooth) / (sizes + smooth)
