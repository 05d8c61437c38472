"""Binary cross-entropy: the mean over pixels of minus the log-probability of the truth.

Source: Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.2.2.
Departure: with several channels it is the mean over the channels, each taken as a binary question about the
softmax. Keras' `BinaryCrossentropy`, after a softmax layer on TensorFlow, takes the logits behind it and puts
them through a sigmoid each, which is what report 003 trained on.
"""

from keras import ops

from ultraseg.convention import log_probability


def bce(truth, logits):
    """Binary cross-entropy of each image.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.

    Returns:
        Loss per image in nats, `[batch]`, at least 0; an empty image left empty costs 0.
    """
    inside, outside = log_probability(logits)
    truth = ops.cast(truth, "float32")
    return -ops.mean(truth * inside + (1 - truth) * outside, axis=(1, 2, 3))
