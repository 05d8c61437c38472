"""The FPN of segmentation-models, built by that package: a peer to compare with.

Source: segmentation-models 1.0.1, `FPN` (extra `sm`).
Departure: ResNet-34 unless another backbone is asked for, random weights unless `imagenet` is; any size; logits.
"""

from ultraseg.models._options import one_of, share, whole
from ultraseg.models._sm import network


def SMFPN(
    input_shape,
    classes,
    *,
    backbone="resnet34",
    encoder_weights=None,
    encoder_freeze=False,
    pyramid_block_filters=256,
    pyramid_use_batchnorm=True,
    pyramid_aggregation="concat",
    pyramid_dropout=0.0,
):
    """Build the feature pyramid network of segmentation-models.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 32 does not divide are reflected up to
            it and cropped in the end.
        classes: channels of the output.
        backbone: the package's name: `resnet18`, `seresnext50`, `efficientnetb0`; all but DenseNets.
        encoder_weights: of the backbone: None draws them at random; `imagenet` fetches the package's own once; the path
            of an `.h5` file of the backbone without its top takes that. With weights, pixels must be in [0, 1].
        encoder_freeze: stop the backbone's weights from training, those of batch norms excepted.
        pyramid_block_filters: channels of the pyramid, at least 2; the branches behind it have half as many.
        pyramid_use_batchnorm: normalize after every 3x3 convolution of the decoder.
        pyramid_aggregation: how the branches are joined: `concat` or `sum`.
        pyramid_dropout: share of their channels dropped, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is smaller than 32, the package is not installed, or the
            weights cannot be had or do not fit.
    """
    whole("SMFPN", "pyramid_block_filters", pyramid_block_filters)
    if pyramid_block_filters < 2:
        raise ValueError("SMFPN: pyramid_block_filters must be at least 2, half of which the branches have, got 1")
    one_of("SMFPN", "pyramid_aggregation", pyramid_aggregation, ("concat", "sum"))
    share("SMFPN", "pyramid_dropout", pyramid_dropout)
    return network(
        "SMFPN",
        "FPN",
        input_shape,
        classes,
        backbone=backbone,
        weights=encoder_weights,
        stride=32,
        options={
            "encoder_freeze": encoder_freeze,
            "pyramid_block_filters": pyramid_block_filters,
            "pyramid_use_batchnorm": pyramid_use_batchnorm,
            "pyramid_aggregation": pyramid_aggregation,
            "pyramid_dropout": pyramid_dropout or None,
        },
    )
