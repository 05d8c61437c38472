"""FCNVGG: report 004's counts, its half size, its being one affine map, and the memory that it is built in."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from tests.models.counted import counts
from ultraseg.models import FCNVGG

VGG = 14_714_688


def test_the_reports_counts():
    trainable = 435 * 435 * 512 * 3 + 3 + 3_136 + 32_800 + 8_208 + 2_056 + 219 + 84
    assert trainable == 290_696_106 and trainable + VGG == 305_410_794
    assert counts(lambda: FCNVGG((224, 224, 3), 3)) == (trainable, VGG)


@pytest.fixture(scope="module")
def model():
    """With the smallest kernel that computes the same on 224x224."""
    return FCNVGG((None, None, 3), 3, kernel=13)


def test_after_vgg_every_layer_doubles_up_to_half_the_size():
    built = FCNVGG((224, 224, 3), 3, kernel=13)
    names = ["conv5", *(f"trans_conv{number}" for number in (1, 2, 3, 4)), "conv6", "conv7"]
    shapes = [built.get_layer(name).output.shape[1:] for name in names]
    assert shapes == [(7, 7, 3), (14, 14, 64), (28, 28, 32), (56, 56, 16), (112, 112, 8), (112, 112, 3), (112, 112, 3)]
    assert built.output_shape == (None, 112, 112, 3)


@pytest.mark.parametrize("size", [(32, 64), (33, 70), (97, 33)])
def test_logits_have_half_the_images_size_rounded_up(model, size):
    logits = model.predict_on_batch(np.random.default_rng(0).random((1, *size, 3), np.float32))
    assert logits.shape == (1, -(-size[0] // 2), -(-size[1] // 2), 3)
    assert FCNVGG((*size, 3), 3, kernel=1).output_shape[1:] == logits.shape[1:]


def test_after_vgg_all_is_one_affine_map(model):
    start = model.get_layer("conv5").input
    decoder = keras.Model(start, model.get_layer("conv7").output)
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, 1, 3, 4, 512)).astype(np.float32)
    middle = decoder.predict_on_batch((one + two) / 2)
    np.testing.assert_allclose(
        middle, (decoder.predict_on_batch(one) + decoder.predict_on_batch(two)) / 2, atol=1e-4 * np.abs(middle).max()
    )


def test_the_vgg_is_frozen_and_nothing_else_is(model):
    frozen = {layer.name for layer in model.layers if layer.weights and not layer.trainable_weights}
    assert len(frozen) == 13 and all(name.startswith("encoder-") for name in frozen)
    assert sum(weight.shape.num_elements() for weight in model.non_trainable_weights) == VGG


def test_it_is_drawn_as_the_listing_draws_it():
    keras.utils.set_random_seed(0)
    built = FCNVGG((32, 32, 3), 3, kernel=13)
    # He's normal distribution; PyTorch counts a transposed convolution's filters, and draws the bias by itself
    for name, fan_in in {"trans_conv2": 16 * 32, "conv6": 9 * 8}.items():
        kernel, bias = built.get_layer(name).get_weights()
        assert kernel.std() == pytest.approx((2 / fan_in) ** 0.5, rel=0.1)
        assert np.abs(bias).max() < fan_in**-0.5 and bias.any()
    assert all(
        layer.activation is keras.activations.linear
        for layer in built.layers
        if isinstance(layer, layers.Conv2D | layers.Conv2DTranspose) and not layer.name.startswith("encoder-")
    )


@pytest.mark.parametrize("kernel", [0, 2, 434, -1])
def test_an_even_kernel_is_refused(kernel):
    with pytest.raises(ValueError, match=f"FCNVGG: kernel must be odd and at least 1, got {kernel}"):
        FCNVGG((224, 224, 3), 3, kernel=kernel)


BUILD = """
import re
from ultraseg import runtime
runtime.prepare(threads=2)
runtime.load()
import keras, numpy as np
from ultraseg.models import FCNVGG
image = keras.Input((8, 8, 3))
keras.Model(image, keras.layers.Conv2D(1, 1)(image))(np.zeros((1, 8, 8, 3)))
def peak(): return 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
before = peak()
model = FCNVGG((224, 224, 3), 3)
print(model.count_params() * 4, peak() - before, peak())
logits = model(np.random.default_rng(0).random((1, 224, 224, 3)).astype("float32"))
print(logits.shape == (1, 112, 112, 3) and bool(np.isfinite(logits).all()))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the peak is counted in other units")
def test_it_is_built_without_ever_holding_more_than_twice_its_weights():
    done = subprocess.run([sys.executable, "-c", BUILD], capture_output=True, text=True, check=True)
    numbers, ran = done.stdout.splitlines()[-2:]
    own, grown, peak = map(int, numbers.split())
    assert own == 4 * 305_410_794 and ran == "True"
    assert own < grown < 1.5 * own and peak < 2 * own, f"{grown:,} and {peak:,} bytes for {own:,}"
