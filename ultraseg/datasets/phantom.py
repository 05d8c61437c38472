"""Phantoms: breast ultrasound made by physics, the embedded data set that needs no download.

Tissue is drawn as maps of scattering and attenuation (`_tissue.py`), then imaged (`_imaging.py`). The mixture
of benign, malignant and normal and the file layout are BUSI's; no pixel is.
"""

import functools
import hashlib
import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from ultraseg import atomic
from ultraseg.datasets._imaging import Scanner, picture
from ultraseg.datasets._tissue import breast, outline, with_lesion
from ultraseg.samples import SYNTHETIC, Sample

MIXTURE = {"benign": 437, "malignant": 210, "normal": 133}  # BUSI's
DRAWING = 1  # raised by hand when a change is meant to alter pictures


def phantom(root, *, images=240, size=(256, 256), seed=0, classes=("benign", "malignant", "normal")):
    """Draw the phantoms once, then list them.

    Args:
        root: where each set of options gets a folder of its own; one that is there is used again.
        images: how many pictures the set has, of all classes together.
        size: height and width in pixels.
        seed: of the whole set.
        classes: the labels to keep; the others are drawn and left out.

    Returns:
        Samples sorted by label and number; each is its own group, normals have no masks.

    Raises:
        ValueError: an option is wrong, or a folder from an earlier call lacks a file.
        OSError: the folder cannot be written.
    """
    if not classes or any(label not in MIXTURE for label in classes):
        raise ValueError(f"phantom: classes must be among {', '.join(MIXTURE)}, got {list(classes)}")
    _check(images, size, seed)
    options = f"{DRAWING} {images} {size[0]}x{size[1]} {seed}"
    folder = Path(root) / f"phantom-{hashlib.sha256(options.encode()).hexdigest()[:8]}"
    if not folder.is_dir():
        try:
            write(folder, images=images, size=size, seed=seed)
        except OSError:
            if not folder.is_dir():  # not drawn by somebody else in the meantime
                raise
    present = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.png")}
    absent = [name for item in _names(images) for name in _files(*item) if name not in present]
    if absent:
        raise ValueError(f"phantom: {folder / absent[0]} is missing; remove {folder} and it is drawn again")
    return [
        Sample(
            id=f"{label}-{number}",
            image=folder / _files(label, number)[0],
            masks=() if label == "normal" else (folder / _files(label, number)[1],),
            label=label,
            group=f"{label}-{number}",
            source=SYNTHETIC,
        )
        for label, number in sorted(_names(images))
        if label in classes
    ]


def write(root, *, images=240, size=(256, 256), seed=0):
    """Draw a set into a new folder in BUSI's layout, whole or not at all.

    Args:
        root: the folder to make; it must not exist.
        images: how many pictures the set has, of all classes together.
        size: height and width in pixels.
        seed: of the whole set.

    Raises:
        ValueError: an option is wrong.
        OSError: the folder exists or cannot be written.
    """
    _check(images, size, seed)
    if Path(root).exists():
        raise FileExistsError(f"{root}: phantoms need a new folder, and this one exists; name another")
    with atomic.folder(root) as folder, ThreadPoolExecutor(2) as pool:
        (folder / "PHANTOM.txt").write_text(
            f"phantom (synthetic): {images} images of {size[0]}x{size[1]} pixels drawn by ultraseg from seed {seed}\n"
        )
        for label in MIXTURE:
            (folder / label).mkdir()

        def put(item):
            index, (label, number) = item
            image, mask, _ = draw(index, size=size, seed=seed)
            for name, pixels in zip(_files(label, number), (image, mask * np.uint8(255)), strict=True):
                (folder / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())

        for _ in pool.map(put, enumerate(_names(images))):
            pass


def draw(index, *, size, seed):
    """Draw one phantom; the same arguments give the same picture in any process and order.

    Args:
        index: which one, from 0; it also sets the label, so that any run of indices has BUSI's mixture.
        size: height and width in pixels.
        seed: of the whole set.

    Returns:
        image: uint8 `[h, w]`.
        mask: uint8 `[h, w]` in {0, 1}; all 0 when the label is "normal".
        label: "benign", "malignant" or "normal".
    """
    rng = np.random.default_rng((seed, index))
    label = _labels()[index % len(_labels())]
    size = tuple(size)
    depth_mm = rng.uniform(28, 45)
    scanner = Scanner(
        frequency_mhz=rng.uniform(8.0, 11.0),
        focus_mm=rng.uniform(0.3, 0.7) * depth_mm,
        corrected=rng.uniform(0.65, 0.88),
        noise_db=rng.uniform(-95, -75),
        dynamic_range_db=rng.uniform(52, 59),
        median_grey=np.clip(rng.normal(77, 25), 25, 122),
    )
    if label == "normal":
        mask, tissue = np.zeros(size, np.uint8), breast(rng, size=size, depth_mm=depth_mm)
    else:
        border = outline(rng, label, size=size)
        lower_end = border.points[:, 1].max() / size[0] * depth_mm
        tissue = breast(rng, size=size, depth_mm=depth_mm, gland_to_mm=lower_end)
        mask, tissue = border.mask, with_lesion(rng, tissue, border, depth_mm=depth_mm)
    return picture(rng, tissue, scanner, depth_mm=depth_mm), mask, label


@functools.cache
def _labels():
    """One period of labels: each class once, then whichever lags its share most (Adams' apportionment)."""
    had = dict.fromkeys(MIXTURE, 0)
    order = []
    for _ in range(sum(MIXTURE.values())):
        label = max(MIXTURE, key=lambda name: MIXTURE[name] / had[name] if had[name] else np.inf)
        had[label] += 1
        order.append(label)
    return tuple(order)


def _names(images):
    """Label and number of every picture, by index."""
    counters = {label: itertools.count(1) for label in MIXTURE}
    return [(label, next(counters[label])) for label in itertools.islice(itertools.cycle(_labels()), images)]


def _files(label, number):
    return f"{label}/{label} ({number}).png", f"{label}/{label} ({number})_mask.png"


def _check(images, size, seed):
    if images < 1:
        raise ValueError(f"phantom: images must be 1 or more, got {images}")
    if len(size) != 2 or not all(isinstance(side, int) and side >= 32 for side in size):
        raise ValueError(f"phantom: size must be a height and a width of 32 pixels or more, got {list(size)}")
    if seed < 0:
        raise ValueError(f"phantom: seed must be 0 or more, got {seed}")
