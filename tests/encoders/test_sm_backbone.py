"""Backbones of segmentation-models: the package's own weights and maps, grey images, channels, refusals."""

import keras
import numpy as np
import pytest

from tests.sm.keras2 import draw, write
from ultraseg import sm
from ultraseg.encoders import SMBackbone
from ultraseg.sm._package import package

# a batch norm on the data; colours turned round and a bias in the first convolution; zeros around the image
FAMILIES = ["resnet18", "vgg16", "mobilenet"]


def encoder(channels=3, **options):
    image = keras.Input((None, None, channels))
    return keras.Model(image, SMBackbone(image, **options))


def close(found, wanted, tolerance=1e-5):
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=tolerance * np.abs(other).max())


def pictures(channels=3):
    return np.random.default_rng(0).random((2, 32, 64, channels), np.float32)


@pytest.fixture(scope="module", params=FAMILIES)
def learnt(request, tmp_path_factory):
    """A backbone, a network of the package with weights of its own, its maps, and a file of them."""
    model, maps = sm.backbone("test", request.param)
    draw(model)
    path = tmp_path_factory.mktemp("weights") / f"{request.param}.h5"
    write(path, model)
    return request.param, model, maps, path


def test_as_many_weights_as_the_package_builds():
    theirs = package().inject_global_submodules(package().Backbones.get_backbone)(
        "seresnet18", input_shape=(64, 96, 1), include_top=False, weights=None
    )
    model = encoder(1, backbone="seresnet18")
    assert model.count_params() == theirs.count_params() == 11_269_691
    for ours, other in ((model.trainable_weights, theirs.trainable_weights), (model.weights, theirs.weights)):
        assert [weight.shape for weight in ours] == [weight.shape for weight in other]


def test_the_first_map_is_the_image_but_where_the_network_works_at_stride_one():
    assert [shape[-1] for shape in encoder(2, backbone="resnet18", depth=2).output_shape] == [2, 64, 64]
    assert [shape[-1] for shape in encoder(2, backbone="vgg16", depth=2).output_shape] == [64, 128, 256]


def test_learnt_weights_on_pixels_as_the_package_prepares_them(learnt):
    name, model, maps, path = learnt
    images = pictures()
    prepared = package().get_preprocessing(name)(np.float64(255) * images)
    wanted = keras.Model(model.input, [images if each is None else each for each in maps][maps[0] is None :])(prepared)
    close(encoder(backbone=name, weights=path)(images)[-len(wanted) :], wanted)


def test_a_grey_image_gives_what_its_copy_in_colours_gives(learnt):
    name, _, _, path = learnt
    grey = pictures(1)
    alone = encoder(1, backbone=name, weights=path)
    wanted = encoder(backbone=name, weights=path)(np.repeat(grey, 3, axis=-1))
    close(alone(grey)[1:], wanted[1:])
    kernels = [layer.kernel for layer in alone.layers if isinstance(layer, keras.layers.Conv2D)]
    assert kernels[0].shape[2] == 1


def test_five_channels_take_the_colours_in_turn(learnt):
    """Slices for red, green, blue, red and green, times 3 / 5."""
    name, _, _, path = learnt
    images = pictures(5)
    one = encoder(5, backbone=name, weights=path, depth=1)
    [kernel] = [layer.kernel for layer in one.layers if isinstance(layer, keras.layers.Conv2D)][:1]
    [colours] = [
        layer.kernel
        for layer in encoder(backbone=name, weights=path, depth=1).layers
        if isinstance(layer, keras.layers.Conv2D)
    ][:1]
    order = np.argsort(sm.pixels(name)[0])
    np.testing.assert_allclose(kernel, np.asarray(colours)[:, :, order[[0, 1, 2, 0, 1]]] * 0.6, rtol=1e-6)
    assert all(np.isfinite(each).all() for each in one(images))


def test_the_batch_norm_on_the_data_is_there_to_learn_and_folded_when_learnt(tmp_path):
    model, _ = sm.backbone("test", "resnet18")
    write(tmp_path / "a.h5", model)
    names = [layer.name for layer in encoder(backbone="resnet18", depth=1).layers]
    assert "encoder-bn_data" in names and "encoder-conv0" in names
    names = [layer.name for layer in encoder(backbone="resnet18", depth=1, weights=tmp_path / "a.h5").layers]
    assert "encoder-bn_data" not in names and "encoder-conv0_pixels" in names


def test_freezing_reaches_what_is_learnt(learnt):
    name, _, _, path = learnt
    assert not encoder(1, backbone=name, weights=path, depth=2, frozen=True).trainable_weights


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"backbone": "resnet_34"}, "SMBackbone: unknown backbone 'resnet_34'; did you mean 'resnet34'"),
        ({"backbone": "densenet169"}, "SMBackbone: densenet169 cannot be built: its layers' names hold a slash"),
        ({"weights": "weights.pth"}, "SMBackbone: weights must be imagenet or the path of an .h5 file .*weights.pth"),
        ({"depth": 6}, "SMBackbone: depth must be 1 to 5, got 6"),
    ],
)
def test_refusals(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        encoder(**options)


@pytest.fixture
def exact():
    """In single precision the gates of random SE-ResNets, behind activations of a thousand, turn 1e-7 into 1e-4."""
    policy = keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy(policy)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seresnet18", "seresnext50", "inceptionv3", "efficientnetb0"])
def test_other_families(name, tmp_path, exact):
    model, maps = sm.backbone("test", name)
    draw(model)
    write(tmp_path / "a.h5", model)
    colours, grey = (encoder(channels, backbone=name, weights=tmp_path / "a.h5") for channels in (3, 1))
    images = np.float64(pictures())
    prepared = package().get_preprocessing(name)(255 * images)
    close(colours(images)[1:], keras.Model(model.input, maps[1:])(prepared), 1e-9)
    close(grey(images[..., :1])[1:], colours(np.repeat(images[..., :1], 3, axis=-1))[1:], 1e-9)
