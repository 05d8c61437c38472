"""The sentences beneath a table that say how to read its rows: what a report did otherwise, and what it printed."""

from collections.abc import Iterator

from ultraseg.report._summary import Summary
from ultraseg.report._words import labels

SAME_ACCURACY, SAME_LOSS = 0.0001, 0.001
"""How near to a mask without lesion a published value, printed to four places, counts as equal to it."""


def beside(summary: Summary) -> Iterator[str]:
    """Write them: the `differs` lines, where the published values stand, and which of them a trivial mask has."""
    for part in (_differs, _published, _trivial_rows):
        yield from part(summary)


def _differs(summary: Summary) -> Iterator[str]:
    if summary.outline.differs and summary.outline.profile not in ("", "full"):
        yield (
            "What follows is written for the study's own sizes, epochs and data, of which profile "
            f"{summary.outline.profile} changes some:"
        )
    yield from summary.outline.differs


def _published(summary: Summary) -> Iterator[str]:
    rows = [row for row in summary.rows if row.cell.published]
    if not rows:
        return
    source = summary.outline.source
    wheres = "; ".join(f"{labels([row])} from {row.cell.where}" for row in rows)
    name = f"report {source['report']}, {source['table']}, on {source['data']}; " if source else ""
    yield f"Published values: {name}{wheres}."


def _trivial_rows(summary: Summary) -> Iterator[str]:
    """Name the published rows that a mask without lesion equals."""
    trivial = summary.outline.trivial
    if "accuracy" not in trivial:
        return
    same = [r for r in summary.rows if _near(r.cell.published.get("accuracy"), trivial["accuracy"], SAME_ACCURACY)]
    losses = [trivial[key] for key in ("loss", "dice_loss") if key in trivial]
    too = [r for r in same if any(_near(r.cell.published.get("loss"), loss, SAME_LOSS) for loss in losses)]
    scores = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in trivial.items() if key != "where")
    where = f" ({trivial['where']})" if "where" in trivial else ""
    yield f"On the published targets a mask without lesion scores {scores}{where}."
    if same:
        sentence = f"Published rows whose accuracy equals that of a mask without lesion ({trivial['accuracy']:.4f}): "
        yield sentence + labels(same) + (f". Of these the loss equals it too: {labels(too)}." if too else ".")


def _near(value: float | None, other: float, within: float) -> bool:
    """Compare to within a tolerance, which a value at its very edge meets."""
    return value is not None and abs(value - other) <= within * (1 + 1e-6)
