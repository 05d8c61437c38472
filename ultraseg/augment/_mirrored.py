"""Image and mask mirrored together."""

import cv2


def mirrored(image, mask, *, left_right, top_bottom):
    """Mirror along either axis, or both, or none.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`.
        left_right: whether columns change places.
        top_bottom: whether rows do.

    Returns:
        Image and mask, of the same shapes.
    """
    if not (left_right or top_bottom):
        return image, mask
    code = -1 if left_right and top_bottom else int(left_right)
    return cv2.flip(image, code).reshape(image.shape), cv2.flip(mask, code).reshape(mask.shape)
