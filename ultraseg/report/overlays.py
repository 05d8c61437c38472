"""The pixels that overlay panels need: which test images, and where to leave them for the report."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ultraseg import pixels
from ultraseg.report import _outline, _panels, _summary


def wanted(folder: Path, *, trials: Path) -> list[str]:
    """Name the test images that the panels of a study will show.

    Args:
        folder: the study's own folder.
        trials: the folder in which trial folders lie.

    Returns:
        Ids, worst first; none while no trial has scores.

    Raises:
        ValueError: `study.json` or a trial is missing parts or damaged.
    """
    choice = _panels.choose(_summary.summarise(_outline.load(folder), trials))
    return list(choice.images.values()) if choice else []


def leave(folder: Path, ids: Sequence[str], images: Iterable[np.ndarray], truths: Iterable[np.ndarray]) -> None:
    """Write the pixels of test images where the report looks for them.

    Args:
        folder: the study's own folder.
        ids: names of the images.
        images: one per id, uint8 `[height, width, 1 or 3]`, as they enter the network.
        truths: one per id, uint8 `[height, width]` in 0..255, at the size of the network's masks.

    Raises:
        ValueError: there are more or fewer images or truths than ids.
        OSError: the folder cannot be written.
    """
    for name, image, truth in zip(ids, images, truths, strict=True):
        pixels.write(folder / _panels.FOLDER / f"{name}-image.png", image)
        pixels.write(folder / _panels.FOLDER / f"{name}-truth.png", truth)
