"""The kernel that makes a transposed convolution upsample bilinearly, each channel by itself.

Source: Caffe's bilinear filler, which Long, Shelhamer, Darrell, 2015 (arXiv:1411.4038) start from.
Departure: none. The public code behind report 004 fills all pairs of channels, so that each gets the sum of all.
"""

import keras
import numpy as np
from keras import initializers, ops


@keras.saving.register_keras_serializable(package="ultraseg")
class DiagonalBilinear(initializers.Initializer):
    """A tent from each channel to itself, zero from one channel to another."""

    def __call__(self, shape, dtype=None):
        """Make a kernel.

        Args:
            shape: `[side, side, out, in]`; the stride is meant to be half the side.
            dtype: of the kernel.
        """
        side = shape[0]
        tent = 1 - np.abs(np.arange(side) - (side - 1) / 2) / (side / 2)
        kernel = tent[:, None, None, None] * tent[:, None, None] * np.eye(shape[2], shape[3])
        return ops.convert_to_tensor(kernel, dtype)

    def get_config(self):
        """Nothing."""
        return {}
