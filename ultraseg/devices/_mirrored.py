"""A network on several devices of TensorFlow: the same step on each, over every n-th image of the batch.

Source: `tf.distribute.MirroredStrategy`: a copy of every variable on each device, gradients added up among them.
Departure: from a batch divided by the data pipeline and the mean of the devices' losses, which is another number when
the parts are not equal or the loss pools the batch. Here each device is given the whole batch, computes its rows, and
the logits of all are put together again before the loss.
"""

import contextlib
import functools

import keras
import tensorflow as tf

from ultraseg.devices._rows import Rows, divided_layer, refuse_hidden


class MirroredModel(keras.Model):
    """What `divide` gives on TensorFlow."""

    def __init__(self, network, devices):
        super().__init__(name=network.name, dtype=network.dtype_policy)
        self._strategy, self._rows = _mirrored(devices), Rows()
        with self.building():
            layer = functools.partial(divided_layer, rows=self._rows)
            self.network = keras.models.clone_model(network, clone_function=layer, recursive=True)
        refuse_hidden(self.network)
        for variable, start in zip(self.network.variables, network.variables, strict=True):
            variable.assign(start)
        self.built = True

    def building(self):
        """Let variables be made on every device."""
        return self._strategy.scope()

    def running(self):
        """Nothing: the steps go to the devices by themselves."""
        return contextlib.nullcontext()

    def compile(self, optimizer, *, loss, jit_compile):
        """Compile, but for what Keras does to the gradient of one device before all are added up."""
        if optimizer.global_clipnorm or optimizer.clipnorm or optimizer.clipvalue:
            raise ValueError(
                f"--devices: {optimizer.name} clips the gradient, which on TensorFlow would clip that of each device; "
                "take the JAX backend, or one device"
            )
        super().compile(optimizer, loss=loss, jit_compile=jit_compile)

    def call(self, images, training=None):
        """Compute this device's rows, and put those of all devices together."""
        context = tf.distribute.get_replica_context()
        if context is None or context.num_replicas_in_sync == 1:
            return self.network(images, training=training)
        replica, count = context.replica_id_in_sync_group, context.num_replicas_in_sync
        batch = tf.shape(images)[0]
        few = batch < count  # then every device takes them all, for a device without an image has no batch norm
        chosen = tf.range(tf.where(few, 0, replica), batch, tf.where(few, 1, count))
        self._rows.put(batch, chosen)
        logits = self.network(tf.gather(images, chosen), training=training)
        whole = tf.scatter_nd(chosen[:, None], logits, tf.concat([[batch], tf.shape(logits)[1:]], 0))
        return context.all_reduce(tf.distribute.ReduceOp.SUM, whole) / tf.cast(tf.where(few, count, 1), whole.dtype)

    def train_step(self, data):
        """Take one step on every device; all have the same losses."""
        return self._everywhere(super().train_step, data)

    def predict_step(self, data):
        """Predict on every device; all have the same logits."""
        return self._everywhere(super().predict_step, data)

    def _everywhere(self, step, data):
        every = self._strategy.run(step, args=(data,))
        return tf.nest.map_structure(lambda value: self._strategy.experimental_local_results(value)[0], every)


@functools.cache
def _mirrored(devices):
    return tf.distribute.MirroredStrategy(devices)
