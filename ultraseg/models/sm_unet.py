"""The U-Net of segmentation-models, built by that package: a peer to compare with.

Source: segmentation-models 1.0.1, `Unet` (extra `sm`).
Departure: ResNet-34 unless another backbone is asked for, random weights unless `imagenet` is; any size; logits.
"""

from ultraseg.models._options import one_of, several
from ultraseg.models._sm import network


def SMUnet(
    input_shape,
    classes,
    *,
    backbone="resnet34",
    encoder_weights=None,
    encoder_freeze=False,
    decoder_block_type="upsampling",
    decoder_filters=(256, 128, 64, 32, 16),
    decoder_use_batchnorm=True,
):
    """Build the U-Net of segmentation-models.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 32 does not divide are reflected up to
            it and cropped in the end.
        classes: channels of the output.
        backbone: the package's name: `resnet18`, `seresnext50`, `efficientnetb0`; all but DenseNets.
        encoder_weights: of the backbone: None draws them at random; `imagenet` fetches the package's own once; the path
            of an `.h5` file of the backbone without its top takes that. With weights, pixels must be in [0, 1].
        encoder_freeze: stop the backbone's weights from training, those of batch norms excepted.
        decoder_block_type: `upsampling` (the nearest neighbour and two convolutions) or `transpose` (a transposed
            convolution 4x4 and one convolution).
        decoder_filters: channels of the five decoder blocks, deepest first.
        decoder_use_batchnorm: normalize after every convolution of the decoder.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is smaller than 32, the package is not installed, or the
            weights cannot be had or do not fit.
    """
    one_of("SMUnet", "decoder_block_type", decoder_block_type, ("upsampling", "transpose"))
    several("SMUnet", "decoder_filters", decoder_filters, 5)
    return network(
        "SMUnet",
        "Unet",
        input_shape,
        classes,
        backbone=backbone,
        weights=encoder_weights,
        stride=32,
        options={
            "encoder_freeze": encoder_freeze,
            "decoder_block_type": decoder_block_type,
            "decoder_filters": tuple(decoder_filters),
            "decoder_use_batchnorm": decoder_use_batchnorm,
        },
    )
