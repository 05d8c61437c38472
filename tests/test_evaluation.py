"""Evaluation: a row per image at its own size, pixels pooled, and the answer that sees no lesion."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.drawn import load
from ultraseg import catalogue, pipeline, pixels, records
from ultraseg.collection import collect
from ultraseg.evaluation import Scene, all_background, evaluate, measured_at

NORMAL = 7
ALL = list(range(9))


@pytest.fixture
def scene(tiny_busi, tmp_path):
    """Give a scene over the tiny BUSI whose program answers with `logits(index)` for the images in order."""

    def build(logits, indices, *, classes=1, size=(40, 60), mask_size=None):
        trial = load(tmp_path).trials[0]
        data = {**trial["data"], "from": {"busi": {"complete": False}}, "size": list(size)}
        data["mask_size"] = list(mask_size or size)
        trial = {**trial, "data": data, "classes": classes, "preprocess": [{"resize": {"size": list(size)}}]}
        collection = collect(data["from"], root=tiny_busi, cache=tmp_path / "cache")
        cache = pipeline.cached(collection, data, trial["preprocess"], tmp_path / "cache")
        left = iter(indices)

        def answer(images):
            return np.stack([logits(cache, next(left)) for _ in images]).astype(np.float32)

        program = SimpleNamespace(logits=answer, loss=catalogue.bind("losses", "bce"))
        return Scene(trial, collection, cache, program)

    return build


def right(cache, index, strength=9.0):
    return strength * (cache.masks[index][..., None] / 127.5 - 1)


def test_the_right_answer_scores_1_at_each_images_own_size(scene):
    rows, pooled = evaluate(scene(right, ALL), ALL)
    assert [tuple(row) for row in rows] == [records.IMAGES] * 9
    assert [row["id"] for row in rows][:3] == ["benign-1", "benign-2", "benign-3"]
    # 31 x 45 pixels, stretched to 40 x 60 and back: an outline's width of error; the others exact
    for row in rows:
        assert row["tp"] + row["fp"] + row["fn"] + row["tn"] == row["height"] * row["width"]
        if row["id"] == "malignant-3":
            assert (row["height"], row["width"]) == (31, 45) and 0.9 < row["dice"] < 1
        else:
            assert (row["height"], row["width"], row["accuracy"], row["dice"], row["iou"]) == (40, 60, 1, 1, 1)
    assert rows[NORMAL]["tp"] == 0 and math.isnan(rows[NORMAL]["auc"]) and rows[0]["auc"] == 1
    assert pooled["accuracy"] == 1 and pooled["auc"] == 1
    assert pooled["loss"] == pytest.approx(math.log1p(math.exp(-9)), rel=1e-3)


def test_copies_keep_their_group_and_label(scene):
    row = evaluate(scene(right, ALL), ALL)[0][5]
    assert (row["id"], row["group"], row["label"]) == ("malignant-2", "benign-1", "malignant")


def test_sums_of_probabilities_are_those_of_soft_dice(scene):
    quarter = math.log(1 / 3)
    [row], _ = evaluate(scene(lambda cache, index: right(cache, index) * 0 + quarter, [0]), [0])
    lesion = row["tp"] + row["fn"]
    assert row["tp"] == 0 and row["auc"] == 0.5
    assert row["probability_sum"] == pytest.approx(2400 / 4, rel=1e-5)
    assert row["overlap_sum"] == pytest.approx(lesion / 4, rel=1e-5)


def test_pooled_measures_are_over_all_pixels(scene):
    rng = np.random.default_rng(0)
    noise = {index: rng.normal(0, 2, (40, 60, 1)) for index in (0, NORMAL, 4)}
    whole = scene(lambda cache, index: right(cache, index, 1.0) + noise[index], list(noise))
    rows, pooled = evaluate(whole, list(noise))
    truth = np.stack([whole.cache.masks[index] for index in noise]) > 127
    answers = np.stack([right(whole.cache, index, 1.0) + noise[index] for index in noise])[..., 0]
    assert pooled["accuracy"] == pytest.approx(np.mean((answers > 0) == truth))
    assert pooled["auc"] == pytest.approx(roc_auc_score(truth.ravel(), answers.ravel()), abs=1e-4)
    assert pooled["loss"] == pytest.approx(np.mean([row["loss"] for row in rows]))


def test_images_without_lesion_have_no_pooled_curve(scene):
    assert evaluate(scene(right, [NORMAL]), [NORMAL])[1]["auc"] is None


def test_two_channels_answer_as_one(scene):
    def two(cache, index):
        lesion = right(cache, index)
        return np.concatenate([np.zeros_like(lesion), lesion], axis=-1)

    one, pooled = evaluate(scene(right, [0, 1]), [0, 1])
    both, pooled_both = evaluate(scene(two, [0, 1], classes=2), [0, 1])
    assert [row["tp"] for row in both] == [row["tp"] for row in one]
    assert pooled_both["loss"] == pytest.approx(pooled["loss"], rel=1e-5)


def test_masks_of_another_size_are_measured_at_theirs(scene):
    small = scene(right, [6], mask_size=(10, 15))
    [row], _ = evaluate(small, [6])
    assert (row["height"], row["width"], row["dice"]) == (10, 15, 1)
    assert measured_at(small.trial) == "10x15 pixels"
    assert measured_at(scene(right, [6]).trial) == "each image's own size"


def test_pictures_hold_the_probability_at_the_networks_size(scene, tmp_path):
    evaluate(scene(lambda cache, index: right(cache, index) * 0, [6], size=(32, 48)), [6], pictures=tmp_path / "out")
    picture = pixels.read_image(tmp_path / "out" / "malignant-3.png", 1)
    assert picture.shape == (32, 48, 1) and (picture == 128).all()  # 127.5, to the even neighbour


def test_the_answer_without_lesion(scene):
    whole = scene(right, [])
    share = (whole.cache.masks[0] > 0).mean()
    scores = all_background(whole, train=[0], test=[0, NORMAL])
    assert scores["accuracy"] == pytest.approx(1 - share / 2)
    assert scores["dice"] == scores["iou"] == 0.5  # an empty mask left empty scores 1, the other 0
    assert scores["auc"] == 0.5
    # everywhere the training share: its entropy where it fits, -log(1 - share) on the normal
    fits = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert scores["loss"] == pytest.approx((fits - math.log(1 - share)) / 2, rel=1e-4)


def test_without_a_lesion_in_training_the_answer_is_never(scene):
    scores = all_background(scene(right, []), train=[NORMAL], test=[NORMAL])
    assert scores["loss"] == pytest.approx(0, abs=1e-6) and scores["dice"] == 1
