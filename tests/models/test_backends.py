"""Every architecture on JAX and PyTorch: TensorFlow's file opens, gives TensorFlow's logits, and trains."""

import importlib.util
import math
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.models.test_contract import NARROW, SIZES, make
from ultraseg import catalogue

ROOT = Path(__file__).parents[2]
MODELS = [name for name in catalogue.names("models") if not name.startswith("SM")]
"""segmentation-models runs on TensorFlow alone."""
ENCODERS = ("ResNet18",)
QUICK = "--xla_backend_optimization_level=0"
"""JAX compiles twice as fast so; a test does not wait for the fastest code."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Each model's file, images and truth, as TensorFlow makes them, and its logits."""
    folder = tmp_path_factory.mktemp("backends")
    logits = {}
    for name in MODELS:
        size = SIZES.get(name, (64, 64))
        keras.utils.set_random_seed(0)
        model = make(name, (*size, 1), 2)
        for layer in model.layers:
            if layer.name.startswith("score"):  # zero at the start, which lets nothing through
                layer.set_weights([np.random.default_rng(0).normal(0, 0.1, w.shape) for w in layer.get_weights()])
        generator = np.random.default_rng(1)
        images = generator.random((3, *size, 1), np.float32)
        logits[name] = model.predict_on_batch(images)
        np.savez(
            folder / f"{name}.npz", images=images, truth=np.round(generator.random(logits[name].shape, np.float32))
        )
        model.save(folder / f"{name}.keras")
        keras.backend.clear_session()
    return folder, logits


@pytest.fixture(scope="module", params=["jax", "torch"])
def ran(request, files):
    """What the steps on one backend said of each model."""
    backend = request.param
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: pip install {backend}")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.backend_steps", str(files[0]), *ENCODERS],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": QUICK},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}


@pytest.mark.parametrize("name", MODELS)
def test_logits_are_tensorflows(name, ran, files):
    folder, logits = files
    found = np.load(folder / f"{name}.logits.npy")
    assert found.dtype == np.float32
    assert np.linalg.norm(found - logits[name]) <= 1e-4 * np.linalg.norm(logits[name])


@pytest.mark.parametrize("name", [*MODELS, *ENCODERS])
def test_a_step_is_taken(name, ran):
    loss, changed, trainable = ran[name]
    assert math.isfinite(float(loss)) and int(trainable) > 0
    # a ReLU may shut parts of one to four channels at the start
    assert int(changed) == int(trainable) or (name in NARROW and int(changed) > 0.9 * int(trainable))
