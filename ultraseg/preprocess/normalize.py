"""Normalize 8-bit grey values to [-1, 1]."""


def normalize(images):
    """Divide by 127.5 and take 1 off.

    Args:
        images: float32 `[batch, height, width, channels]` in [0, 255].

    Returns:
        Same shape, in [-1, 1].
    """
    return images / 127.5 - 1.0
