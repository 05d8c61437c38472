"""The Dice loss that report 001 trained on: its added 1 stands inside the doubled overlap.

Source: report 001's code, `1 - 2 * (overlap + 1) / (sizes + 1)`, summed over the whole batch.
Departure: none. For studies of the tables as published; `dice` adds as much to both sides of the ratio. Here an
empty batch left empty costs -1, and a right answer -1 / (sizes + 1): the smaller the lesion, the lower.
"""

from keras import ops

from ultraseg.convention import probability


def dice_reaching_minus_one(truth, logits):
    """Dice loss of the batch, the same for each of its images.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.

    Returns:
        The batch's loss once per image, `[batch]`, in [-1, 1); it depends on the images beside it and on how many
        they are. An empty batch left empty costs -1; marked, it costs more, with a gradient that unmarks it.
    """
    p = probability(logits)
    t = ops.cast(truth, "float32")
    overlap, sizes = ops.sum(t * p), ops.sum(t) + ops.sum(p)
    return ops.zeros_like(p[:, 0, 0, 0]) + (1 - 2 * (overlap + 1) / (sizes + 1))
