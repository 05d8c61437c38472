"""Three structures that do not depend on each other, from files to a mask for each, by the command line alone."""

import csv

import cv2
import numpy as np
import pytest

from tests.cli.commands import within
from ultraseg import records

ORGANS = ("large_bowel", "small_bowel", "stomach")
STUDY = """
title: organs
data: {from: {uw_madison_gi: {complete: false}}, split: {holdout: {share: 0.25}}, validation: 0.25, size: [32, 32]}
fixed:
  model: {UNet: {width: 4, depth: 2, batch_norm: true}}
  classes: 3
  independent: true
  preprocess: [median, {resize: {policy: letterbox}}, scale]
  augment: [flip, rotation]
  loss: dice
  optimizer: {adam: {learning_rate: 0.02}}
  batch: 4
  epochs: 40
  postprocess: [largest_component]
report: [dice, iou]
"""


def runs(mask):
    edges = np.flatnonzero(np.diff(np.r_[0, mask.ravel(), 0]))
    return " ".join(f"{start + 1} {end - start}" for start, end in zip(edges[::2], edges[1::2], strict=True))


@pytest.fixture
def folder(tmp_path):
    """Twelve cases of two slices: each organ a disc of its own grey, in its own third of the picture."""
    rng, lines = np.random.default_rng(0), ["id,class,segmentation"]
    for case in range(12):
        place = tmp_path / "set" / "train" / f"case{case}" / f"case{case}_day0" / "scans"
        place.mkdir(parents=True)
        for number in (1, 2):
            image = rng.integers(0, 2000, (30, 42)).astype(np.uint16)
            for third, organ in enumerate(ORGANS):
                mask = np.zeros(image.shape, np.uint8)
                cv2.circle(mask, (7 + 14 * third, int(rng.integers(8, 22))), 5, 1, -1)
                image[mask > 0] += 12000 * (third + 1)
                lines.append(f"case{case}_day0_slice_{number:04},{organ},{runs(mask)}")
            cv2.imwrite(str(place / f"slice_{number:04}_42_30_1.50_1.60.png"), image)
    (tmp_path / "set" / "train.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "organs.yaml").write_text(STUDY)
    return tmp_path


@pytest.mark.slow
def test_every_structure_has_its_rows_and_its_mask(folder):
    done = within("run", "organs.yaml", "--profile", "none", "--data", "set", folder=folder)
    assert done.returncode == 0, done.stderr
    [trial] = (folder / "runs" / "trials").glob("[!.]*")
    rows = records.read_rows(trial / "images.csv")
    assert {row["label"] for row in rows} == set(ORGANS) and len(rows) == 18
    assert {row["group"] for row in rows} == {row["id"].split("_")[0] for row in rows}
    for organ in ORGANS:  # the three are told apart by grey and place
        assert np.mean([row["dice"] for row in rows if row["label"] == organ]) > 0.7
    exported = within("export", trial.name, "--data", "set", folder=folder)
    assert exported.returncode == 0, exported.stderr + exported.stdout
    image = "set/train/case1/case1_day0/scans/slice_0001_42_30_1.50_1.60.png"
    answer = within("predict", f"runs/exports/{trial.name}", image, "-o", "masks", folder=folder)
    assert answer.returncode == 0, answer.stderr
    with (folder / "masks" / "predictions.csv").open() as lines:
        assert [line["structure"] for line in csv.DictReader(lines)] == list(ORGANS)
    centres = []
    for organ in ORGANS:
        mask = cv2.imread(str(folder / "masks" / f"slice_0001_42_30_1.50_1.60_{organ}.png"), cv2.IMREAD_GRAYSCALE)
        assert mask.shape == (30, 42)
        centres.append(np.argwhere(mask)[:, 1].mean())
    assert np.allclose(centres, [7, 21, 35], atol=3)
