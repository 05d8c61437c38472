"""Lovász loss: the convex surrogate of the Jaccard loss, over the pixels in the order of their errors.

Source: Berman, Triki, Blaschko, 2018, section 3 and algorithm 1 (arXiv:1705.08790): the Lovász hinge for one
channel, Lovász-softmax for several.
Departure: always per image, and the mean over all channels, where the authors' code may leave out those that the truth
lacks: a lesion marked in an empty image must cost. The steps of the Jaccard loss are written as fractions, since the
difference of two neighbours near 1, as published, keeps two digits in float32 at 512 x 512 pixels.
"""

from keras import ops

from ultraseg.convention import probability


def lovasz(truth, logits):
    """Lovász loss of each image, the mean over its channels.

    Args:
        truth: masks in {0, 1}, `[batch, height, width, classes]`, height and width known. A soft one keeps the formula:
            with several channels the loss is 0 where the prediction equals it, with one no logit is right at one half.
        logits: the model's output, same shape, any float type; computed in float32.

    Returns:
        Loss per image, `[batch]`: with several channels in [0, 1], with one at least 0 and as large as the worst
        pixel's margin error, `1 - logit` on the lesion and `1 + logit` off it. An empty image left empty costs 0 (one
        channel: with every logit at most -1); marked, it costs its worst pixel, which alone has a gradient.
    """
    truth = ops.cast(truth, "float32")
    if logits.shape[-1] == 1:
        error = ops.relu(1 - ops.cast(logits, "float32") * (2 * truth - 1))
    else:
        error = ops.abs(truth - probability(logits))
    error, truth = _pixels(error), _pixels(truth)
    order = ops.argsort(-ops.stop_gradient(error), axis=-1)
    steps = _steps(ops.take_along_axis(truth, order, axis=-1))
    return ops.mean(ops.sum(ops.take_along_axis(error, order, axis=-1) * steps, axis=-1), axis=-1)


def _pixels(values):
    """Turn `[batch, height, width, classes]` into `[batch, classes, pixels]`."""
    _, height, width, classes = values.shape
    return ops.transpose(ops.reshape(values, (-1, height * width, classes)), (0, 2, 1))


def _steps(truth):
    """What every pixel, worst first, adds to the Jaccard loss when it joins the wrong ones."""
    lesion = ops.sum(truth, axis=-1, keepdims=True)
    overlap = lesion - ops.cumsum(truth, axis=-1)
    union = lesion + ops.cumsum(1 - truth, axis=-1)
    overlap_before, union_before = overlap + truth, union - (1 - truth)
    step = (overlap_before * (1 - truth) + union_before * truth) / (ops.maximum(union_before, 1e-7) * union)
    # without a lesion the first wrong pixel makes the loss whole
    return ops.stop_gradient(ops.where(union_before > 0, step, 1.0))
