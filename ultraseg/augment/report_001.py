"""Report 001's augmentation: colour jitter, random resized crop, flips along both axes, in this order.

Source: the training transform in the code of report 001.
Departure: the report gave the mask to the same steps as an image, so that it was blurred and its background lifted
above 0; here it is a mask: colours leave it alone, and it moves by nearest neighbour. The crop is cut from the image
at the network's size and not at its own. Validation and test images are the study's affair.
"""

import numpy as np

from ultraseg.augment._cropped import cropped, resized_crop_window
from ultraseg.augment._jitter import jitter
from ultraseg.augment._mirrored import mirrored


def report_001(image, mask, seed, *, scale=(0.08, 1.0)):
    """Jitter (0.2, 0.2, 0.2, hue 0.1), crop at ratios from 3/4 to 4/3, and flip each way by a chance of one half.

    Args:
        image: uint8 `[height, width, 1 or 3]`; the report trained on one channel, which has no saturation and no hue.
        mask: uint8 `[height, width]` or `[height, width, structures]`; nearest neighbour, so its values stay.
        seed: whole numbers that decide the draw; every step draws anew from it.
        scale: smallest and largest share of the area that the crop keeps, 0 < low <= high <= 1; at the report's 0.08
            to 1, a crop in twelve misses BUSI's lesions and one in four shows less than half of them.

    Returns:
        Image and mask, of the same shapes.

    Raises:
        ValueError: the scale is out of order or out of bounds.
    """
    rng = np.random.default_rng(seed)
    image = jitter(image, rng, brightness=0.2, contrast=0.2, saturation=0.2, hue=0.1)
    image, mask = cropped(image, mask, resized_crop_window(rng, mask.shape, scale=scale, ratio=(3 / 4, 4 / 3)))
    left_right, top_bottom = rng.random(2) < 0.5
    return mirrored(image, mask, left_right=left_right, top_bottom=top_bottom)
