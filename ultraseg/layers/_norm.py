"""Batch norm as PyTorch sets it, alone and with ReLU.

Source: torch.nn.BatchNorm2d: momentum 0.1, which is Keras' 0.9, and epsilon 1e-5.
"""

from keras import layers

from ultraseg.layers._fused_batch_normalization import FusedBatchNormalization


def norm(features, name):
    """Normalize.

    Args:
        features: `[batch, height, width, channels]`.
        name: of the layer.

    Returns:
        As the features.
    """
    return FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(features)


def norm_relu(features, norm_name, relu_name):
    """Normalize, rectify.

    Args:
        features: `[batch, height, width, channels]`.
        norm_name: of the batch norm.
        relu_name: of the ReLU.

    Returns:
        As the features.
    """
    return layers.ReLU(name=relu_name)(norm(features, norm_name))
