"""Stages of a network that are part of it and never run.

Source: PSPNet of segmentation_models.pytorch, whose encoder holds two stages behind the last that is used; its
checkpoints hold them too.
Departure: none in the function. The stages' weights get a gradient of zeros, since Keras warns of weights without one.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class IdleStages(layers.Layer):
    """Pass a map on as it is, and own the weights of a model beside it."""

    def __init__(self, stages, **kwargs):
        """Make the layer.

        Args:
            stages: a `keras.Model`.
            kwargs: those of every Keras layer, such as `name`.
        """
        super().__init__(**kwargs)
        self.stages = stages

    def call(self, inputs):
        """Add the sum of nothing: zero, whatever a weight is, with a gradient of zeros for every weight."""
        nothing = sum(ops.sum(weight[:0]) for weight in self.stages.trainable_variables)
        return inputs + ops.cast(nothing, inputs.dtype)

    def compute_output_shape(self, input_shape):
        """Shape of the output."""
        return input_shape

    def get_config(self):
        """What `from_config` needs."""
        return {**super().get_config(), "stages": keras.saving.serialize_keras_object(self.stages)}

    @classmethod
    def from_config(cls, config):
        """Make the layer, and the stages that it owns."""
        return cls(keras.saving.deserialize_keras_object(config.pop("stages")), **config)
