"""One affine map for image and mask: the image bilinear, the mask nearest, outside mirrored alike."""

import cv2


def affine(image, mask, matrix):
    """Warp image and mask by one matrix.

    Args:
        image: uint8 `[height, width, channels]`.
        mask: uint8 `[height, width]` or `[height, width, structures]`.
        matrix: 2x3, from a pixel (x, y) of the input to one of the output.

    Returns:
        Image and mask, of the same shapes; the mask keeps its values. What lies outside is the mirror image.
    """
    size = (image.shape[1], image.shape[0])
    warped = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    moved = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101)
    return warped.reshape(image.shape), moved.reshape(mask.shape)
