"""Weight files of PyTorch encoders: fetched from a pinned place or given by hand, and laid into layers by name.

Source: segmentation_models.pytorch 0.6.0, which pins one revision of a Hugging Face repository per encoder. A layer's
name is the reference's with `-` for `.` and `encoder-` in front.
"""

import hashlib
import importlib
from pathlib import Path

import numpy as np
from keras import layers

from ultraseg.weight_file import first_line

FILE = "model.safetensors"
SHA256 = 64
KERNEL = (2, 3, 1, 0)


def read(who, weights, repository, revision):
    """Read a weight file.

    Args:
        who: the encoder, for messages.
        weights: None, `imagenet`, or the path of a `.safetensors` file.
        repository: of Hugging Face, where `imagenet` lies.
        revision: the commit of the repository.

    Returns:
        Array per name, without the prefix `encoder.`, the classifier `fc` and the counters of batches; None for None.

    Raises:
        ValueError: there is no such file, it cannot be fetched, is not the pinned one, or cannot be read.
    """
    if weights is None:
        return None
    path = _fetched(who, repository, revision) if weights == "imagenet" else weights
    if not isinstance(path, str | Path) or not Path(path).is_file():
        raise ValueError(
            f"{who}: weights must be imagenet or the path of a .safetensors file, got {weights!r}, which is no file"
        )
    safetensors = _package(who, "safetensors")
    try:
        with safetensors.safe_open(path, framework="np") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except (OSError, ValueError, TypeError, KeyError, AttributeError, safetensors.SafetensorError) as reason:
        raise ValueError(f"{who}: cannot read {path} as safetensors: {first_line(reason)}") from None
    if any(name.startswith("encoder.") for name in arrays):
        prefix = "encoder."
        arrays = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    arrays = {
        name: array
        for name, array in arrays.items()
        if not name.startswith("fc.") and not name.endswith("num_batches_tracked")
    }
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{who}: {path} holds numbers that are not finite, in {name}")
    return arrays


def first_kernel(who, weights, arrays, name, shape):
    """Take the kernel of the first convolution out of the arrays.

    Args:
        who: the encoder, for messages.
        weights: where the arrays are from, for messages.
        arrays: array per name; this one is removed.
        name: of the kernel.
        shape: `[filters, 3, height, width]`.

    Returns:
        `[height, width, 3, filters]`.

    Raises:
        ValueError: it is missing or of another shape.
    """
    found = arrays.pop(name, None)
    if found is None or found.shape != shape:
        what = "there is none" if found is None else f"got {list(found.shape)}"
        raise ValueError(f"{who}: weights {weights}: {name} must be {list(shape)}, {what}")
    return found.transpose(KERNEL)


def fill(who, weights, arrays, filled, unbuilt=()):
    """Lay arrays into layers, all or none.

    Args:
        who: the encoder, for messages.
        weights: where the arrays are from, for messages.
        arrays: array per name.
        filled: the layers; of each that has weights every one must be among the arrays.
        unbuilt: beginnings of names that the encoder would have were it deeper; they are left out.

    Raises:
        ValueError: an array is missing, of another shape, or of no layer.
    """
    wanted = {f"{_key(layer)}.{name}": entry for layer in filled for name, entry in _entries(layer).items()}
    missing = [name for name in wanted if name not in arrays]
    other = [
        f"{name} {list(arrays[name].shape)}"
        for name, (variable, axes) in wanted.items()
        if name in arrays and arrays[name].shape != tuple(np.take(variable.shape, np.argsort(axes)))
    ]
    foreign = [name for name in arrays if name not in wanted and not name.startswith(tuple(unbuilt))]
    faults = {"lack": missing, "have another shape of": other, "have what this network has not:": foreign}
    if any(faults.values()):
        told = "; they ".join(f"{verb} {_some(names)}" for verb, names in faults.items() if names)
        raise ValueError(f"{who}: weights {weights} do not fit, nothing was loaded: they {told}")
    for name, (variable, axes) in wanted.items():
        variable.assign(arrays[name].transpose(axes))


def _fetched(who, repository, revision):
    hub = _package(who, "huggingface_hub")
    url = hub.hf_hub_url(repository, FILE, revision=revision)
    faults = (OSError, RuntimeError, ValueError, hub.errors.HTTPError)
    try:
        cached = hub.try_to_load_from_cache(repository, FILE, revision=revision)  # a download goes out in any case
        path = Path(cached if isinstance(cached, str) else hub.hf_hub_download(repository, FILE, revision=revision))
    except faults as reason:
        raise ValueError(
            f"{who}: cannot fetch {url} ({first_line(reason)}); fetch it elsewhere and give the file by hand as "
            "weights: PATH"
        ) from None
    try:
        stated = _stated(path) or hub.get_hf_file_metadata(url).etag
    except faults as reason:
        raise ValueError(
            f"{who}: cannot ask for the hash of {url} ({first_line(reason)}), to check {path} by; if you know that it "
            "is the file, give it by hand as weights: PATH"
        ) from None
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != stated:
        raise ValueError(f"{who}: {path} is not the file at {url}: SHA-256 must be {stated}, got {found}; delete it")
    return path


def _stated(path):
    """The SHA-256 that the hub stated for a file in its cache; None where the cache does not tell.

    A revision's file is a link to one that the hub's statement names. That may be a link in turn, into a store for all
    repositories where files are named by another hash.
    """
    name = path.readlink().name if path.is_symlink() else ""
    return name if len(name) == SHA256 else None


def _package(who, name):
    """Import one of the packages of the extra `hub`, which nothing but weights wants."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ValueError(f"{who}: weights want the package {name}: pip install 'ultraseg[hub]'") from None


def _key(layer):
    return layer.name.removeprefix("encoder-").replace("-", ".")


def _entries(layer):
    """The variables of a layer by PyTorch's names, each with the order that turns PyTorch's axes into Keras'."""
    if isinstance(layer, layers.BatchNormalization):
        names = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
        return {theirs: (getattr(layer, ours), (0,)) for theirs, ours in names.items()}
    return {"weight": (layer.kernel, KERNEL)} if isinstance(layer, layers.Conv2D) else {}


def _some(names):
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
