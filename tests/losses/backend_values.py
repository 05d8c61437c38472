"""Run on another backend: every loss of every spec, compiled, with its gradient, written to a folder.

KERAS_BACKEND names the backend. `python -m tests.losses.backend_values FOLDER` reads `scenes.npz` (truth and logits by
number) and `specs.json`, and writes `found.npz` with `VALUE` and `SLOPE` per spec and scene.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np

from ultraseg import catalogue


def value_and_slope(loss, truth, logits):
    """The loss per image, and the gradient of its sum."""
    if keras.backend.backend() == "jax":
        import jax

        def total(z):
            values = loss(truth, z)
            return values.sum(), values

        (_, values), slope = jax.jit(jax.value_and_grad(total, has_aux=True))(logits)
        return values, slope
    z = keras.ops.convert_to_tensor(logits).requires_grad_()
    values = loss(keras.ops.convert_to_tensor(truth), z)
    values.sum().backward()
    return keras.ops.convert_to_numpy(values), keras.ops.convert_to_numpy(z.grad)


folder = Path(sys.argv[1])
found = {}
with np.load(folder / "scenes.npz") as scenes:
    for number, spec in enumerate(json.loads((folder / "specs.json").read_text())):
        for scene in range(len(scenes.files) // 2):
            pair = scenes[f"truth{scene}"], scenes[f"logits{scene}"]
            values = value_and_slope(catalogue.bind("losses", spec), *pair)
            for kind, array in zip(("value", "slope"), values, strict=True):
                found[f"{kind} {number} {scene}"] = np.asarray(array)
np.savez(folder / "found.npz", **found)
