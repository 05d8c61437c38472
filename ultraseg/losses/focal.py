"""Focal loss: cross-entropy that counts a pixel the less, the surer it is already right.

Source: Lin, Goyal, Girshick, He, Dollár, 2017, equation 5 (arXiv:1708.02002).
Departure: a soft truth shares a pixel's cost between its classes; Keras' `BinaryFocalCrossentropy` mixes their
probabilities first, which is another number there and the same for hard masks. With several channels alpha weighs
every lesion channel and 1 - alpha the background's, so that two channels give what one gives; Keras'
`CategoricalFocalCrossentropy` weighs all by alpha, unless it is given a list.
"""

from keras import ops

from ultraseg.convention import log_probability


def focal(truth, logits, *, alpha=0.25, gamma=2.0):
    """Focal loss of each image, averaged over its pixels.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`; with several channels they sum to 1.
        logits: the model's output, same shape, any float type; computed in float32.
        alpha: weight of a lesion pixel, above 0 and below 1; a background pixel weighs 1 - alpha.
        gamma: how fast sure pixels stop to count, at least 0; with 0 it is a weighted cross-entropy.

    Returns:
        Loss per image in nats, `[batch]`, at least 0; an empty image left empty costs 0.

    Raises:
        ValueError: an option is out of its range.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"focal: alpha must be above 0 and below 1, got {alpha}")
    if gamma < 0:
        raise ValueError(f"focal: gamma must be at least 0, got {gamma}")
    inside, outside = log_probability(logits)
    truth = ops.cast(truth, "float32")
    others = [alpha] * (logits.shape[-1] - 1)
    weight = ops.convert_to_tensor([1 - alpha, *others] if others else [alpha], "float32")
    cost = weight * truth * ops.exp(gamma * outside) * inside
    if not others:
        cost = cost + (1 - alpha) * (1 - truth) * ops.exp(gamma * inside) * outside
    return -ops.mean(ops.sum(cost, axis=-1), axis=(1, 2))
