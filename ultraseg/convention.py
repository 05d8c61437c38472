"""The conventions that everything shares: logits to probability to mask, and the order of the channels.

Arrays are channels-last. One channel means sigmoid, the channel being the lesion; several mean softmax,
channel 0 being the background. Several structures that may overlap are so many problems of one channel that share a
network: `separate`. A pixel belongs to the mask when the lesion is more probable than not.
"""

import numpy as np
from keras import ops

THRESHOLD = 0.5


def probability(logits):
    """Turn logits into probabilities, in float32 whatever came in.

    Args:
        logits: a model's output, `[..., classes]`, any float type.

    Returns:
        Same shape, float32, in [0, 1]: sigmoid for one channel, softmax for several.
    """
    logits = ops.cast(logits, "float32")
    return ops.sigmoid(logits) if logits.shape[-1] == 1 else ops.softmax(logits, axis=-1)


def log_probability(logits):
    """Logarithms of the probabilities of each channel and of its opposite, exact where they saturate.

    Args:
        logits: a model's output, `[..., classes]`, any float type.

    Returns:
        `(log p, log(1 - p))`, each of the logits' shape, float32, at most 0 and finite for finite logits.
    """
    logits = ops.cast(logits, "float32")
    classes = logits.shape[-1]
    if classes == 1:
        return ops.log_sigmoid(logits), ops.log_sigmoid(-logits)
    others = [
        ops.logsumexp(ops.concatenate([logits[..., :k], logits[..., k + 1 :]], axis=-1), axis=-1, keepdims=True)
        for k in range(classes)
    ]
    odds = logits - ops.concatenate(others, axis=-1)
    return ops.log_sigmoid(odds), ops.log_sigmoid(-odds)


def lesion(probabilities):
    """Take the lesion's probability out of a probability array.

    Args:
        probabilities: `[..., classes]`.

    Returns:
        `[...]`: the only channel, or one minus the background's.
    """
    return probabilities[..., 0] if probabilities.shape[-1] == 1 else 1 - probabilities[..., 0]


def separate(values):
    """Turn independent channels into pictures of one channel, so that losses and measures meet one lesion at a time.

    Args:
        values: logits or truth, `[batch, height, width, channels]`.

    Returns:
        `[batch * channels, height, width, 1]`, the channels of an image one after the other.
    """
    values = ops.transpose(values, (0, 3, 1, 2))
    return ops.reshape(values, (-1, *values.shape[2:], 1))


def whole(mask):
    """Harden a mask: a pixel counts when it lies in the lesion wholly.

    A soft edge, which only `mask_interpolation: bilinear` makes, is background, as the argmax of report 003's coded
    targets has it.

    Args:
        mask: NumPy array in [0, 1].

    Returns:
        uint8 in {0, 1}, same shape.
    """
    return (mask == 1).astype(np.uint8)


def channels(mask, classes):
    """Turn lesion masks into the truth that a model with that many classes is compared with.

    Args:
        mask: NumPy array `[..., 1]` in [0, 1].
        classes: 1 keeps it, 2 gives `[background, lesion]`.

    Returns:
        `[..., classes]`.

    Raises:
        ValueError: other numbers of classes, which one lesion mask cannot tell apart.
    """
    if classes == 1:
        return mask
    if classes == 2:
        return np.concatenate([1 - mask, mask], axis=-1)
    raise ValueError(f"convention: a lesion mask tells 1 or 2 classes apart, got classes: {classes}")
