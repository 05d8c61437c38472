"""The trackers that may be asked for beside TensorBoard."""

import importlib.util
from collections.abc import Sequence

from ultraseg import catalogue

TRACKERS = ("mlflow", "wandb")
"""Packages, extras and private files of this room by one name each."""


def refuse(names: Sequence[str]) -> None:
    """Refuse trackers that cannot run here, before anything starts.

    Args:
        names: of the trackers that are asked for.

    Raises:
        ValueError: there is no such tracker, or its package is not installed.
    """
    for name in names:
        if name not in TRACKERS:
            raise ValueError(f"track: {catalogue.unknown(name, TRACKERS, 'tracker')}")
        if importlib.util.find_spec(name) is None:
            raise ValueError(f"track: {name} wants the package of that name; install it with `pip install {name}`")
