"""Weight files of keras.applications: fetched into Keras' own cache or given by hand, and loaded into their network.

Source: the files of keras.applications without the top, each with the hash that Keras states for it.
"""

import warnings
from pathlib import Path

import keras
import numpy as np

UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)


def file(who, weights, address, digest):
    """Find a weight file, and fetch it if it must be.

    Args:
        who: the encoder, for messages.
        weights: None, `imagenet`, or the path of an `.h5` file.
        address: of the file called `imagenet`.
        digest: its MD5 or SHA-256, which Keras checks.

    Returns:
        A path; None for None.

    Raises:
        ValueError: there is no such file, or it cannot be fetched.
    """
    if weights is None:
        return None
    if weights == "imagenet":
        with _Fetching(who, address):
            return Path(keras.utils.get_file(Path(address).name, address, cache_subdir="models", file_hash=digest))
    if not isinstance(weights, str | Path) or not Path(weights).is_file() or Path(weights).suffix != ".h5":
        raise ValueError(
            f"{who}: weights must be imagenet or the path of an .h5 file such as {address}, "
            f"got {weights!r}, which is no such file"
        )
    return Path(weights)


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
        fault = _first_line(reason)
    lost = [variable.path for variable in whole.weights if not np.isfinite(keras.ops.convert_to_numpy(variable)).all()]
    if lost and fault is None:
        fault = f"it lacks {lost[0]} or holds numbers there that are not finite"
    if fault:
        raise ValueError(
            f"{who}: weights {path} cannot be read or are not this network's ({fault}); "
            f"fetch {address} and give the file by hand as weights: PATH"
        )


class _Fetching:
    """Say in one sentence what could not be fetched.

    Where there is no network Keras raises a bare `Exception`, which an `except` cannot name without taking all others
    with it.
    """

    def __init__(self, who, address):
        self.who, self.address = who, address

    def __enter__(self):
        return self

    def __exit__(self, kind, fault, _):
        if kind in (Exception, ValueError) or isinstance(fault, OSError):
            raise ValueError(
                f"{self.who}: cannot fetch {self.address} ({_first_line(fault.__context__ or fault)}); "
                "fetch it elsewhere and give the file by hand as weights: PATH"
            ) from None


def _first_line(fault):
    return str(fault).strip().split("\n")[0].rstrip(".:") or type(fault).__name__
