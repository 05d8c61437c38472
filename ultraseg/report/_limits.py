"""The sentences beneath a table that limit what it shows: what is missing, trained on, no better than nothing."""

from collections.abc import Iterator
from statistics import fmean

from ultraseg import averages
from ultraseg.report._summary import TRIVIAL, Row, Summary
from ultraseg.report._trials import Trial
from ultraseg.report._words import between, labels


def limits(summary: Summary) -> Iterator[str]:
    """Write them."""
    for part in (_missing, _leaking, _unsettled, _worthless, _not_comparable):
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
    trained = {row.on_training for row in summary.rows if row.done}
    if trained == {True}:
        yield "Training-set figures: every test image was also trained on, so nothing here is a held-out result."
    if trained == {True, False}:
        rows = [row for row in summary.rows if row.on_training]
        yield f"Training-set figures, not held-out results, stand in: {labels(rows)}."


def _leaking(summary: Summary) -> Iterator[str]:
    """Whether any test image shows a scan that was trained on."""
    counts = [trial.result["data"] for trial in summary.done]
    held_out = [count for count in counts if not count["tested_on_training"]]
    leaking = [count["test_images_with_a_twin_in_training"] for count in held_out]
    if any(leaking):
        tested = between(count["test"] for count in held_out)
        yield (
            f"This split leaks: of {tested} test images a trial {between(leaking)} show a scan that training has seen "
            "in another copy; the scores on them say nothing about new patients."
        )


def _unsettled(summary: Summary) -> Iterator[str]:
    """Whether batch norms' running averages had followed their weights when the epoch was kept."""
    shares = [max(map(_left, row.done), default=0.0) for row in summary.rows]
    rows = [row for row, share in zip(summary.rows, shares, strict=True) if share > averages.LEFT]
    if rows:
        percent = between(100 * share for share in shares if share > averages.LEFT)
        yield (
            f"Too few steps for their batch norms, whose running averages still held "
            f"{percent} % of their first values in a trial of each: {labels(rows)}. "
            "Their scores are in part those of the lag between training and prediction; more epochs or smaller batches "
            "would end it."
        )


def _left(trial: Trial) -> float:
    """What is left of the first values at the kept epoch; 0 where a record is older than this is written down."""
    result = trial.result
    if result["kept_epoch"] is None or "momentum" not in result:
        return 0.0
    images = sum(row["images"] for row in trial.history[: result["kept_epoch"] + 1])
    return averages.left(result["momentum"], images / trial.resolved["batch"])


def _worthless(summary: Summary) -> Iterator[str]:
    rows = [row for row in summary.rows if _no_better(row)]
    if rows:
        yield f"In pixel accuracy no better than all background on the same images: {labels(rows)}."


def _not_comparable(summary: Summary) -> Iterator[str]:
    if any(row.cell.published for row in summary.rows) and not summary.outline.comparable:
        yield (
            f"The published values were measured on {summary.outline.source['data']}, these on {summary.outline.data}: "
            "they are not comparable."
        )


def _no_better(row: Row) -> bool:
    scored = [trial for trial in row.done if trial.images]
    nothing = [trial.result["baselines"][TRIVIAL]["accuracy"] for trial in scored]
    return bool(scored) and fmean(trial.score("accuracy").mean() for trial in scored) <= fmean(nothing)
