"""Scenes over small drawn pictures whose program answers what a test says."""

import functools
from types import SimpleNamespace

import cv2
import numpy as np

from tests.drawn import load
from ultraseg import catalogue, pipeline, program
from ultraseg.collection import Collection, collect
from ultraseg.evaluation import Scene
from ultraseg.samples import Row, Sample, digest

ORGANS = ("left", "right")


def right(cache, index, strength=9.0):
    """Logits that say the truth."""
    mask = cache.masks[index]
    return strength * ((mask if mask.ndim == 3 else mask[..., None]) / 127.5 - 1)


def scene_of(
    tiny_busi, folder, logits, indices, *, classes=1, size=(40, 60), mask_size=None, policy="stretch", more=""
):
    """A scene whose program answers with `logits(cache, index)` for the images in order."""
    data = {"from": {"busi": {"complete": False}}, "size": list(size), "mask_size": list(mask_size or size)}
    collection = collect(data["from"], root=tiny_busi, cache=folder / "cache")
    return _scene(collection, folder, logits, indices, data, classes, policy, more)


def scene_of_organs(folder, logits, indices, *, size=(20, 30), policy="stretch", more=""):
    """The same over three pictures of 20 x 30 pixels with a square of 36 pixels left and one right of their middle.

    The square on the right moves by three pixels from picture to picture, and the last picture has none.
    """
    samples = tuple(_organs(folder, number) for number in range(3))
    rows = (Row(s.id, digest(np.array(n)), "", s.label, s.group, s.scan, "", "0.1") for n, s in enumerate(samples))
    collection = Collection(samples, tuple(rows), "drawn organs")
    data = {"size": list(size), "mask_size": list(size)}
    return _scene(collection, folder, logits, indices, data, len(ORGANS), policy, more)


def _organs(folder, number):
    place = folder / "organs"
    place.mkdir(exist_ok=True)
    image = np.full((20, 30), 40 * number, np.uint8)
    cv2.imwrite(str(place / f"{number}.png"), image)
    masks = []
    for organ, column in zip(ORGANS, (4, 18 + 3 * number), strict=True):
        mask = np.zeros((20, 30), np.uint8)
        mask[8:14, column : column + 6] = 255
        cv2.imwrite(str(place / f"{number}_{organ}.png"), mask)
        masks.append(place / f"{number}_{organ}.png" if (number, organ) != (2, "right") else None)
    return Sample(
        f"case{number}", place / f"{number}.png", tuple(masks), "slice", f"g{number}", "organs", structures=ORGANS,
        scan=f"case{number}",
    )  # fmt: skip


def _scene(collection, folder, logits, indices, data, classes, policy, more):
    trial = load(folder, more).trials[0]
    independent = bool(collection.samples[0].structures)
    resize = {"size": data["size"], "interpolation": "area", "policy": policy}
    changes = {"classes": classes, "independent": independent, "preprocess": [{"resize": resize}]}
    trial = {**trial, **changes, "data": {**trial["data"], **data}}
    cache = pipeline.cached(collection, trial["data"], trial["preprocess"], folder / "cache")
    left = iter(indices)

    def answer(images):
        return np.stack([logits(cache, next(left)) for _ in images]).astype(np.float32)

    loss = catalogue.bind("losses", "bce")
    loss = functools.partial(program._apart, loss) if independent else loss
    return Scene(trial, collection, cache, SimpleNamespace(logits=answer, loss=loss))
