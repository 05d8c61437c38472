"""Jaccard (IoU) loss: one minus the soft overlap of prediction and truth over their union.

Source: Rahman and Wang, 2016 (Optimizing Intersection-Over-Union in Deep Neural Networks).
Departure: the mean over the channels, per image unless `over` says otherwise; `smooth` on both sides of the ratio, so
that an empty image left empty costs 0.
"""

from keras import ops

from ultraseg.losses._overlap import check, overlap_and_sizes


def jaccard(truth, logits, *, smooth=1.0, over="image"):
    """Jaccard loss of each image, the mean over its channels.

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
    check("jaccard", smooth, over)
    overlap, sizes = overlap_and_sizes(truth, logits, over)
    return ops.mean(1 - (overlap + smooth) / (sizes - overlap + smooth), axis=-1)
