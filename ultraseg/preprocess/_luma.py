"""A filter of grey values for colour pictures too: it changes the luma, and the colours stay."""

import cv2


def on_luma(image, change):
    """Filter the luma of an image, so that three equal channels give what one channel gives.

    Args:
        image: uint8 `[height, width, 1 or 3]`; three channels are red, green and blue.
        change: from uint8 `[height, width]` to the same.

    Returns:
        uint8 of the image's shape; colours may be off by a level or two, for they are rounded on the way.
    """
    if image.shape[-1] == 1:
        return change(image[..., 0])[..., None]
    luma, *colour = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb))
    return cv2.cvtColor(cv2.merge([change(luma), *colour]), cv2.COLOR_YCrCb2RGB)
