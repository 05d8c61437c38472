"""The PSPNet of segmentation-models, built by that package: a peer to compare with.

Source: segmentation-models 1.0.1, `PSPNet` (extra `sm`), which takes sizes that its grids of 1, 2, 3 and 6 bins divide.
Departure: ResNet-34 unless another backbone is asked for, random weights unless `imagenet` is; any size, since an image
is reflected up to one that the grids divide, and pooling and upsampling by factors of a known size are done by layers
that ask for the size when they run; logits. Means alone, no maxima.
"""

from keras import layers

from ultraseg.layers import AdaptivePooling2D, CentredResizing2D
from ultraseg.models._options import one_of, share, whole
from ultraseg.models._sm import network

BINS = 6
"""The finest grid's, which those of 1, 2 and 3 bins divide."""


def SMPSPNet(
    input_shape,
    classes,
    *,
    backbone="resnet34",
    encoder_weights=None,
    encoder_freeze=False,
    downsample_factor=8,
    psp_conv_filters=512,
    psp_use_batchnorm=True,
    psp_dropout=0.0,
):
    """Build the pyramid scene parsing network of segmentation-models.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 6 * downsample_factor does not divide
            are reflected up to it and cropped in the end.
        classes: channels of the output.
        backbone: the package's name: `resnet18`, `seresnext50`, `efficientnetb0`; all but DenseNets.
        encoder_weights: of the backbone: None draws them at random; `imagenet` fetches the package's own once; the path
            of an `.h5` file of the backbone without its top takes that. With weights, pixels must be in [0, 1].
        encoder_freeze: stop the backbone's weights from training, those of batch norms excepted.
        downsample_factor: stride of the map that means are taken of: 4, 8 or 16; what lies behind it is not built.
        psp_conv_filters: channels of each grid's branch, and of the map in front of the head.
        psp_use_batchnorm: normalize after every convolution of the decoder.
        psp_dropout: share of the channels in front of the head dropped, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is smaller than 6 * downsample_factor, the package is not
            installed, or the weights cannot be had or do not fit.
    """
    one_of("SMPSPNet", "downsample_factor", downsample_factor, (4, 8, 16))
    whole("SMPSPNet", "psp_conv_filters", psp_conv_filters)
    share("SMPSPNet", "psp_dropout", psp_dropout)
    return network(
        "SMPSPNet",
        "PSPNet",
        input_shape,
        classes,
        backbone=backbone,
        weights=encoder_weights,
        stride=BINS * downsample_factor,
        options={
            "encoder_freeze": encoder_freeze,
            "downsample_factor": downsample_factor,
            "psp_conv_filters": psp_conv_filters,
            "psp_use_batchnorm": psp_use_batchnorm,
            "psp_dropout": psp_dropout or None,
        },
        instead=_of_any_size,
    )


def _of_any_size(model):
    """Pooling and upsampling of the branches, whose factors the package takes from a known size."""
    seen = []

    def pool(layer, twin, features):
        seen.append(features)
        return AdaptivePooling2D(int(layer.name.split("_")[1].removeprefix("level")), name=twin.name)(features)

    def enlarge(layer, twin, means):
        return CentredResizing2D(name=twin.name)([means, seen[0]])

    branches = [layer for layer in model.layers if layer.name.startswith("psp_level")]
    return {layer: pool for layer in branches if isinstance(layer, layers.AveragePooling2D)} | {
        layer: enlarge for layer in branches if isinstance(layer, layers.UpSampling2D)
    }
