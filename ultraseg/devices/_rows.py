"""Layers that look at a whole batch, on a device that holds some rows of it: batch norm and dropout."""

import tensorflow as tf
from keras import layers


class Rows:
    """What each device holds of the batch that it computes, while its step is traced."""

    def __init__(self):
        self._held = {}

    def put(self, batch, chosen):
        """Keep how many images the batch has, and the places of those that this device computes."""
        self._held[_number()] = batch, chosen

    def get(self):
        """What was put on this device."""
        return self._held[_number()]


def _number():
    """The number of the device that a step is being traced for."""
    return int(tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group))


def divided_layer(layer, *, rows):
    """Copy a layer so that it does on several devices together what it did on one.

    Args:
        layer: of the network.
        rows: the model's.

    Returns:
        A new layer of the same weights' shapes.
    """
    config = layer.get_config()
    if isinstance(layer, layers.BatchNormalization):
        return type(layer).from_config({**config, "synchronized": True})
    if isinstance(layer, layers.Dropout):
        return DrawnForAll(type(layer).from_config(config), rows)
    return type(layer).from_config(config)


def refuse_hidden(network):
    """Refuse layers inside others which look at the batch, and those that draw otherwise than dropout does.

    Raises:
        ValueError: the network holds one.
    """
    drawn = {id(layer.layer) for layer in network._flatten_layers() if isinstance(layer, DrawnForAll)}
    for layer in network._flatten_layers():
        norm = isinstance(layer, layers.BatchNormalization) and not layer.synchronized
        if norm or hasattr(layer, "seed_generator") and id(layer) not in drawn:
            raise ValueError(
                f"--devices: layer {layer.name} ({type(layer).__name__}) cannot be divided on TensorFlow; take the JAX "
                "backend, or one device"
            )


class DrawnForAll(layers.Wrapper):
    """Dropout whose mask is drawn for the whole batch, on each device the same, of which it takes its rows."""

    def __init__(self, layer, rows):
        super().__init__(layer, name=layer.name)
        self._rows = rows

    def call(self, inputs, training=None):
        """Drop; dropout multiplies, so what it does to ones is its mask."""
        context = tf.distribute.get_replica_context()
        if not training or context is None or context.num_replicas_in_sync == 1:
            return self.layer(inputs, training=training)
        batch, chosen = self._rows.get()
        ones = tf.ones(tf.concat([[batch], tf.shape(inputs)[1:]], 0), inputs.dtype)
        ones = tf.ensure_shape(ones, (None, *inputs.shape[1:]))
        return inputs * tf.gather(self.layer(ones, training=True), chosen)
