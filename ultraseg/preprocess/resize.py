"""Resize to the network's size: the step before the cache, on 8-bit pixels, with OpenCV."""

import cv2
import numpy as np

from ultraseg.framing import framing

INTERPOLATIONS = {"area": cv2.INTER_AREA, "bilinear": cv2.INTER_LINEAR, "nearest": cv2.INTER_NEAREST}


def resize(image, *, size, interpolation="area", policy="stretch"):
    """Bring an image, or a mask with `nearest`, to a size.

    Args:
        image: uint8 `[height, width, channels]` or `[height, width]`.
        size: height and width wanted, in pixels.
        interpolation: `area` averages the pixels that fall together when both sides shrink and is bilinear
            otherwise; `bilinear` takes the four nearest pixels and lets fine speckle alias; `nearest` one.
        policy: `stretch` does not keep the aspect ratio; `letterbox` keeps it and fills even margins with 0; `crop`
            keeps it, fills the size and cuts off evenly what stands out.

    Returns:
        uint8 `[size[0], size[1], channels]`, or without channels if it came without.

    Raises:
        ValueError: the interpolation or the policy is not one of these.
    """
    if interpolation not in INTERPOLATIONS:
        raise ValueError(f"resize: interpolation must be one of {', '.join(INTERPOLATIONS)}, got {interpolation!r}")
    seen, filled = framing(image.shape, size, policy=policy)
    shrinks = filled.height <= seen.height and filled.width <= seen.width
    method = "bilinear" if interpolation == "area" and not shrinks else interpolation
    part = np.ascontiguousarray(seen.of(image))
    resized = cv2.resize(part, (filled.width, filled.height), interpolation=INTERPOLATIONS[method])
    resized = resized.reshape(filled.height, filled.width, *image.shape[2:])
    if resized.shape[:2] == tuple(size):
        return resized
    whole = np.zeros((*size, *image.shape[2:]), image.dtype)
    filled.of(whole)[...] = resized
    return whole
