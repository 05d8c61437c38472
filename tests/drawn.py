"""Small trials on drawn data, for the tests of what trains."""

from dataclasses import replace
from pathlib import Path

from ultraseg import catalogue, pipeline, study
from ultraseg.collection import collect

YAML = """
title: drawn
data:
  from: {{phantom: {{images: 36, size: [48, 48]}}}}
  split: {{holdout: {{share: 0.25}}}}
  validation: 0.25
  size: [16, 16]
fixed:
  model: {{UNet: {{width: 2, depth: 2, batch_norm: true, dropout: 0.1}}}}
  optimizer: {{sgd: {{learning_rate: 0.05}}}}
  augment: [flip, brightness]
  batch: 4
  epochs: 3
{more}
"""


def load(folder: Path, more: str = "", name: str = "drawn"):
    """Write a small study to a folder and load it."""
    path = folder / f"{name}.yaml"
    path.write_text(YAML.format(more=more))
    return study.load(str(path))


def ready(folder: Path, more: str = ""):
    """Return a trial, its collection and its cache."""
    trial = load(folder, more).trials[0]
    collection = collect(trial["data"]["from"], root=folder / "phantoms", cache=folder / "cache")
    return trial, collection, pipeline.cached(collection, trial["data"], trial["preprocess"], folder / "cache")


def paired(drawn):
    """The same pictures where images 0 and 1, 2 and 3, ... show one scan, and the first two pairs are contradicted."""
    resolved, collection, cache = drawn
    samples = tuple(
        replace(sample, scan=f"scan {number // 2}", contradicted="mask" if number < 4 else "")
        for number, sample in enumerate(collection.samples)
    )
    return resolved, replace(collection, samples=samples), cache


def split_by(resolved, split, **data):
    """The trial with another split, and other settings of its data."""
    return {**resolved, "data": {**resolved["data"], "split": catalogue.resolve("splits", split), **data}}
