"""Resampling as two matrix products: every new row is a weighted sum of old rows, every new column of old columns."""

from keras import ops


def mixed(features, rows, columns):
    """Weigh rows, then columns.

    Args:
        features: `[batch, height, width, channels]`.
        rows: what each old row gives to each new one, `[new, height]`.
        columns: the same of columns, `[new, width]`.

    Returns:
        `[batch, new height, new width, channels]`.
    """
    _, height, width, channels = ops.shape(features)
    features = ops.matmul(rows, ops.reshape(features, (-1, height, width * channels)))
    return ops.matmul(columns, ops.reshape(features, (-1, ops.shape(rows)[0], width, channels)))


def hats(old, new, dtype):
    """Weights of linear interpolation whose first and last place stay: a hat of height 1 around each old place.

    Args:
        old: number of old places; may be a tensor.
        new: number of new places; may be a tensor.
        dtype: of the weights. They are computed in float32 at least.

    Returns:
        `[new, old]`. A single new place is the first old one.
    """
    exact = "float64" if dtype == "float64" else "float32"
    step = ops.cast(old - 1, exact) / ops.cast(ops.maximum(new - 1, 1), exact)
    places = ops.cast(ops.arange(new), exact) * step
    distances = ops.abs(places[:, None] - ops.cast(ops.arange(old), exact)[None])
    return ops.cast(ops.maximum(1 - distances, 0), dtype)
