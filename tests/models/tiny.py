"""An encoder of a few channels, for laws that are about what stands on it."""

from keras import layers


def tiny(image, *, depth=5, output_stride=32, width=4):
    """One 3x3 convolution a stage; map number i at stride 2**i, or the output stride where that is less."""
    maps = [image]
    for stage in range(1, depth + 1):
        reach = 2**stage // output_stride
        move = {"dilation_rate": reach} if reach > 1 else {"strides": 2}
        maps.append(
            layers.Conv2D(width * stage, 3, padding="same", activation="relu", name=f"encoder-{stage}", **move)(
                maps[-1]
            )
        )
    return maps
