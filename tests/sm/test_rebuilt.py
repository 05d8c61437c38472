"""Networks of the package in Keras' own layers: the same function, names whatever was built before."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.sm.keras2 import draw
from ultraseg import sm
from ultraseg.sm._package import package


def again(model, ends=None, **options):
    """The network anew, with the weights of the old one."""
    image = keras.Input(model.input_shape[1:])
    built = sm.rebuilt(model, image, ends or [model.output], learnt=True, **options)
    return keras.Model(image, built if ends else built[0])


def compare(model, size=(64, 96)):
    draw(model)
    images = np.random.default_rng(1).random((2, *size, model.input_shape[-1]), np.float32)
    found, wanted = again(model)(images), np.asarray(model(images))
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_names_counted_anew_by_hand():
    names = [
        "image",
        "conv2d_7",
        "conv0",
        "conv2d_12",
        "lambda_1",
        "conv2d_9",
        "lambda",
        "stage1_unit1_bn1",
        "conv2d_x",
    ]
    wanted = ["image", "conv2d", "conv0", "conv2d_2", "lambda_1", "conv2d_1", "lambda", "stage1_unit1_bn1", "conv2d_x"]
    assert sm.renumbered(names) == dict(zip(names, wanted, strict=True))


def test_squeeze_and_excitation_without_lambdas():
    model, _ = sm.backbone("test", "seresnet18")
    compare(model)
    assert any(isinstance(layer, layers.Lambda) for layer in model.layers)
    assert not any(isinstance(layer, layers.Lambda) for layer in again(model).layers)


def test_convolutions_of_groups():
    """As ResNeXts have them: slices, a convolution of each, joined."""
    blocks = pytest.importorskip("classification_models.models._common_blocks")
    package()
    image = keras.Input((None, None, 8))
    modules = {"backend": keras._tf_keras.keras.backend, "layers": layers, "models": keras.models, "utils": keras.utils}
    grouped = blocks.GroupConv2D(12, (3, 3), groups=4, **modules)(image)
    compare(keras.Model(image, layers.BatchNormalization()(grouped)))


def test_a_scaled_sum():
    """As Inception-ResNet has it."""
    image = keras.Input((None, None, 3))
    change = layers.Conv2D(3, 1)(image)
    added = layers.Lambda(lambda inputs, scale: inputs[0] + inputs[1] * scale, arguments={"scale": 0.17})
    compare(keras.Model(image, added([image, change])))


def test_swish_and_its_dropout_are_keras_own(tmp_path):
    package()
    image = keras.Input((None, None, 3))
    family = pytest.importorskip("efficientnet.model")
    modules = {"backend": keras._tf_keras.keras.backend, "layers": layers, "models": keras.models, "utils": keras.utils}
    swish, dropout = family.get_swish(**modules), family.get_dropout(**modules)
    features = layers.Conv2D(4, 1, activation=swish)(image)
    features = dropout(0.5, noise_shape=(None, 1, 1, 1))(layers.Activation(swish)(features))
    model = keras.Model(image, features)
    compare(model)
    new = again(model)
    assert [type(layer).__name__ for layer in new.layers] == ["InputLayer", "Conv2D", "Activation", "Dropout"]
    assert new.layers[1].activation is keras.activations.silu
    # whole images are dropped, the others doubled
    images = np.ones((64, 1, 1, 3), np.float32)
    kept = np.asarray(new(images, training=True)) / np.asarray(new(images))
    assert np.allclose(kept, kept[:, :, :, :1]) and set(np.round(kept).ravel()) == {0, 2}


def test_what_was_built_before_does_not_show():
    model, _ = sm.backbone("test", "seresnet18")
    first = [layer.name for layer in again(model, prefix="a-").layers[1:]]
    layers.Conv2D(1, 1)
    model, _ = sm.backbone("test", "seresnet18")
    assert [layer.name for layer in again(model, prefix="a-").layers[1:]] == first
    assert all(name.startswith("a-") for name in first) and "a-conv2d" in first


def test_only_what_the_ends_need_is_built_and_layers_can_be_replaced():
    image = keras.Input((None, None, 1))
    one = layers.Conv2D(1, 1, name="one")(image)
    two = layers.Conv2D(2, 1, name="two")(one)
    model = keras.Model(image, layers.Conv2D(2, 1, name="three")(two))
    twins = []

    def run(layer, twin, features):
        twins.append((layer.name, twin.name, twin.built))
        return features

    new = again(model, [one, two], prefix="new-", instead={model.get_layer("one"): run})
    assert [layer.name for layer in new.layers[1:]] == ["new-two"] and twins == [("one", "new-one", False)]
    assert new.get_layer("new-two").kernel.shape == (1, 1, 1, 2)


def test_weights_are_drawn_again_unless_they_are_wanted():
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, layers.Conv2D(2, 1, name="one")(image))
    new = keras.Model(image, sm.rebuilt(model, image, [model.output]))
    assert (np.asarray(new.layers[1].kernel) != np.asarray(model.layers[1].kernel)).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["resnet50", "seresnext50", "inceptionv3", "inceptionresnetv2", "mobilenetv2", "efficientnetb0"],
)
def test_families(name):
    model, _ = sm.backbone("test", name)
    compare(model)
