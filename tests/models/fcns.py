"""Laws of the three FCNs on nets of one channel, whose weights are set by hand."""

import functools

import keras
import numpy as np
import pytest


@functools.cache
def thin(build, classes=1, **options):
    return build((None, None, 1), classes, width=1, **options)


def set_weights(model, name, kernel=0.0, bias=0.0):
    layer = model.get_layer(name)
    layer.set_weights([np.broadcast_to(kernel, layer.kernel.shape), np.broadcast_to(bias, layer.bias.shape)])


def passing(model):
    """Let every convolution of the VGG-16 hand on its first channel, so that maps are maxima of the image's blocks."""
    for layer in model.layers:
        if layer.weights and layer.name.startswith(("conv", "fc")):
            kernel = np.zeros(layer.kernel.shape)
            kernel[kernel.shape[0] // 2, kernel.shape[1] // 2, 0, 0] = 1
            set_weights(model, layer.name, kernel)
    return model


def upscored(model, score, classes, image=None, bias=0.0):
    """Logits when one score layer alone speaks: the first channel of what it scores, plus a bias per class."""
    for layer in model.layers:
        if layer.weights and layer.name.startswith("score"):
            kernel = np.zeros(layer.kernel.shape)
            kernel[0, 0, 0] = layer.name == score and image is not None
            set_weights(model, layer.name, kernel, bias if layer.name == score else 0.0)
    return model.predict_on_batch(np.zeros((1, 160, 150, 1), np.float32) if image is None else image)[0]


def the_middle_of_a_block_stays_where_it_is(build, score, stride, first):
    """Light one block of a pooling; its logits must be a hill whose middle is the block's.

    The border of 100 zeros, less the convolution's reach of one, puts the first row of block k at stride * k - 99.
    """
    image = np.zeros((1, 160, 160, 1), np.float32)
    image[:, first : first + stride, first : first + stride] = 1
    assert (first + 99) % stride == 0
    hill = upscored(passing(thin(build)), score, 1, image)[..., 0]
    assert hill.min() >= 0 and hill.max() > 0.5
    rows, columns = hill.sum(axis=1), hill.sum(axis=0)
    middle = first + (stride - 1) / 2
    for profile in (rows, columns):
        assert not profile[[0, -1]].any(), "a hill that is cut off has its middle elsewhere"
        assert (np.arange(160) * profile).sum() / profile.sum() == pytest.approx(middle, abs=1e-4)


def a_constant_comes_out_constant(build, score, whole):
    """A score's bias; the coarsest scores end inside the image, since a transposed convolution fades at its border."""
    logits = upscored(thin(build), score, 1, bias=2.0)[..., 0]
    inside = logits if whole else logits[25:-25, 25:-25]
    np.testing.assert_allclose(inside, 2, rtol=1e-6)


def classes_do_not_leak(build, score):
    logits = upscored(thin(build, classes=3), score, 3, bias=[0.0, 2.0, 0.0])
    assert logits[..., 1].any() and not logits[..., [0, 2]].any()


def logits_are_as_large_as_any_image(build):
    model = build((None, None, 3), 2, width=1)
    for size in ((1, 1), (1, 33), (29, 64), (70, 97)):
        assert model.predict_on_batch(np.zeros((1, *size, 3), np.float32)).shape == (1, *size, 2)
    assert build((29, 64, 3), 2, width=1).output_shape == (None, 29, 64, 2)


def logits_start_at_zero(build):
    logits = build((40, 40, 3), 2, width=1).predict_on_batch(np.random.default_rng(0).random((1, 40, 40, 3)))
    assert logits.dtype == np.float32 and not logits.any()


def logits_are_single_under_mixed_precision(build):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build((40, 40, 1), 1, width=1)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.output.dtype == "float32" and model.get_layer("fc6").compute_dtype == "float16"
