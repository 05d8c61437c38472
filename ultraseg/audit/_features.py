"""Features of a picture: what is left of it for the search of copies, a few kilobytes in place of its pixels.

Keypoints with upright SIFT descriptors survive crops, borders, sizes and marks that somebody drew; a perceptual hash
of the whole picture survives what blurs the keypoints away.

Source: Lowe, 2004, "Distinctive image features from scale-invariant keypoints"; Zauner, 2010, "Implementation and
benchmarking of perceptual image hash functions" (the DCT hash, as the package ImageHash has it).
Departure: descriptors are not turned to the main gradient, since scans are copied upright, which tells more apart.
"""

import hashlib
from dataclasses import dataclass

import cv2
import imagehash
import numpy as np
from PIL import Image

SIDE = 256  # pixels of the longest side on which keypoints are looked for; SIFT doubles it first
KEYPOINTS = 400  # the strongest ones of a picture
CONTRAST = 0.02  # half of SIFT's own, since speckle is faint in dark tissue

# A descriptor is 4 x 4 cells of 8 directions: mirrored, columns run backwards and direction a becomes half a turn - a.
MIRROR = np.array(
    [
        (row * 4 + 3 - column) * 8 + (4 - direction) % 8
        for row in range(4)
        for column in range(4)
        for direction in range(8)
    ]
)


@dataclass(frozen=True)
class Features:
    """What the search knows of a picture.

    `points` are keypoints as x, y in the picture's pixels, float64 `[k, 2]`, `sizes` their diameters `[k]`,
    `descriptors` uint8 `[k, 128]`. `hash` and `mirrored_hash` are 64 bits of the whole picture and of its mirror
    image. `digest` is equal for equal pixels and empty for a picture of one grey, which shows no scan. `shape` is
    height and width.
    """

    points: np.ndarray
    sizes: np.ndarray
    descriptors: np.ndarray
    hash: np.uint64
    mirrored_hash: np.uint64
    digest: bytes
    shape: tuple[int, int]


def features(image):
    """Compute the features of one picture.

    Args:
        image: uint8 `[h, w]`, `[h, w, 1]` or `[h, w, 3]` (red, green, blue).

    Returns:
        Features; without keypoints where nothing stands out, so in a picture of one grey.
    """
    picture = grey(image)
    height, width = picture.shape
    scale = min(SIDE / max(height, width), 2)
    small = resized(picture, (max(round(height * scale), 1), max(round(width * scale), 1)))
    points, sizes, descriptors = _keypoints(small)
    stretch = np.array([width / small.shape[1], height / small.shape[0]])
    constant = picture.min() == picture.max()
    return Features(
        points=(points + 0.5) * stretch - 0.5,
        sizes=sizes / scale,
        descriptors=descriptors,
        hash=_hash(small),
        mirrored_hash=_hash(small[:, ::-1]),
        digest=b"" if constant else hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest(),
        shape=(height, width),
    )


def grey(image):
    """One channel of a picture: luma where it is coloured, uint8 `[h, w]`."""
    if image.ndim == 3 and image.shape[2] == 3:
        return cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    return np.ascontiguousarray(image[..., 0] if image.ndim == 3 else image)


def resized(picture, shape):
    """Bring a picture to another height and width, averaged where it shrinks."""
    shrinks = shape[0] <= picture.shape[0] and shape[1] <= picture.shape[1]
    return cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def mirrored(found):
    """The features that the mirror image of a picture has; the digest stays as it is."""
    return Features(
        points=np.array([found.shape[1] - 1, 0]) + np.array([-1, 1]) * found.points,
        sizes=found.sizes,
        descriptors=found.descriptors[:, MIRROR],
        hash=found.mirrored_hash,
        mirrored_hash=found.hash,
        digest=found.digest,
        shape=found.shape,
    )


def _keypoints(small):
    """The strongest keypoints: points `[k, 2]`, sizes `[k]`, descriptors `[k, 128]`."""
    sift = cv2.SIFT_create(contrastThreshold=CONTRAST, edgeThreshold=20)
    kept = {}
    for point in sorted(sift.detect(small, None), key=lambda point: (-point.response, point.pt, point.size)):
        point.angle = 0
        kept.setdefault((point.pt, point.size), point)  # SIFT gives a point once for every direction it may have
        if len(kept) == KEYPOINTS:
            break
    if not kept:
        return np.zeros((0, 2)), np.zeros(0), np.zeros((0, 128), np.uint8)
    points, descriptors = sift.compute(small, list(kept.values()))
    return (
        np.array([point.pt for point in points]),
        np.array([point.size for point in points]),
        descriptors.astype(np.uint8),
    )


def _hash(small):
    bits = imagehash.phash(Image.fromarray(small)).hash
    return np.packbits(bits).view(np.uint64)[0]
