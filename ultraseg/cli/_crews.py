"""The processes that do the work of a command, and what they find wrong with it."""

from ultraseg.cli import _starting


def processes(workers: int, threads: int, devices: int):
    """The processes that will do the work; this one, with its Keras loaded, where there shall be none."""
    from ultraseg import runner

    crew = runner.Crew(workers, threads=threads, devices=devices)
    if not workers:
        _starting.start(threads, devices)
    return crew


def executor_crew(
    executor: str, place, address: str, workers: int | None, threads: int, devices: int, share: float | None
):
    """The processes that will do the work of a run; those that check a study before it becomes jobs are here."""
    from ultraseg import runner

    if executor != "ray":
        return processes(1 if workers is None or executor == "slurm" else workers, threads, devices)
    return runner.RayCrew(place, address=address, workers=workers, threads=threads, gpus_per_trial=share)


def faults(left, place, crew):
    """What is invalid, by a worker that a large network may have killed."""
    from ultraseg import runner

    try:
        return runner.faults(left, place=place, ask=crew.ask, at_once=max(1, crew.workers))
    except runner.Died as died:
        return [f"building a program: {died}; take a smaller size or width"], None
