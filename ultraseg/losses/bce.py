"""Binary cross-entropy: the mean over pixels of minus the log-probability of the truth.

Source: Goodfellow, Bengio, Courville, Deep Learning, 2016, section 6.2.2; the weight is PyTorch's `pos_weight` of
`BCEWithLogitsLoss`, the smoothing Szegedy et al., 2016, section 7, as Keras' `BinaryCrossentropy` has it.
Departure: with several channels it is the mean over the channels, each taken as a binary question about the
softmax. Keras' `BinaryCrossentropy`, after a softmax layer on TensorFlow, takes the logits behind it and puts
them through a sigmoid each, which is what report 003 trained on.
"""

from keras import ops

from ultraseg.convention import log_probability


def bce(truth, logits, *, positive_weight=1.0, label_smoothing=0.0):
    """Binary cross-entropy of each image.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        positive_weight: how many times a lesion pixel counts, above 0; a background pixel counts once. With several
            channels it weighs the lesion channels' own question alone, not the background's, so that with two a
            lesion pixel counts (1 + positive_weight) / 2 times.
        label_smoothing: share of the truth, in [0, 1), that is replaced by one half.

    Returns:
        Loss per image in nats, `[batch]`, at least 0; an empty image left empty costs 0, unless labels are
        smoothed: then the least cost is the entropy of the smoothed truth, and certainty costs more.

    Raises:
        ValueError: an option is out of its range.
    """
    if positive_weight <= 0:
        raise ValueError(f"bce: positive_weight must be above 0, got {positive_weight}")
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"bce: label_smoothing must be at least 0 and below 1, got {label_smoothing}")
    inside, outside = log_probability(logits)
    truth = ops.cast(truth, "float32") * (1 - label_smoothing) + label_smoothing / 2
    others = [positive_weight] * (logits.shape[-1] - 1)
    weight = ops.convert_to_tensor([1, *others] if others else [positive_weight], "float32")
    return -ops.mean(weight * truth * inside + (1 - truth) * outside, axis=(1, 2, 3))
