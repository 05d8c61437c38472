"""Budgets: by hand, and laws of every unit: nothing is shown twice in a pass, and rounds add up to the budget."""

import math

import pytest

from ultraseg.budget import LOOKS, Budget, Round, budget_of


def walked(budget, images, batch, *, per_image=0.0):
    """All rounds of a training whose steps take as long as their images say."""
    shown, seconds, rounds = 0, 0.0, []
    while (piece := budget.next(images, batch, shown=shown, seconds=seconds)) is not None:
        last = piece.last
        if per_image:  # the clock stops a round after the step in which its time ran out
            steps = math.ceil(piece.seconds / (per_image * batch) - 1e-9)
            last = min(piece.last, piece.first + steps * batch)
        shown, seconds = shown + last - piece.first, seconds + per_image * (last - piece.first)
        rounds.append(Round(piece.epoch, piece.first, last))
    return rounds


def steps_of(rounds, batch):
    return sum(math.ceil((piece.last - piece.first) / batch) for piece in rounds)


def test_epochs_are_passes():
    assert walked(Budget("epochs", 2), 10, 4) == [Round(0, 0, 10), Round(1, 0, 10)]


def test_steps_by_hand():
    """10 images in batches of 4 are 3 steps; 17 steps are 5 passes and 2 steps, which show 8 images of the sixth."""
    rounds = walked(Budget("steps", 17), 10, 4)
    assert rounds == [*(Round(epoch, 0, 10) for epoch in range(5)), Round(5, 0, 8)]
    assert (Budget("steps", 17).rounds(10, 4), Budget("steps", 17).steps(10, 4)) == (6, 17)


def test_images_by_hand():
    """53 images are 5 passes of 10 and 3 more: the batch of the last step is cut."""
    rounds = walked(Budget("images", 53), 10, 4)
    assert rounds[-1] == Round(5, 0, 3) and len(rounds) == 6
    assert Budget("images", 53).steps(10, 4) == 5 * 3 + 1


def test_a_budget_shorter_than_a_pass_is_cut_into_looks():
    """20 steps show 80 of 400 images: 5 looks in a fifth of a pass are 25 a pass of 100 steps, so 4 steps each."""
    assert walked(Budget("steps", 20), 400, 4) == [Round(0, first, first + 16) for first in (0, 16, 32, 48, 64)]


def test_minutes_end_after_the_step_that_uses_them_up():
    """6 s are 5 looks of 1.2 s; a step of 4 images takes 0.5 s, so that a look has 3 steps."""
    rounds = walked(Budget("minutes", 0.1), 100, 4, per_image=0.125)
    assert rounds == [Round(0, first, first + 12) for first in (0, 12, 24, 36)]
    assert Budget("minutes", 0.1).next(100, 4, shown=0, seconds=5.9).seconds == pytest.approx(0.1)
    assert Budget("minutes", 0.1).next(100, 4, shown=48, seconds=6.0) is None
    assert Budget("minutes", 0.1).steps(100, 4) is None and Budget("minutes", 0.1).rounds(100, 4) is None


def test_seconds():
    assert Budget("epochs", 3).seconds(10, 4, per_step=2.0) == 3 * 3 * 2.0
    assert Budget("minutes", 1.5).seconds(10, 4, per_step=2.0) == 90.0


@pytest.mark.parametrize("unit, amount", [("epochs", 3), ("steps", 7), ("steps", 400), ("images", 50), ("images", 999)])
@pytest.mark.parametrize("images, batch", [(1, 1), (7, 8), (16, 8), (100, 8), (101, 3)])
def test_rounds_add_up_to_the_budget(unit, amount, images, batch):
    budget = Budget(unit, amount)
    rounds = walked(budget, images, batch)
    shown = sum(piece.last - piece.first for piece in rounds)
    assert {"epochs": shown / images, "steps": steps_of(rounds, batch), "images": shown}[unit] == amount
    assert (budget.rounds(images, batch), budget.steps(images, batch)) == (len(rounds), steps_of(rounds, batch))
    for before, after in zip(rounds, rounds[1:], strict=False):  # each goes on where the one before ended
        assert (after.epoch, after.first) == ((before.epoch, before.last), (before.epoch + 1, 0))[before.last == images]
    assert all(piece.first % batch == 0 for piece in rounds)
    if unit != "epochs":
        assert len(rounds) >= min(LOOKS, steps_of(rounds, batch))


@pytest.mark.parametrize(
    ("trial", "words", "of_machine"),
    [
        ({"epochs": 20}, "20 epochs", False),
        ({"budget": {"steps": 2000}}, "2,000 steps", False),
        ({"budget": {"images": 1}}, "1 image", False),
        ({"budget": {"minutes": 2.5}}, "2.5 minutes of training steps", True),
    ],
)
def test_words(trial, words, of_machine):
    assert (budget_of(trial).words, budget_of(trial).of_machine) == (words, of_machine)
