"""TensorBoard's event file of a trial: a scalar per number and round of training.

Source: `tf.summary.write` with the metadata of TensorBoard's scalar plugin.
Departure: from `keras.callbacks.TensorBoard` and `tf.summary.scalar`, which want the package `tensorboard` for what
TensorFlow writes by itself, and follow one `fit`, where a trial calls one per round.
"""

import shutil

import tensorflow as tf

from ultraseg.tracking._scalars import scalars

SCALAR = tf.compat.v1.SummaryMetadata(
    plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class="DATA_CLASS_SCALAR"
).SerializeToString()


class Events:
    """Writes a folder of events that equals the history: what an earlier process left there is written anew."""

    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        self._writer, self._written = tf.summary.create_file_writer(str(folder)), 0

    def send(self, history):
        """Write the rounds that are not written yet.

        Raises:
            tf.errors.OpError: the file cannot be written.
        """
        with self._writer.as_default():
            for row in history[self._written :]:
                for name, value in scalars(row).items():
                    tf.summary.write(name, tf.constant(value, tf.float32), step=row["epoch"], metadata=SCALAR)
        self._written = len(history)
        self._writer.flush()

    def close(self):
        """Close the file."""
        self._writer.close()
