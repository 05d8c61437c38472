"""Report 003's coded targets on real BUSI: what a mask without lesion scores there, which its tables equal."""

import cv2
import numpy as np
import pytest

from ultraseg import pixels, study
from ultraseg.datasets.busi import busi
from ultraseg.losses import bce, dice


@pytest.fixture(scope="module")
def masks(busi_root):
    """The first masks of the 647 images with a lesion, stretched to 116x116, bilinear: float in [0, 1]."""
    drawn = []
    for sample in busi(busi_root, classes=["benign", "malignant"], masks="first"):
        shape = pixels.read_image(sample.image, 1).shape[:2]
        mask = pixels.read_mask(sample.masks, shape).astype(np.float32)
        drawn.append(cv2.resize(mask, (116, 116), interpolation=cv2.INTER_LINEAR))
    return np.stack(drawn).astype(np.float64)


@pytest.fixture(scope="module")
def constants():
    return study.load("optimizers").file.trivial


def test_accuracy(masks, constants):
    """The report compares argmaxes: its target [m, (m + 1) mod 2] is a lesion where m exceeds the other, so at 1."""
    lesion = masks > np.mod(masks + 1, 2)
    assert len(masks) == 647
    assert 1 - lesion.mean() == pytest.approx(0.90825, abs=5e-6) == constants["accuracy"]


def test_binary_cross_entropy_of_the_best_constant(masks, constants):
    """Its two softmax channels at (p, 1 - p) everywhere, p the lesion's share 0.0917."""
    p, other = 0.0917, np.mod(masks + 1, 2)
    by_hand = -(masks * np.log(p) + (1 - masks) * np.log(1 - p) + other * np.log(1 - p) + (1 - other) * np.log(p)) / 2
    assert by_hand.mean() == pytest.approx(0.30656, abs=5e-6) == constants["loss"]


def test_two_channel_dice_loss_of_no_lesion(masks, constants):
    """Both channels together, image by image as in batches of 1, the background's answer being 1 everywhere."""
    other = np.mod(masks + 1, 2)
    sizes = (masks + other).sum((1, 2)) + 116 * 116
    by_hand = 1 - 2 * other.sum((1, 2)) / sizes
    assert by_hand.mean() == pytest.approx(0.09156, abs=5e-6) == constants["dice_loss"]


def test_our_losses_say_the_same(masks, constants):
    truth = np.stack([np.mod(masks + 1, 2), masks], axis=-1).astype(np.float32)
    prior = np.broadcast_to(np.log(np.array([1 - 0.0917, 0.0917], np.float32)), truth.shape)
    nothing = np.broadcast_to(np.array([30, -30], np.float32), truth.shape)
    assert np.mean(bce(truth, prior)) == pytest.approx(constants["loss"], abs=1e-5)
    assert np.mean(dice(truth, nothing, joint=True)) == pytest.approx(constants["dice_loss"], abs=1e-5)


def test_published_rows_that_equal_it(constants):
    """Six of the nine distinct rows have its accuracy, to the rounding of the fourth decimal."""
    rows = {}
    for name in ("upsampling", "optimizers", "losses", "preprocessing"):
        for row in study.load(name).file.published:
            rows[row.where] = row.model_dump()
    accurate = {where for where, row in rows.items() if abs(row["accuracy"] - constants["accuracy"]) < 1.0e-4}
    assert {where.split(", ")[1] for where in accurate} == {
        "Adam+fixed LR",
        "SGD+Decaying LR",
        "Adam+Decaying LR",
        "DICE",
        "BCE",
        "Resize+Norm+Std+Aug.",
    }
