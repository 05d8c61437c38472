"""Numbers of weights of a network and of parts of it, for tests that state them."""

import math

import keras


def counted(model):
    """How many weights training changes, and how many it does not."""
    return _total(model.trainable_weights), _total(model.non_trainable_weights)


def counts(build):
    """The same of what `build` makes, whose weights are named and never drawn."""
    with keras.StatelessScope(initialize_variables=False):
        found = counted(build())
    keras.backend.clear_session()  # forgets the weights that wait to be drawn
    return found


def trainable_in(model, prefix):
    """How many weights of the layers whose names start so training changes."""
    return sum(_total(layer.trainable_weights) for layer in model.layers if layer.name.startswith(prefix))


def _total(weights):
    return sum(math.prod(weight.shape) for weight in weights)
