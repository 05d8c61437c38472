"""What `ultraseg check` tells of a study that can run: what its profile leaves out, and what it takes."""

from pathlib import Path

import typer

from ultraseg import averages
from ultraseg.cli._screen import console


def left_out(study, name: str, studies: Path) -> None:
    """Say what the profile leaves out of the full study."""
    from ultraseg import runner
    from ultraseg import study as studies_
    from ultraseg.runner.omissions import FULL

    whole = FULL if FULL in studies_.profiles(name, studies) else ""
    if study.profile in ("", FULL):
        return
    told = runner.omissions(study, studies_.load(name, whole, studies))
    if told:
        print(f"profile {study.profile} leaves out or changes, against {whole or 'the file as it stands'}:")
        print("\n".join(f"* {line}" for line in told))


def probed(left, place, crew):
    """Probe every program in a worker of its own, so that the memory is the program's; one that dies is named."""
    from ultraseg import runner

    def fresh():
        crew.stop()
        return crew.ask

    try:
        return runner.probe(left, place=place, ask=fresh)
    except runner.Died as died:
        print(f"invalid: two steps of a program: {died}; take a smaller batch, size or width")
        raise typer.Exit(2) from None


def price(costs, names, workers: int) -> None:
    from rich.table import Table

    table = Table("rows that share a program", "trials", "ms per step", "minutes", "peak MiB")
    for cost in costs:
        rows = "\n".join(dict.fromkeys(names[job.id][0] for job in cost.jobs))
        step, minutes = f"{1000 * cost.seconds_per_step:.0f}", f"{cost.seconds / 60:.1f}"
        table.add_row(rows, str(len(cost.jobs)), step, minutes, f"{cost.peak_memory_mib:.0f}")
    console().print(table)
    total, training, answering, compiling = (
        sum(getattr(cost, part) for cost in costs) / 60 for part in ("seconds", "training", "answering", "compiling")
    )
    for cost in costs:
        if cost.unsettled > averages.LEFT:
            rows = ", ".join(dict.fromkeys(repr(names[job.id][0]) for job in cost.jobs))
            print(
                f"too few steps for batch norms of momentum {cost.momentum:g}: {cost.unsettled:.0%} of their running "
                f"averages' first values will be left, and predictions lag behind training: {rows}; take more epochs "
                "or smaller batches"
            )
    shared = f", {total / workers:.1f} with {workers} workers at best" if workers > 1 else ""
    print(
        f"about {total:.1f} minutes{shared}: training steps {training:.1f}, answers on validation and test images "
        f"{answering:.1f}, compiling {compiling:.1f}; measures, files and the start come besides"
    )
