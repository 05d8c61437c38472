"""The way into a network and out of it, in TensorFlow's graph: OpenCV's luma, its three ways to resize, the framing.

Source: OpenCV's `cvtColor` and `resize` for 8 bits (modules/imgproc/src/color_rgb.simd.hpp and resize.cpp, 4.x and
5.0). What they do in integers is done here in floats too wide to round, which every device has.
Departure: `area` sums in float64 where OpenCV has float32, so that a grey value between two whole ones may be
rounded the other way; luma, `bilinear` and `nearest` are equal bit for bit.
"""

import tensorflow as tf

LUMA = (9798, 19235, 3735)
"""Weights of red, green and blue (0.299, 0.587, 0.114), times 2**15."""


def channelled(images, channels):
    """Give images the channels that a network takes.

    Args:
        images: uint8 `[batch, height, width, 1 or 3]`, three channels being red, green and blue.
        channels: 3 repeats grey, 1 turns colour into luma.

    Returns:
        uint8 `[batch, height, width, channels]`.
    """
    colour = tf.broadcast_to(images, [*tf.unstack(tf.shape(images))[:3], 3])
    if channels == 3:
        return colour
    parts = zip(tf.unstack(tf.cast(colour, tf.float32), axis=-1), LUMA, strict=True)
    luma = tf.add_n([part * weight for part, weight in parts])
    return tf.cast(tf.floor((luma + 2**14) / 2**15), tf.uint8)[..., None]


def resized(images, size, interpolation, policy="stretch"):
    """Bring images to a size, as the step `resize` does.

    Args:
        images: uint8 `[batch, height, width, channels]` of any height and width from 1 up.
        size: height and width wanted, in pixels.
        interpolation: `area`, `bilinear` or `nearest`, with the meaning that they have in `resize`.
        policy: `stretch`, `letterbox` or `crop`, likewise.

    Returns:
        uint8 `[batch, size[0], size[1], channels]`.
    """
    if policy == "stretch":
        return _stretched(images, size, interpolation)
    shape = tf.shape(images)[1:3]
    if policy == "crop":
        seen = _cut(images, *_centred(size, shape))
        return _stretched(seen, size, interpolation)
    start, inner = _centred(shape, size)
    return _padded(_stretched(images, tf.unstack(inner), interpolation), start, size)


def restored(probability, shape, policy):
    """Put probability maps of the network's picture back onto the images, as `framing.restored` does.

    Args:
        probability: float32 `[batch, height, width]` in [0, 1].
        shape: int32 `[2]`, the images' own height and width.
        policy: with which the images were resized.

    Returns:
        float32 `[batch, shape[0], shape[1]]` in [0, 1]; 0 where the network did not see the image.
    """
    maps, size = probability[..., None], tf.shape(probability)[1:3]
    if policy == "letterbox":
        maps = _cut(maps, *_centred(shape, size))
    start, inner = _centred(size, shape) if policy == "crop" else (tf.zeros([2], tf.int32), shape)
    maps = tf.clip_by_value(tf.image.resize(maps, inner, "bilinear"), 0, 1)
    return _padded(maps, start, shape)[..., 0]


def _centred(shape, size):
    """Start and sides of the largest window of a shape's aspect ratio in the middle of a size, as `framing` has it."""
    (height, width), (tall, wide) = (tf.unstack(tf.cast(sides, tf.int64)) for sides in (shape, size))
    inner = tf.cond(
        tall * width <= wide * height,
        lambda: tf.stack([tall, tf.maximum((2 * width * tall + height) // (2 * height), 1)]),
        lambda: tf.stack([tf.maximum((2 * height * wide + width) // (2 * width), 1), wide]),
    )
    start = (tf.stack([tall, wide]) - inner) // 2
    return tf.cast(start, tf.int32), tf.cast(inner, tf.int32)


def _cut(images, start, sides):
    return tf.slice(images, tf.concat([[0], start, [0]], 0), tf.concat([[-1], sides, [-1]], 0))


def _padded(images, start, size):
    after = size - start - tf.shape(images)[1:3]
    return tf.pad(images, tf.stack([[0, 0], [start[0], after[0]], [start[1], after[1]], [0, 0]]))


def _stretched(images, size, interpolation):
    """Stretch to a size whose sides may be tensors."""
    if interpolation == "nearest":
        return _nearest(images, size)
    if interpolation == "bilinear":
        return _bilinear(images, size)
    shrinks = tf.reduce_all(tf.shape(images)[1:3] >= size)
    return tf.cond(shrinks, lambda: _area(images, size), lambda: _bilinear(images, size))


def _nearest(images, size):
    for axis, target in enumerate(size, start=1):
        start = tf.floor(_counting(target) * _step(images, axis, target))
        images = tf.gather(images, _inside(start, images, axis), axis=axis)
    return images


def _bilinear(images, size):
    """Weights of 11 bits; what falls off the end on the way down to 8 is cut, as OpenCV's own shifts cut it."""
    height, width = size
    left, right, far_left, far_right = _neighbours(images, 2, width)
    rows = tf.cast(tf.gather(images, left, axis=2), tf.float64) * far_left[:, None]
    rows += tf.cast(tf.gather(images, right, axis=2), tf.float64) * far_right[:, None]
    top, bottom, far_top, far_bottom = _neighbours(images, 1, height)
    rows = tf.floor(rows / 2**4)
    upper = tf.floor(tf.gather(rows, top, axis=1) * far_top[:, None, None] / 2**16)
    lower = tf.floor(tf.gather(rows, bottom, axis=1) * far_bottom[:, None, None] / 2**16)
    return tf.cast(tf.floor((upper + lower + 2) / 4), tf.uint8)


def _neighbours(images, axis, target):
    """The two pixels that each new one lies between, and the weight of each, of 2**11."""
    centres = (_counting(target) + 0.5) * _step(images, axis, target) - 0.5
    centres = tf.cast(centres, tf.float32)
    first = tf.floor(centres)
    share = centres - first
    weights = (tf.cast(tf.round(part * 2**11), tf.float64) for part in (1 - share, share))
    return _inside(first, images, axis), _inside(first + 1, images, axis), *weights


def _area(images, size):
    """The mean of what each new pixel covers; halves go up where 2x2 pixels become one, else to the even value."""
    height, width = size
    sums = _covered(tf.cast(images, tf.float64), height)
    sums = tf.transpose(_covered(tf.transpose(sums, [0, 2, 1, 3]), width), [0, 2, 1, 3])
    sides = tf.shape(images)[1:3]
    means = sums * tf.cast(height * width, tf.float64) / tf.cast(tf.reduce_prod(tf.cast(sides, tf.int64)), tf.float64)
    halved = tf.reduce_all(tf.equal(sides, 2 * tf.stack([height, width])))
    return tf.cast(tf.where(halved, tf.floor(means + 0.5), tf.round(means)), tf.uint8)


def _covered(values, target):
    """Sum the rows that each of the target's rows covers, parts of rows included.

    Args:
        values: float64 `[batch, rows, ...]`.
        target: rows wanted, at most those there are.

    Returns:
        float64 `[batch, target, ...]`.
    """
    rows = tf.cast(tf.shape(values)[1], tf.float64)
    edges = _counting(target + 1) * rows / tf.cast(target, tf.float64)
    cut = tf.minimum(tf.floor(edges), rows - 1)
    part = (edges - cut)[:, None, None]
    cut = tf.cast(cut, tf.int32)
    above = tf.cumsum(values, axis=1, exclusive=True)
    sums = tf.gather(above, cut, axis=1) + part * tf.gather(values, cut, axis=1)
    return sums[:, 1:] - sums[:, :-1]


def _step(images, axis, target):
    """Source pixels per new pixel, divided twice because OpenCV does."""
    return 1 / (tf.cast(target, tf.float64) / tf.cast(tf.shape(images)[axis], tf.float64))


def _counting(count):
    """0, 1, 2 ... in float64, as many as asked for; the count may be a tensor."""
    return tf.cast(tf.range(count), tf.float64)


def _inside(indices, images, axis):
    return tf.clip_by_value(tf.cast(indices, tf.int32), 0, tf.shape(images)[axis] - 1)
