"""Every loss on JAX and PyTorch: compiled where that is how the backend runs, TensorFlow's value and gradient."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.losses.test_contract import CHOICES, LOSSES, OPTIONS, gradient, scene, value
from ultraseg.convention import channels

ROOT = Path(__file__).parents[2]
SPECS = [(name, OPTIONS.get(name, {})) for name in LOSSES] + CHOICES

pytestmark = pytest.mark.slow


def scenes():
    """One and two channels, an empty and a full image among them."""
    for classes in (1, 2):
        truth, logits = scene(classes, images=4, side=12)
        truth[2:] = channels(np.concatenate([np.zeros((1, 12, 12, 1)), np.ones((1, 12, 12, 1))]), classes)
        yield truth, logits


@pytest.fixture(scope="module", params=["jax", "torch"])
def found(request, tmp_path_factory):
    """What the backend made of every spec and scene."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed: pip install {request.param}")
    folder = tmp_path_factory.mktemp(request.param)
    arrays = {}
    for number, (truth, logits) in enumerate(scenes()):
        arrays |= {f"truth{number}": truth, f"logits{number}": logits}
    np.savez(folder / "scenes.npz", **arrays)
    (folder / "specs.json").write_text(json.dumps([{name: options} for name, options in SPECS]))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.losses.backend_values", str(folder)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": request.param},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with np.load(folder / "found.npz") as arrays:
        return dict(arrays)


@pytest.mark.parametrize("number", range(len(SPECS)), ids=[name for name, _ in SPECS])
def test_it_is_tensorflows(found, number):
    name, options = SPECS[number]
    for index, (truth, logits) in enumerate(scenes()):
        values, slopes = value(name, truth, logits, **options), gradient(name, truth, logits, **options)
        assert found[f"value {number} {index}"].dtype == np.float32
        np.testing.assert_allclose(found[f"value {number} {index}"], values, rtol=1e-5)
        np.testing.assert_allclose(found[f"slope {number} {index}"], slopes, rtol=1e-4, atol=1e-7)
