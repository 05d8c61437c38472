"""How an image of any size fills a network's picture, and how a probability map finds its way back.

A policy names two windows: the part of the image that is seen, and the part of the picture that it fills. Forth and
back are one stretch between them, so what the way out undoes is what the way in did.
"""

from typing import NamedTuple

import cv2
import numpy as np


class Window(NamedTuple):
    """A part of an image, in whole pixels."""

    top: int
    left: int
    height: int
    width: int

    def of(self, image):
        """View this part of an image `[height, width, ...]`."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]


class Framing(NamedTuple):
    """`seen` of the image is stretched to fill `filled` of the network's picture; the rest of the picture is 0."""

    seen: Window
    filled: Window


def stretch(shape, size):
    """Fill the picture with the whole image; the aspect ratio is not kept.

    Args:
        shape: height and width of the image, in pixels.
        size: height and width of the picture.

    Returns:
        A `Framing`.
    """
    return Framing(Window(0, 0, *shape[:2]), Window(0, 0, *size))


def letterbox(shape, size):
    """Show the whole image at its aspect ratio, as large as fits, with even margins.

    Args:
        shape: height and width of the image, in pixels.
        size: height and width of the picture.

    Returns:
        A `Framing`; sides are rounded to whole pixels, an odd margin is wider below and on the right.
    """
    return Framing(Window(0, 0, *shape[:2]), _centred(shape, size))


def crop(shape, size):
    """Fill the picture with the middle of the image at its aspect ratio; what stands out is cut off evenly.

    Args:
        shape: height and width of the image, in pixels.
        size: height and width of the picture.

    Returns:
        A `Framing`; sides are rounded to whole pixels, an odd rest is cut off below and on the right.
    """
    return Framing(_centred(size, shape), Window(0, 0, *size))


POLICIES = {"stretch": stretch, "letterbox": letterbox, "crop": crop}


def framing(shape, size, *, policy):
    """Frame an image by a policy's name.

    Args:
        shape: height and width of the image, in pixels.
        size: height and width of the picture.
        policy: `stretch`, `letterbox` or `crop`.

    Returns:
        A `Framing`.

    Raises:
        ValueError: the policy is not one of these.
    """
    if policy not in POLICIES:
        raise ValueError(f"resize: policy must be one of {', '.join(POLICIES)}, got {policy!r}")
    return POLICIES[policy](shape, size)


def restored(probability, shape, *, policy="stretch"):
    """Put a probability map of the network's picture back onto the image.

    Args:
        probability: float32 `[height, width]` in [0, 1], at any size that the image was framed for.
        shape: the image's own height and width, in pixels.
        policy: with which the image was resized.

    Returns:
        float32 `[shape[0], shape[1]]` in [0, 1], bilinear; 0 where the network did not see the image.

    Raises:
        ValueError: the policy is unknown.
    """
    seen, filled = framing(shape, probability.shape, policy=policy)
    known = np.ascontiguousarray(filled.of(probability))
    if known.shape != (seen.height, seen.width):
        known = np.clip(cv2.resize(known, (seen.width, seen.height), interpolation=cv2.INTER_LINEAR), 0, 1)
    if known.shape == tuple(shape[:2]):
        return known
    whole = np.zeros(shape[:2], known.dtype)
    seen.of(whole)[...] = known
    return whole


def _centred(shape, size):
    """The largest window of a shape's aspect ratio in the middle of a size; halves of a pixel are rounded up."""
    (height, width), (tall, wide) = shape[:2], size[:2]
    if tall * width <= wide * height:  # the height is what limits
        inner = tall, max(1, (2 * width * tall + height) // (2 * height))
    else:
        inner = max(1, (2 * height * wide + width) // (2 * width)), wide
    return Window((tall - inner[0]) // 2, (wide - inner[1]) // 2, *inner)
