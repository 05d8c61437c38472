"""Answers without a network on the tiny BUSI: by hand, and the two masks of a scan that is shown twice."""

import math

import numpy as np
import pytest

from tests.scenes import right, scene_of, scene_of_organs
from ultraseg import records
from ultraseg.baselines import NAMES, annotators, baselines
from ultraseg.evaluation import row_of

NORMAL = 7


@pytest.fixture
def scene(tiny_busi, tmp_path):
    return lambda logits, indices: scene_of(tiny_busi, tmp_path, logits, indices)


def test_every_answer_has_every_measure(scene):
    found = baselines(scene(right, []), train=[0, 1], test=[0, NORMAL])
    assert tuple(found) == NAMES
    for name, scores in found.items():
        assert tuple(scores)[: len(records.MEASURED)] == records.MEASURED, name


def test_all_background_and_all_foreground(scene):
    whole = scene(right, [])
    share = (whole.cache.masks[0] > 0).mean()
    found = baselines(whole, train=[0], test=[0, NORMAL])
    nothing, everything = found["all background"], found["all foreground"]
    assert nothing["accuracy"] == pytest.approx(1 - share / 2)
    assert nothing["dice"] == nothing["iou"] == 0.5  # an empty mask left empty scores 1, the other 0
    assert nothing["auc"] == everything["auc"] == 0.5
    assert nothing["hausdorff_px"] is None  # 0 on the normal image, but infinite on the other
    assert everything["hausdorff_px"] is None and nothing["auc"] == 0.5
    assert everything["accuracy"] == pytest.approx(share / 2)
    assert everything["recall"] == 0.5  # no lesion to find on the normal image, and all of it marked
    assert everything["dice"] == pytest.approx(2 * share / (1 + share) / 2)
    # everywhere the training share: its entropy where it fits, -log(1 - share) on the normal
    fits = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert nothing["loss"] == pytest.approx((fits - math.log(1 - share)) / 2, rel=1e-4)
    assert "loss" not in everything


def test_without_a_lesion_in_training_the_answer_is_never(scene):
    scores = baselines(scene(right, []), train=[NORMAL], test=[NORMAL])["all background"]
    assert scores["loss"] == pytest.approx(0, abs=1e-6) and scores["dice"] == 1
    assert scores["auc"] is None


def test_the_mean_mask_of_one_image_is_that_image(scene):
    assert baselines(scene(right, []), train=[0], test=[0])["mean mask"]["dice"] == 1


def test_otsu_marks_the_dark_side(scene):
    whole = scene(right, [])
    image, mask = whole.cache.images[0][..., 0].astype(float), whole.cache.masks[0] > 127
    dark = image < (image[mask].mean() + image[~mask].mean()) / 2
    expected = row_of(whole, (0, None), dark.astype(np.float32))["dice"]
    assert baselines(whole, train=[0], test=[0])["Otsu"]["dice"] == pytest.approx(expected, abs=0.1)


def test_annotators_agree_as_their_masks_do(scene):
    # the tiny BUSI shows benign-1 again as malignant-2, with the same mask
    assert annotators(scene(right, []).collection) == {"pairs": 1, "dice": 1.0}


def test_every_structure_has_a_prior_of_its_own(tmp_path):
    found = baselines(scene_of_organs(tmp_path, right, []), train=[0], test=[0, 1])
    # of the second picture's right square, three of six columns lie where the first one's was: 18 pixels of 36
    assert found["mean mask"]["dice"] == pytest.approx((1 + 1 + 1 + 0.5) / 4)
    assert found["all background"]["dice"] == 0 and found["all foreground"]["recall"] == 1


def test_the_constant_answer_knows_each_structures_share(tmp_path):
    # in the last picture the left square covers 36 of 600 pixels and the right one none
    scores = baselines(scene_of_organs(tmp_path, right, []), train=[2], test=[2])["all background"]
    entropy = -(0.06 * math.log(0.06) + 0.94 * math.log(0.94))
    assert scores["loss"] == pytest.approx(entropy / 2, rel=1e-4)
    assert scores["dice"] == 0.5
