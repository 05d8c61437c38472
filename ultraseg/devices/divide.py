"""A network on several devices: each computes its share of a batch, and the numbers are those of one device.

Every device holds all weights. The loss is taken of the whole batch's logits, so it is the same function whether it
is a mean over images or pools the batch; batch norm takes its statistics over the whole batch, and dropout draws one
mask for it. What differs is the order in which floats are added.
"""

import keras


def divide(network, devices):
    """Put a copy of a network on several devices.

    Args:
        network: functional `keras.Model` of one input `[batch, height, width, channels]` to logits.
        devices: how many, at least 2; the first that the backend lists.

    Returns:
        A `keras.Model`, not compiled, that takes and gives whole batches of any size and starts with the network's
        weights; a batch of fewer images than devices is computed by every device. Make its optimizer and compile it in
        its `building()`, use it in its `running()`.

    Raises:
        ValueError: there are fewer devices, the backend divides no batch, or a layer of the network cannot be divided.
    """
    backend = keras.backend.backend()
    if backend not in ("tensorflow", "jax"):
        raise ValueError(f"--devices: {backend} cannot divide a batch here; take the TensorFlow or the JAX backend")
    found = keras.distribution.list_devices()
    if len(found) < devices:
        raise ValueError(f"--devices {devices}: the backend finds {len(found)} ({', '.join(map(str, found))})")
    if backend == "tensorflow":
        from ultraseg.devices._mirrored import MirroredModel as Divided
    else:
        from ultraseg.devices._sharded import ShardedModel as Divided
    return Divided(network, tuple(found[:devices]))
