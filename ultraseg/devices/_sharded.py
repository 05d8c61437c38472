"""A network on several devices of JAX: one program over the whole batch, which XLA divides by its rows.

Source: `keras.distribution.DataParallel`, after which XLA divides the step as GSPMD describes it (Xu et al., 2021,
arXiv:2105.04663): every sum over the batch stays one over the whole batch.
Departure: the batch goes to every device whole and is divided in the step, since JAX puts only what divides evenly on
several devices, and an epoch's last batch may not.
"""

import keras


class ShardedModel(keras.Model):
    """What `divide` gives on JAX."""

    def __init__(self, network, devices):
        super().__init__(name=network.name, dtype=network.dtype_policy)
        self._distribution = _Whole(devices=list(devices), auto_shard_dataset=False)
        with self.building():
            self.network = keras.models.clone_model(network)
        for variable, start in zip(self.network.variables, network.variables, strict=True):
            variable.assign(start)
        self.built = True

    def building(self):
        """Let variables be made on every device."""
        return self._distribution.scope()

    def running(self):
        """Let steps run on every device."""
        return self._distribution.scope()

    def call(self, images, training=None):
        """Divide the rows among the devices, and compute."""
        mesh, axis = self._distribution.device_mesh, self._distribution.batch_dim_name
        rows = keras.distribution.TensorLayout([axis, *[None] * (len(images.shape) - 1)], mesh)
        return self.network(keras.distribution.distribute_tensor(images, rows), training=training)


class _Whole(keras.distribution.DataParallel):
    """Gives every device the whole batch."""

    def get_data_layout(self, data_shape):
        return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)
