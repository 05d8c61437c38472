"""Scale 8-bit grey values to [0, 1]."""


def scale(images):
    """Divide by 255.

    Args:
        images: float32 `[batch, height, width, channels]` in [0, 255].

    Returns:
        Same shape, in [0, 1].
    """
    return images / 255.0
