"""The exact Euclidean distance transform of a batch of masks, made inside the graph on every Keras backend.

Source: Felzenszwalb and Huttenlocher, 2012 (Distance Transforms of Sampled Functions): the distance along the rows
first, then for every pixel of a column the lowest of the parabolas that stand on its neighbours.
Departure: the parabolas are tried by distance, all pixels at once, nearest first, until no farther one can be lower;
their lower envelope, which the paper builds, wants a loop over single pixels. An image without any marked pixel,
where nothing is nearest, is one diagonal away from it everywhere, which is farther than any pixel can be.
"""

import math

import numpy as np
from keras import ops


def to_the_other_side(mask):
    """How far every pixel is from the nearest one of the other kind, marked or not.

    Args:
        mask: bool, `[batch, height, width, classes]`, height and width known.

    Returns:
        float32, same shape, as a share of the image's diagonal: above 0, below 1 where both kinds exist, 1 where
        one does not. No gradient passes.
    """
    diagonal = math.hypot(*mask.shape[1:3])
    return (to_marked(mask) + to_marked(ops.logical_not(mask))) / diagonal


def to_marked(mask):
    """Distance of every pixel to the nearest marked one.

    Args:
        mask: bool, `[batch, height, width, classes]`, height and width known.

    Returns:
        float32, same shape, in pixels, 0 on the marked ones; where an image has none, the diagonal of the image.
        Exact up to the root's rounding for images below 2,048 pixels a side. No gradient passes.
    """
    height, width = mask.shape[1:3]
    diagonal = math.hypot(height, width)
    some = ops.any(mask, axis=(1, 2), keepdims=True)
    # the axis that is searched comes first: there a step to the side is a copy of whole rows
    along = _along_the_first(ops.transpose(mask, (2, 0, 1, 3)), height + width)
    squared = ops.transpose(ops.square(along), (2, 1, 0, 3))
    # nothing is sought where nothing is marked, so it must not keep the search going
    squared = ops.where(ops.transpose(some, (1, 0, 2, 3)), squared, ops.zeros_like(squared))
    distance = ops.transpose(ops.sqrt(_lowest_along_the_first(squared)), (1, 0, 2, 3))
    return ops.stop_gradient(ops.where(some, distance, diagonal * ops.ones_like(distance)))


def _along_the_first(mask, never):
    """Distance along the first axis to the nearest marked pixel; `never` or more where there is none.

    A distance is a sum of different powers of two, so every power is tried once. Beyond the edge the outermost pixel
    is asked instead, whose answer plus the step is never below the truth.
    """
    length = mask.shape[0]
    place = np.arange(length)
    distance = never * (1 - ops.cast(mask, "float32"))
    for power in range((length - 1).bit_length()):
        step = 2**power
        before = ops.take(distance, np.maximum(place - step, 0), axis=0)
        after = ops.take(distance, np.minimum(place + step, length - 1), axis=0)
        distance = ops.minimum(distance, ops.minimum(before, after) + step)
    return distance


def _lowest_along_the_first(squared):
    """Minimum over all shifts along the first axis of the squared distance there plus the shift's square."""
    length = squared.shape[0]
    place = ops.arange(length, dtype="int32")

    def can_be_lower(shift, lowest):
        return ops.cast(shift * shift, "float32") < ops.max(lowest)

    def farther(shift, lowest):
        before = ops.take(squared, ops.maximum(place - shift, 0), axis=0)
        after = ops.take(squared, ops.minimum(place + shift, length - 1), axis=0)
        return shift + 1, ops.minimum(lowest, ops.minimum(before, after) + ops.cast(shift * shift, "float32"))

    start = (ops.convert_to_tensor(1, "int32"), squared)
    return ops.while_loop(can_be_lower, farther, start, maximum_iterations=length - 1)[1]
