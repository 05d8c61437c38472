"""What every encoder keeps: maps finest first, as deep and fine as asked for, frozen where asked, a file that loads."""

import keras
import numpy as np
import pytest

from ultraseg import catalogue

SMALL = {"plain": {"width": 2}, "SMBackbone": {"backbone": "resnet18"}}
NAMES = catalogue.names("encoders")


def able(option):
    return [name for name in NAMES if option in catalogue.options("encoders", name)]


def build(name, channels=3, size=(None, None), **options):
    """The model from an image to all maps of an encoder."""
    image = keras.Input((*size, channels))
    return keras.Model(image, catalogue.bind("encoders", {name: {**SMALL.get(name, {}), **options}})(image))


def run(model, images):
    return [keras.ops.convert_to_numpy(each) for each in model(images, training=False)]


def innermost(model):
    for layer in model.layers:
        yield from innermost(layer) if isinstance(layer, keras.Model) else [layer]


def places(model):
    """Weight per layer and number: Keras counts the names of some weights through the process."""
    return {(layer.name, n): weight for layer in innermost(model) for n, weight in enumerate(layer.weights)}


def shapes(model):
    return {place: weight.shape for place, weight in places(model).items()}


def trained(model):
    chosen = {id(weight) for weight in model.trainable_weights}
    return {place for place, weight in places(model).items() if id(weight) in chosen}


def pictures(height, width, channels=3):
    return np.random.default_rng(0).random((1, height, width, channels), np.float32)


@pytest.fixture(scope="module", params=NAMES)
def deep(request):
    """An encoder of depth 5 for three channels and any size."""
    return request.param, build(request.param, depth=5)


def test_six_maps_finest_first_at_any_multiple_of_32(deep):
    _, model = deep
    for height, width in ((64, 96), (96, 32)):
        maps = run(model, pictures(height, width))
        assert [each.shape[1:3] for each in maps] == [(height >> i, width >> i) for i in range(6)]
        assert all(np.isfinite(each).all() for each in maps)
        assert [each.shape[-1] for each in maps] == [shape[-1] for shape in model.output_shape]


def test_a_shallow_one_is_the_beginning_of_a_deep_one(deep):
    name, model = deep
    counts = []
    for depth in (1, 3):
        shallow = build(name, depth=depth)
        assert [shape[-1] for shape in shallow.output_shape] == [shape[-1] for shape in model.output_shape[: depth + 1]]
        assert shapes(shallow).items() <= shapes(model).items()
        counts.append(shallow.count_params())
    assert counts[0] < counts[1] < model.count_params()  # the first maps of a network that begins at stride 4 have none


def test_dilation_keeps_maps_fine_and_weights_as_they_are(deep):
    name, model = deep
    for stride in (8, 16) if name in able("output_stride") else ():
        fine = build(name, size=(64, 96), output_stride=stride)
        steps = [min(2**i, stride) for i in range(6)]
        assert [shape[1:3] for shape in fine.output_shape] == [(64 // step, 96 // step) for step in steps]
        assert [shape[3] for shape in fine.output_shape] == [shape[3] for shape in model.output_shape]
        assert shapes(fine) == shapes(model)


@pytest.mark.parametrize("name", able("output_stride"))
def test_other_output_strides_are_refused(name):
    with pytest.raises(ValueError, match=f"{name}: output_stride must be .*, got 12"):
        build(name, output_stride=12)


@pytest.mark.parametrize("name", able("weights"))
@pytest.mark.parametrize("depth", [0, 6])
def test_other_depths_are_refused(name, depth):
    with pytest.raises(ValueError, match=f"{name}: depth must be 1 to 5, got {depth}"):
        build(name, depth=depth)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_any_number_of_channels(name, channels):
    maps = run(build(name, channels, depth=2), pictures(32, 64, channels))
    assert [each.shape[1:3] for each in maps] == [(32, 64), (16, 32), (8, 16)]
    assert all(np.isfinite(each).all() for each in maps)


@pytest.mark.parametrize("name", able("weights"))
def test_weights_that_are_not_there_are_refused(name):
    with pytest.raises(ValueError, match=f"(?s){name}.*nowhere.safetensors"):
        build(name, weights="nowhere.safetensors")


@pytest.mark.parametrize("name", able("frozen"))
def test_frozen_trains_nothing(name):
    assert not build(name, depth=3, frozen=True).trainable_weights


@pytest.mark.parametrize("name", able("frozen_until"))
def test_frozen_until_a_map_trains_the_stages_beyond(name):
    begun, every = (trained(build(name, depth=depth)) for depth in (2, 3))
    assert begun and trained(build(name, depth=3, frozen_until=2)) == every - begun


@pytest.mark.parametrize("name", able("frozen_until"))
def test_a_map_that_is_not_there_cannot_be_frozen(name):
    with pytest.raises(ValueError, match="frozen_until must be the number of a map, 0 to 2 .*, got 3"):
        build(name, depth=2, frozen_until=3)


@pytest.mark.parametrize("name", able("frozen_batch_norm"))
def test_a_file_gives_the_same_maps_and_stays_frozen(name, tmp_path):
    model = build(name, depth=3, frozen_batch_norm=True)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.saving.load_model(path)
    images = pictures(32, 64)
    for one, other in zip(run(model, images), run(loaded, images), strict=True):
        np.testing.assert_array_equal(one, other)
    norms = {layer.name for layer in innermost(loaded) if isinstance(layer, keras.layers.BatchNormalization)}
    every = trained(build(name, depth=3))
    assert trained(loaded) == {(layer, n) for layer, n in every if layer not in norms}
