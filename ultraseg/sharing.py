"""What trials share: the pixels they read, the program they compile; and a batch the devices share. No TensorFlow here.

Trials that differ only in seed, fold, learning rate, schedule, epochs or augmentation run the same compiled step.
"""

from collections.abc import Sequence
from typing import Any

from ultraseg import catalogue
from ultraseg.study import canonical


def pixel_steps(steps: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Part the preprocessing after `resize`: what runs on 8-bit pixels before the cache, and what in the model."""
    names = [catalogue.split("preprocess", step)[0] for step in steps]
    cut = names.index("resize") + 1
    return list(steps[:cut]), list(steps[cut:])


def program_key(trial: dict[str, Any]) -> str:
    """Name what a trial compiles; trials of equal key share a program."""
    [(optimizer, options)] = trial["optimizer"].items()
    rest = {name: value for name, value in options.items() if name != "learning_rate"}
    data = {name: trial["data"][name] for name in ("size", "channels", "mask_size")}
    parts = {name: trial[name] for name in ("model", "classes", "independent", "loss", "precision")}
    return canonical([parts, data, pixel_steps(trial["preprocess"])[1], optimizer, rest])


def indivisible(trial: dict[str, Any], devices: int) -> str:
    """Say why devices cannot share the batches of a trial equally.

    Args:
        trial: resolved.
        devices: how many, at least 1.

    Returns:
        A sentence; empty where they can.
    """
    if trial["batch"] % devices == 0:
        return ""
    return (
        f"--devices {devices}: a batch of {trial['batch']} images cannot be shared equally among {devices} devices; "
        f"take fewer devices, or let the study's batch be a multiple of {devices}"
    )
