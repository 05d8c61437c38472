"""The overlap of prediction and truth: the sums over pixels that the Dice, Jaccard and Tversky losses are ratios of.

`over` says which pixels are summed: "image", those of each image; "batch", those of the whole batch, so that every
image has the same value, which depends on the images beside it.
"""

from keras import ops

from ultraseg.convention import probability

OVER = ("image", "batch")


def check(who, smooth, over):
    """Refuse what no overlap loss takes.

    Raises:
        ValueError: `smooth` is not above 0, or `over` is neither "image" nor "batch".
    """
    if smooth <= 0:
        raise ValueError(f"{who}: smooth must be above 0, got {smooth}")
    if over not in OVER:
        raise ValueError(f"{who}: over must be one of {', '.join(OVER)}, got {over!r}")


def total(values, over):
    """Sum `[batch, height, width, classes]` over the pixels to `[batch, classes]`."""
    sums = ops.sum(values, axis=(1, 2))
    return sums if over == "image" else ops.zeros_like(sums) + ops.sum(sums, axis=0, keepdims=True)


def overlap_and_sizes(truth, logits, over):
    """Overlap of truth and prediction, and the sum of their sizes, in pixels, each `[batch, classes]`."""
    p = probability(logits)
    t = ops.cast(truth, "float32")
    return total(t * p, over), total(t, over) + total(p, over)


def dice_of_channels(truth, logits, smooth, over):
    """One minus the soft Dice of every channel, `[batch, classes]`."""
    overlap, sizes = overlap_and_sizes(truth, logits, over)
    return 1 - (2 * overlap + smooth) / (sizes + smooth)


def tversky_of_channels(truth, logits, miss, alarm, smooth, over):
    """One minus the Tversky index of every channel, `[batch, classes]`; its digits hold near 0 too."""
    p = probability(logits)
    t = ops.cast(truth, "float32")
    wrong = miss * total(t * (1 - p), over) + alarm * total((1 - t) * p, over)
    return wrong / (total(t * p, over) + wrong + smooth)
