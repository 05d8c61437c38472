"""The step to an encoder: maps that do not halve are refused, wherever it can be known."""

from functools import partial

import keras
import numpy as np
import pytest

from tests.models.tiny import tiny
from ultraseg import catalogue
from ultraseg.models import FPN, PAN, DeepLabV3, Linknet, MAnet, PSPNet, UNet, UNetPlusPlus
from ultraseg.models._encode import encode

HALVING = [
    name
    for name in catalogue.names("models")
    if "encoder" in catalogue.options("models", name) and "output_stride" not in catalogue.options("models", name)
]
STRIDE = {"TransferUNet": 16, "TransferDeepLabV3Plus": 16, "PSPNet": 32}


def build(name, encoder, **options):
    return catalogue.bind("models", {name: {"encoder": encoder, **options}})


@pytest.mark.parametrize("name", HALVING)
@pytest.mark.parametrize("shape", [(64, 64, 3), (None, None, 3)])
def test_an_encoders_own_output_stride_is_refused_where_maps_must_halve(name, shape):
    more = {"depth": 5} if name == "PSPNet" else {}
    wanted = (
        f"^encoder ResNet18: the model wants each map at half the size of the one before, down to stride "
        f"{STRIDE.get(name, 32)}; leave the option output_stride=8 out, or take a model that has it: "
        "DeepLabV3, DeepLabV3Plus, PAN$"
    )
    with pytest.raises(ValueError, match=wanted):
        build(name, {"ResNet18": {"output_stride": 8}}, **more)(shape, 1)


@pytest.mark.parametrize("encoder", [partial(tiny, output_stride=16), lambda image, *, depth, output_stride=16: []])
def test_so_is_a_functions(encoder):
    with pytest.raises(ValueError, match="leave the option output_stride=16 out"):
        UNet((None, None, 1), 1, encoder=encoder, depth=5)


def test_an_output_stride_that_changes_nothing_is_fine():
    models = [PSPNet((64, 64, 3), 1, encoder={"ResNet18": given}) for given in ({"output_stride": 8}, {})]
    models[0].set_weights(models[1].get_weights())
    image = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    np.testing.assert_array_equal(*(model.predict_on_batch(image) for model in models))
    assert UNet((64, 64, 1), 1, encoder={"ResNet18": {"output_stride": 32}}).output_shape == (None, 64, 64, 1)
    assert UNet((64, 64, 1), 1, encoder=partial(tiny, output_stride=16), depth=4).output_shape == (None, 64, 64, 1)


def test_a_model_that_decides_it_says_so():
    with pytest.raises(ValueError, match="encoder ResNet18: the model decides its output_stride; leave the option out"):
        DeepLabV3((64, 64, 3), 1, encoder={"ResNet18": {"output_stride": 8}})


def late(image, *, depth):
    """An encoder whose third map is as large as its second."""
    maps = tiny(image, depth=depth)
    return [*maps[:2], *maps[1:-1]]


@pytest.mark.parametrize("model", [UNet, UNetPlusPlus, MAnet, Linknet, FPN, PSPNet])
def test_maps_that_do_not_halve_are_refused(model):
    wanted = "^encoder late: map 2 must be at stride 4, 16 pixels of the image's 64, got 32$"
    with pytest.raises(ValueError, match=wanted):
        model((64, 64, 1), 1, encoder=late)
    with pytest.raises(ValueError, match=wanted):
        model((None, 64, 1), 1, encoder=late)


def deaf(image, *, depth, output_stride):
    """An encoder that halves as deep as it goes, whatever is asked for."""
    return tiny(image, depth=depth)


@pytest.mark.parametrize(("model", "map_", "stride"), [(DeepLabV3, 4, 8), (PAN, 5, 16)])
def test_maps_beyond_the_stride_that_was_asked_for_are_refused(model, map_, stride):
    with pytest.raises(ValueError, match=f"encoder deaf: map {map_} must be at stride {stride}, {64 // stride} pixels"):
        model((64, 64, 1), 1, encoder=deaf)


def test_sides_that_no_stride_divides_are_let_be():
    # PSPNet's image is a multiple of 8 alone; the maps behind it, which never run, round 24 / 16 up
    maps = encode(keras.Input((24, 16, 1)), tiny, depth=5)
    assert [each.shape[1] for each in maps] == [24, 12, 6, 3, 2, 1]
