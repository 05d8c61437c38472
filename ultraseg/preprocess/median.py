"""Median filter: speckle smoothed, edges kept, with OpenCV."""

import cv2


def median(image, *, size=5):
    """Replace every pixel by the median of the square around it, each channel by itself.

    Args:
        image: uint8 `[height, width, channels]`; beyond its edge the edge's pixels go on.
        size: side of the square in pixels, odd, at least 1; 1 changes nothing.

    Returns:
        uint8 of the same shape.

    Raises:
        ValueError: the size is even or below 1.
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"median: size must be odd and at least 1, got {size}")
    return cv2.medianBlur(image, size).reshape(image.shape)
