"""Batch norm as PyTorch sets it, and ReLU.

Source: torch.nn.BatchNorm2d: momentum 0.1, which is Keras' 0.9, and epsilon 1e-5.
"""

from keras import layers

from ultraseg.layers._fused_batch_normalization import FusedBatchNormalization


def norm_relu(features, norm, relu):
    """Normalize, rectify.

    Args:
        features: `[batch, height, width, channels]`.
        norm: name of the batch norm.
        relu: name of the ReLU.

    Returns:
        As the features.
    """
    features = FusedBatchNormalization(momentum=0.9, epsilon=1e-5, name=norm)(features)
    return layers.ReLU(name=relu)(features)
