"""Remove what a machine or an operator drew over a picture: calipers, text, body marks and colour are painted over.

Source: Telea, 2004 (fast marching inpainting), as OpenCV has it; what was drawn is found by `ultraseg.overlays`.
"""

import cv2

from ultraseg import overlays

REACH = 4  # pixels from which the painting over takes its greys


def remove_overlays(image, *, grow=3):
    """Paint over what was drawn, from the tissue beside it.

    Args:
        image: uint8 `[height, width, channels]`, one channel or three, at the size at which it was drawn on.
        grow: pixels by which the drawn ones are widened, for their blurred edges and dark outlines.

    Returns:
        Same shape and type; the same pixels where nothing was drawn or all would be painted over.

    Raises:
        ValueError: `grow` is negative.
    """
    if grow < 0:
        raise ValueError(f"remove_overlays: grow must be 0 pixels or more, got {grow}")
    drawn = overlays.find(image)
    if grow:
        drawn = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1)))
    if not drawn.any() or drawn.all():
        return image
    return cv2.inpaint(image, drawn, REACH, cv2.INPAINT_TELEA).reshape(image.shape)
