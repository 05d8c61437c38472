"""Files of Keras models, opened and written with one sentence for what can be wrong with them."""

import zipfile
import zlib
from pathlib import Path

import keras

import ultraseg.layers  # noqa: F401  registers what a file names
from ultraseg import atomic
from ultraseg.weight_file import UNREADABLE, first_line

SUFFIX = ".keras"


def load(path):
    """Open a model.

    Args:
        path: a `.keras` file.

    Returns:
        The `keras.Model`, without optimizer and loss.

    Raises:
        ValueError: the file is damaged or of another kind.
        OSError: there is no such file, or it cannot be read.
    """
    path = Path(path)
    path.open("rb").close()
    if path.suffix != SUFFIX:
        raise ValueError(f"{path}: a model is read from a file whose name ends in {SUFFIX}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: the file is damaged or no Keras model")
    try:
        return keras.saving.load_model(path, compile=False)
    except (*UNREADABLE, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: Keras cannot open it ({first_line(error)})") from None


def save(model, path):
    """Write a model, whole or not at all.

    Args:
        model: a `keras.Model`.
        path: the file, whose name ends in `.keras`; an older one is replaced.

    Raises:
        ValueError: the name ends otherwise.
        OSError: the file cannot be written, as on a full disk.
    """
    path = Path(path)
    if path.suffix != SUFFIX:
        raise ValueError(f"{path}: a model is written to a file whose name ends in {SUFFIX}")
    with atomic.file(path) as temporary:
        model.save(temporary)
