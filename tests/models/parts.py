"""Numbers of weights of a network and of parts of it, for tests that state them."""

import math


def counted(model):
    """How many weights training changes, and how many it does not."""
    return _total(model.trainable_weights), _total(model.non_trainable_weights)


def trainable_in(model, prefix):
    """How many weights of the layers whose names start so training changes."""
    return sum(_total(layer.trainable_weights) for layer in model.layers if layer.name.startswith(prefix))


def _total(weights):
    return sum(math.prod(weight.shape) for weight in weights)
