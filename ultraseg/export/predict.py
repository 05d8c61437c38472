"""Predict: an exported model on image files, a mask for each and a table of all."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ultraseg import pixels, records
from ultraseg.export import _served

COLUMNS = ("file", "structure", "height", "width", "lesion_pixels", "lesion_share", "largest_probability", "error")
MASK = re.compile(r"(?P<image>.+)_mask(_\d+)?")
MAGENTA = (255, 0, 200)
"""Unlike the yellow, green and cyan of many scanners' calipers."""


@dataclass(frozen=True)
class Predicted:
    """What came of a prediction: images done, one sentence per image that failed, and files passed over, with why."""

    done: int
    failures: tuple[str, ...]
    skipped: tuple[tuple[Path, str], ...]


def predict(model, images, destination, *, overlays=False, watch=iter):
    """Write the masks of image files.

    Every image becomes `NAME.png` below the destination, 0 and 255, at the image's own size, or `NAME_STRUCTURE.png`
    for each structure; images out of a folder keep their sub-folders. `predictions.csv` is written last, with a line
    for every mask. A broken image
    is named and passed over, and a mask of its name that an earlier run left is removed.

    Args:
        model: folder of a SavedModel from `saved_model`.
        images: files, and folders whose images are taken, with those of their sub-folders, in the order of their
            names. Hidden files, files that do not end like an image and masks in BUSI's naming (`X_mask.png` beside
            an image `X`) are passed over in folders, not when named themselves.
        destination: a folder, made when missing, outside the folders of images; files of a name are replaced.
        overlays: also write `NAME_overlay.png` beside each mask, the image with the mask's contour.
        watch: wraps the list of what is to be done and is iterated instead, as a progress bar is.

    Returns:
        A `Predicted`.

    Raises:
        ValueError: the model is none of ultraseg's, a path does not exist, there is no image, the destination
            lies in a folder of images or is a file, or two files would be written under one name. Nothing is written.
        OSError: the destination cannot be written, as on a full disk; what was written until then is whole.
    """
    destination = Path(destination)
    sources, skipped = _sources([Path(path) for path in images], destination)
    serve = _served.load(model)
    _refuse_clashes(sources, destination, serve.structures, overlays)
    rows = [_one(serve, source, destination, name, overlays) for source, name in watch(sources)]
    records.write_rows(destination / "predictions.csv", COLUMNS, [row for of_image in rows for row in of_image])
    failures = tuple(of_image[0]["error"] for of_image in rows if of_image[0]["error"])
    return Predicted(len(rows) - len(failures), failures, tuple(skipped))


def _sources(paths, destination):
    """List the images with the names that their masks get, and what is passed over."""
    if destination.exists() and not destination.is_dir():
        raise ValueError(f"{destination}: a folder is wanted for the masks, this is a file")
    sources, skipped = [], []
    for path in paths:
        if path.is_dir():
            if destination.resolve().is_relative_to(path.resolve()):
                raise ValueError(f"{destination}: lies in the folder of images {path}; write the masks outside of it")
            for file in sorted(entry for entry in path.rglob("*") if not entry.is_dir()):
                reason = _reason(file, path)
                if reason:
                    skipped.append((file, reason))
                else:
                    sources.append((file, file.relative_to(path).with_suffix("")))
        elif path.exists():
            sources.append((path, Path(path.stem)))
        else:
            raise ValueError(f"{path}: no such file or folder")
    if not sources:
        given = ", ".join(str(path) for path in paths) or "nothing"
        raise ValueError(f"{given}: no image in there, whose name would end in {', '.join(pixels.SUFFIXES)}")
    return list(dict.fromkeys(sources)), skipped


def _reason(file, folder):
    """Say why a file in a folder is passed over; None if it is taken for an image."""
    if any(part.startswith(".") for part in file.relative_to(folder).parts):
        return "hidden"
    if file.suffix.lower() not in pixels.SUFFIXES:
        return "not named like an image"
    mask = MASK.fullmatch(file.stem)
    if mask and file.with_name(mask["image"] + file.suffix).is_file():
        return "a mask"
    return None


def _refuse_clashes(sources, destination, structures, overlays):
    targets = [
        (target, source)
        for source, name in sources
        for pair in _targets(destination, name, structures, overlays)
        for target in pair
    ]
    inputs = {source.resolve() for source, _ in sources}
    counted = Counter(target for target, _ in targets)
    for target, source in targets:
        if counted[target] > 1:
            clashing = sorted({str(other) for same, other in targets if same == target})
            raise ValueError(f"{' and '.join(clashing)}: would be written to one file, {target}; predict them apart")
        if target.resolve() in inputs:
            raise ValueError(f"{source}: its mask would replace the image {target}; choose another destination")


def _targets(destination, name, structures, overlays):
    """The files of each mask: itself and, if wanted, its overlay."""
    stems = [f"{name.name}_{structure}" for structure in structures] or [name.name]
    masks = [destination / name.with_name(f"{stem}.png") for stem in stems]
    return [[mask, mask.with_name(f"{mask.stem}_overlay.png")] if overlays else [mask] for mask in masks]


def _one(serve, source, destination, name, overlays):
    """Predict one image, write what it gives, and return its lines of the table."""
    targets = _targets(destination, name, serve.structures, overlays)
    try:
        image = pixels.read_image(source, 3)
    except (ValueError, OSError) as error:
        for target in (target for pair in targets for target in pair):
            target.unlink(missing_ok=True)
        return [{**dict.fromkeys(COLUMNS), "file": source, "error": str(error)}]
    probability, mask = serve(image)
    if not serve.structures:
        return [_written(image, probability, mask, targets[0], source, None)]
    return [
        _written(image, probability[..., k], np.ascontiguousarray(mask[..., k]), targets[k], source, structure)
        for k, structure in enumerate(serve.structures)
    ]


def _written(image, probability, mask, targets, source, structure):
    """Write a mask and return its line."""
    pixels.write(targets[0], mask * np.uint8(255))
    for overlay in targets[1:]:
        pixels.write(overlay, _outlined(image, mask))
    return {
        "file": source,
        "structure": structure,
        "height": mask.shape[0],
        "width": mask.shape[1],
        "lesion_pixels": int(mask.sum(dtype=np.int64)),
        "lesion_share": float(mask.mean()),
        "largest_probability": float(probability.max()),
        "error": None,
    }


def _outlined(image, mask):
    """The image with the mask's contour, as wide as can be seen when the whole image is."""
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(image.copy(), contours, -1, MAGENTA, max(1, round(max(mask.shape) / 300)))
