"""The same function as smp's, where PyTorch is not: its logits as they were, our networks with the same weights."""

import functools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.golden import smp
from ultraseg.convert import agreed, build, load_state_dict, state_dict

CASES = json.loads(smp.PATH.read_text(encoding="utf-8"))["cases"]


def _case(case):
    words = ", ".join(str(value) for value in case["arguments"].values())
    return pytest.param(case, id=words, marks=[pytest.mark.slow] * case["slow"])


@pytest.fixture
def double():
    """Everything in double precision."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def _drawn(model):
    return {
        name: smp.draw(name, array.shape)
        for name, array in state_dict(model).items()
        if not name.endswith(".num_batches_tracked")
    }


def _taught(case, known):
    """Our network with the case's weights, and the case's image."""
    arguments = case["arguments"]
    model = build(agreed(None, arguments), {}, shape=(*known, arguments["in_channels"]), classes=arguments["classes"])
    load_state_dict(model, _drawn(model))
    return model, smp.draw("image", (1, *case["size"], arguments["in_channels"]))


def _difference(found, wanted):
    return np.linalg.norm(smp.sampled(np.asarray(found)) - wanted) / np.linalg.norm(wanted)


@pytest.mark.parametrize("case", [_case(case) for case in CASES])
def test_logits_are_smps(double, case):
    # The slow cases see sizes that nobody told them, neither when they were built nor when they were traced.
    known = (None, None) if case["slow"] else case["size"]
    model, image = _taught(case, known)
    serve = tf.function(
        functools.partial(model, training=False),
        input_signature=[tf.TensorSpec((None, *known, image.shape[-1]), tf.float64)],
    )
    logits = serve(tf.constant(image))
    assert logits.shape == (1, *case["size"], case["arguments"]["classes"]) and logits.dtype == tf.float64
    assert _difference(logits, case["logits"]) < 1e-9


@pytest.mark.parametrize("case", [_case(case) for case in CASES if not case["slow"]])
def test_logits_are_smps_in_single_precision(case):
    """Where other operations run than in double: batch norm is one."""
    model, image = _taught(case, case["size"])
    assert _difference(model.predict_on_batch(image.astype(np.float32)), case["logits"]) < 1e-4


@pytest.mark.parametrize("case", [_case(case) for case in CASES if "gradients" in case])
def test_gradients_are_smps(double, case):
    model, image = _taught(case, case["size"])
    kernels = [model.get_layer(name.removesuffix(".weight").replace(".", "-")).kernel.value for name in smp.KERNELS]
    with tf.GradientTape() as tape:
        mean = tf.reduce_mean(model(tf.constant(image), training=False))
    for gradient, wanted in zip(tape.gradient(mean, kernels), case["gradients"], strict=True):
        assert _difference(tf.transpose(gradient, (3, 2, 0, 1)), wanted) < 1e-9


def test_the_cases_are_those_of_the_writer():
    listed = [(case["arguments"], tuple(case["size"]), case["slow"]) for case in CASES]
    assert listed == [(arguments, tuple(size), slow) for arguments, size, slow in smp.cases()]
    assert all(len(case["logits"]) == smp.POSITIONS for case in CASES)
    assert [case["arguments"]["_model_class"] for case in CASES if "gradients" in case] == list(smp.LEARNING)


def test_numpy_draws_as_it_did():
    """What NumPy 2.4 gave: a NumPy that draws otherwise would be the reason of everything else."""
    np.testing.assert_allclose(
        smp.draw("segmentation_head.0.bias", (2,)), [0.033764378790539784, -0.01906372096591219], rtol=1e-14
    )
