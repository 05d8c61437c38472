"""What a person sees while a command works: bars, tables and a console that cuts nothing short."""

from pathlib import Path

WIDE = 160
"""Columns of a console that is no terminal."""


class Progress:
    """Bars with the time left on a terminal, one line per finished trial elsewhere."""

    def __init__(self, study, jobs, trials: Path):
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Left

        from ultraseg import records

        self.console = console()
        self.labels = {name: ", ".join(words) for name, words in labels(study, jobs).items()}
        self.epochs = {job.id: job.trial["epochs"] for job in jobs}
        self.missing = {name for name in self.labels if not records.complete(trials, name)}
        self.done = len(self.labels) - len(self.missing)
        print(f"{study.file.title}: {len(jobs)} trials, {self.done} of {len(self.labels)} done before")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), Left())
        self.bars = Progress(*columns, console=self.console, disable=not self.console.is_terminal)
        self.whole = self.bars.add_task("epochs of the study", total=sum(self.epochs[name] for name in self.missing))
        self.part = self.bars.add_task("trial", total=1, visible=False)
        self.last: dict[str, float] = {}

    def __enter__(self):
        self.bars.start()
        return self

    def __exit__(self, *_):
        self.bars.stop()

    def __call__(self, event) -> None:
        name = event["id"]
        if event["kind"] == "step":
            steps, done = event["steps"], event["step"] + 1
            text = f"{self.labels[name]}: epoch {event['epoch'] + 1} of {self.epochs[name]}"
            self.bars.update(self.part, description=text, completed=done, total=steps, visible=True)
        elif event["kind"] == "epoch":
            self.last = event
            self.bars.advance(self.whole)
        elif event["kind"] == "done":
            self.done += 1
            score = self.last.get("val_dice")
            told = "" if score is None else f", Dice on validation in the last epoch {score:.3f}"
            count = f"[{self.done}/{len(self.labels)}]"
            self.bars.console.print(f"{count} {self.labels[name]} ({name}){told}", markup=False, highlight=False)
        elif event["kind"] == "elsewhere":
            self.bars.console.print(f"{self.labels[name]} ({name}) is being trained by another process", markup=False)


def console():
    """A console that does not cut tables short where nobody looks at it, as in a log file."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, WIDE))


def watched(work, total: int, what: str):
    """Show how far a long piece of work is, where a person looks on."""
    from rich.progress import track

    yield from track(work, what, total=total or None, console=console(), disable=not console().is_terminal)


def labels(study, jobs) -> dict[str, tuple[str, str]]:
    """The row of each trial in the table, and which of the row's trials it is."""
    places = ((cell, trial) for cell in study.cells for trial in cell.trials)
    return {
        job.id: (cell.label, f"seed {trial['seed']}, fold {trial['fold']}")
        for job, (cell, trial) in zip(jobs, places, strict=True)
    }
