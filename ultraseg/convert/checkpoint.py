"""Files of weights that PyTorch programs leave: safetensors, pickled state dicts, folders of `save_pretrained`.

Source: the format of safetensors (github.com/huggingface/safetensors); `torch.save`; the folder of huggingface_hub's
`save_pretrained` as segmentation_models.pytorch 0.6.0 fills it.
Departure: prefixes that wrappers put before every name are taken off; numbers of 16 bits become float32.
"""

import json
import pickle
import struct
import warnings
from pathlib import Path

import numpy as np

from ultraseg import atomic
from ultraseg.weight_file import first_line

SAFETENSORS, CONFIGURATION, WEIGHTS = ".safetensors", "config.json", "model.safetensors"
PICKLED = (".pth", ".pt", ".ckpt", ".bin")
TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "i1", "U8": "u1", "BOOL": "?"}
WRAPPERS = ("model.", "module.", "_orig_mod.")
NESTS = ("state_dict", "model_state_dict")
# What noise makes of an unpickler: a wrong jump, a name for a number, a text that is none; it raises as it falls.
NOISE = (pickle.PickleError, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
CUT = (RuntimeError, EOFError, struct.error)


def read(path):
    """Read the weights in a file.

    Args:
        path: a `.safetensors` file, a `.pth`, `.pt`, `.ckpt` or `.bin` file, which needs PyTorch and is unpickled as
            weights alone, or a folder of `save_pretrained`.

    Returns:
        `{name: array}`, without the prefixes `model.`, `module.` and `_orig_mod.` where every name has one.

    Raises:
        ValueError: the file is damaged, of another kind or holds something else than weights; or the package that
            reads it is not installed.
        OSError: there is no such file, or it cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        configuration(path)
        path = path / WEIGHTS
    if path.suffix != SAFETENSORS and path.suffix not in PICKLED:
        raise ValueError(
            f"{path}: weights are read from {SAFETENSORS}, {', '.join(PICKLED)} or a folder of save_pretrained"
        )
    path.open("rb").close()
    arrays = _safetensors(path) if path.suffix == SAFETENSORS else _pickled(path)
    if not arrays:
        raise ValueError(f"{path}: holds no weights")
    return _unwrapped(arrays)


def configuration(path):
    """Read what a folder of `save_pretrained` says about its model.

    Args:
        path: the folder, or a file.

    Returns:
        The arguments that smp's class was called with, and its name under `_model_class`; None for a file, which says
        nothing.

    Raises:
        ValueError: the folder is not one of smp's.
    """
    path = Path(path)
    if not path.is_dir():
        return None
    for name in (CONFIGURATION, WEIGHTS):
        if not (path / name).is_file():
            raise ValueError(f"{path}: not a folder of save_pretrained, which holds {CONFIGURATION} and {WEIGHTS}")
    try:
        found = json.loads((path / CONFIGURATION).read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{path / CONFIGURATION}: the file is damaged, it is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("_model_class"), str):
        raise ValueError(f"{path / CONFIGURATION}: does not name the class of a model, as smp's save_pretrained does")
    return found


def write(path, arrays):
    """Write weights to a safetensors file, whole or not at all.

    Args:
        path: the file, whose name ends in `.safetensors`; an older one is replaced.
        arrays: `{name: array}`.

    Raises:
        ValueError: the name ends otherwise, or safetensors is not installed.
        OSError: the file cannot be written, as on a full disk.
    """
    path = Path(path)
    if path.suffix != SAFETENSORS:
        raise ValueError(f"{path}: a state dict is written to a file whose name ends in {SAFETENSORS}")
    package = _package(path)
    from safetensors.numpy import save_file

    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    with atomic.file(path) as temporary:
        try:
            save_file(contiguous, temporary, {"format": "pt"})
        except package.SafetensorError as error:
            raise OSError(f"{path}: cannot be written; is the disk full? ({error})") from None


def _safetensors(path):
    package = _package(path)
    try:
        found = package.deserialize(path.read_bytes())
    except package.SafetensorError as error:
        raise ValueError(f"{path}: the file is damaged or cut short ({error}); get it again") from None
    return {name: _array(path, name, **entry) for name, entry in found}


def _package(path):
    try:
        import safetensors
    except ImportError:
        raise ValueError(f"{path}: safetensors is not installed; pip install 'ultraseg[hub]'") from None
    return safetensors


def _array(path, name, *, dtype, shape, data):
    if dtype == "BF16":  # the upper half of a float32, which NumPy has no name for
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    if dtype not in TYPES:
        raise ValueError(f"{path}: {name} is of the type {dtype}; weights are read from {', '.join([*TYPES, 'BF16'])}")
    array = np.frombuffer(data, TYPES[dtype]).reshape(shape)
    return array.astype(np.float32) if dtype == "F16" else array


def _pickled(path):
    try:
        import torch
    except ImportError:
        raise ValueError(
            f"{path}: only PyTorch reads such a file and it is not installed; where it is, turn the file into "
            f"{SAFETENSORS}: safetensors.torch.save_file(model.state_dict(), 'weights{SAFETENSORS}')"
        ) from None
    try:
        with warnings.catch_warnings():  # PyTorch wonders about the protocol that noise is pickled by
            warnings.simplefilter("ignore", UserWarning)
            found = torch.load(path, map_location="cpu", weights_only=True)
    except NOISE:
        raise ValueError(
            f"{path}: is no file of weights alone (damaged, or whole objects were pickled, which are never loaded); "
            "save model.state_dict()"
        ) from None
    except CUT as error:
        fault = first_line(error).partition(". ")[0]
        raise ValueError(f"{path}: the file is damaged or cut short ({fault}); get it again") from None
    for nest in NESTS:
        if isinstance(found, dict) and isinstance(found.get(nest), dict):
            found = found[nest]
    entries = found.items() if isinstance(found, dict) else [(None, None)]
    if not all(isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in entries):
        raise ValueError(f"{path}: holds no state dict, a mapping from names to tensors; save model.state_dict()")
    return {name: _tensor(path, name, value, (torch.bfloat16, torch.float16)) for name, value in entries}


def _tensor(path, name, value, short):
    """A tensor as an array; NumPy has none that are sparse, quantized or of a type of PyTorch's own."""
    try:
        return (value.float() if value.dtype in short else value).detach().numpy()
    except (TypeError, RuntimeError) as error:
        raise ValueError(f"{path}: {name} is no plain array of numbers ({first_line(error)})") from None


def _unwrapped(arrays):
    """Take off what wrappers put before every name, one inside another."""
    for wrapper in WRAPPERS:
        if all(name.startswith(wrapper) for name in arrays):
            return _unwrapped({name.removeprefix(wrapper): array for name, array in arrays.items()})
    return arrays
