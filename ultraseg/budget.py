"""A budget: how long a trial trains, in epochs, optimizer steps, images shown, or minutes of training steps.

A training is cut into rounds; after each the validation part is looked at and a backup is kept. A round is a pass over
the training part (an epoch), or an equal piece of one where the whole training would otherwise have fewer than LOOKS
rounds, so that the epoch that is kept is chosen from several whatever the budget counts.

Departure: from counting epochs alone, under which a study of batch sizes, data quantity or architectures gives its
rows unequal numbers of steps, images or seconds.
"""

import math
from dataclasses import dataclass
from typing import Any

UNITS = ("epochs", "steps", "images", "minutes")
LOOKS = 5
"""Rounds that a training has at least, where it is not counted in epochs."""


@dataclass(frozen=True)
class Round:
    """A piece of a pass over the training part: `first` to `last`, without it, are places in the pass's order.

    `epoch` numbers the pass from 0. The round ends early, after a whole step, when its steps took `seconds`.
    """

    epoch: int
    first: int
    last: int
    seconds: float = math.inf


@dataclass(frozen=True)
class Budget:
    """So much (`amount`) of a unit of UNITS."""

    unit: str
    amount: float

    @property
    def words(self) -> str:
        """As a sentence has it: `1 epoch`, `2,000 steps`, `10 minutes of training steps`."""
        unit = self.unit.removesuffix("s") if self.amount == 1 else self.unit
        return f"{self.amount:,g} {unit}" + (" of training steps" if self.unit == "minutes" else "")

    @property
    def of_machine(self) -> bool:
        """Whether how far a training gets depends on the machine."""
        return self.unit == "minutes"

    def next(self, images: int, batch: int, *, shown: int, seconds: float) -> Round | None:
        """The next round of a training.

        Args:
            images: of the training part.
            batch: images per step.
            shown: how many images the rounds so far have shown.
            seconds: what the steps of these rounds took.

        Returns:
            The round, None when the budget is used up.
        """
        epoch, first = divmod(shown, images)
        if self.of_machine:
            left = 60 * self.amount - seconds
            return Round(epoch, first, images, min(left, 60 * self.amount / LOOKS)) if left > 0 else None
        total = self._images(images, batch)
        if shown >= total:
            return None
        piece = self._piece(images, batch, total)
        return Round(epoch, first, min(images, (first // piece + 1) * piece, first + total - shown))

    def rounds(self, images: int, batch: int) -> int | None:
        """Count the rounds of a whole training; None where only the clock knows."""
        if self.of_machine:
            return None
        total = self._images(images, batch)
        piece = self._piece(images, batch, total)
        passes, rest = divmod(total, images)
        return passes * -(-images // piece) + -(-rest // piece)

    def steps(self, images: int, batch: int) -> int | None:
        """Count the optimizer steps of a whole training; None where only the clock knows."""
        if self.of_machine:
            return None
        passes, rest = divmod(self._images(images, batch), images)
        return passes * -(-images // batch) + -(-rest // batch)

    def seconds(self, images: int, batch: int, *, per_step: float) -> float:
        """What the steps of a whole training take, when one takes so long."""
        return 60 * self.amount if self.of_machine else self.steps(images, batch) * per_step

    def _images(self, images: int, batch: int) -> int:
        """How many images the whole training shows."""
        amount = int(self.amount)
        if self.unit == "epochs":
            return amount * images
        if self.unit == "images":
            return amount
        passes, rest = divmod(amount, -(-images // batch))
        return passes * images + rest * batch

    def _piece(self, images: int, batch: int, total: int) -> int:
        """Images of a round that does not end with its pass or the budget: whole batches, at most a LOOKS-th of all."""
        if self.unit == "epochs":
            return images
        pieces = max(1, -(-LOOKS * images // total))
        return batch * max(1, -(-images // batch) // pieces)


def budget_of(trial: dict[str, Any]) -> Budget:
    """The budget of a resolved trial, which has either `epochs` or `budget`."""
    [(unit, amount)] = trial["budget"].items() if "budget" in trial else [("epochs", trial["epochs"])]
    return Budget(unit, amount)
