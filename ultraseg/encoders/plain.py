"""The plain encoder: blocks of two convolutions with max-pooling between, the left side of the first U-Net.

Source: Ronneberger, Fischer, Brox, 2015 (arXiv:1505.04597), figure 1.
"""

from keras import layers

from ultraseg.encoders._freeze import freeze
from ultraseg.layers import double_convolution


def plain(
    image,
    *,
    width=32,
    depth=4,
    batch_norm=False,
    dropout=0.0,
    frozen=False,
    frozen_until=0,
    frozen_batch_norm=False,
):
    """Turn an image into feature maps.

    Args:
        image: `[batch, height, width, channels]`, both sides divisible by 2**depth.
        width: channels of the finest map; they double at every stage.
        depth: number of poolings.
        batch_norm: normalize after every convolution.
        dropout: share of channels dropped in each block, in [0, 1).
        frozen: keep all weights as they are.
        frozen_until: keep the weights of the layers up to this map; 0 keeps none.
        frozen_batch_norm: keep batch norms in inference mode, their weights and statistics as they are.

    Returns:
        `depth + 1` maps, finest first: `[batch, height / 2**i, width / 2**i, width * 2**i]`.

    Raises:
        ValueError: there is no map of the number `frozen_until`.
    """
    features, maps = image, []
    for stage in range(depth + 1):
        if stage:
            features = layers.MaxPooling2D(2, name=f"encoder{stage}_pool")(features)
        features = double_convolution(
            features, width * 2**stage, name=f"encoder{stage}", batch_norm=batch_norm, dropout=dropout
        )
        maps.append(features)
    freeze(image, maps, frozen=frozen, frozen_until=frozen_until, frozen_batch_norm=frozen_batch_norm)
    return maps
