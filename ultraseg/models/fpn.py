"""FPN: coarse maps added on their way up to finer ones, and every level brought to one size and summed.

Source: Lin et al., 2017 (arXiv:1612.03144), with the segmentation branches of Kirillov et al., 2019
(arXiv:1901.02446), as segmentation_models.pytorch builds it.
Departure: none.
"""

import keras
from keras import layers

from ultraseg.layers import AlignedUpSampling2D, DirectConv2D, PooledGroupNormalization, crop_like, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._options import one_of, share, whole

MERGES = ("add", "cat")
GROUPS = 32


def FPN(
    input_shape,
    classes,
    *,
    encoder="ResNet34",
    depth=5,
    pyramid_channels=256,
    segmentation_channels=128,
    merge="add",
    dropout=0.2,
):
    """Build a feature pyramid network.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 2**depth does not divide are
            reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        depth: how many times the encoder halves the image, 3 to 5; the pyramid takes the last four maps.
        pyramid_channels: channels of the pyramid.
        segmentation_channels: channels of each level's branch, divisible by 32, the groups of its norm.
        merge: `add` sums the branches, `cat` joins them.
        dropout: share of channels dropped in front of the head, in [0, 1).

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    one_of("FPN", "depth", depth, (3, 4, 5))
    whole("FPN", "pyramid_channels", pyramid_channels)
    whole("FPN", "segmentation_channels", segmentation_channels)
    if segmentation_channels % GROUPS:
        raise ValueError(f"FPN: segmentation_channels must be divisible by {GROUPS}, got {segmentation_channels}")
    one_of("FPN", "merge", merge, MERGES)
    share("FPN", "dropout", dropout)
    image = image_of("FPN", input_shape, classes)
    maps = encode(pad_to_stride(image, 2**depth, who="FPN"), encoder, depth=depth)
    levels = _pyramid(maps[-4:], pyramid_channels)
    branches = [_branch(level, segmentation_channels, 3 - number, number) for number, level in enumerate(levels)]
    merged = (layers.Add if merge == "add" else layers.Concatenate)(name="decoder-merge")(branches)
    if dropout:
        merged = layers.SpatialDropout2D(dropout, name="decoder-dropout")(merged)
    logits = head(merged, classes, 1, upsampling=2 ** (depth - 3))
    return keras.Model(image, crop_like(logits, image), name="FPN")


def _pyramid(maps, channels):
    """Levels, coarsest first: each map at one width, and the level below doubled and added."""
    levels = []
    for stage, features in zip((5, 4, 3, 2), reversed(maps), strict=True):
        name = f"decoder-p{stage}" + ("-skip_conv" if levels else "")
        level = DirectConv2D(channels, 1, kernel_initializer="he_uniform", name=name)(features)
        if levels:
            below = layers.UpSampling2D(2, name=f"decoder-p{stage}-up")(levels[-1])
            level = layers.Add(name=f"decoder-p{stage}-add")([below, level])
        levels.append(level)
    return levels


def _branch(features, channels, doublings, number):
    """Convolve and double as often as the level is coarse; once without doubling at the finest."""
    for step in range(max(1, doublings)):
        name = f"decoder-seg_blocks-{number}-block-{step}"
        features = layers.Conv2D(
            channels, 3, padding="same", use_bias=False, kernel_initializer="he_uniform", name=f"{name}-block-0"
        )(features)
        features = PooledGroupNormalization(GROUPS, epsilon=1e-5, name=f"{name}-block-1")(features)
        features = layers.ReLU(name=f"{name}-block-2")(features)
        if doublings:
            features = AlignedUpSampling2D(2, name=f"{name}-up")(features)
    return features
