"""By hand and against SciPy: ranks of rows over groups of images."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from tests.statistics.tables import table
from ultraseg.statistics import ranks


def test_by_hand():
    # Six images, c always best, then b, then a. Friedman: 12 / (6*3*4) * (18² + 12² + 6²) - 3*6*4 = 12, with 2 degrees.
    base = np.linspace(0.1, 0.6, 6)
    found = ranks(table({"a": base, "b": base + 0.1, "c": base + 0.2}))
    assert found.mean.to_dict() == {"a": 3, "b": 2, "c": 1}
    assert (found.statistic, found.friedman) == pytest.approx((12, math.exp(-6)))
    # Demsar's q for three rows at 0.05 is 2.343; the critical difference is q * sqrt(3 * 4 / (6 * 6)).
    assert found.critical == pytest.approx(2.343 * math.sqrt(12 / 36), rel=1e-3)
    assert (found.images, found.groups, found.seeds, found.folds, found.left_out) == (6, 6, 1, 1, 0)


def test_nemenyi_is_at_its_level_where_the_ranks_differ_by_the_critical_difference():
    generator = np.random.default_rng(0)
    found = ranks(
        table({name: generator.random(40) + shift for name, shift in zip("abcd", (0, 0.1, 0.2, 0.4), strict=True)})
    )
    for one in "abcd":
        for other in "abcd":
            apart = abs(found.mean[one] - found.mean[other])
            q = apart / math.sqrt(4 * 5 / (6 * 40)) * math.sqrt(2)
            assert found.nemenyi.loc[one, other] == pytest.approx(stats.studentized_range.sf(q, 4, np.inf), abs=1e-6)
            assert (found.nemenyi.loc[one, other] <= 0.05) == (apart >= found.critical)
    assert (found.nemenyi <= 0.05).to_numpy().any()


def test_lower_may_be_better_and_equal_scores_share_a_rank():
    scores = table({"a": np.arange(6), "b": np.arange(6), "c": np.arange(6) + 1})
    assert ranks(scores, higher_is_better=False).mean.to_dict() == {"a": 1.5, "b": 1.5, "c": 3}
    assert ranks(scores).mean.to_dict() == {"a": 2.5, "b": 2.5, "c": 1}


def test_groups_are_the_blocks_and_seeds_are_averaged():
    generator = np.random.default_rng(3)
    values = generator.random((3, 2, 8))
    found = ranks(table(dict(zip("abc", values, strict=True)), group=[0, 0, 1, 2, 3, 4, 5, 5]))
    means = values.mean(1)
    blocks = np.stack([means[:, :2].mean(1), *means[:, 2:6].T, means[:, 6:].mean(1)])
    assert found.friedman == pytest.approx(stats.friedmanchisquare(*blocks.T).pvalue)
    assert (found.images, found.groups, found.seeds) == (8, 6, 2)


def test_an_image_undefined_in_any_row_is_left_out():
    values = np.random.default_rng(0).random((3, 8))
    values[1, 2] = np.nan
    found = ranks(table(dict(zip("abc", values, strict=True))))
    assert (found.images, found.left_out) == (7, 1)


def test_too_few_groups_or_rows_that_are_all_alike_are_not_tested():
    few = ranks(table({name: np.random.default_rng(0).random(5) for name in "abc"}))
    assert math.isnan(few.friedman) and few.note == "5 groups of images, fewer than 6: no test is made."
    assert few.nemenyi.isna().all(axis=None) and math.isnan(few.critical)
    alike = ranks(table({name: np.arange(7) for name in "abc"}))
    assert math.isnan(alike.friedman) and alike.note.startswith("All rows score alike") and set(alike.mean) == {2}
    with pytest.raises(ValueError, match="ranks: no test was made, so there is no diagram: All rows score alike"):
        alike.draw(Figure().subplots())


def test_two_rows_are_refused():
    with pytest.raises(ValueError, match="ranks: three rows or more were wanted, got 2"):
        ranks(table({"a": np.arange(7), "b": np.arange(7)}))


def test_the_diagram_names_every_row_and_joins_those_that_are_not_told_apart():
    base = np.linspace(0.1, 0.6, 12)
    jitter = np.where(np.arange(12) < 7, 0.01, -0.01)
    axes = Figure().subplots()
    ranks(table({"unet": base, "fpn": base + jitter, "pan": base + 0.2})).draw(axes)
    words = " ".join(text.get_text() for text in axes.texts)
    assert all(name in words for name in ("unet", "fpn", "pan"))
    bars = [line for line in axes.lines if len(set(line.get_ydata())) == 1 and len(line.get_xdata()) == 2]
    joined, critical = (sorted(line.get_xdata()) for line in bars)
    assert joined == pytest.approx([2 + 5 / 12, 2 + 7 / 12])  # fpn above unet in seven of twelve
    assert critical == pytest.approx([1.0, 1.0 + 2.343 * math.sqrt(12 / 72)], rel=1e-3) and "CD = 0.96" in words


def test_rows_of_one_mean_rank_are_one_point_of_the_diagram():
    base, axes = np.linspace(0.1, 0.6, 12), Figure().subplots()
    ranks(table({"bce": base, "dice": base - 0.05, "kld": base})).draw(axes)
    words = [text.get_text() for text in axes.texts]
    assert "bce = kld (1.5)" in words and "(3.0) dice" in words and len(words) == 3  # the third is CD


@pytest.mark.parametrize(
    "rows, ticks", [(9, range(1, 10)), (17, range(1, 18)), (18, (5, 10, 15, 20))], ids=["ones", "most ones", "fives"]
)
def test_the_axis_of_many_ranks_has_whole_ticks(rows, ticks):
    """Of rows that are ranked alike in each of 20 images."""
    axes = Figure().subplots()
    ranks(table({f"row {place}": np.arange(20) + 30 * place for place in range(rows)})).draw(axes)
    assert list(axes.get_xticks()) == list(ticks) and axes.get_xlim()[0] == 1


def test_the_diagram_has_an_axis_over_all_ranks_and_one_decimal_place():
    """Of 10 images, b is best in 7 and second in 3: mean ranks 1.3, 1.7 and 3, an axis from 1 to 3."""
    a, b = np.ones(10), np.where(np.arange(10) < 7, 2, 0.5)
    found, axes = ranks(table({"a": a, "b": b, "c": np.zeros(10)})), Figure().subplots()
    found.draw(axes)
    assert {"a (1.7)", "b (1.3)", "(3.0) c"} <= {text.get_text() for text in axes.texts}
    assert list(axes.get_xticks()) == [1, 1.5, 2, 2.5, 3] and axes.spines["top"].get_visible()
    assert axes.get_xlim() == (1, 3)
