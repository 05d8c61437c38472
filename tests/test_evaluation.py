"""Evaluation: a row per image at its own size, pixels pooled, and the answer that sees no lesion."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.scenes import right, scene_of, scene_of_organs
from ultraseg import pixels, records
from ultraseg.evaluation import NotFinite, choose_threshold, evaluate, measured_at, named, places, row_of, tally

NORMAL = 7
ALL = list(range(9))


@pytest.fixture
def scene(tiny_busi, tmp_path):
    return lambda logits, indices, **given: scene_of(tiny_busi, tmp_path, logits, indices, **given)


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
    assert pooled.scores["accuracy"] == 1 and pooled.scores["auc"] == 1
    assert pooled.scores["loss"] == pytest.approx(math.log1p(math.exp(-9)), rel=1e-3)


def test_copies_keep_their_group_and_label(scene):
    row = evaluate(scene(right, ALL), ALL)[0][5]
    assert (row["id"], row["group"], row["label"]) == ("malignant-2", "benign-1", "malignant")


def test_sums_of_probabilities_are_those_of_soft_dice(scene):
    quarter = math.log(1 / 3)
    [row], _ = evaluate(scene(lambda cache, index: right(cache, index) * 0 + quarter, [0]), [0])
    lesion = row["tp"] + row["fn"]
    assert row["tp"] == 0 and row["auc"] == 0.5
    assert row["grid_probability"] == pytest.approx(2400 / 4, rel=1e-5)
    assert row["grid_overlap"] == pytest.approx(lesion / 4, rel=1e-5)
    assert (row["grid_tp"], row["grid_fp"], row["grid_fn"]) == (0, 0, lesion)


def test_pooled_measures_are_over_all_pixels(scene):
    rng = np.random.default_rng(0)
    noise = {index: rng.normal(0, 2, (40, 60, 1)) for index in (0, NORMAL, 4)}
    whole = scene(lambda cache, index: right(cache, index, 1.0) + noise[index], list(noise))
    rows, pooled = evaluate(whole, list(noise))
    truth = np.stack([whole.cache.masks[index] for index in noise]) > 127
    answers = np.stack([right(whole.cache, index, 1.0) + noise[index] for index in noise])[..., 0]
    assert pooled.scores["accuracy"] == pytest.approx(np.mean((answers > 0) == truth))
    assert pooled.scores["auc"] == pytest.approx(roc_auc_score(truth.ravel(), answers.ravel()), abs=1e-4)
    assert pooled.scores["loss"] == pytest.approx(np.mean([row["loss"] for row in rows]))


def test_images_without_lesion_have_no_pooled_curve(scene):
    assert evaluate(scene(right, [NORMAL]), [NORMAL])[1].scores["auc"] is None


def test_two_channels_answer_as_one(scene):
    def two(cache, index):
        lesion = right(cache, index)
        return np.concatenate([np.zeros_like(lesion), lesion], axis=-1)

    one, pooled = evaluate(scene(right, [0, 1]), [0, 1])
    both, pooled_both = evaluate(scene(two, [0, 1], classes=2), [0, 1])
    assert [row["tp"] for row in both] == [row["tp"] for row in one]
    assert pooled_both.scores["loss"] == pytest.approx(pooled.scores["loss"], rel=1e-5)


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


def test_a_tally_counts_at_the_networks_size_alone(scene):
    rows = tally(scene(right, [6, NORMAL]), [6, NORMAL])
    assert [tuple(row) for row in rows] == [records.TRAINING] * 2
    [whole, _], _ = evaluate(scene(right, [6, NORMAL]), [6, NORMAL])
    assert all(rows[0][name] == whole[name] for name in records.TRAINING)
    assert rows[0]["grid_tp"] > 0 and rows[0]["grid_fp"] == rows[0]["grid_fn"] == 0
    assert whole["tp"] + whole["fn"] < rows[0]["grid_tp"]  # 31 x 45 pixels, stretched to 40 x 60


def test_the_threshold_and_the_steps_after_it_decide_the_mask(scene):
    weak = math.log(0.3 / 0.7)
    assert evaluate(scene(lambda c, i: right(c, i) * 0 + weak, [0]), [0])[0][0]["fp"] == 0
    [row], _ = evaluate(scene(lambda c, i: right(c, i) * 0 + weak, [0]), [0], threshold=0.25)
    assert row["fn"] == row["tn"] == 0
    # benign-2 shows two lesions, of which the larger stays
    [both], _ = evaluate(scene(right, [1]), [1])
    [one], _ = evaluate(scene(right, [1], more="  postprocess: [largest_component]"), [1])
    assert (both["components"], one["components"], one["lesions"]) == (2, 1, 2)
    assert one["dice"] < both["dice"] == 1 and one["grid_tp"] == both["grid_tp"]


def test_a_threshold_is_chosen_where_the_answers_want_it(scene):
    def timid(cache, index):
        return right(cache, index, 1.0) - 2.0  # lesions at sigmoid(-1) = 0.27, background at sigmoid(-3) = 0.05

    threshold, means = choose_threshold(scene(timid, [0, 3]), [0, 3])
    assert threshold == 0.25 and means[0.25] == 1 and means[0.5] == 0


def test_millimetres_where_the_source_gives_a_pitch(scene, monkeypatch):
    whole = scene(lambda c, i: np.roll(right(c, i), 3, axis=1), [0])
    [row], _ = evaluate(whole, [0])
    assert row["hausdorff_px"] == 3 and math.isnan(row["hausdorff_mm"])
    object.__setattr__(whole.collection.samples[0], "pitch_mm", (0.1, 0.2))
    whole.program.logits = lambda images: np.roll(right(whole.cache, 0), 3, axis=1)[None].astype(np.float32)
    [row], _ = evaluate(whole, [0])
    assert row["hausdorff_mm"] == pytest.approx(0.6) and row["hausdorff_px"] == 3


def test_a_pitch_is_that_of_the_mask_that_is_measured(scene):
    # 40 x 60 pixels of 0.1 mm as masks of 20 x 20: pixels of 0.2 x 0.3 mm
    whole = scene(lambda c, i: np.roll(right(c, i), 2, axis=1), [0], mask_size=(20, 20))
    object.__setattr__(whole.collection.samples[0], "pitch_mm", (0.1, 0.1))
    [row], _ = evaluate(whole, [0])
    assert row["hausdorff_px"] == 2 and row["hausdorff_mm"] == pytest.approx(0.6)


def test_a_network_that_answers_with_nan_is_told_from_broken_files(scene):
    with pytest.raises(NotFinite, match="answers with what is not a finite number"):
        evaluate(scene(lambda c, i: right(c, i) * np.nan, [0]), [0])


def test_a_letterboxed_image_is_measured_without_its_margins(scene):
    def all_but_the_margins_right(cache, index):
        logits = right(cache, index)
        logits[:10] = logits[50:] = 9.0
        return logits

    # 40 x 60 pixels fill the middle of 60 x 60 as they are; 10 rows above and below are margin
    whole = scene(all_but_the_margins_right, [0, 1], size=(60, 60), policy="letterbox")
    rows, pooled = evaluate(whole, [0, 1])
    for row in rows:
        assert (row["height"], row["width"], row["dice"], row["tp"] + row["tn"]) == (40, 60, 1, 2400)
        assert row["grid_fp"] == 2 * 10 * 60 and row["grid_fn"] == 0
    assert pooled.counted.fp == 2 * 1200


def test_what_a_crop_does_not_show_counts_as_background(scene):
    # of 40 x 60 pixels the middle 40 columns are seen; benign-10 has pixels in columns 50 and 51 too
    whole = scene(right, [3], size=(40, 40), policy="crop")
    truth = pixels.read_truth(whole.collection.samples[3], (40, 60))
    unseen = int(truth[:, 50:].sum())
    [row], _ = evaluate(whole, [3])
    assert unseen > 0 and (row["tp"], row["fp"], row["fn"]) == (truth.sum() - unseen, 0, unseen)
    full = row_of(whole, (3, None), np.ones((40, 40), np.float32))
    assert full["tp"] + full["fp"] == 1600


def test_every_structure_has_a_row_a_name_and_a_picture(tmp_path):
    whole = scene_of_organs(tmp_path, right, [0, 2])
    assert places(whole, [0, 2]) == [(0, 0), (0, 1), (2, 0), (2, 1)]
    assert named(whole, (2, 1)) == {"id": "case2_right", "group": "g2", "label": "right", "source": "organs"}
    rows, pooled = evaluate(whole, [0, 2], pictures=tmp_path / "out")
    names = ["case0_left", "case0_right", "case2_left", "case2_right"]
    assert [row["id"] for row in rows] == names == [*sorted(path.stem for path in (tmp_path / "out").iterdir())]
    assert [(row["tp"], row["fp"], row["fn"], row["dice"]) for row in rows[:3]] == [(36, 0, 0, 1)] * 3
    assert (rows[3]["tp"], rows[3]["tn"], rows[3]["dice"]) == (0, 600, 1)
    assert pooled.counted == (108, 0, 0, 4 * 600 - 108)
    assert [(row["id"], row["grid_tp"]) for row in tally(scene_of_organs(tmp_path, right, [2]), [2])] == [
        ("case2_left", 36),
        ("case2_right", 0),
    ]


def test_one_structure_that_is_missed_costs_its_own_row_alone(tmp_path):
    def undecided_on_the_right(cache, index):
        return right(cache, index) * np.array([1, 0])

    # sigmoid(0) is not above one half, so nothing is marked; its cross entropy is log 2 in every pixel
    rows, _ = evaluate(scene_of_organs(tmp_path, undecided_on_the_right, [0, 1]), [0, 1])
    assert [row["dice"] for row in rows] == [1, 0, 1, 0]
    assert [row["loss"] for row in rows] == pytest.approx([math.log1p(math.exp(-9)), math.log(2)] * 2, rel=1e-4)


def test_a_threshold_is_chosen_over_all_structures(tmp_path):
    def timid(cache, index):
        return right(cache, index, 1.0) - 2.0

    assert choose_threshold(scene_of_organs(tmp_path, timid, [0]), [0])[0] == 0.25
