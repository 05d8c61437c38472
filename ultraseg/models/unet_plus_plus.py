"""U-Net++: a U-Net whose skips are themselves small U-Nets, each joined to all that came before it at its stage.

Source: Zhou et al., 2018 (arXiv:1807.10165), with the decoder of segmentation_models.pytorch.
Departure: no deep supervision, as there. The centre that its decoder holds for VGG encoders never runs: not built.
"""

import keras

from ultraseg.layers import crop_like, pad_to_stride
from ultraseg.models._encode import encode
from ultraseg.models._head import head
from ultraseg.models._image import image_of
from ultraseg.models._joined import joined
from ultraseg.models._options import one_of, several


def UNetPlusPlus(input_shape, classes, *, encoder="ResNet34", depth=5, decoder_channels=(256, 128, 64, 32, 16)):
    """Build a U-Net++.

    Args:
        input_shape: `(height, width, channels)`; a side may be None. Sides that 2**depth does not divide are
            reflected up to it and cropped in the end.
        classes: channels of the output.
        encoder: a name, `{name: {option: value}}`, or a function from an image to its maps.
        depth: how many times the encoder halves the image, 2 to 5.
        decoder_channels: channels of the decoder's outermost nodes, coarsest first, one for each halving. Nodes
            inside have as many channels as the encoder has at their stage.

    Returns:
        A `keras.Model`: float `[batch, height, width, channels]` to logits `[batch, height, width, classes]`, float32
        under mixed precision.

    Raises:
        ValueError: an option is out of its range, a side is too small, or the encoder is unknown.
    """
    one_of("UNetPlusPlus", "depth", depth, (2, 3, 4, 5))
    several("UNetPlusPlus", "decoder_channels", decoder_channels, depth)
    image = image_of("UNetPlusPlus", input_shape, classes)
    maps = encode(pad_to_stride(image, 2**depth, who="UNetPlusPlus"), encoder, depth=depth)
    logits = head(_decoder(maps[:0:-1], decoder_channels), classes)
    return keras.Model(image, crop_like(logits, image), name="UNetPlusPlus")


def _decoder(maps, channels):
    """Fill the triangle of nodes diagonal by diagonal.

    Node `row, column` lies at the stride of map `column + 1`, counted from the coarsest; what comes up to it is node
    `row, column - 1`, or at the triangle's edge map `row`.
    """
    last = len(maps) - 1
    nodes = {}
    for length in range(last):
        for row in range(last - length):
            column = row + length
            below = nodes[row, column - 1] if length else maps[row]
            beside = [nodes[other, column] for other in range(row + 1, column + 1)]
            skip = maps[column + 1]
            width = skip.shape[-1] if row else channels[column]
            nodes[row, column] = joined(below, [*beside, skip], width, name=f"decoder-blocks-x_{row}_{column}")
    return joined(nodes[0, last - 1], [], channels[last], name=f"decoder-blocks-x_0_{last}")
