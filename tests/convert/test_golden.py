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
TOLERANCE = 1e-9


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


@pytest.mark.parametrize("case", [_case(case) for case in CASES])
def test_logits_are_smps(double, case):
    arguments, size = case["arguments"], case["size"]
    channels, classes = arguments["in_channels"], arguments["classes"]
    # The slow cases see sizes that nobody told them, neither when they were built nor when they were traced.
    known = (None, None) if case["slow"] else size
    model = build(agreed(None, arguments), {}, shape=(*known, channels), classes=classes)
    load_state_dict(model, _drawn(model))
    serve = tf.function(
        functools.partial(model, training=False), input_signature=[tf.TensorSpec((None, *known, channels), tf.float64)]
    )
    logits = serve(tf.constant(smp.draw("image", (1, *size, channels))))
    assert logits.shape == (1, *size, classes) and logits.dtype == tf.float64
    found, wanted = smp.sampled(logits.numpy()), np.array(case["logits"])
    assert np.linalg.norm(found - wanted) < TOLERANCE * np.linalg.norm(wanted)


def test_the_cases_are_those_of_the_writer():
    listed = [(case["arguments"], tuple(case["size"]), case["slow"]) for case in CASES]
    assert listed == [(arguments, tuple(size), slow) for arguments, size, slow in smp.cases()]
    assert all(len(case["logits"]) == smp.POSITIONS for case in CASES)


def test_numpy_draws_as_it_did():
    """What NumPy 2.4 gave: a NumPy that draws otherwise would be the reason of everything else."""
    np.testing.assert_allclose(
        smp.draw("segmentation_head.0.bias", (2,)), [0.033764378790539784, -0.01906372096591219], rtol=1e-14
    )
