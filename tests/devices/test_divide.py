"""Networks on several devices: two parts of the processor give the numbers of one, or the network is refused."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest
from keras import layers

from ultraseg.devices import divide
from ultraseg.devices._rows import Rows, divided_layer, refuse_hidden

ROOT = Path(__file__).parents[2]
QUICK = "--xla_backend_optimization_level=0"
"""JAX compiles faster so."""


@pytest.fixture(scope="module", params=["tensorflow", "jax"])
def ran(request, tmp_path_factory):
    """What `two_devices` told, in a process of its own, since a backend's devices stay as they are once it has run."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed: pip install {request.param}")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.devices.two_devices", tmp_path_factory.mktemp("two devices")],
        cwd=ROOT,
        env={
            **os.environ,
            "KERAS_BACKEND": request.param,
            "CUDA_VISIBLE_DEVICES": "",
            "XLA_FLAGS": QUICK if request.param == "jax" else "",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mean", "pooled"])
def test_two_devices_train_as_one(ran, case):
    """Through batch norm, dropout, batches of four, three and one, and a restored state."""
    found = ran[case]
    assert found["losses"][1] == pytest.approx(found["losses"][0], rel=1e-5)
    assert found["moved"] > 0.1 and found["apart"] < 1e-4 * found["moved"]


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mean", "pooled"])
def test_two_devices_predict_as_one(ran, case):
    found = ran[case]
    assert found["shape"] == [3, 16, 16, 1]
    assert max(found["logits"], found["one_image"], found["saved"]) < 1e-4


@pytest.mark.slow
def test_a_trial_on_two_devices_goes_on_and_says_so(ran):
    if "resumed" not in ran:
        pytest.skip("told on TensorFlow alone")
    found = ran["resumed"]
    assert found["same"]
    assert "begun with --devices 2, and strict wants the same bits" in found["refused"]
    assert [(process["devices"], process["device"]) for process in found["processes"]] == [(2, ["cpu:0", "cpu:1"])] * 2
    assert found["losses"][0] == pytest.approx(found["losses"][1], rel=1e-3)


def test_more_devices_than_there_are_are_refused():
    there = len(keras.distribution.list_devices())
    with pytest.raises(ValueError, match=rf"--devices {there + 1}: the backend finds {there} \("):
        divide(keras.Sequential([layers.Input((4, 4, 1))]), there + 1)


def network(layer):
    image = keras.Input((4, 4, 2))
    cloned = keras.models.clone_model(
        keras.Model(image, layer(image)), clone_function=lambda each: divided_layer(each, rows=Rows())
    )
    refuse_hidden(cloned)
    return cloned


@pytest.mark.parametrize("layer", [layers.Dropout(0.5), layers.SpatialDropout2D(0.5), layers.BatchNormalization()])
def test_layers_that_look_at_the_batch_are_replaced(layer):
    assert type(network(layer).layers[-1]) is not type(layer) or network(layer).layers[-1].synchronized


class Hiding(layers.Layer):
    """Holds a batch norm that a copy of the network's layers does not reach."""

    def __init__(self):
        super().__init__()
        self.norm = layers.BatchNormalization()

    def call(self, inputs):
        return self.norm(inputs)

    def get_config(self):
        return {}


@pytest.mark.parametrize(("layer", "named"), [(layers.GaussianNoise(0.1), "GaussianNoise"), (Hiding(), "Batch")])
def test_layers_that_cannot_be_divided_are_refused(layer, named):
    with pytest.raises(ValueError, match=rf"--devices: layer \w+ \({named}\w*\) cannot be divided on TensorFlow"):
        network(layer)
