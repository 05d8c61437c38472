"""Weight files of keras.applications, loaded into their network.

Source: the files of keras.applications without the top, each with the hash that Keras states for it.
"""

import warnings

import keras
import numpy as np

from ultraseg.weight_file import UNREADABLE, first_line


def load(who, whole, path, address):
    """Load a weight file into a network of keras.applications.

    Args:
        who: the encoder, for messages.
        whole: the network, on three channels and without its top.
        path: of the file.
        address: where such a file is to be had, for messages.

    Raises:
        ValueError: the file cannot be read, is of another network, or lacks finite numbers for a weight.
    """
    for variable in whole.weights:  # so that none can be left out unseen
        variable.assign(np.full(variable.shape, np.nan))
    fault = None
    try:
        with warnings.catch_warnings():  # Keras warns of what older versions did not write, and of no more
            warnings.simplefilter("ignore", UserWarning)
            whole.load_weights(path)
    except UNREADABLE as reason:
        fault = first_line(reason)
    lost = [variable.path for variable in whole.weights if not np.isfinite(keras.ops.convert_to_numpy(variable)).all()]
    if lost and fault is None:
        fault = f"it lacks {lost[0]} or holds numbers there that are not finite"
    if fault:
        raise ValueError(
            f"{who}: weights {path} cannot be read or are not this network's ({fault}); "
            f"fetch {address} and give the file by hand as weights: PATH"
        )
