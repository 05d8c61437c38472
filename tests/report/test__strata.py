"""By hand: means by class, lesion size and source, and the sentence on large lesions."""

import math

import pytest

from tests.report.folders import QUESTION, counted
from ultraseg import catalogue
from ultraseg.report import _strata
from ultraseg.report._findings import find
from ultraseg.statistics import Contrast

AREAS = [10, 20, 30, 40, 50, 60, 0, 0]
DICE = [0.9, 0.8, 0.7, 0.6, 0.4, 0.2, 1.0, 0.5]
"""Six lesions, of which the larger are found worse, and two images without."""
LABELS = ["benign"] * 4 + ["malignant"] * 2 + ["normal"] * 2


def images(areas=AREAS, labels=LABELS, **columns):
    """Columns of images whose lesions have these areas, all of them missed; others by name, one value an image."""
    rows = [counted(0, 0, area, 1000 - area) | {"label": label} for area, label in zip(areas, labels, strict=True)]
    given = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [row | {"dice": dice} | more for row, dice, more in zip(rows, DICE, given or [{}] * len(rows), strict=True)]


def filled(made, amended, seeds=3):
    for place in range(seeds):
        made.put(0, place, dice=DICE, amended=amended)
    return made.summary()


def by_stratum(summary):
    return _strata.by_stratum(summary, find(summary))


def means(found, measure="dice"):
    return found[found["measure"] == measure].set_index("stratum")["mean"].to_dict()


def test_means_by_class_and_by_terciles_of_the_lesions_size(folder):
    found = by_stratum(filled(folder(), images()))
    assert means(found) == pytest.approx(
        {
            "benign": (0.9 + 0.8 + 0.7 + 0.6) / 4,
            "malignant": (0.4 + 0.2) / 2,
            "normal": (1.0 + 0.5) / 2,
            "no lesion": (1.0 + 0.5) / 2,
            "small": (0.9 + 0.8) / 2,
            "medium": (0.7 + 0.6) / 2,
            "large": (0.4 + 0.2) / 2,
        }
    )
    sizes = found[(found["kind"] == "size") & (found["measure"] == "dice")]
    assert list(sizes["stratum"]) == ["no lesion", "small", "medium", "large"]
    assert list(sizes["images"]) == [2, 2, 2, 2]


def test_every_measure_is_taken_those_of_the_table_first(folder):
    summary = filled(folder(), images())
    found = by_stratum(summary)
    measures = dict.fromkeys([*summary.scores, *catalogue.names("metrics")])
    assert tuple(found["measure"].unique()) == tuple(measures)
    assert means(found, "accuracy")["large"] == pytest.approx((0.95 + 0.94) / 2)


def test_size_is_the_share_of_the_image(folder):
    sides = [100] + [1000] * 7  # the smallest lesion in pixels is the largest share
    found = by_stratum(filled(folder(), images(height=sides, width=sides)))
    assert means(found)["large"] == pytest.approx((0.9 + 0.2) / 2)


def test_images_of_several_sources_are_parted_by_source(folder):
    found = by_stratum(filled(folder(), images(source=["A"] * 6 + ["B"] * 2)))
    assert means(found[found["kind"] == "source"]) == pytest.approx({"A": 3.6 / 6, "B": 1.5 / 2})


def test_what_all_images_share_is_no_stratum(folder):
    found = by_stratum(filled(folder(), images(areas=[10] * 8, labels=["benign"] * 8)))
    assert found.empty and "stratum" in found


def test_two_lesions_are_too_few_for_sizes(folder):
    summary = filled(folder(), images(areas=[10, 20, 0, 0, 0, 0, 0, 0]))
    assert set(by_stratum(summary)["kind"]) == {"label"}
    assert _strata.large_against_small(find(summary)) == {}


def test_a_study_of_which_no_row_is_whole_has_no_strata(folder):
    summary = filled(folder(), images(), seeds=2)
    assert by_stratum(summary).empty and _strata.large_against_small(find(summary)) == {}


def test_large_lesions_against_small_ones(folder):
    summary = filled(folder(), images())
    found = _strata.large_against_small(find(summary))
    assert list(found) == ["sgd"]
    assert found["sgd"].difference == pytest.approx((0.4 + 0.2) / 2 - (0.9 + 0.8) / 2)
    assert found["sgd"].high < 0 and found["sgd"].images == 4
    [sentence] = _strata.sentences(summary, found)
    assert "-0.5500" in sentence and "too few to say a sign: 2 groups of images, fewer than 6" in sentence


def test_a_row_that_is_defined_on_no_large_lesion_is_not_contrasted(folder):
    made = folder(QUESTION + "primary: hausdorff95\n")
    distances = [3.0] * 4 + [math.inf] * 2 + [0.0] * 2
    assert _strata.large_against_small(find(filled(made, images(hausdorff95_px=distances)))) == {}


@pytest.mark.parametrize(
    "low, high, note, words",
    [
        (-0.4, -0.1, "", "lower on large lesions"),
        (0.1, 0.4, "", "higher on large lesions"),
        (-0.1, 0.4, "", "which leaves either sign open"),
        (0.1, 0.4, "5 groups, fewer than 6.", "too few to say a sign: 5 groups, fewer than 6."),
        (math.nan, math.nan, "One group.", "no interval can be given: One group."),
    ],
)
def test_report_001_is_answered_with_an_interval(folder, low, high, note, words):
    found = Contrast(0.2, low, high, images=4, groups=4, seeds=3, folds=1, left_out=0, note=note)
    [sentence] = _strata.sentences(folder().summary(), {"sgd": found})
    assert "+0.2000" in sentence and words in sentence and "Report 001" in sentence


def test_accuracy_says_nothing_of_report_001s_claim(folder):
    found = Contrast(-0.2, -0.3, -0.1, images=4, groups=4, seeds=3, folds=1, left_out=0, note="")
    [sentence] = _strata.sentences(folder(QUESTION + "primary: accuracy\n").summary(), {"sgd": found})
    assert sentence.endswith("lower on large lesions.")


def test_a_baseline_that_found_no_lesion_answers_nothing(folder):
    found = Contrast(-0.2, -0.3, -0.1, images=4, groups=4, seeds=3, folds=1, left_out=0, note="")
    made = folder()
    made.put(0, 0, dice=[0.0] * 6, outcome="collapsed")
    assert not list(_strata.sentences(made.summary(), {"sgd": found}))


def test_without_the_baseline_nothing_is_answered(folder):
    found = Contrast(0.2, 0.1, 0.3, images=4, groups=4, seeds=3, folds=1, left_out=0, note="")
    assert not list(_strata.sentences(folder().summary(), {"adam": found}))


def test_a_measure_that_is_younger_than_the_trials_is_left_out(folder, monkeypatch):
    summary = filled(folder(), images())
    names = catalogue.names("metrics")
    monkeypatch.setattr(catalogue, "names", lambda room: [*names, "boldness"])
    assert "boldness" not in set(by_stratum(summary)["measure"])
