"""The sentences beneath a study's table, under headings: what limits it, what it shows, how it was made."""

from collections.abc import Iterator
from statistics import fmean
from typing import Any

import numpy as np

from ultraseg import records
from ultraseg.budget import budget_of
from ultraseg.report._beside import beside
from ultraseg.report._costs import budgets
from ultraseg.report._costs import sentences as costs
from ultraseg.report._findings import Findings, sentences
from ultraseg.report._limits import limits
from ultraseg.report._summary import ANNOTATORS, Summary
from ultraseg.report._trials import Trial
from ultraseg.report._words import LOSS, NOTHING, between, duration, listed, number

DISTANCES = ("hausdorff", "hausdorff95", "assd")
EMPTY = "where truth or mask is empty and the other is not"
REASONS = {"auc": "which hold one class alone", "average_precision": "which hold no lesion"}
REASONS |= dict.fromkeys(DISTANCES, EMPTY)
LIMITS, SHOWN, SCORES = "What limits it", "What it shows", "What the scores are"


def beneath(summary: Summary, findings: Findings) -> dict[str, list[str]]:
    """Write all sentences by heading: those that limit what the table shows, what it shows, then what explains it."""
    found = {LIMITS: [*limits(summary)], SHOWN: [*sentences(summary, findings), *_best(summary)]}
    explained = {
        "How to read it": (beside,),
        SCORES: (_measures, _losses, _background, _undefined),
        "How it was trained, and on what": (_settings, _opened, _data, _made),
        "What it cost": (costs,),
    }
    for heading, parts in explained.items():
        found[heading] = [sentence for part in parts for sentence in part(summary)]
    return {heading: told for heading, told in found.items() if told}


def foremost(told: dict[str, list[str]]) -> list[str]:
    """Of what `beneath` wrote, what stands beneath a table on a terminal; the rest is in `table.md`."""
    rest = [heading for heading in told if heading not in (LIMITS, SHOWN)]
    more = [f"table.md says more: {'; '.join(rest)}."] if rest else []
    return [*told.get(LIMITS, []), *told.get(SHOWN, []), *told.get(SCORES, [])[:1], *more]


def _best(summary: Summary) -> Iterator[str]:
    """The row that the validation images choose."""
    measured = [trial for trial in summary.done if "validation" in trial.tables]
    primary = summary.outline.primary
    means = {
        row.cell.label: fmean(_validation(trial, primary) for trial in row.done if trial in measured)
        for row in summary.rows
        if row not in summary.elsewhere and any(trial in measured for trial in row.done)
    }
    known = {label: mean for label, mean in means.items() if mean == mean}
    if len(known) > 1 and not (primary == "loss" and len(summary.trivial) > 1):
        best = (min if records.falls(primary) else max)(known, key=known.get)
        test = next(row for row in summary.rows if row.cell.label == best).scores[primary].mean
        yield (
            f"Chosen on validation images alone, the best row by {primary} is {best!r} ({number(known[best])} there, "
            f"{number(test)} on the test images)."
        )


def _validation(trial: Trial, measure: str) -> float:
    column = trial.tables["validation"][records.COLUMN.get(measure, measure)].to_numpy(float)
    finite = column[np.isfinite(column)]
    return float(finite.mean()) if finite.size else float("nan")


def _settings(summary: Summary) -> Iterator[str]:
    """How the rows were trained, as far as the axes leave it alone."""
    if not summary.done:
        return
    trials = [trial.resolved for trial in summary.done]
    told = {
        "epochs": lambda t: budget_of(t).words,
        "size": lambda t: "images of {}x{}".format(*t["data"]["size"]),
        "batch": lambda t: f"batches of {t['batch']}",
        "model": lambda t: _spec(t["model"]),
        "optimizer": lambda t: _spec({name: _on(options) for name, options in t["optimizer"].items()}),
        "schedule": lambda t: f"{_spec(t['schedule'])} learning rate",
        "preprocess": lambda t: f"preparation {_steps(t['preprocess'])}",
        "augment": lambda t: f"augmentation {_steps(t['augment'])}",
        "kept": lambda t: "the epoch of best validation Dice kept" if t["keep"] == "best" else "the last epoch kept",
        "precision": lambda t: t["precision"],
    }
    same = [words.pop() for words in ({tell(t) for t in trials} for tell in told.values()) if len(words) == 1]
    same += [f"loss {loss}" for loss in summary.trivial if len(summary.trivial) == 1]
    yield f"Trained alike: {', '.join(same)}."
    yield from budgets(trials, [budget_of(trial).words for trial in trials])


def _opened(summary: Summary) -> Iterator[str]:
    """When the test part was opened."""
    opened = [trial.result["test_opened"] for trial in summary.done if trial.images]
    if not opened:
        return
    again = sum(len(times) > 1 for times in opened)
    often = f"; {again} again, their trial having been stopped while it measured" if again else ""
    first, last = min(map(min, opened)), max(map(max, opened))
    times = f"from {first} to {last}" if first != last else f"at {first}"
    yield f"Test parts were opened {times}, each once, after its trial's last choice{often}."


def _spec(spec: dict[str, Any]) -> str:
    """A part of a trial in words; an option left to the part itself goes without saying."""
    [(name, options)] = spec.items()
    told = ", ".join(f"{key}={value}" for key, value in options.items() if value is not None)
    return f"{name}({told})" if told else name


def _on(options: dict[str, Any]) -> dict[str, Any]:
    """The options that are not switched off, as by 0."""
    return {key: value for key, value in options.items() if value}


def _steps(steps: list[dict[str, Any]]) -> str:
    return listed([next(iter(step)) for step in steps]) if steps else "none"


def _measures(summary: Summary) -> Iterator[str]:
    sizes = listed(sorted({trial.result["measured_at"] for trial in summary.done}))
    if not sizes:
        return
    thresholds = [trial.result["threshold"] for trial in summary.done if trial.images]
    threshold = between(thresholds, 2) if thresholds else NOTHING
    per_image = [score for score in summary.scores if score != "loss"]
    measured = [trial.tables["test"]["label"] for trial in summary.done if trial.images]
    labels = listed(sorted({label for column in measured for label in column.unique()}))
    after = {tuple(next(iter(step)) for step in trial.resolved["postprocess"]) for trial in summary.done}
    steps = "".join(f", then {listed(names)}" for names in sorted(after) if names) if len(after) == 1 else ""
    yield (
        f"{listed(per_image)}: taken per image at {sizes}, of the lesion class, over all test images ({labels}); the "
        f"mask is where the probability exceeds {threshold}{steps}; overlap is 1 where truth and mask are both empty "
        "and 0 where one is. Averaged over the images of a trial, then mean ± standard deviation (n - 1) over the "
        "trials of a row, its seeds and folds."
    )
    if any(trial.result["threshold_from"] == "validation" for trial in summary.done):
        yield "Thresholds were chosen by the mean Dice of each trial's validation images, among 0.05, 0.10, ... 0.95."
    if distances := [score for score in per_image if score in DISTANCES]:
        yield (
            f"{listed(distances)}: between edge pixels, 0 where truth and mask are both empty, infinite where one is; "
            "infinite ones are in no mean and are counted beside it."
        )
    primary = summary.outline.primary
    yield f"{primary}, the study's primary score, median: over the images of a trial, averaged over the trials."
    if summary.pooled:
        yield (
            f"{listed(summary.pooled)}, pooled: over all test pixels of a trial at once, at the size of the network's "
            "masks and a threshold of 0.5, without steps after it; then mean ± sd over the trials."
        )


def _losses(summary: Summary) -> Iterator[str]:
    units = listed(list(summary.trivial))
    if len(summary.trivial) == 1:
        yield f"{LOSS}: {units}, per image at the network's size, its mean and spread as above."
    if len(summary.trivial) > 1:
        yield (
            f"{LOSS}: per image at the network's size. The units differ between rows ({units}): compare it only "
            "between rows of one unit; table.csv names each row's."
        )


def _background(summary: Summary) -> Iterator[str]:
    if not summary.trivial:
        return
    yield (
        "Without a network, on the same test images, averaged over the trials: all background and all foreground; "
        "mean mask: the mean of the training masks, cut where it scores the best Dice on them; Otsu: the darker side "
        "of Otsu's threshold. The loss of all background is that of the better of two constant answers, no lesion or "
        "the training part's share of it everywhere; the auc of a constant is one half. "
        "What is infinite on an image has no mean here."
    )
    pairs = {trial.result["annotators"]["pairs"] for trial in summary.done}
    if any(pairs):
        yield (
            f"{ANNOTATORS}: the Dice of two masks of one scan, over the {between(pairs)} pair(s) of equal images in "
            "the data set that both have a mask: a mark to see the scores by, and no more from so few pairs."
        )
    if len(summary.trivial) > 1:
        losses = "; ".join(f"{loss} {number(value)}" for loss, value in summary.trivial.items())
        yield f"all background, {LOSS}: {losses}."


def _undefined(summary: Summary) -> Iterator[str]:
    for score in summary.scores:
        columns = [trial.score(score) for trial in summary.done if trial.images]
        counts = [int(np.sum(~np.isfinite(column))) for column in columns]
        if any(counts):
            yield (
                f"{score}: undefined on {between(counts)} of {between(len(column) for column in columns)} test images "
                f"a trial, {REASONS.get(score, 'where it is not a finite number')}; its means leave them out, and "
                "table.csv counts them by row."
            )


def _data(summary: Summary) -> Iterator[str]:
    counts = [trial.result["data"] for trial in summary.done]
    sources = listed(sorted({count["source"] for count in counts} or {summary.outline.data}))
    parts = [f"{between(count[part] for count in counts)} {part}" for part in ("train", "validation", "test")]
    planned = [replicate for row in summary.rows for replicate in row.cell.trials]
    seeds, folds = (
        listed([str(n) for n in sorted({getattr(one, kind) for one in planned})]) for kind in ("seed", "fold")
    )
    yield f"Data: {sources}; images a trial: {', '.join(parts)}." if counts else f"Data: {sources}."
    yield from _held_out(counts)
    yield f"A row's trials: seeds {seeds}, each on folds {folds}, counted from 0."
    yield from summary.outline.notes


def _held_out(counts: list[dict[str, Any]]) -> Iterator[str]:
    """That no test image shows a scan that was trained on, and what was left out."""
    held_out = [count for count in counts if not count["tested_on_training"]]
    if held_out and not any(count["test_images_with_a_twin_in_training"] for count in held_out):
        yield "No test image shows a scan that training has seen in another copy."
    if any(count["excluded"] for count in counts):
        yield f"Left out of every part by `data.exclude`: {between(count['excluded'] for count in counts)} images."


def _made(summary: Summary) -> Iterator[str]:
    yield f"Made by `{summary.outline.command}`."
    if summary.done:
        processes = [process for trial in summary.done for process in trial.processes]
        machines = sorted({_machine(process) for process in processes})
        revisions = sorted({process["git"] or "no revision" for process in processes})
        seconds = sum(trial.result["seconds"] for trial in summary.done)
        yield (
            f"Trained on {'; '.join(machines)}, code at {', '.join(revisions)}: {duration(seconds)} of training in "
            "all. Seconds are those of a trial's epochs, validation included; parameters are the trainable ones."
        )


def _machine(process: dict[str, Any]) -> str:
    return f"{process['processor']} ({', '.join(process['device'])}, {process['threads'] or 'all'} threads)"
