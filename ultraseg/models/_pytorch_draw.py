"""How PyTorch draws the weights of a convolution when nobody says otherwise.

Source: torch.nn.Conv2d and ConvTranspose2d: kernel and bias uniform within one over the root of the fan-in.
"""

from keras import initializers


def pytorch_draw(fan_in):
    """Initializers of a layer's kernel and bias.

    Args:
        fan_in: numbers that one output is summed from; for a transposed convolution PyTorch takes its filters times
            the area of its kernel.

    Returns:
        Keyword arguments of a Keras layer.
    """
    bound = fan_in**-0.5
    return {
        "kernel_initializer": initializers.RandomUniform(-bound, bound),
        "bias_initializer": initializers.RandomUniform(-bound, bound),
    }
