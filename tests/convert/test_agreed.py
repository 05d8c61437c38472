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
SAID = {"encoder": "ResNet34", "depth": 5, "batch_norm": True, "width": 16}
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
        ({"_model_class": "Unet", "decoder_use_norm": "layernorm"}, None),
        ({"_model_class": "Unet", "decoder_use_batchnorm": True}, {}),
        ({"_model_class": "Unet", "decoder_channels": [256, 128, 64, 32, 20]}, None),
        ({"_model_class": "Unet", "decoder_attention_type": "scse"}, None),
        ({"_model_class": "Unet", "decoder_interpolation": "bilinear"}, None),
    ],
)
def test_arguments_become_options_or_are_refused(configuration, options):
    configuration = {"encoder_name": "resnet50", **configuration}
    if options is None:
        smp = configuration["_model_class"]
        with pytest.raises(ValueError, match=f"smp: {smp} with .* has no counterpart here"):
            agreed(None, configuration)
    else:
        [found] = agreed(None, configuration).values()
        assert found == {"encoder": "ResNet50", **options}


@pytest.mark.parametrize(
    ("spec", "configuration", "sentence"),
    [
        (None, None, "the checkpoint does not say what it is of; name the model"),
        ("FPN", UNET, "FPN: the checkpoint is of another architecture: UNet on ResNet34"),
        ({"UNet": {"encoder": "ResNet50"}}, UNET, "UNet: encoder ResNet50 is asked for, but .* says ResNet34"),
        ({"UNet": {"encoder": {"ResNet50": {"frozen": True}}}}, UNET, "encoder ResNet50 is asked for"),
        ({"UNet": {"depth": 4}}, UNET, "UNet: depth 4 is asked for, but the checkpoint says 5"),
        ({"UNet": {"depht": 4}}, UNET, "unknown option 'depht'; did you mean 'depth'"),
        ("UNett", None, "unknown name 'UNett'; did you mean 'UNet'"),
        ("ValidUNet", None, "smp: unknown architecture 'ValidUNet'"),
        (["UNet"], None, "write NAME or {NAME: {option: value}}"),
        (None, {"_model_class": "Segformer"}, "smp: unknown architecture 'Segformer'; .*there is: Unet, UnetPlusPlus"),
        (None, UNET | {"encoder_name": "resnext50_32x4d"}, "smp: unknown encoder 'resnext50_32x4d'; did you mean"),
    ],
)
def test_a_contradiction_is_refused_by_name(spec, configuration, sentence):
    with pytest.raises(ValueError, match=sentence):
        agreed(spec, configuration)
