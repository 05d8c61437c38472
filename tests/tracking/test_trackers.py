"""Trackers: what cannot run here is refused before anything starts."""

import importlib.util

import pytest

from ultraseg.tracking import TRACKERS, refuse


def test_an_unknown_tracker_is_named():
    with pytest.raises(ValueError, match="track: unknown tracker 'wanbd'; did you mean 'wandb'"):
        refuse(["mlflow", "wanbd"][1:])


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="track: mlflow wants the package of that name; install it"):
        refuse(["mlflow"])


def test_what_is_installed_may_run(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    refuse(TRACKERS)
    refuse([])
