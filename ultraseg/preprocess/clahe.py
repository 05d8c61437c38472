"""Contrast-limited adaptive histogram equalisation: local contrast raised, but not without a limit.

Source: Zuiderveld, 1994 (Graphics Gems IV); OpenCV's `createCLAHE`.
Departure: of a colour image the luma is equalised, so that three equal channels give what one channel gives.
"""

import cv2

from ultraseg.preprocess._luma import on_luma


def clahe(image, *, clip=2.0, tiles=8):
    """Equalise the histogram tile by tile, with a smooth passage between tiles.

    Args:
        image: uint8 `[height, width, 1 or 3]`; three channels are red, green and blue.
        clip: how many times the mean count a grey value of a tile may have, above 0; more of it raises contrast, and
            noise with it, further.
        tiles: tiles along each side of the image, at least 1.

    Returns:
        uint8 of the same shape.

    Raises:
        ValueError: an option is out of range.
    """
    if not 0 < clip < float("inf"):
        raise ValueError(f"clahe: clip must be above 0, got {clip}")
    if tiles < 1:
        raise ValueError(f"clahe: tiles must be at least 1, got {tiles}")
    return on_luma(image, cv2.createCLAHE(clip, (tiles, tiles)).apply)
