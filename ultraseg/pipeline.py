"""The road from samples to batches: decoded once into a cache on disk, then `tf.data`.

The cache holds 8-bit pixels at the network's size and is shared by every trial that wants the same pixels.
Augmentation is a function of (seed, epoch, index), so that a training which was interrupted goes on with the
batches that it would have had.
"""

import fcntl
import functools
import hashlib
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tensorflow as tf

from ultraseg import atomic, catalogue, pixels
from ultraseg.collection import Collection
from ultraseg.convention import channels
from ultraseg.sharing import pixel_steps
from ultraseg.study import canonical

LAYOUT = 2
"""Raised when what lies in a cache folder changes its meaning."""


@dataclass(frozen=True)
class Cache:
    """Decoded samples, memory-mapped, in the collection's order.

    `images` are uint8 `[n, height, width, channels]`, `masks` uint8 `[n, mask height, mask width]` in [0, 255], or
    `[n, mask height, mask width, structures]` where samples name several, `shapes` the height and width of each image.
    """

    images: np.ndarray
    masks: np.ndarray
    shapes: np.ndarray


def policy(steps: Sequence[Any]) -> str:
    """How the step `resize` among these fits an image into the network's size."""
    [given] = [step["resize"] for step in steps if "resize" in step]
    return given["policy"]


def cached(collection: Collection, data: dict[str, Any], preprocess: Sequence[Any], folder: Path) -> Cache:
    """Open the cache of a collection at a size, making it first if need be.

    Args:
        collection: what to decode.
        data: the `data` part of a resolved trial.
        preprocess: the trial's steps; those up to `resize` are run here.
        folder: where caches lie; safe with several processes at once, of which one writes.

    Returns:
        The cache, read-only.

    Raises:
        ValueError: a file is broken.
        OSError: the cache cannot be written, as on a full disk; nothing half-written stays.
    """
    cv2.setNumThreads(1)  # the threads here are those of the pipeline
    before, _ = pixel_steps(preprocess)
    want = {key: data[key] for key in ("channels", "mask_size", "mask_interpolation")}
    key = hashlib.sha256(canonical([LAYOUT, collection.fingerprint, want, before]).encode()).hexdigest()[:24]
    place = folder / "pixels" / key
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with (place.parent / f"{key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.is_dir():
                for leftover in place.parent.glob(f".{key}.*"):  # of a process that was killed
                    shutil.rmtree(leftover)
                with atomic.folder(place) as temporary:
                    _decode(collection, data, before, temporary)
    return Cache(*(np.load(place / f"{part}.npy", mmap_mode="r") for part in ("images", "masks", "shapes")))


def training(
    cache: Cache,
    indices: Sequence[int],
    *,
    classes: int,
    batch: int,
    augment: Sequence[Any],
    seed: int,
    epoch: int,
    places: tuple[int, int] | None = None,
) -> tf.data.Dataset:
    """One epoch of shuffled, augmented batches, or a piece of one.

    Args:
        cache: where the pixels are.
        indices: which of them to train on.
        classes: channels of the truth.
        batch: images per batch; the last may hold fewer.
        augment: the trial's augmentation steps.
        seed: the trial's.
        epoch: from 0; decides the order and every draw together with the seed and the image's index.
        places: the first place in the epoch's order, and that after the last, of a piece; None for all of it.

    Returns:
        Dataset of (uint8 `[b, height, width, channels]`, float32 `[b, mask height, mask width, classes]`).
    """
    steps = [catalogue.bind("augment", step) for step in augment]
    order = np.random.default_rng((seed, epoch)).permutation(np.asarray(indices))[slice(*(places or (None,)))]

    def pick(index):
        image, mask = cache.images[index], cache.masks[index]
        for number, step in enumerate(steps):
            image, mask = step(image, mask, (seed, epoch, int(index), number))
        return image, mask

    return _batches(cache, order, classes, batch, pick)


def evaluation(cache: Cache, indices: Sequence[int], *, classes: int, batch: int) -> tf.data.Dataset:
    """Batches in the order of the indices, as they are.

    Args:
        cache: where the pixels are.
        indices: which of them to show.
        classes: channels of the truth.
        batch: images per batch; the last may hold fewer.

    Returns:
        Dataset as `training` gives.
    """
    return _batches(cache, np.asarray(indices), classes, batch, lambda index: (cache.images[index], cache.masks[index]))


def _batches(cache, order, classes, batch, pick):
    def load(step):
        chosen = order[step * batch : (step + 1) * batch]
        images = np.empty((len(chosen), *cache.images.shape[1:]), np.uint8)
        truth = np.empty((len(chosen), *cache.masks.shape[1:]), np.float32)
        for place, index in enumerate(chosen):  # straight into the batch, since every array in between costs memory
            images[place], mask = pick(index)
            np.multiply(mask, np.float32(1 / 255), out=truth[place])
        return images, truth if truth.ndim == 4 else channels(truth[..., None], classes)

    def shaped(step):
        images, truth = tf.numpy_function(load, [step], (tf.uint8, tf.float32))
        images.set_shape((None, *cache.images.shape[1:]))
        truth.set_shape((None, *cache.masks.shape[1:3], classes))
        return images, truth

    steps = tf.data.Dataset.range(-(-len(order) // batch))
    batches = steps.map(shaped, num_parallel_calls=2, deterministic=True).prefetch(4)
    # Nothing is left to tune, and an iterator that ends waits for seconds until its tuning thread wakes up.
    untuned = tf.data.Options()
    untuned.autotune.enabled = False
    return batches.with_options(untuned)


def _decode(collection: Collection, data: dict[str, Any], before: Sequence[Any], place: Path) -> None:
    steps = [catalogue.bind("preprocess", step) for step in before]
    to_mask = functools.partial(
        catalogue.find("preprocess", "resize"),
        size=data["mask_size"],
        interpolation=data["mask_interpolation"],
        policy=policy(before),
    )

    def read(sample):
        image, mask = pixels.read(sample, data["channels"])
        for step in steps:
            image = step(image)
        return image, to_mask(mask * np.uint8(255)), mask.shape[:2]

    count, structures = len(collection.samples), len(collection.samples[0].structures)
    mask_shape = (*data["mask_size"], structures) if structures else data["mask_size"]
    with (
        _Array(place / "images.npy", (count, *data["size"], data["channels"])) as images,
        _Array(place / "masks.npy", (count, *mask_shape)) as masks,
        ThreadPoolExecutor(2) as pool,
    ):
        shapes = []
        for image, mask, shape in pool.map(read, collection.samples):
            images(image)
            masks(mask)
            shapes.append(shape)
    np.save(place / "shapes.npy", np.array(shapes, np.int32))


class _Array:
    """A uint8 `.npy` file written item by item; a full disk raises, where a memory map would kill the process."""

    def __init__(self, path: Path, shape: tuple[int, ...]):
        self.path, self.shape = path, shape

    def __enter__(self) -> Callable[[np.ndarray], Any]:
        self.file = self.path.open("wb")
        header = {"descr": "|u1", "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(self.file, header)
        return lambda item: self.file.write(np.ascontiguousarray(item))

    def __exit__(self, *_: object) -> None:
        self.file.close()
