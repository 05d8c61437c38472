"""What every model keeps: logits of the classes asked for at the image's size, gradients everywhere, a file that loads.

Most stand on an encoder of a few channels here.
"""

import gc
import socket
from functools import partial

import keras
import numpy as np
import pytest

from tests.models.counted import counts
from tests.models.tiny import tiny
from ultraseg import catalogue

OPTIONS = {
    "UNet": {"width": 2, "depth": 2},
    "ValidUNet": {},
    "EluNet": {"width": 4},
    "SutdUNet": {"features": [2, 4]},
    "FCN8s": {"width": 2},
    "FCN16s": {"width": 2},
    "FCN32s": {"width": 2},
    "FCNVGG": {"kernel": 13},
    "RepairedFCNVGG": {"width": 16},
    "SMUnet": {"backbone": "resnet18", "decoder_filters": [8, 8, 4, 4, 2]},
    "SMLinknet": {"backbone": "resnet18"},
    "SMFPN": {"backbone": "resnet18", "pyramid_block_filters": 4},
    "SMPSPNet": {"backbone": "resnet18", "psp_conv_filters": 4},
}
FIXED = ("ValidUNet", "FCNVGG")
"""Nets of one report whose output is smaller than their input, at the sizes that they were made for alone."""
SIZES = {"ValidUNet": (188, 188)}
NARROW = ("MAnet", "PAN")
"""Nets with parts of one to four channels, all of which a ReLU may shut at the start."""


def options(name):
    """Options that keep a model small."""
    return OPTIONS.get(
        name, {"encoder": partial(tiny, width=24)} if "encoder" in catalogue.options("models", name) else {}
    )


def make(name, shape, classes, **more):
    return catalogue.bind("models", {name: {**options(name), **more}})(shape, classes)


def encoded(image, name):
    """The model from an image to all maps of an encoder."""
    return keras.Model(image, catalogue.bind("encoders", name)(image))


MODELS = catalogue.names("models")
FREE = [name for name in MODELS if name not in FIXED]


@pytest.fixture(scope="module", params=MODELS)
def built(request):
    """A model's name, the model for two classes, images that fit it, and its first logits."""
    name = request.param
    size = SIZES.get(name, (64, 64))
    keras.utils.set_random_seed(0)
    model = make(name, (*size, 1), 2)
    images = np.random.default_rng(0).random((3, *size, 1), np.float32)  # two would be normalized to 1 and -1
    yield name, model, images, model.predict_on_batch(images)
    keras.backend.clear_session()
    gc.collect()


def test_logits_have_the_classes_asked_for(built):
    name, model, _, logits = built
    assert logits.shape == (3, *model.output_shape[1:3], 2) and logits.dtype == np.float32
    assert np.isfinite(logits).all()
    assert logits.std() > 0 or name.startswith("FCN"), "only nets that start from zero scores are flat"
    assert model.name == name


def test_it_is_of_layers_that_keras_knows(built, tmp_path):
    _, model, images, logits = built
    assert not any(isinstance(layer, keras.layers.Lambda) for layer in model.layers)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert [type(layer) for layer in loaded.layers] == [type(layer) for layer in model.layers]
    np.testing.assert_array_equal(loaded.predict_on_batch(images), logits)


def test_images_of_a_batch_do_not_see_each_other(built):
    _, model, images, logits = built
    np.testing.assert_allclose(model.predict_on_batch(images[1:]), logits[1:], atol=1e-4 * max(1, np.abs(logits).max()))


def test_a_seed_gives_the_same_weights(built):
    name, model, images, _ = built
    builds = []
    for seed in (5, 5, 6):
        keras.utils.set_random_seed(seed)
        builds.append(make(name, model.input_shape[1:], 2).get_weights())
    for first, again in zip(builds[0], builds[1], strict=True):
        np.testing.assert_array_equal(first, again)
    assert any((first != other).any() for first, other in zip(builds[0], builds[2], strict=True))


def test_one_training_step_changes_every_trainable_weight_and_leaves_numbers(built):
    name, model, images, logits = built
    keras.utils.set_random_seed(1)
    if name.startswith("FCN"):
        for layer in model.layers:
            if layer.name.startswith("score"):  # zero at the start, which lets nothing through
                layer.set_weights([np.random.default_rng(0).normal(0, 0.1, w.shape) for w in layer.get_weights()])
    before = [np.array(weight) for weight in model.trainable_weights]
    model.compile(keras.optimizers.SGD(1.0), loss=catalogue.bind("losses", "bce"), jit_compile=False)
    truth = np.zeros(logits.shape, np.float32)
    truth[:, ::2, :, 0] = truth[:, 1::2, :, 1] = 1
    assert np.isfinite(model.train_on_batch(images, truth))
    for old, variable in zip(before, model.trainable_weights, strict=True):
        new = np.asarray(variable)
        assert np.isfinite(new).all(), variable.path
        narrow = name in NARROW and min(variable.shape[-2:]) <= 4
        assert (new != old).any() or narrow, variable.path


@pytest.mark.parametrize("name", FREE)
@pytest.mark.parametrize("size", [(70, 97), (64, 96)])
def test_logits_are_as_large_as_the_image(name, size):
    model = make(name, (None, None, 3), 1)
    assert model.output_shape == (None, None, None, 1)
    images = np.random.default_rng(0).random((1, *size, 3), np.float32)
    free = model.predict_on_batch(images)
    assert free.shape == (1, *size, 1)
    known = make(name, (*size, 3), 1)
    assert known.output_shape == (None, *size, 1)
    known.set_weights(model.get_weights())
    np.testing.assert_allclose(known.predict_on_batch(images), free, atol=1e-4 * max(1, np.abs(free).max()))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_logits_are_never_halves(name, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = make(name, (*SIZES.get(name, (64, 64)), 1), 1)
    finally:
        keras.config.set_dtype_policy(before)
    assert {output.dtype for output in model.outputs} == {"float64" if policy == "float64" else "float32"}
    if policy != "float64":
        assert any(layer.compute_dtype == policy.split("_")[-1] for layer in model.layers)


@pytest.mark.parametrize("name", MODELS)
def test_no_classes_and_no_channels_are_refused(name):
    size = SIZES.get(name, (64, 64))
    with pytest.raises(ValueError, match="classes"):
        make(name, (*size, 1), 0)
    for channels in (0, -1, None):
        with pytest.raises(ValueError, match=f"{name}: channels must be at least 1, got {channels}"):
            make(name, (*size, channels), 1)
    with pytest.raises(ValueError, match=r"height, width, channels"):
        make(name, size, 1)


@pytest.mark.parametrize("name", MODELS)
def test_no_pixels_are_refused(name):
    for side in (0, -64):
        with pytest.raises(ValueError, match=f"{name}: .*, got {side}"):
            make(name, (side, 64, 1), 1)


STRIDES = dict.fromkeys(FREE, 32) | {
    "UNet": 4, "SutdUNet": 4, "EluNet": 8, "PSPNet": 8, "DeepLabV3": 8, "DeepLabV3Plus": 16, "PAN": 16,
    "TransferUNet": 16, "TransferDeepLabV3Plus": 16, "SMPSPNet": 48,
}  # fmt: skip
"""What a side must have at least, of the nets that pad; FCNs pad by 100 and take any."""


@pytest.mark.parametrize("name", [name for name in FREE if name not in ("FCN8s", "FCN16s", "FCN32s")])
def test_too_few_pixels_are_refused_where_they_are_known(name):
    least = STRIDES[name]
    with pytest.raises(
        ValueError, match=f"^{name}: an image must be at least {least} pixels high and wide, got {least - 1}$"
    ):
        make(name, (96, least - 1, 1), 1)


@pytest.mark.parametrize("name", FREE)
def test_few_pixels_are_reflected_where_they_are_not_known(name):
    image = np.random.default_rng(0).random((1, 5, 1, 3), np.float32)
    logits = make(name, (None, None, 3), 1).predict_on_batch(image)
    assert logits.shape == (1, 5, 1, 1) and np.isfinite(logits).all()


def test_nothing_is_fetched_without_weights(monkeypatch):
    """Every model and every encoder as its defaults are; weights are named and not drawn, which they need not be."""
    reached = []

    def refused(*asked, **_):
        reached.append(asked)
        raise ConnectionError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(keras.utils, "get_file", refused)
    for name in MODELS:
        counts(partial(catalogue.bind("models", name), (*SIZES.get(name, (64, 64)), 3), 1))
    image = keras.Input((64, 64, 3))
    for name in catalogue.names("encoders"):
        counts(partial(encoded, image, name))
    assert not reached
