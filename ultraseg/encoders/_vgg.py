"""VGG networks: blocks of 3x3 convolutions, each block followed by max-pooling; where their maps are, and their names.

Source: Simonyan, Zisserman, 2014 (arXiv:1409.1556), table 1; the layers of keras.applications.
Departure: the names are torchvision's, which numbers its `features`, where a ReLU is one of its own.
"""


def taps(repeats):
    """Name the layers of the six maps, by Keras' names.

    Args:
        repeats: convolutions of each of the five blocks.

    Returns:
        The last convolution of each block, then the last pooling.
    """
    return [*(f"block{block}_conv{count}" for block, count in enumerate(repeats, 1)), "block5_pool"]


def torchvision(repeats):
    """Name the layers as torchvision does.

    Args:
        repeats: convolutions of each of the five blocks.

    Returns:
        `features-0`, `features-2`, ... by Keras' name.
    """
    names, number = {}, 0
    for block, count in enumerate(repeats, 1):
        for convolution in range(1, count + 1):
            names[f"block{block}_conv{convolution}"] = f"features-{number}"
            number += 2
        names[f"block{block}_pool"] = f"features-{number}"
        number += 1
    return names
