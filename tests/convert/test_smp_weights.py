"""What smp loads strictly: every name and shape that its own models have, and a refusal where there is none such."""

import json

import keras
import numpy as np
import pytest

from tests.convert.conftest import network
from tests.golden import smp
from ultraseg.convert import agreed, build, counterpart, load_state_dict, smp_weights, state_dict
from ultraseg.convert._encoders import ENCODERS
from ultraseg.layers import ConstantResponse

LAYOUTS = json.loads(smp.PATH.read_text(encoding="utf-8"))["layouts"]
SPEC = {"PSPNet": {"encoder": "ResNet18"}}
FOREIGN = ("DenseNet121", "KerasResNet50", "MobileNetV3Large", "EfficientNetV2B0", "ConvNeXtTiny", "SMBackbone")


def _layout(layout):
    arguments = layout["arguments"]
    quick = {"resnet18": 5, "vgg16": 3}.get(arguments["encoder_name"]) in (arguments.get("encoder_depth"), 5)
    words = ", ".join(str(value) for value in arguments.values())
    return pytest.param(layout, id=words, marks=[] if quick else [pytest.mark.slow])


def _built(spec, channels=3, classes=1):
    return build(spec, {}, shape=(None, None, channels), classes=classes)


@pytest.mark.parametrize("layout", [_layout(layout) for layout in LAYOUTS])
def test_names_and_shapes_are_smps(layout):
    """What is written has the hash of smp's own model, and what is read back passes over what never runs, no more."""
    arguments = layout["arguments"]
    spec = agreed(None, arguments)
    model = _built(spec, arguments.get("in_channels", 3), arguments.get("classes", 1))
    own = state_dict(model)
    arrays, drawn = smp_weights(model, own, spec)
    assert len(arrays) == layout["arrays"]
    assert smp.digest({name: array.shape for name, array in arrays.items()}) == layout["sha256"]
    assert set(drawn) == set(arrays) - set(own)
    over = load_state_dict(model, arrays)
    assert over == [name for name in drawn if not name.endswith(".num_batches_tracked")]


def test_the_layouts_are_those_of_the_writer():
    assert [layout["arguments"] for layout in LAYOUTS] == list(smp.layouts())
    assert {layout["arguments"]["encoder_name"] for layout in LAYOUTS} == {name.lower() for name in ENCODERS}


@pytest.fixture(scope="module")
def model():
    return _built(SPEC, 2, 3)


def test_the_counterpart_of_a_model(model):
    assert counterpart(model) == "PSPNet"
    with pytest.raises(ValueError, match="small: not an architecture of smp; these are: UNet, UNetPlusPlus"):
        counterpart(network())


def test_stages_that_never_run_are_drawn_the_same_in_every_run(model):
    own = state_dict(model)
    assert not any(name.startswith(("encoder.layer3.", "encoder.layer4.")) for name in own)
    arrays, drawn = smp_weights(model, own, SPEC)
    assert drawn and all(name.startswith(("encoder.layer3.", "encoder.layer4.")) for name in drawn)
    for name, array in own.items():
        np.testing.assert_array_equal(arrays[name], array)
    again, _ = smp_weights(model, own, SPEC)
    for name in drawn:
        np.testing.assert_array_equal(again[name], arrays[name])
    kernel, norm = arrays["encoder.layer4.1.conv2.weight"], "encoder.layer4.1.bn2"
    assert kernel.dtype == np.float32 and abs(kernel.std() / (2 / (512 * 9)) ** 0.5 - 1) < 0.01
    assert (arrays[f"{norm}.running_var"] == 1).all() and (arrays[f"{norm}.weight"] == 1).all()
    assert not arrays[f"{norm}.running_mean"].any() and not arrays[f"{norm}.bias"].any()
    assert arrays[f"{norm}.num_batches_tracked"].dtype == np.int64


def test_stages_of_a_model_that_holds_them_are_its_own():
    held = _built({"PSPNet": SPEC["PSPNet"] | {"whole_encoder": True}}, 1)
    own = state_dict(held)
    arrays, drawn = smp_weights(held, own)
    assert drawn == [] and arrays.keys() == own.keys()
    assert load_state_dict(held, own) == []


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (SPEC, "PSPNet: smp holds all stages .* such as encoder.layer3.0.conv1.weight; name the encoder, ResNet18, as"),
        ({"PSPNet": {"encoder": "ResNet50"}}, "name the encoder, ResNet50 or ResNet101, as in --model '{PSPNet: {enc"),
        ({"PSPNet": {"encoder": "VGG16"}}, "such as encoder.features.24.weight; name the encoder, VGG16, as in"),
        ({"UNetPlusPlus": {"encoder": "VGG16"}}, "such as decoder.center.0.0.weight; name the encoder, VGG16, as in"),
    ],
)
def test_where_stages_lack_the_encoder_must_be_named(spec, sentence):
    built = _built(spec)
    with pytest.raises(ValueError, match=sentence):
        smp_weights(built, state_dict(built))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"PSPNet": {"encoder": "ResNet50"}}, "is on another encoder than ResNet50, as encoder.layer1.0.conv1.weight"),
        ({"PSPNet": {"encoder": "ResNet34"}}, "is on another encoder than ResNet34, as encoder.layer1.2.conv1.weight"),
        ({"PSPNet": {"encoder": "VGG16"}}, "is on another encoder than VGG16, as encoder.conv1.weight shows"),
        ({"PSPNet": {"encoder": "DenseNet121"}}, "the encoder DenseNet121 has no counterpart .* these have: ResNet18"),
        ("UNet", "PSPNet: is the model, and UNet is asked for"),
    ],
)
def test_a_model_that_is_not_what_is_named_is_refused(model, spec, sentence):
    with pytest.raises(ValueError, match=sentence):
        smp_weights(model, state_dict(model), spec)


def test_a_whole_encoder_is_not_the_beginning_of_a_longer_one():
    """ResNet-18's names are all ResNet-34's too; what lacks would run."""
    built = _built({"Linknet": {"encoder": "ResNet18"}})
    assert smp_weights(built, state_dict(built))[1] == []
    with pytest.raises(ValueError, match="Linknet: is on another encoder than ResNet34, as encoder.layer1.2.conv1"):
        smp_weights(built, state_dict(built), {"Linknet": {"encoder": "ResNet34"}})


@pytest.mark.parametrize("encoder", FOREIGN)
def test_encoders_that_smp_lays_out_otherwise_are_refused(encoder):
    built = _built({"Linknet": {"encoder": encoder, "depth": 2}})
    with pytest.raises(ValueError, match=r"^Linknet: .*(has no|without a) counterpart"):
        smp_weights(built, state_dict(built))


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("UNet", "UNet: not an architecture of smp: .* layers without a counterpart"),
        (
            {"UNet": {"encoder": "ResNet18", "depth": 2, "decoder": "transpose"}},
            "UNet: not an architecture of smp: 2 layers without a counterpart .decoder-blocks-0-up",
        ),
        (
            {"PSPNet": {"encoder": "ResNet18", "sizes": [1, 2]}},
            r"PSPNet: smp knows no sizes but \[1, 2, 3, 6\], got \[1, 2\]",
        ),
        (
            {"PSPNet": {"encoder": "ResNet18", "sizes": [1, 2, 3, 4]}},
            r"PSPNet: smp knows no sizes but \[1, 2, 3, 6\], got \[1, 2, 3, 4\]",
        ),
        (
            {"MAnet": {"encoder": "ResNet18", "depth": 2, "decoder_channels": [4, 4], "attention_layout": "spatial"}},
            "MAnet: smp knows no attention_layout but published, got spatial",
        ),
        ({"DeepLabV3": {"encoder": "VGG16", "depth": 3}}, "DeepLabV3: smp builds none on VGG16, .* cannot be dilated"),
        ({"DeepLabV3Plus": {"encoder": "VGG19", "depth": 4}}, "DeepLabV3Plus: smp builds none on VGG19, since"),
        ({"AttentionUNet": {"encoder": "ResNet18"}}, "AttentionUNet: not an architecture of smp; these are"),
    ],
)
def test_options_that_smp_does_not_have_are_refused(spec, sentence):
    built = _built(spec)
    with pytest.raises(ValueError, match=sentence):
        smp_weights(built, state_dict(built), spec)


def test_sizes_in_another_order_are_refused():
    """The branches' weights are named by number, and smp's first has no norm."""
    built = _built({"PSPNet": {"encoder": "ResNet18", "sizes": [6, 3, 2, 1]}})
    with pytest.raises(ValueError, match=r"PSPNet: smp knows no sizes but \[1, 2, 3, 6\], got \[6, 3, 2, 1\]"):
        smp_weights(built, state_dict(built))


def test_grey_preprocessing_in_the_first_kernel_is_refused_with_the_reason():
    image = keras.Input((8, 8, 1))
    features = keras.layers.Conv2D(4, 3, padding="same", name="encoder-conv1")(image)
    features = ConstantResponse(3, padding="same", name="encoder-conv1_constant")([features, image])
    made = keras.Model(image, features, name="UNet")
    for each in (made, keras.Model(image, made(image), name="UNet")):
        with pytest.raises(ValueError, match="UNet: .*folded into the first kernel .*border.* three channels"):
            counterpart(each)
