"""Costs: the Pareto front by hand, its sentences, and what stands in the table."""

import csv

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

from ultraseg import pixels
from ultraseg.report import _pareto, _table, report
from ultraseg.report._costs import budgets, cost, front, fronts, sentences
from ultraseg.report._pareto import pareto
from ultraseg.report._style import STYLE

NETS = "title: Nets\ndata: {split: {holdout: {}}}\ncross: {model: [UNet, PAN, FPN], seed: [0, 1]}\n"
NAN = float("nan")


def test_front_by_hand():
    """The second costs more than the first for less, the fourth as much as the third for less; equals both stay."""
    assert front([1, 2, 3, 3, 9, 9], [0.5, 0.4, 0.7, 0.6, 0.8, 0.8]) == [True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("costs", "scores", "on"),
    [
        ([1, 1], [0.5, 0.6], [False, True]),
        ([1, 2], [0.5, 0.5], [True, False]),
        ([NAN, 2], [0.9, 0.5], [False, True]),
        ([1, 2], [NAN, 0.5], [False, True]),
        ([], [], []),
    ],
)
def test_front_where_something_is_equal_or_missing(costs, scores, on):
    assert front(costs, scores) == on


def test_front_is_what_is_left_when_the_dominated_are_struck_out():
    random = np.random.default_rng(3)
    for _ in range(50):
        costs, scores = random.integers(0, 6, 9), random.integers(0, 6, 9)
        points = set(zip(costs.tolist(), scores.tolist(), strict=True))
        best = {c: max(s for k, s in points if k == c) for c, _ in points}
        stairs = {(c, s) for c, s in best.items() if all(s > other for k, other in best.items() if k < c)}
        assert front(costs, scores) == [point in stairs for point in zip(costs.tolist(), scores.tolist(), strict=True)]


@pytest.fixture
def nets(folder):
    """The UNet is small and good, the PAN large and better, the FPN large and bad."""
    made = folder(NETS)
    for cell, (size, dice) in enumerate([(10, 0.6), (400, 0.8), (400, 0.4)]):
        for place in range(2):
            made.put(cell, place, dice=[dice, dice + 0.1 * place], parameters=size, multiply_adds=2_000_000 * size)
    return made


def test_fronts_and_their_sentences(nets):
    summary = nets.summary()
    assert fronts(summary) == {"parameters": [True, True, False], "multiply_adds": [True, True, False]}
    first, second = sentences(summary)
    assert first == (
        "Rows that no other matches in mean dice at less cost (the Pareto front, which no test stands behind): "
        'by parameters "UNet", "PAN"; by multiply-adds "UNet", "PAN".'
    )
    assert "depend on the machine" in second


def test_a_row_that_failed_in_every_trial_is_on_no_front_and_named_as_left_out(folder):
    """The cheapest row collapsed; where one of its trials learnt, it is a row as others are."""
    for second, on, words in (
        ("collapsed", False, 'PAN"; left out, since every trial of theirs collapsed or diverged: "UNet".'),
        ("trained", True, 'UNet", "PAN".'),
    ):
        made = folder(NETS, name=second)
        made.put(0, 0, dice=[0.1], parameters=5, outcome="collapsed")
        made.put(0, 1, dice=[0.1], parameters=5, outcome=second)
        made.put(1, 0, dice=[0.6], parameters=10)
        made.put(2, 0, dice=[0.5], parameters=20)
        assert fronts(made.summary())["parameters"] == [on, True, False]
        assert next(sentences(made.summary())).endswith(words)
        assert pareto(made.summary(), made.root / "pareto.png").is_file()


def test_a_row_that_is_tested_on_its_training_images_is_on_no_front_of_others_that_are_not(folder):
    made = folder(NETS)
    made.put(0, 0, dice=[0.9], parameters=5, resubstituted=True)
    made.put(1, 0, dice=[0.6], parameters=10)
    made.put(2, 0, dice=[0.7], parameters=20)
    assert fronts(made.summary())["parameters"] == [False, True, True]
    told = 'PAN", "FPN"; left out, since they are tested on what they were trained on: "UNet".'
    assert next(sentences(made.summary())).endswith(told)
    for cell, dice in ((1, 0.6), (2, 0.7)):
        made.put(cell, 0, dice=[dice], parameters=10 * cell, resubstituted=True)
    assert fronts(made.summary())["parameters"] == [True, False, False]


def test_a_row_that_is_tested_on_other_images_is_on_no_front(folder):
    made = folder(NETS.replace("[0, 1]", "[0]"))
    for cell, images in enumerate(([0.5] * 6, [0.6] * 6, [0.9] * 5)):
        made.put(cell, 0, dice=images, parameters=10 * cell + 10)
    assert fronts(made.summary())["parameters"] == [True, True, False]
    [sentence, _] = sentences(made.summary())
    assert "left out, since their test images or folds are others than the baseline's" in sentence


def test_where_one_row_learnt_there_is_no_front(folder):
    made = folder(NETS)
    for cell, outcome in enumerate(["collapsed", "collapsed", "trained"]):
        made.put(cell, 0, dice=[0.1], parameters=cell + 5, outcome=outcome)
    assert fronts(made.summary()) == {} and pareto(made.summary(), made.root / "pareto.png") is None


@pytest.mark.parametrize("low", [1.3, 4.2e5, 1.51e8])
@pytest.mark.parametrize("ratio", [1.01, 1.7, 4.9, 5.2, 19, 50, 190, 900, 1e5])
def test_labels_of_costs_stay_apart(low, ratio):
    with rc_context(STYLE):
        figure = Figure(figsize=(8.4, 3.1))
        axes = figure.subplots(1, 3)[0]
        axes.plot([low, low * ratio], [0.5, 0.6])
        _pareto._ticks(axes.xaxis, low, low * ratio)
        figure.draw_without_rendering()
    inside = [left <= tick <= right for left, right in [axes.get_xlim()] for tick in axes.get_xticks()]
    shown = [text for text, held in zip(axes.get_xticklabels(), inside, strict=True) if held]
    extents = [text.get_window_extent() for text in shown]
    assert 2 <= len(shown) <= 7 and all(text.get_text() for text in shown)
    assert all(one.x1 + 2 < other.x0 for one, other in zip(extents, extents[1:], strict=False))


def test_less_of_a_falling_measure_is_better(folder):
    made = folder(NETS + "primary: loss\nreport: [loss, dice]\n")
    for cell, (size, loss) in enumerate([(10, 0.3), (400, 0.2), (400, 0.5)]):
        made.put(cell, 0, dice=[0.5], losses=[loss], parameters=size)
    assert fronts(made.summary())["parameters"] == [True, True, False]


def test_seconds_count_where_they_differ_by_more_than_a_tenth(folder):
    for slower, there in ((10.5, False), (12.0, True)):
        made = folder(NETS, name=f"a{slower}")
        made.put(0, 0, dice=[0.5], seconds=10.0)
        made.put(1, 0, dice=[0.6], seconds=slower)
        assert ("seconds" in fronts(made.summary())) is there


def test_a_cost_that_is_not_known_is_no_number(folder):
    made = folder(NETS)
    made.put(0, 0, dice=[0.5], multiply_adds=None)
    made.put(1, 0, dice=[0.6], multiply_adds=5)
    rows = made.summary().rows
    assert np.isnan(cost(rows[0], "multiply_adds")) and np.isnan(cost(rows[2], "multiply_adds"))
    assert cost(rows[1], "multiply_adds") == 5 and fronts(made.summary()) == {}


def test_costs_stand_beside_the_scores(nets):
    line = dict(_table.lines(nets.summary())[1])
    assert (line["parameters"], line["multiply-adds (millions)"]) == ("400", "800.0")
    assert (line["seconds an epoch"], line["images a second"], line["peak memory (MiB)"]) == ("0.8", "25.0", "900.0")
    made = report(nets.root, trials=nets.trials)
    with made.files["table.csv"].open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["front_by_parameters"] for row in rows[:4]] == ["True", "True", "False", ""]
    assert [float(row["multiply_adds"]) for row in rows[:3]] == [2e7, 8e8, 8e8]
    with made.files["costs.csv"].open(newline="") as lines:
        measured = list(csv.DictReader(lines))
    assert [row["row"] for row in measured] == [row["row"] for row in rows[:3]]
    assert (measured[0]["peak_memory_mib"], measured[0]["seconds_per_epoch"]) == ("900.0", "0.8")
    assert not {*rows[0]} & {*measured[0]} - {"row"}
    assert "pareto.png" in made.files


def test_the_front_is_drawn_where_costs_differ(nets, folder):
    path = pareto(nets.summary(), nets.root / "pareto.png")
    height, width, _ = pixels.read_image(path, 3).shape
    assert width > height > 300
    alike = folder(NETS, name="alike")
    for cell in range(3):
        alike.put(cell, 0, dice=[0.5 + cell / 10])
    assert pareto(alike.summary(), alike.root / "pareto.png") is None
    assert not (alike.root / "pareto.png").exists()


def test_a_budget_of_minutes_depends_on_the_machine():
    [told] = budgets([{"budget": {"minutes": 10.0}}], ["10 minutes of training steps"])
    assert told.startswith("Trained for 10 minutes of training steps: how many steps that is depends on the machine")
    assert list(budgets([{"epochs": 3}, {"budget": {"steps": 5}}], ["3 epochs", "5 steps"])) == []
