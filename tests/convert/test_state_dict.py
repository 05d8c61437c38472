"""State dicts: PyTorch's names and layouts, all the weights or none."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.convert.conftest import drawn, network
from ultraseg.convert import load_state_dict, state_dict
from ultraseg.layers import IdleStages

SHAPES = {  # what torch.nn gives the same layers
    "encoder.conv1.weight": (4, 3, 3, 2),
    "encoder.bn1.weight": (4,),
    "encoder.bn1.bias": (4,),
    "encoder.bn1.running_mean": (4,),
    "encoder.bn1.running_var": (4,),
    "encoder.bn1.num_batches_tracked": (),
    "decoder.blocks.0.0.0.weight": (4, 1, 3, 3),
    "decoder.blocks.0.1.weight": (4,),
    "decoder.blocks.0.1.bias": (4,),
    "decoder.blocks.1.0.weight": (4, 5, 2, 2),
    "decoder.blocks.1.0.bias": (5,),
    "decoder.dense.weight": (6, 5),
    "decoder.dense.bias": (6,),
    "segmentation_head.0.weight": (2, 6, 1, 1),
    "segmentation_head.0.bias": (2,),
}


@pytest.fixture
def weights(small):
    return drawn(state_dict(small))


def test_names_shapes_and_order_are_pytorchs(small):
    arrays = state_dict(small)
    assert {name: array.shape for name, array in arrays.items()} == SHAPES
    assert list(arrays) == list(SHAPES)
    assert all(array.flags.c_contiguous for array in arrays.values())
    assert arrays["encoder.bn1.num_batches_tracked"].dtype == np.int64


def test_a_convolution_by_hand(small, weights):
    """out[y, x, o] = sum over i, dy, dx of weight[o, i, dy, dx] * image[y + dy, x + dx, i], PyTorch's definition."""
    load_state_dict(small, weights)
    image = np.random.default_rng(1).random((3, 2, 3)).astype(np.float32)
    first = keras.Model(small.input, small.get_layer("encoder-conv1").output)
    wanted = np.einsum("oiyx,yxi->o", weights["encoder.conv1.weight"], image)
    np.testing.assert_allclose(first.predict_on_batch(image[None])[0, 1, 0], wanted, rtol=1e-5)


def test_a_transposed_convolution_by_hand():
    """out[2y + dy, 2x + dx, o] = sum over i of weight[i, o, dy, dx] * image[y, x, i], where stride equals size."""
    image = keras.Input((1, 1, 3))
    model = keras.Model(image, layers.Conv2DTranspose(4, 2, strides=2, name="a-0")(image))
    weights = drawn(state_dict(model))
    load_state_dict(model, weights)
    pixel = np.array([0.5, -1, 2], np.float32)
    wanted = np.einsum("ioyx,i->yxo", weights["a.0.weight"], pixel) + weights["a.0.bias"]
    np.testing.assert_allclose(model.predict_on_batch(pixel[None, None, None])[0], wanted, rtol=1e-5)


def test_one_channel_by_itself_and_a_dense_layer_by_hand():
    image = keras.Input((3, 3, 2))
    features = layers.DepthwiseConv2D(3, use_bias=False, name="a-0")(image)
    model = keras.Model(image, layers.Dense(4, name="a-1")(features))
    weights = drawn(state_dict(model))
    load_state_dict(model, weights)
    shown = np.random.default_rng(1).random((3, 3, 2)).astype(np.float32)
    channels = np.einsum("cyx,yxc->c", weights["a.0.weight"][:, 0], shown)
    wanted = weights["a.1.weight"] @ channels + weights["a.1.bias"]
    np.testing.assert_allclose(model.predict_on_batch(shown[None])[0, 0, 0], wanted, rtol=1e-5)


def test_batch_norm_by_hand():
    image = keras.Input((1, 1, 2))
    model = keras.Model(image, layers.BatchNormalization(epsilon=1e-5, name="a-0")(image))
    given = {"weight": [2, 1], "bias": [0.5, -1], "running_mean": [1, 3], "running_var": [4, 0.25]}
    load_state_dict(model, {f"a.0.{name}": np.array(numbers, float) for name, numbers in given.items()})
    found = model.predict_on_batch(np.array([3.0, 2.0], np.float32).reshape(1, 1, 1, 2))
    np.testing.assert_allclose(found.ravel(), [2 * (3 - 1) / 2 + 0.5, (2 - 3) / 0.5 - 1], rtol=1e-4)


def test_there_and_back_gives_the_same_numbers(small, weights):
    load_state_dict(small, weights)
    copy = network()
    load_state_dict(copy, state_dict(small))
    image = np.random.default_rng(0).random((1, 8, 6, 3))
    np.testing.assert_array_equal(copy.predict_on_batch(image), small.predict_on_batch(image))
    for name, array in state_dict(copy).items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(array, weights[name])
    assert state_dict(copy)["encoder.bn1.num_batches_tracked"] == 0


def test_the_counter_of_batches_may_be_absent(small, weights):
    del weights["encoder.bn1.num_batches_tracked"]
    load_state_dict(small, weights)
    np.testing.assert_array_equal(small.get_layer("encoder-bn1").gamma, weights["encoder.bn1.weight"])


def test_what_is_inside_another_model_is_found(small):
    image = keras.Input((None, None, 3), dtype="uint8")
    around = keras.Model(image, small(layers.Rescaling(1 / 255)(image)), name="around")
    assert list(state_dict(around)) == list(SHAPES)


def test_stages_that_never_run_are_found():
    image = keras.Input((4, 4, 2))
    idle = keras.Model(image, layers.Conv2D(3, 1, name="encoder-layer4-0")(image))
    model = keras.Model(image, IdleStages(idle)(image))
    assert list(state_dict(model)) == ["encoder.layer4.0.weight", "encoder.layer4.0.bias"]


def test_weights_of_stages_that_never_run_are_passed_over_and_named(small, weights):
    weights |= {"encoder.layer1.0.conv1.weight": np.zeros(1), "encoder.layer4.0.bn1.bias": np.zeros(1)}
    assert load_state_dict(small, weights) == ["encoder.layer1.0.conv1.weight", "encoder.layer4.0.bn1.bias"]
    del weights["encoder.layer4.0.bn1.bias"]
    image = keras.Input((4, 4, 3))
    features = layers.Conv2D(1, 1, use_bias=False, name="encoder-conv1")(image)
    deeper = keras.Model(image, layers.Conv2D(1, 1, use_bias=False, name="encoder-layer2-0")(features))
    weights = drawn(state_dict(deeper))
    assert load_state_dict(deeper, weights | {"encoder.layer3.0.weight": np.zeros(1)}) == ["encoder.layer3.0.weight"]
    with pytest.raises(ValueError, match=r"1 superfluous \(encoder.layer1.0.weight\)$"):
        load_state_dict(deeper, weights | {"encoder.layer1.0.weight": np.zeros(1)})


def test_features_of_a_vgg_that_never_run_are_passed_over_and_named():
    """Two of torchvision's numbers: the one before the other is a ReLU."""
    image = keras.Input((4, 4, 3))
    features = layers.Conv2D(1, 1, name="encoder-features-0")(image)
    model = keras.Model(image, layers.Conv2D(1, 1, name="encoder-features-2")(features))
    weights = drawn(state_dict(model))
    over = load_state_dict(model, weights | {"encoder.features.5.weight": np.zeros(1)})
    assert over == ["encoder.features.5.weight"]
    for name in ("encoder.features.1.weight", "encoder.layer4.0.weight", "decoder.center.0.0.weight"):
        with pytest.raises(ValueError, match=rf"1 superfluous \({name}\)$"):
            load_state_dict(model, weights | {name: np.zeros(1)})


def test_the_center_of_unet_plus_plus_on_a_vgg_is_passed_over_and_named():
    image = keras.Input((4, 4, 3))
    features = layers.Conv2D(64, 1, name="encoder-features-0")(image)
    for node in ("x_0_0", "x_0_1"):
        features = layers.Conv2D(4, 1, name=f"decoder-blocks-{node}-conv1-0")(features)
    model = keras.Model(image, features)
    weights = drawn(state_dict(model))
    center = ["decoder.center.0.0.weight", "decoder.center.1.1.running_var"]
    assert load_state_dict(model, weights | {name: np.zeros(1) for name in center}) == center
    with pytest.raises(ValueError, match=r"1 superfluous \(decoder.center.2.0.weight\)$"):
        load_state_dict(model, weights | {"decoder.center.2.0.weight": np.zeros(1)})


def _without(weights):
    for name in [name for name in weights if name.startswith("decoder")]:
        del weights[name]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (
            lambda weights: weights.pop("encoder.bn1.running_var"),
            r"^small: the weights do not fit, none is taken: 1 missing \(encoder.bn1.running_var\)$",
        ),
        (
            _without,
            r"7 missing \(decoder.blocks.0.0.0.weight, decoder.blocks.0.1.weight, decoder.blocks.0.1.bias, ...\)$",
        ),
        (
            lambda weights: weights.update({"classification_head.3.weight": np.zeros((2, 4))}),
            r"1 superfluous \(classification_head.3.weight\)$",
        ),
        (
            lambda weights: weights.update({"encoder.conv1.weight": np.zeros((4, 1, 3, 2))}),
            r"1 of another shape \(encoder.conv1.weight 4x1x3x2 where 4x3x3x2 is wanted\)$",
        ),
        (
            lambda weights: weights.update({"decoder.dense.bias": np.zeros(6, np.int8)}),
            r"1 not of finite real numbers \(decoder.dense.bias\)$",
        ),
        (
            lambda weights: weights.update({"decoder.dense.bias": np.full(6, np.nan)}),
            r"1 not of finite real numbers \(decoder.dense.bias\)$",
        ),
        (
            lambda weights: weights.update(
                {"encoder.layer1.0.conv1.weight": np.zeros(1), "encoder.layer.b": np.zeros(1)}
            ),
            r"1 superfluous \(encoder.layer.b\)$",
        ),
        (
            lambda weights: weights.update({"a": weights.pop("decoder.dense.bias"), "encoder.bn1.bias": np.zeros(())}),
            r"1 missing \(decoder.dense.bias\); 1 superfluous \(a\); "
            r"1 of another shape \(encoder.bn1.bias a number where 4 is wanted\)$",
        ),
    ],
)
def test_a_partial_load_is_refused_and_changes_nothing(small, weights, spoil, sentence):
    before = [array.copy() for array in small.get_weights()]
    spoil(weights)
    with pytest.raises(ValueError, match=sentence):
        load_state_dict(small, weights)
    for old, new in zip(before, small.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (lambda: layers.Conv2D(1, 1, name="logits"), r"logits \(Conv2D\)"),
        (lambda: layers.PReLU(name="encoder-act"), r"encoder-act \(PReLU\)"),
        (lambda: layers.Conv2DTranspose(1, 2, name="decoder-blocks-0-up"), r"decoder-blocks-0-up \(Conv2DTranspose\)"),
    ],
)
def test_a_layer_that_smp_does_not_have_is_refused_both_ways(layer, named):
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layer()(image), name="other")
    sentence = f"other: not an architecture of smp: 1 layers without a counterpart .{named}"
    with pytest.raises(ValueError, match=sentence):
        state_dict(model)
    with pytest.raises(ValueError, match=sentence):
        load_state_dict(model, {})


def test_two_layers_of_one_name_are_refused(small):
    image = keras.Input((None, None, 3))
    twice = keras.Model(image, [small(image), network(name="again")(image)], name="twice")
    with pytest.raises(ValueError, match="twice: two of its layers are called encoder-conv1"):
        state_dict(twice)
