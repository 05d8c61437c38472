"""The sentences beneath a table that limit what it shows: what is missing, not comparable, no better than nothing."""

from collections.abc import Iterator
from statistics import fmean

from ultraseg.report._summary import TRIVIAL, Row, Summary
from ultraseg.report._words import labels

SAME_ACCURACY, SAME_LOSS = 0.0001, 0.001
"""How near to a mask without lesion a published value, printed to four places, counts as equal to it."""


def limits(summary: Summary) -> Iterator[str]:
    """Write them, the study's own `differs` lines among them."""
    for part in (_missing, _published, _trivial_rows, _worthless):
        yield from part(summary)


def _missing(summary: Summary) -> Iterator[str]:
    if len(summary.done) < summary.wanted:
        yield f"{len(summary.done)} of {summary.wanted} trials done; the study is not complete."
    if summary.given_up:
        yield f"Given up after two failures: {'; '.join(summary.given_up)}."
    if any(row.count("collapsed") for row in summary.rows):
        yield (
            "Collapsed: no lesion pixel was predicted on the validation images (on the test images, where a trial "
            "has no validation part); such a trial is in the means."
        )
    lost = sum(not trial.images for trial in summary.done)
    if any(row.count("diverged") for row in summary.rows):
        yield (
            "Diverged: the loss was no longer a finite number. Such a trial is measured at the best epoch before; "
            f"where no epoch was finite ({lost} here) it has no scores and is not in the means."
        )
    trained = {trial.result["data"]["tested_on_training"] for trial in summary.done}
    if trained == {True}:
        yield "Training-set figures: every test image was also trained on, so nothing here is a held-out result."
    if trained == {True, False}:
        rows = [row for row in summary.rows if any(_on_training(row))]
        yield f"Training-set figures, not held-out results, stand in: {labels(rows)}."
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
    if not summary.outline.comparable:
        yield (
            f"The published values were measured on {source['data']}, these on {summary.outline.data}: "
            "they are not comparable."
        )


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


def _worthless(summary: Summary) -> Iterator[str]:
    rows = [row for row in summary.rows if _no_better(row)]
    if rows:
        yield f"In pixel accuracy no better than all background on the same images: {labels(rows)}."


def _no_better(row: Row) -> bool:
    scored = [trial for trial in row.done if trial.images]
    nothing = [trial.result["baselines"][TRIVIAL]["accuracy"] for trial in scored]
    return bool(scored) and fmean(trial.score("accuracy").mean() for trial in scored) <= fmean(nothing)


def _on_training(row: Row) -> list[bool]:
    return [trial.result["data"]["tested_on_training"] for trial in row.done]


def _near(value: float | None, other: float, within: float) -> bool:
    """Compare to within a tolerance, which a value at its very edge meets."""
    return value is not None and abs(value - other) <= within * (1 + 1e-6)
