"""Resize to the network's size: the step before the cache, on 8-bit pixels, with OpenCV."""

import cv2

INTERPOLATIONS = {"area": cv2.INTER_AREA, "bilinear": cv2.INTER_LINEAR, "nearest": cv2.INTER_NEAREST}


def resize(image, *, size, interpolation="area"):
    """Stretch an image to a size; the aspect ratio is not kept.

    Args:
        image: uint8 `[height, width, channels]` or `[height, width]`.
        size: height and width wanted, in pixels.
        interpolation: `area` averages the pixels that fall together when both sides shrink and is bilinear
            otherwise; `bilinear` takes the four nearest pixels and lets fine speckle alias; `nearest` one.

    Returns:
        uint8 `[size[0], size[1], channels]`, or without channels if it came without.

    Raises:
        ValueError: the interpolation is not one of these.
    """
    if interpolation not in INTERPOLATIONS:
        raise ValueError(f"resize: interpolation must be one of {', '.join(INTERPOLATIONS)}, got {interpolation!r}")
    height, width = size
    shrinks = height <= image.shape[0] and width <= image.shape[1]
    method = "bilinear" if interpolation == "area" and not shrinks else interpolation
    resized = cv2.resize(image, (width, height), interpolation=INTERPOLATIONS[method])
    return resized.reshape(height, width, *image.shape[2:])
