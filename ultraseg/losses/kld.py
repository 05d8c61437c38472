"""Kullback-Leibler divergence from the predicted to the true distribution of each pixel's class.

Source: Kullback and Leibler, 1951. For hard masks it is the cross-entropy: with one channel the same
function as `bce`, with two softmax channels too, since both are minus the log-probability of the truth.
Departure: Keras' `KLDivergence` clips probabilities at 1e-7 and, on one channel, takes the missing second
one for nothing; this one works on logits and knows that one channel means two classes.
"""

from keras import ops

from ultraseg.convention import log_probability


def kld(truth, logits):
    """Kullback-Leibler divergence of each image, averaged over its pixels.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`; with several channels they sum to 1.
        logits: the model's output, same shape, any float type; computed in float32.

    Returns:
        Loss per image in nats, `[batch]`, at least 0; an empty image left empty costs 0.
    """
    inside, outside = log_probability(logits)
    truth = ops.cast(truth, "float32")
    divergence = _times_log(truth) - truth * inside
    if logits.shape[-1] == 1:
        divergence = divergence + _times_log(1 - truth) - (1 - truth) * outside
    return ops.mean(ops.sum(divergence, axis=-1), axis=(1, 2))


def _times_log(p):
    """p log p, which is 0 at 0."""
    return p * ops.log(ops.where(p > 0, p, 1.0))
