"""A clock: a Keras callback that times the steps of a round of training, and ends the round when its time is up.

Departure: from timing `fit` as a whole, in which the first step of a program is compiled and its pipeline started.
"""

import math
import time

import keras


class Clock(keras.callbacks.Callback):
    """Counts steps and their seconds.

    Attributes:
        steps: how many were taken.
        seconds: what they took.
    """

    def __init__(self, *, limit=math.inf, fresh=False):
        """Prepare for one call of `fit`.

        Args:
            limit: seconds of steps after which `fit` ends; the step under way is finished.
            fresh: the first step may be compiled while it runs, so that the mean of the others stands for it.
        """
        super().__init__()
        self.limit, self.fresh = limit, fresh
        self.steps, self._start, self._first, self._now = 0, 0.0, 0.0, 0.0

    @property
    def seconds(self):
        whole, after = self._now - self._start, self._now - self._first
        return after * self.steps / (self.steps - 1) if self.fresh and self.steps > 1 else whole

    def on_train_begin(self, logs=None):
        """Start."""
        self._start = self._now = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Count a step, and stop the training when the time is up."""
        self._now = time.perf_counter()
        self.steps += 1
        if self.steps == 1:
            self._first = self._now
        if self.seconds >= self.limit and not (self.fresh and self.steps == 1):
            self.model.stop_training = True
