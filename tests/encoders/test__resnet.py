"""ResNets: borders by hand, where strides and dilations sit, and how kernels are drawn."""

import keras
import numpy as np
import pytest

from tests.encoders.weight_files import network
from ultraseg.encoders import ResNet18, ResNet50


def test_the_stem_has_three_zeros_on_every_side_by_hand():
    model = network(ResNet18, channels=1, depth=2, size=(32, 32))
    kernel = np.arange(49.0).reshape(7, 7)
    model.get_layer("encoder-conv1").kernel.assign(np.repeat(kernel[:, :, None, None], 64, 3))
    image = np.random.default_rng(0).random((1, 32, 32, 1), np.float32)
    stem = keras.Model(model.inputs, model.get_layer("encoder-conv1").output)
    found = stem.predict_on_batch(image)[0, :, :, 0]
    assert found[0, 0] == pytest.approx((kernel[3:, 3:] * image[0, :4, :4, 0]).sum(), rel=1e-4)
    assert found[15, 15] == pytest.approx((kernel[:5, :5] * image[0, 27:, 27:, 0]).sum(), rel=1e-4)
    assert found[5, 6] == pytest.approx((kernel * image[0, 7:14, 9:16, 0]).sum(), rel=1e-4)


def test_the_pooling_begins_one_pixel_outside():
    model = network(ResNet18, depth=2, size=(32, 32))
    pool = model.get_layer("encoder-maxpool")
    pooling = keras.Model(model.get_layer("encoder-maxpool_border").input, pool.output)
    ramp = np.tile(np.arange(256.0).reshape(1, 16, 16, 1), 64)
    # rows and columns -1 to 1, 1 to 3, ...: the largest is the last of them, 16 * 1 + 1, then 16 * 1 + 3
    assert pooling.predict_on_batch(ramp)[0, 0, :2, 0].tolist() == [17, 19]


@pytest.mark.parametrize(("encoder", "wide"), [(ResNet18, "conv1"), (ResNet50, "conv2")])
@pytest.mark.parametrize(
    ("output_stride", "strides", "dilations"), [(32, (2, 2), (1, 1)), (16, (2, 1), (1, 2)), (8, (1, 1), (2, 4))]
)
def test_strides_sit_in_the_3x3_and_turn_into_dilation(encoder, wide, output_stride, strides, dilations):
    model = network(encoder, size=(32, 32), output_stride=output_stride)
    for stage, stride, dilation in zip((3, 4), strides, dilations, strict=True):
        for layer in model.layers:
            if isinstance(layer, keras.layers.Conv2D) and layer.name.startswith(f"encoder-layer{stage}-"):
                number, part = layer.name.split("-")[2:4]
                striding = number == "0" and part in (wide, "downsample")
                assert layer.strides == ((stride, stride) if striding else (1, 1)), layer.name
                spread = dilation if layer.kernel_size == (3, 3) else 1
                assert layer.dilation_rate == (spread, spread), layer.name
    assert model.get_layer("encoder-layer2-0-downsample-0").strides == (2, 2)


def test_no_convolution_has_a_bias_and_norms_are_pytorchs():
    model = network(ResNet50, depth=3)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            assert not layer.use_bias
        elif isinstance(layer, keras.layers.BatchNormalization):
            assert (layer.momentum, layer.epsilon) == (0.9, 1e-5)


def test_kernels_are_drawn_by_he_from_what_leaves_them_and_each_its_own():
    model = network(ResNet18, depth=3)
    one, other = (np.array(model.get_layer(f"encoder-layer1-{n}-conv1").kernel) for n in (0, 1))
    assert one.std() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.03)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.05
    wide = np.array(model.get_layer("encoder-layer2-0-conv1").kernel)
    assert wide.std() == pytest.approx((2 / (9 * 128)) ** 0.5, rel=0.03)
