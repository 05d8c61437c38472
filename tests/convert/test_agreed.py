"""What was asked for and what a checkpoint says of itself: joined, or refused by name."""

import pytest

from ultraseg.convert import agreed

UNET = {
    "_model_class": "Unet",
    "encoder_name": "resnet34",
    "encoder_depth": 5,
    "encoder_weights": "imagenet",
    "decoder_use_norm": "batchnorm",
    "decoder_channels": [256, 128, 64, 32, 16],
    "decoder_attention_type": None,
    "decoder_interpolation": "nearest",
    "in_channels": 1,
    "classes": 2,
    "activation": "sigmoid",
    "aux_params": None,
}  # what smp 0.6.0's save_pretrained writes
SAID = {"encoder": "ResNet34", "depth": 5, "batch_norm": True, "decoder_channels": [256, 128, 64, 32, 16]}
PLUS = {"_model_class": "DeepLabV3Plus", "encoder_name": "resnet50"}


def test_a_checkpoint_that_says_everything_needs_no_words():
    assert agreed(None, UNET) == {"UNet": SAID}


def test_a_checkpoint_that_says_nothing_is_taken_for_what_is_asked():
    assert agreed("FPN", None) == {"FPN": {}}
    assert agreed({"FPN": {"merge": "cat"}}, None) == {"FPN": {"merge": "cat"}}


def test_what_is_asked_besides_is_kept():
    encoder = {"ResNet34": {"frozen": True}}
    found = agreed({"UNet": {"encoder": encoder, "dropout": 0.2}}, UNET)
    assert found == {"UNet": SAID | {"encoder": encoder, "dropout": 0.2}}


@pytest.mark.parametrize(
    ("configuration", "options"),
    [
        ({"_model_class": "UnetPlusPlus", "decoder_channels": [9, 8]}, {"decoder_channels": [9, 8]}),
        ({"_model_class": "MAnet", "decoder_pab_channels": 32, "depth": 5}, None),
        ({"_model_class": "MAnet", "decoder_pab_channels": 32}, {"pab_channels": 32}),
        (
            {"_model_class": "FPN", "decoder_merge_policy": "cat", "upsampling": 4, "decoder_pyramid_channels": 8},
            {"merge": "cat", "pyramid_channels": 8},
        ),
        ({"_model_class": "FPN", "encoder_depth": 4, "upsampling": 2}, {"depth": 4}),
        ({"_model_class": "FPN", "encoder_depth": 4, "upsampling": 4}, None),
        (
            {"_model_class": "PSPNet", "encoder_depth": 3, "upsampling": 8, "psp_out_channels": 9},
            {"psp_channels": 9, "depth": 3},
        ),
        ({"_model_class": "PSPNet", "encoder_depth": 3, "upsampling": 4}, None),
        (
            {"_model_class": "PAN", "decoder_interpolation": "bilinear", "encoder_output_stride": 32},
            {"output_stride": 32},
        ),
        ({"_model_class": "PAN", "decoder_interpolation": "nearest"}, None),
        (
            {"_model_class": "DeepLabV3", "upsampling": None, "decoder_atrous_rates": [1, 2, 3]},
            {"atrous_rates": [1, 2, 3]},
        ),
        (PLUS | {"decoder_aspp_separable": False, "upsampling": 4}, {"separable": False}),
        (PLUS | {"upsampling": 2}, None),
        ({"_model_class": "Unet", "decoder_use_norm": False}, {"batch_norm": False}),
        ({"_model_class": "Unet", "decoder_use_norm": "identity"}, {"batch_norm": False}),
        ({"_model_class": "Unet", "decoder_use_norm": {"type": "batchnorm"}}, {"batch_norm": True}),
        ({"_model_class": "Unet", "decoder_use_norm": {"type": "batchnorm", "eps": 1e-3}}, None),
        ({"_model_class": "Unet", "decoder_use_norm": "layernorm"}, None),
        ({"_model_class": "Unet", "decoder_use_norm": "instancenorm"}, None),
        ({"_model_class": "Unet", "decoder_use_norm": "inplace"}, None),
        ({"_model_class": "Unet", "decoder_use_norm": None}, None),
        ({"_model_class": "MAnet", "decoder_use_norm": "BatchNorm"}, {}),
        ({"_model_class": "MAnet", "decoder_use_norm": False}, None),
        ({"_model_class": "PSPNet", "decoder_use_norm": "layernorm"}, None),
        ({"_model_class": "PSPNet", "psp_use_batchnorm": False}, None),
        ({"_model_class": "PSPNet", "upsampling": 8}, {}),
        ({"_model_class": "Unet", "decoder_use_batchnorm": True}, {}),
        (
            {"_model_class": "Unet", "decoder_channels": [256, 100, 64, 7, 20]},
            {"decoder_channels": [256, 100, 64, 7, 20]},
        ),
        ({"_model_class": "Unet", "decoder_attention_type": "scse"}, None),
        ({"_model_class": "Unet", "decoder_interpolation": "bilinear"}, None),
        ({"_model_class": "UnetPlusPlus", "decoder_attention_type": "scse"}, None),
        ({"_model_class": "UnetPlusPlus", "decoder_interpolation": "bicubic"}, None),
        ({"_model_class": "FPN", "decoder_interpolation": "bilinear"}, None),
        ({"_model_class": "DeepLabV3", "encoder_depth": 3, "encoder_output_stride": 16, "upsampling": 16}, None),
        (
            {"_model_class": "DeepLabV3", "encoder_depth": 3, "encoder_output_stride": 16, "upsampling": 8},
            {"depth": 3, "output_stride": 16},
        ),
        ({"_model_class": "Unet", "output_indices": [1]}, None),
    ],
)
def test_arguments_become_options_or_are_refused(configuration, options):
    configuration = {"encoder_name": "resnet50", **configuration}
    if options is None:
        smp = configuration["_model_class"]
        with pytest.raises(ValueError, match=f"smp: {smp} with (.*) has no counterpart here") as refused:
            agreed(None, configuration)
        named = refused.value.args[0].split(" with ")[1].split("=")[0]
        assert named in set(configuration) - {"_model_class", "encoder_name", "encoder_depth"}
    else:
        [found] = agreed(None, configuration).values()
        assert found == {"encoder": "ResNet50", **options}


def test_a_width_that_means_the_checkpoints_channels_is_no_contradiction():
    found = agreed({"UNet": {"width": 16}}, UNET)
    assert found == {"UNet": {"encoder": "ResNet34", "depth": 5, "batch_norm": True, "width": 16}}
    with pytest.raises(ValueError, match=r"UNet: width 8 is asked for, but the .* decoder_channels \[256, 128, 64"):
        agreed({"UNet": {"width": 8}}, UNET)
    with pytest.raises(ValueError, match=r"UNet: decoder_channels \[8, 8, 8, 8, 8\] is asked for, but the checkpoint"):
        agreed({"UNet": {"decoder_channels": [8] * 5}}, UNET)


@pytest.mark.parametrize("configuration", [None, UNET])
@pytest.mark.parametrize("weights", ["imagenet", "other.safetensors"])
def test_weights_of_the_encoder_beside_a_checkpoint_are_a_contradiction(configuration, weights):
    with pytest.raises(ValueError, match=f"UNet: the encoder's weights, {weights}, are asked for .* leave the"):
        agreed({"UNet": {"encoder": {"ResNet34": {"weights": weights}}}}, configuration)
    spec = {"UNet": {"encoder": {"ResNet34": {"weights": None}}}}
    assert agreed(spec, None) == spec


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("encoder_depth", "five"),
        ("encoder_depth", None),
        ("encoder_depth", []),
        ("encoder_name", ["resnet34"]),
        ("encoder_name", None),
        ("decoder_merge_policy", 3),
        ("upsampling", {}),
        ("decoder_interpolation", ["nearest"]),
        ("decoder_use_norm", 3),
        ("", []),
    ],
)
def test_nonsense_in_a_configuration_is_refused(argument, value):
    with pytest.raises(ValueError):
        agreed(None, {"_model_class": "FPN", "encoder_name": "resnet34", argument: value})


@pytest.mark.parametrize(
    ("spec", "configuration", "sentence"),
    [
        (None, None, "the checkpoint does not say what it is of; name the model, as in --model '{UNet: {encoder: Res"),
        ("UNet", None, "UNet: the encoder plain has no counterpart in seg.* these have: ResNet18, .*VGG19"),
        ({"FPN": {"encoder": "DenseNet121"}}, None, "FPN: the encoder DenseNet121 has no counterpart in segmentation_"),
        (
            None,
            UNET | {"encoder_name": "densenet121"},
            "smp: the encoder 'densenet121' has no counterpart here; these have: resnet18, ",
        ),
        ("FPN", UNET, "FPN: the checkpoint is of another architecture: UNet on ResNet34"),
        ({"UNet": {"encoder": "ResNet50"}}, UNET, "UNet: encoder ResNet50 is asked for, but .* says ResNet34"),
        ({"UNet": {"encoder": {"ResNet50": {"frozen": True}}}}, UNET, "encoder ResNet50 is asked for"),
        ({"UNet": {"depth": 4}}, UNET, "UNet: depth 4 is asked for, but the checkpoint says 5"),
        ({"UNet": {"depht": 4}}, UNET, "unknown option 'depht'; did you mean 'depth'"),
        ("UNett", UNET, "unknown name 'UNett'; did you mean 'UNet'"),
        ("ValidUNet", None, "smp: unknown architecture 'ValidUNet'"),
        (["UNet"], None, "write NAME or {NAME: {option: value}}"),
        (None, {"_model_class": "Segformer"}, "smp: unknown architecture 'Segformer'; .*there is: Unet, UnetPlusPlus"),
        (None, UNET | {"encoder_name": "resnext50_32x4d"}, "smp: the encoder 'resnext50_32x4d' has no"),
    ],
)
def test_a_contradiction_is_refused_by_name(spec, configuration, sentence):
    with pytest.raises(ValueError, match=sentence):
        agreed(spec, configuration)
