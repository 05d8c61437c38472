"""What a mask without lesion scores on report 003's own targets: the numbers under `trivial` in every study."""

import math
from pathlib import Path

import numpy as np
import pytest

from ultraseg import pixels, study
from ultraseg.datasets import busi
from ultraseg.losses import bce, dice_over_channels
from ultraseg.metrics import auc
from ultraseg.preprocess import resize

STUDIES = study.available(Path(__file__).parents[1] / "studies")


def loaded(title):
    return study.load(title, "", Path(__file__).parents[1] / "studies").file


def quoted(title):
    return loaded(title).trivial


def test_every_study_of_the_report_quotes_the_same_and_no_other_does():
    files = [loaded(title) for title in STUDIES]
    first, *rest = (file.trivial for file in files if file.source and file.source.report == "003")
    assert first and len(rest) == 8 and all(other == first for other in rest)
    assert not any(file.trivial for file in files if not file.source or file.source.report != "003")


def test_the_numbers_are_those_of_the_first_masks(busi_root):
    masks = []
    for sample in busi(busi_root, classes=("benign", "malignant"), masks="first"):
        shape = pixels.read_image(sample.image, 1).shape[:2]
        full = pixels.read_mask(sample.masks, shape) * np.uint8(255)
        masks.append(resize(full, size=(116, 116), interpolation="bilinear"))
    m = np.stack(masks) / 255
    other = (m + 1) % 2  # the report's second channel, which exceeds 1 at soft edges
    trivial = quoted("optimizers")
    # the larger channel is the second wherever m < 1
    assert np.mean(m < other) == pytest.approx(trivial["accuracy"], abs=5e-5)
    # the best constant p for the first channel and 1 - p for the second
    share = (m.mean() + 1 - other.mean()) / 2
    nats = [-(t.mean() * math.log(p) + (1 - t.mean()) * math.log(1 - p)) for t, p in ((m, share), (other, 1 - share))]
    assert np.mean(nats) == pytest.approx(trivial["loss"], abs=5e-5)
    # two channels together, per image, answered with (0, 1): 2 * sum(other) / (sum(m) + sum(other) + pixels)
    sums = m.sum((1, 2)), other.sum((1, 2)), m[0].size
    by_hand = np.mean(1 - 2 * sums[1] / (sums[0] + sums[1] + sums[2]))
    assert by_hand == pytest.approx(trivial["dice_loss"], abs=5e-5)
    # the product's own losses on the coded targets say the same
    truth = np.stack([other, m], axis=-1).astype(np.float32)
    prior = np.broadcast_to(np.log(np.array([1 - share, share], np.float32)), truth.shape)
    assert np.mean(bce(truth, prior)) == pytest.approx(trivial["loss"], abs=5e-5)
    nothing = np.broadcast_to(np.array([30, -30], np.float32), truth.shape)
    assert np.mean(dice_over_channels(truth, nothing)) == pytest.approx(trivial["dice_loss"], abs=5e-5)
    # both channels pooled, labels cast to bool, 0.1 for the first and 0.9 for the second
    labels = np.stack([m > 0, other > 0]).astype(np.uint8)
    answers = np.broadcast_to(np.array([0.1, 0.9], np.float32)[:, None, None, None], labels.shape)
    assert auc(labels, answers) == pytest.approx(trivial["auc"], abs=5e-4)
