"""A program: a model compiled once, and set back for every trial that shares its graph.

Trials that differ only in seed, fold, learning rate, schedule, epochs or augmentation run the same compiled
step; building and tracing it again would cost more than many of their epochs.
"""

import contextlib
import functools
import math
import random
import time
from typing import Any

import keras
import numpy as np

from ultraseg import catalogue, cost
from ultraseg.convention import separate
from ultraseg.devices import divide
from ultraseg.sharing import indivisible, pixel_steps

KEPT = 256 * 2**20
"""Bytes of first weights that a program keeps for seeds which come again."""


class Program:
    """The model of a trial with its compiled training step.

    Attributes:
        devices: how many share each batch.
        output_shape: of one image's logits, `(height, width, classes)`.
        model: uint8 `[batch, height, width, channels]` to float32 logits; preprocessing is inside.
        loss: `(truth, logits)` to `[batch]`; of independent channels to `[batch * channels]`, each image's together.
    """

    def __init__(self, trial: dict[str, Any], *, devices: int = 1):
        """Build and compile.

        Args:
            trial: resolved.
            devices: how many share each batch; the numbers are the same up to rounding.

        Raises:
            ValueError: an option is out of its range, the size does not fit the model, its output is not as large as
                the masks, or the batch or the model cannot be divided among the devices.
        """
        if why := indivisible(trial, devices):
            raise ValueError(why)
        self._trial, self.devices = trial, devices
        self._network = self.model = self._build()
        loss = catalogue.bind("losses", trial["loss"])
        self.loss = functools.partial(_apart, loss) if trial["independent"] else loss
        self.output_shape = self._network.output_shape[1:]
        wanted, got = tuple(trial["data"]["mask_size"]), self.output_shape[:2]
        if got != wanted:
            raise ValueError(
                f"{next(iter(trial['model']))}: predicts {got[0]}x{got[1]} pixels but the masks are "
                f"{wanted[0]}x{wanted[1]}; set data.mask_size to {list(got)}"
            )
        if devices > 1:
            self.model = divide(self._network, devices)
        # XLA on TensorFlow costs more time to compile than small nets take to train; JAX has no other way to run.
        jit = False if keras.backend.backend() == "tensorflow" else "auto"
        with self.model.building() if devices > 1 else contextlib.nullcontext():
            optimizer = catalogue.bind("optimizers", trial["optimizer"])()
            self.model.compile(optimizer, loss=self.loss, jit_compile=jit)
            self.model.optimizer.build(self.model.trainable_variables)
        self._start = [keras.ops.convert_to_numpy(variable) for variable in self.model.optimizer.variables]
        self._drawn: dict[int, tuple[list[np.ndarray], Any]] = {}

    def reset(self, seed: int) -> None:
        """Give the model the weights of a new one made with this seed, and the optimizer its first state."""
        if seed not in self._drawn:
            self._draw(seed)
        first, generator = self._drawn[seed]
        random.setstate(generator)
        for variable, new in zip(_state(self.model), first, strict=True):
            variable.assign(new)
        for variable, value in zip(self.model.optimizer.variables, self._start, strict=True):
            variable.assign(value)

    def epoch(self, batches, rates: np.ndarray, callbacks=()) -> float:
        """Train on one epoch of batches.

        Args:
            batches: dataset of (images, truth).
            rates: learning rate of each step.
            callbacks: further Keras callbacks.

        Returns:
            Mean loss over the images while the weights changed; NaN or infinite if training diverged.
        """
        watchers = [_Rates(rates), keras.callbacks.TerminateOnNaN(), *callbacks]
        with self._running():
            return float(self.model.fit(batches, shuffle=False, verbose=0, callbacks=watchers).history["loss"][-1])

    def logits(self, images) -> np.ndarray:
        """Predict one batch, in inference mode."""
        with self._running():
            return self.model.predict_on_batch(images)

    @functools.cached_property
    def multiply_adds(self) -> int | None:
        """Of a forward pass over one image; None on a backend whose operations are not counted."""
        if keras.backend.backend() != "tensorflow":
            return None
        return cost.multiply_adds(self._network, self._network.input_shape[1:])

    def network(self) -> keras.Model:
        """The model without its optimizer and loss, on one device: what is saved and exported."""
        if self.devices > 1:
            for variable, value in zip(_state(self._network), _state(self.model), strict=True):
                variable.assign(keras.ops.convert_to_numpy(value))
        return keras.Model(self._network.inputs, self._network.outputs, name=self._network.name)

    def state(self) -> list[np.ndarray]:
        """Copy everything that a step changes: weights, statistics, seeds, the optimizer's memory."""
        return [keras.ops.convert_to_numpy(variable) for variable in self._variables()]

    def sizes(self) -> tuple[int, int]:
        """Bytes of the weights, and of all that `state` copies."""
        weights, state = (
            sum(math.prod(v.shape) * np.dtype(v.dtype).itemsize for v in variables)
            for variables in (self.model.weights, self._variables())
        )
        return weights, state

    def restore(self, state: list[np.ndarray]) -> None:
        """Put a copied state back.

        Raises:
            ValueError: it belongs to another program.
        """
        variables = self._variables()
        if [v.shape for v in variables] != [value.shape for value in state]:
            raise ValueError("program: the saved state belongs to another model or optimizer")
        for variable, value in zip(variables, state, strict=True):
            variable.assign(value)

    def pace(self, images, truth, *, times: int = 2) -> tuple[float, float, float]:
        """Time training steps and answers on one batch; changes the weights.

        Returns:
            Seconds that compiling both took, of a step and of an answer.
        """

        def clock(do) -> tuple[float, float]:
            moments = [time.perf_counter()]
            for _ in range(1 + times):
                do()
                moments.append(time.perf_counter())
            usual = (moments[-1] - moments[1]) / times
            return max(0.0, moments[1] - moments[0] - usual), usual

        with self._running():
            compiling, step = clock(lambda: self.model.train_on_batch(images, truth))
        first, answer = clock(lambda: self.logits(images))
        return compiling + first, step, answer

    def _running(self):
        return self.model.running() if self.devices > 1 else contextlib.nullcontext()

    def _draw(self, seed: int) -> None:
        """Build a new model with this seed and keep its first state, as several trials start from it."""
        # Keras' initializers and dropout draw their seeds from here. TensorFlow's own seed is left alone: nothing
        # draws from it, and setting it would drop the compiled step.
        random.seed(seed)
        first = [keras.ops.convert_to_numpy(variable) for variable in _state(self._build())]
        while self._drawn and sum(array.nbytes for array in first) * (len(self._drawn) + 1) > KEPT:
            del self._drawn[next(iter(self._drawn))]
        self._drawn[seed] = first, random.getstate()

    def _variables(self):
        return [*_state(self.model), *self.model.optimizer.variables]

    def _build(self) -> keras.Model:
        trial = self._trial
        shape = (*trial["data"]["size"], trial["data"]["channels"])
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(trial["precision"])
        try:
            network = catalogue.bind("models", trial["model"])(shape, trial["classes"])
            image = keras.Input(shape, dtype="uint8", name="image")
            values = keras.ops.cast(image, "float32")
            for step in pixel_steps(trial["preprocess"])[1]:
                values = catalogue.bind("preprocess", step)(values)
            return keras.Model(image, network(values), name=network.name)
        finally:
            keras.config.set_dtype_policy(before)


def _apart(loss, truth, logits):
    """A loss of every independent channel by itself."""
    return loss(separate(truth), separate(logits))


def _state(model: keras.Model) -> list:
    """Weights, and the states of the layers' random generators."""
    metrics = {id(variable) for metric in model.metrics for variable in metric.variables}
    optimizer = {id(v) for v in model.optimizer.variables} if model.compiled else set()
    return [v for v in model.variables if id(v) not in metrics | optimizer]


class _Rates(keras.callbacks.Callback):
    """Sets the learning rate before every step at which it changes."""

    def __init__(self, rates):
        super().__init__()
        self.rates, self.current = rates, None

    def on_train_batch_begin(self, batch, logs=None):
        rate = float(self.rates[batch])
        if rate != self.current:
            self.model.optimizer.learning_rate = rate
            self.current = rate
