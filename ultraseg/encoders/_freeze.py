"""Frozen encoders: which layers between an image and its maps keep the weights that they have."""

import keras


def freeze(image, maps, *, frozen=False, frozen_until=0, frozen_batch_norm=False):
    """Stop layers of an encoder from training, those inside nested models too.

    A batch norm that is stopped runs on its moving statistics, in training as well: Keras' meaning of
    `trainable = False`.

    Args:
        image: the Keras tensor that the encoder was given; layers before it are left alone.
        maps: what the encoder made of it, finest first.
        frozen: stop every layer.
        frozen_until: number of the last map whose layers, and all before it, are stopped; 0 stops none.
        frozen_batch_norm: stop every batch norm: statistics, gamma and beta stay.

    Raises:
        ValueError: there is no map of that number.
    """
    if not 0 <= frozen_until < len(maps):
        raise ValueError(
            f"encoder: frozen_until must be the number of a map, 0 to {len(maps) - 1} (0 freezes none), "
            f"got {frozen_until}"
        )
    if frozen_until or frozen:
        for layer in between(image, maps if frozen else maps[: frozen_until + 1]):
            layer.trainable = False
    if frozen_batch_norm:
        for layer in _inside(between(image, maps)):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False


def between(image, ends):
    """The layers that the ends are computed by from the image."""
    layers, seen, waiting = {}, {id(image)}, list(ends)
    while waiting:
        tensor = waiting.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        operation, node = tensor._keras_history[:2]
        if isinstance(operation, keras.layers.Layer):
            layers[id(operation)] = operation
        waiting += operation._inbound_nodes[node].input_tensors
    return list(layers.values())


def _inside(layers):
    for layer in layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _inside(layer.layers)
