"""What a person sees while a command works: bars, tables and a console that cuts nothing short."""

import sys
import time
from pathlib import Path

WIDE = 160
"""Columns of a console that is no terminal."""
OFTEN = 30.0
"""Seconds between two lines about long work where no bar is shown."""


class Progress:
    """Bars with the time left on a terminal, one for each trial under way; one line per finished trial elsewhere."""

    def __init__(self, study, jobs, mine, trials: Path):
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Left

        from ultraseg.runner import count

        self.console = console()
        wanted = {job.id for job in mine}
        self.labels = {name: ", ".join(words) for name, words in labels(study, jobs).items() if name in wanted}
        self.epochs = {job.id: job.rounds for job in mine}
        counts = count(mine, trials=trials)
        self.done = len(counts.done)
        shard = "" if len(wanted) == len({job.id for job in jobs}) else f", {len(wanted)} in this shard"
        given_up = f", {len(counts.failed)} given up before" if counts.failed else ""
        print(f"{study.file.title}: {len(jobs)} trials{shard}, {self.done} of {len(wanted)} done before{given_up}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), Left())
        self.bars = Progress(*columns, console=self.console, disable=not self.console.is_terminal)
        self.whole = self.bars.add_task("epochs", total=sum(self.epochs[job.id] or 0 for job in counts.left) or None)
        self.under_way: dict[str, int] = {}
        self.last: dict[str, float] = {}

    def __enter__(self):
        self.bars.start()
        return self

    def __exit__(self, *_):
        self.bars.stop()

    def __call__(self, event) -> None:
        name, kind = event["id"], event["kind"]
        if kind == "step":
            steps, done = event["steps"], event["step"] + 1
            text = f"{self.labels[name]}: epoch {event['epoch'] + 1} of {self.epochs[name] or '?'}"
            if name not in self.under_way:
                self.under_way[name] = self.bars.add_task(text, total=steps)
            self.bars.update(self.under_way[name], description=text, completed=done, total=steps)
        elif kind == "epoch":
            self.last[name] = event["val_dice"]
            self.bars.advance(self.whole)
        elif kind == "told":
            self.bars.console.print(f"{self.labels[name]} ({name}): {event['sentence']}", markup=False)
        elif kind in ("done", "elsewhere", "retry", "failed"):
            if name in self.under_way:
                self.bars.remove_task(self.under_way.pop(name))
            self.bars.console.print(self._sentence(event), markup=False, highlight=False)

    def _sentence(self, event) -> str:
        name, kind = event["id"], event["kind"]
        who = f"{self.labels[name]} ({name})"
        if kind == "elsewhere":
            return f"{who} is being trained by another process"
        if kind == "retry":
            return f"{who} goes on in another worker from its last epoch: {event['sentence']}"
        if kind == "failed":
            return f"{who} is given up after its second failure: {event['sentence']}"
        self.done += 1
        score = self.last.pop(name, None)
        told = "" if score is None else f", Dice on validation in the last epoch {score:.3f}"
        return f"[{self.done}/{len(self.labels)}] {who}{told}"


def console():
    """A console that does not cut tables short where nobody looks at it, as in a log file."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, WIDE))


def watched(work, total: int, what: str):
    """Show how far a long piece of work is: a bar on a terminal, now and then a line in a log."""
    from rich.progress import track

    if console().is_terminal:
        yield from track(work, what, total=total or None, console=console())
        return
    told = time.monotonic()
    for done, one in enumerate(work, start=1):
        yield one
        if time.monotonic() - told > OFTEN:
            print(f"{what}: {done} of {total or '?'}", file=sys.stderr, flush=True)
            told = time.monotonic()


def labels(study, jobs) -> dict[str, tuple[str, str]]:
    """The row of each trial in the table, and which of the row's trials it is."""
    places = ((cell, trial) for cell in study.cells for trial in cell.trials)
    return {
        job.id: (cell.label, f"seed {trial['seed']}, fold {trial['fold']}")
        for job, (cell, trial) in zip(jobs, places, strict=True)
    }
