"""Dice loss: one minus the soft overlap of prediction and truth.

Source: Milletari, Navab, Ahmadi, 2016 (arXiv:1606.04797), without the squares, as most use it.
Departure: per image, not pooled over the batch; `smooth` on both sides of the ratio, so that an empty image
left empty costs 0.
"""

from keras import ops

from ultraseg.convention import probability


def dice(truth, logits, *, smooth=1.0, joint=False):
    """Dice loss of each image.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        smooth: pixels added to both sides of the ratio, above 0.
        joint: count overlap and sizes over all channels together, the background's among them, as report
            003 did on two channels; otherwise the loss is the mean over the channels.

    Returns:
        Loss per image, `[batch]`, in [0, 1); an empty image left empty costs 0.

    Raises:
        ValueError: `smooth` is not above 0.
    """
    if smooth <= 0:
        raise ValueError(f"dice: smooth must be above 0, got {smooth}")
    p = probability(logits)
    t = ops.cast(truth, "float32")
    axes = (1, 2, 3) if joint else (1, 2)
    overlap = ops.sum(t * p, axis=axes)
    sizes = ops.sum(t, axis=axes) + ops.sum(p, axis=axes)
    loss = 1 - (2 * overlap + smooth) / (sizes + smooth)
    return loss if joint else ops.mean(loss, axis=-1)
