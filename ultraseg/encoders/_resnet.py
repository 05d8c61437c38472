"""ResNets: stages of blocks whose input is added to their output.

Source: He, Zhang, Ren, Sun, 2015 (arXiv:1512.03385), table 1; as torchvision lays them out (v1.5: the stride of a
bottleneck sits in its 3x3) and as segmentation_models.pytorch 0.6.0 dilates them.
Departure: with weights, what they expect of pixels is part of the network; only the stages up to `depth` are built; the
first kernel is drawn as all others are, for any number of channels.
"""

from keras import initializers, layers

from ultraseg.encoders._freeze import between, freeze
from ultraseg.encoders._pretrained import fill, first_kernel, read
from ultraseg.encoders._stem import TORCH, stem
from ultraseg.layers import DirectConv2D, norm, norm_relu

STRIDES = (8, 16, 32)
WIDTHS = (64, 128, 256, 512)


def resnet(
    image, who, block, repeats, source, *, depth, output_stride, weights, frozen, frozen_until, frozen_batch_norm
):
    """Run a ResNet on an image.

    Args:
        image: `[batch, height, width, channels]`.
        who: the encoder's name, for messages.
        block: `basic` or `bottleneck`.
        repeats: blocks of each of the four stages.
        source: repository and revision of the weights called `imagenet`.
        depth: how many times the maps halve, 1 to 5.
        output_stride: the stride at which the maps stop to halve: 8, 16 or 32.
        weights: None, `imagenet` or a path.
        frozen: as `freeze` takes it.
        frozen_until: as `freeze` takes it.
        frozen_batch_norm: as `freeze` takes it.

    Returns:
        `depth + 1` maps, finest first; the first is the image.

    Raises:
        ValueError: an option is wrong, or the weights do not fit.
    """
    if depth not in range(1, 6):
        raise ValueError(f"{who}: depth must be 1 to 5, got {depth}")
    if output_stride not in STRIDES:
        raise ValueError(f"{who}: output_stride must be one of 8, 16, 32, got {output_stride}")
    arrays = read(who, weights, *source)
    kernel = None if arrays is None else first_kernel(who, weights, arrays, "conv1.weight", (64, 3, 7, 7))
    first = _convolution(WIDTHS[0], 7, 2, 1, "encoder-conv1")
    features = norm_relu(stem(image, first, border=3, kernel=kernel, pixels=TORCH), "encoder-bn1", "encoder-relu")
    maps = [image, features]
    for stage, width in enumerate(WIDTHS[: depth - 1], 1):
        if stage == 1:  # rectified, so that zeros around are as good as minus infinity
            features = layers.ZeroPadding2D(1, name="encoder-maxpool_border")(features)
            features = layers.MaxPooling2D(3, 2, name="encoder-maxpool")(features)
        dilation = max(2 ** (stage + 1) // output_stride, 1)
        stride = 1 if stage == 1 or dilation > 1 else 2
        for number in range(repeats[stage - 1]):
            name = f"encoder-layer{stage}-{number}"
            features = BLOCKS[block](features, width, 1 if number else stride, dilation, name)
        maps.append(features)
    if arrays is not None:
        filled = [layer for layer in between(image, maps) if layer is not first]
        fill(who, weights, arrays, filled, [f"layer{stage}." for stage in range(depth, 5)])
    freeze(image, maps, frozen=frozen, frozen_until=frozen_until, frozen_batch_norm=frozen_batch_norm)
    return maps


def _basic(features, width, stride, dilation, name):
    shortcut = _shortcut(features, width, stride, name)
    features = _convolved(features, width, 3, stride, dilation, f"{name}-conv1")
    features = norm_relu(features, f"{name}-bn1", f"{name}-relu1")
    features = _convolved(features, width, 3, 1, dilation, f"{name}-conv2")
    return _joined(norm(features, f"{name}-bn2"), shortcut, name)


def _bottleneck(features, width, stride, dilation, name):
    shortcut = _shortcut(features, 4 * width, stride, name)
    features = _convolved(features, width, 1, 1, 1, f"{name}-conv1")
    features = norm_relu(features, f"{name}-bn1", f"{name}-relu1")
    features = _convolved(features, width, 3, stride, dilation, f"{name}-conv2")
    features = norm_relu(features, f"{name}-bn2", f"{name}-relu2")
    features = _convolved(features, 4 * width, 1, 1, 1, f"{name}-conv3")
    return _joined(norm(features, f"{name}-bn3"), shortcut, name)


BLOCKS = {"basic": _basic, "bottleneck": _bottleneck}


def _shortcut(features, filters, stride, name):
    """The input itself, or projected where its channels or size change."""
    if stride == 1 and features.shape[-1] == filters:
        return features
    features = _convolved(features, filters, 1, stride, 1, f"{name}-downsample-0")
    return norm(features, f"{name}-downsample-1")


def _joined(features, shortcut, name):
    return layers.ReLU(name=f"{name}-relu")(layers.Add(name=f"{name}-add")([features, shortcut]))


def _convolved(features, filters, size, stride, dilation, name):
    """Convolve with as many zeros on either side; Keras' `same` puts fewer above and left where there is a stride."""
    if stride > 1 and size > 1:
        features = layers.ZeroPadding2D(size // 2, name=f"{name}_border")(features)
    return _convolution(filters, size, stride, dilation, name)(features)


def _convolution(filters, size, stride, dilation, name):
    return DirectConv2D(
        filters,
        size,
        stride,
        "valid" if stride > 1 else "same",
        dilation_rate=dilation,
        use_bias=False,
        kernel_initializer=initializers.VarianceScaling(2, "fan_out", "untruncated_normal"),
        name=name,
    )
