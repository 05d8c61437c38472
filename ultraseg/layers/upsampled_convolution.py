"""A doubled map, what is joined behind it, and the 3x3 convolution of both, as one layer.

Source: the decoder block of segmentation_models.pytorch's U-Net; that a 1x1 convolution and a nearest neighbour change
places is how its products can be taken before the map is doubled.
Departure: none in the function. Each of the nine taps multiplies the small map, a quarter of the work, and what the
taps give is moved and added: worth it where the map has many channels, so that it is done there alone; and not in half
precision, which would round before it adds.
"""

import keras
from keras import initializers, layers, ops

SIZE = 3
EXACT = ("float32", "float64")
MANY = 128
"""Channels from which a training step is faster that way on a CPU: twice at 2048, by an eighth at 128, not at 64."""


@keras.saving.register_keras_serializable(package="ultraseg")
class UpsampledConv2D(layers.Layer):
    """Convolve `[below, *beside]`, `[batch, height, width, ...]` and maps of twice its sides.

    The result is `[batch, 2 height, 2 width, filters]`. The weights and their meaning are those of `UpSampling2D(2)`
    on the first map, `Concatenate()` with the others in their order, and `Conv2D(filters, 3, padding="same")`.
    """

    def __init__(self, filters, *, use_bias=True, kernel_initializer="glorot_uniform", **kwargs):
        """Make the layer.

        Args:
            filters: channels of the output, at least 1.
            use_bias: add a number to each channel.
            kernel_initializer: of the kernel, by Keras' name.
            kwargs: those of every Keras layer, such as `name`.

        Raises:
            ValueError: `filters` is less than 1.
        """
        if filters < 1:
            raise ValueError(f"UpsampledConv2D: filters must be at least 1, got {filters}")
        super().__init__(**kwargs)
        self.filters = filters
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)

    def build(self, input_shape):
        """Make the kernel, `[3, 3, channels of all maps, filters]`, and the bias.

        Raises:
            ValueError: a map beside is known not to have twice the sides of the one below.
        """
        _check(input_shape)
        shape = (SIZE, SIZE, sum(each[-1] for each in input_shape), self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self.kernel_initializer)
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros") if self.use_bias else None

    def call(self, inputs):
        """Convolve the doubled map by products at the small size where that pays, and add the others' part."""
        below, *beside = inputs
        kernel = ops.convert_to_tensor(self.kernel)
        if below.shape[-1] < MANY or keras.backend.standardize_dtype(below.dtype) not in EXACT:
            doubled = ops.repeat(ops.repeat(below, 2, axis=1), 2, axis=2)
            outputs = _convolved([doubled, *beside], kernel)
        elif beside:
            first, others = ops.split(kernel, [below.shape[-1]], axis=2)
            outputs = _doubled(below, first) + _convolved(beside, others)
        else:
            outputs = _doubled(below, kernel)
        return outputs + self.bias if self.use_bias else outputs

    def compute_output_shape(self, input_shape):
        """Shape of the output.

        Raises:
            ValueError: a map beside is known not to have twice the sides of the one below.
        """
        _check(input_shape)
        batch, *sides, _ = input_shape[0]
        return (batch, *(side and 2 * side for side in sides), self.filters)

    def get_config(self):
        """What `from_config` needs."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
        }


def _check(shapes):
    """Refuse a map beside whose sides, as far as they are known, are not twice those of the map below."""
    (_, *sides, _), *beside = shapes
    for number, (_, *others, _) in enumerate(beside, 1):
        for side, other in zip(sides, others, strict=True):
            if None not in (side, other) and other != 2 * side:
                raise ValueError(
                    f"UpsampledConv2D: map {number} must have twice the sides of map 0, {_product(sides)}, "
                    f"got {_product(others)}"
                )


def _product(sides):
    return "x".join(map(str, sides))


def _convolved(maps, kernel):
    joined = ops.concatenate(maps, axis=-1) if len(maps) > 1 else maps[0]
    return ops.conv(joined, kernel, padding="same", data_format="channels_last")


def _doubled(features, kernel):
    """Convolve what the nearest neighbour makes of features."""
    _, height, width, channels = ops.shape(features)
    filters = kernel.shape[-1]
    taps = ops.reshape(ops.transpose(kernel, (2, 0, 1, 3)), (1, 1, channels, SIZE * SIZE * filters))
    products = ops.conv(features, taps, data_format="channels_last")
    woven = [ops.stack(_even_and_odd(row, 2), axis=3) for row in _even_and_odd(products, 1)]
    return ops.reshape(ops.stack(woven, axis=2), (-1, 2 * height, 2 * width, filters))


def _even_and_odd(products, axis):
    """The even and the odd rows, or columns, of the doubled map; the three taps lie side by side in the last axis.

    Old row i becomes rows 2i and 2i + 1, which see old rows i - 1, i, i and i, i, i + 1.
    """
    before, here, after = ops.split(products, SIZE, axis=-1)
    return _moved(before, axis, 1) + (here + after), (before + here) + _moved(after, axis, -1)


def _moved(features, axis, step):
    """Move by one place, with zeros behind."""
    ahead = (slice(None),) * axis
    gap = ops.zeros_like(features[*ahead, :1])
    if step > 0:
        return ops.concatenate([gap, features[*ahead, :-1]], axis=axis)
    return ops.concatenate([features[*ahead, 1:], gap], axis=axis)
