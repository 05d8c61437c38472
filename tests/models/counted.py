"""Counts of a net's weights without the weights: they are named and never drawn."""

import math

import keras


def counts(build):
    """Trainable and other weights of what `build` makes."""
    with keras.StatelessScope(initialize_variables=False):
        model = build()
    found = tuple(
        sum(math.prod(weight.shape) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    keras.backend.clear_session()  # forgets the weights that wait to be drawn
    return found
