"""Run on another backend: load every model of a folder, write its logits, take a training step, tell what changed.

KERAS_BACKEND names the backend. `python -m tests.backend_steps FOLDER ENCODER...` reads `NAME.keras` and `NAME.npz`
(images and truth) and writes `NAME.logits.npy`; a line each: name, loss, weights that the step changed, all trainable
ones. Then a U-Net is built on each encoder and takes a step; its line begins with the encoder's name.
"""

import sys
from pathlib import Path
from unittest import mock

import keras
import numpy as np

import ultraseg.layers  # noqa: F401  registers what the files are made of
from ultraseg import catalogue
from ultraseg.losses import bce


def load(path):
    """One model of a file: its logits, then a step."""
    with mock.patch.object(keras.initializers.VarianceScaling, "__call__", nothing):
        model = keras.saving.load_model(path)
    with np.load(path.with_suffix(".npz")) as arrays:
        images, truth = arrays["images"], arrays["truth"]
    np.save(path.with_suffix(".logits.npy"), model.predict_on_batch(images))
    step(path.stem, model, images, truth)


def nothing(initializer, shape, dtype=None):
    """Zeros for weights that the file replaces: JAX compiles a draw for each shape, and that takes longest."""
    return np.zeros(shape, dtype or "float32")


def build(encoder):
    """A U-Net on an encoder, and a step."""
    images, truth = np.random.default_rng(0).random((2, 2, 64, 64, 1), np.float32)
    step(encoder, catalogue.bind("models", {"UNet": {"encoder": encoder}})((64, 64, 1), 1), images, np.round(truth))


def step(name, model, images, truth):
    """Train one step and say what it did."""
    before = [keras.ops.convert_to_numpy(weight).copy() for weight in model.trainable_weights]
    jit = keras.backend.backend() == "jax"  # where each operation would be compiled by itself, which takes longer
    model.compile(keras.optimizers.SGD(1.0), loss=bce, jit_compile=jit)
    loss = float(model.train_on_batch(images, truth))
    after = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    changed = sum((old != new).any() and np.isfinite(new).all() for old, new in zip(before, after, strict=True))
    print(name, loss, changed, len(before), flush=True)


for file in sorted(Path(sys.argv[1]).glob("*.keras")):
    load(file)
    keras.backend.clear_session()
for encoder in sys.argv[2:]:
    build(encoder)
