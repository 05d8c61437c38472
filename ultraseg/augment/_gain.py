"""Grey values multiplied by a field or raised by one, the same in every channel."""

import cv2


def multiplied(image, factor):
    """Multiply every pixel by its factor.

    Args:
        image: uint8 `[height, width, channels]`.
        factor: float32 `[height, width]`, at least 0.

    Returns:
        uint8 of the same shape, rounded and clipped to [0, 255].
    """
    factors = factor if image.shape[-1] == 1 else cv2.merge([factor] * image.shape[-1])
    return cv2.multiply(image, factors, dtype=cv2.CV_8U).reshape(image.shape)


def raised(image, offset):
    """Add to every pixel its offset, in grey levels.

    Args:
        image: uint8 `[height, width, channels]`.
        offset: float32 `[height, width]`.

    Returns:
        uint8 of the same shape, rounded and clipped to [0, 255].
    """
    offsets = offset if image.shape[-1] == 1 else cv2.merge([offset] * image.shape[-1])
    return cv2.add(image, offsets, dtype=cv2.CV_8U).reshape(image.shape)
