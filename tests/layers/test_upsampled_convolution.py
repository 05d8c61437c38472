"""The upsampled convolution: by hand, and the same function as Keras' three layers, gradients and files too."""

import keras
import numpy as np
import pytest

from ultraseg.layers import UpsampledConv2D

FEW, MANY = 5, 130  # channels below and above where the layer turns to products


def pair(channels, beside=(3, 2), filters=4, sides=(3, 4), policy="float32", **options):
    """The layer, and Keras' upsampling, joining and convolution, with the same drawn weights."""
    maps = [
        keras.Input((*sides, channels)),
        *(keras.Input((*(side and 2 * side for side in sides), c)) for c in beside),
    ]
    ours = keras.Model(maps, UpsampledConv2D(filters, dtype=policy, name="conv", **options)(maps))
    large = [keras.layers.UpSampling2D(2)(maps[0]), *maps[1:]]
    joined = keras.layers.Concatenate()(large) if beside else large[0]
    conv = keras.layers.Conv2D(filters, 3, padding="same", dtype=policy, **options)
    theirs = keras.Model(maps, conv(joined))
    generator = np.random.default_rng(0)
    ours.set_weights([generator.normal(0, weight.size**-0.3, weight.shape) for weight in ours.get_weights()])
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def drawn(channels, beside=(3, 2), sides=(3, 4), count=2):
    generator = np.random.default_rng(1)
    shapes = [(*sides, channels), *((2 * sides[0], 2 * sides[1], c) for c in beside)]
    return [generator.normal(size=(count, *shape)).astype(np.float32) for shape in shapes]


@pytest.mark.parametrize("channels", [1, 128])
def test_by_hand(channels):
    # one pixel of 1 becomes 2x2 ones; each of the four sees itself and its three neighbours through a corner of 1..9
    layer = UpsampledConv2D(1)
    layer.build([(None, 1, 1, channels)])
    kernel = np.zeros((3, 3, channels, 1))
    kernel[:, :, 0, 0] = np.arange(1, 10).reshape(3, 3)
    layer.set_weights([kernel, np.array([0.5])])
    found = keras.ops.convert_to_numpy(layer([np.ones((1, 1, 1, channels), np.float32)]))
    assert found[0, :, :, 0].tolist() == [[5 + 6 + 8 + 9.5, 4 + 5 + 7 + 8.5], [2 + 3 + 5 + 6.5, 1 + 2 + 4 + 5.5]]


@pytest.mark.parametrize("channels", [FEW, MANY])
@pytest.mark.parametrize("beside", [(), (3,), (3, 2)])
@pytest.mark.parametrize("sides", [(3, 4), (1, 1), (5, 2)])
def test_the_same_function_as_upsampling_joining_and_convolution(channels, beside, sides):
    ours, theirs = pair(channels, beside, sides=sides)
    assert ours.output_shape == theirs.output_shape
    maps = drawn(channels, beside, sides)
    assert np.allclose(ours.predict_on_batch(maps), theirs.predict_on_batch(maps), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("channels", [FEW, MANY])
@pytest.mark.parametrize("options", [{"use_bias": False}, {"kernel_initializer": "he_uniform"}])
def test_it_learns_the_same(channels, options):
    ours, theirs = pair(channels, **options)
    wanted = np.random.default_rng(2).normal(size=(2, 6, 8, 4)).astype(np.float32)
    before = ours.get_weights()[0]
    for model in (ours, theirs):
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        for _ in range(3):
            model.train_on_batch(drawn(channels), wanted)
    assert not np.allclose(before, ours.get_weights()[0])
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(mine, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_as_near_as_kerass(policy):
    exact, _ = pair(MANY)
    ours, theirs = pair(MANY, policy=policy)
    truth, mine, other = (model.predict_on_batch(drawn(MANY)).astype(np.float32) for model in (exact, ours, theirs))
    assert np.abs(mine - truth).max() <= 2 * np.abs(other - truth).max() + 1e-3


@pytest.mark.parametrize("channels", [FEW, MANY])
def test_any_size_and_a_file(tmp_path, channels):
    model, _ = pair(channels, (3,), sides=(None, None))
    assert model.output_shape == (None, None, None, 4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_layer("conv").get_config() == model.get_layer("conv").get_config()
    for sides in ((3, 4), (8, 2)):
        maps = drawn(channels, (3,), sides)
        assert np.array_equal(model.predict_on_batch(maps), again.predict_on_batch(maps))


@pytest.mark.parametrize("other", [(7, 8), (6, 4), (None, 4)])
def test_a_map_beside_of_other_sides_is_refused(other):
    shapes = [(None, 3, 4, 5), (None, 6, None, 2), (None, *other, 2)]
    layer = UpsampledConv2D(2)
    wanted = f"UpsampledConv2D: map 2 must have twice the sides of map 0, 3x4, got {other[0]}x{other[1]}"
    for ask in (layer.compute_output_shape, layer.build):
        with pytest.raises(ValueError, match=wanted):
            ask(shapes)
    with pytest.raises(ValueError, match=wanted):
        layer([keras.Input(shape[1:]) for shape in shapes])


def test_no_filters_are_refused():
    with pytest.raises(ValueError, match="UpsampledConv2D: filters must be at least 1, got 0"):
        UpsampledConv2D(0)
