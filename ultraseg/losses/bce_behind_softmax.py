"""The binary cross-entropy that report 003 trained on: Keras', put behind a softmax layer.

Source: report 003's notebook, and Keras 3.15's TensorFlow backend, whose `binary_crossentropy` takes the logits
that a softmax layer remembers and puts each through a sigmoid of its own, as if there were no softmax.
Departure: none. For studies of the tables as published; `bce` is what the report's text describes.
"""

from keras import ops


def bce_behind_softmax(truth, logits):
    """Binary cross-entropy of each image, every channel a question of its own.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.

    Returns:
        Loss per image in nats, `[batch]`, at least 0; an empty image left empty costs 0.
    """
    logits = ops.cast(logits, "float32")
    truth = ops.cast(truth, "float32")
    inside, outside = ops.log_sigmoid(logits), ops.log_sigmoid(-logits)
    return -ops.mean(truth * inside + (1 - truth) * outside, axis=(1, 2, 3))
