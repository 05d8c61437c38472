"""A file of Keras weights: given by hand, or fetched into Keras' own cache and checked against its hash."""

from http.client import HTTPException
from pathlib import Path

import keras

UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError)
"""What Keras and h5py raise of a file that is damaged or laid out otherwise."""


def weight_file(who, weights, address, digest):
    """Find a weight file, and fetch it if it must be.

    Args:
        who: what asks for it, for messages.
        weights: None, `imagenet`, or the path of an `.h5` file.
        address: of the file called `imagenet`.
        digest: its MD5 or SHA-256, which Keras checks; None where nobody published one, so that it is not fetched.

    Returns:
        A path; None for None.

    Raises:
        ValueError: there is no such file, or it cannot be fetched or checked.
    """
    if weights is None:
        return None
    if weights == "imagenet":
        if digest is None:
            raise ValueError(
                f"{who}: nobody published a hash to check {address} by; fetch it and give the file by hand as "
                "weights: PATH"
            )
        with _Fetching(who, address):
            return Path(keras.utils.get_file(Path(address).name, address, cache_subdir="models", file_hash=digest))
    if not isinstance(weights, str | Path) or not Path(weights).is_file() or Path(weights).suffix != ".h5":
        raise ValueError(
            f"{who}: weights must be imagenet or the path of an .h5 file such as {address}, "
            f"got {weights!r}, which is no such file"
        )
    return Path(weights)


def first_line(fault: BaseException) -> str:
    """Say the first line of what an error says, without a full stop.

    Args:
        fault: the error.

    Returns:
        The line; the name of the error's class where it says nothing.
    """
    return str(fault).strip().split("\n")[0].rstrip(".:") or type(fault).__name__


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
        if kind in (Exception, ValueError) or isinstance(fault, OSError | HTTPException):
            raise ValueError(
                f"{self.who}: cannot fetch {self.address} ({first_line(fault.__context__ or fault)}); "
                "fetch it elsewhere and give the file by hand as weights: PATH"
            ) from None
