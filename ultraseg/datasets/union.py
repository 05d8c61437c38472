"""Union: several data sets as one, for training on one and testing on others.

Every image keeps its own source, by which `by_source` splits and tables are stratified.
"""

from dataclasses import replace
from pathlib import Path

from ultraseg import catalogue
from ultraseg.samples import Faulty, Sample, place


def union(root, *, sets, absent="refuse"):
    """List the samples of several data sets, one set after the other.

    Args:
        root: a folder that holds one folder for each set, named as its reader; where there is none of that name, the
            root itself is given to the reader.
        sets: data sets as a study names them, at least one; parts of one release may be named one by one.
        absent: of a set without a folder of its reader's name: `refuse` gives its reader the root, `leave out` goes
            on without it; the sources that are there stand in the table's title.

    Returns:
        Samples in the order of the sets. Groups of one reader's sets keep their names, so that a patient of two parts
        stays one; those of different readers never meet by name.

    Raises:
        ValueError: `absent` is unknown, no set is there, two sets have an image of one id, or they outline
            different structures.
        Faulty: sets are not what they should be; all are named.
    """
    if absent not in ("refuse", "leave out"):
        raise ValueError(f"union: absent must be 'refuse' or 'leave out', got {absent!r}")
    faults, samples = [], []
    for spec in sets:
        reader = catalogue.split("datasets", spec)[0]
        if absent == "leave out" and not (Path(root) / reader).is_dir():
            continue
        try:
            found = catalogue.bind("datasets", spec)(place(root, reader))
        except Faulty as fault:
            faults += fault.faults
            found = list(fault.samples)
        samples += [replace(sample, group=f"{reader} {sample.group}") for sample in found]
    if faults:
        raise Faulty(Path(root), faults, samples)
    if not samples:
        names = ", ".join(dict.fromkeys(catalogue.split("datasets", spec)[0] for spec in sets))
        raise ValueError(f"union: none of the folders {names} is in {root}; name the folder that holds them")
    _refuse_mixture(samples)
    return samples


def _refuse_mixture(samples: list[Sample]) -> None:
    """Refuse what cannot be one data set."""
    first: dict[str, Sample] = {}
    for sample in samples:
        if (other := first.setdefault(sample.id, sample)) is not sample:
            raise ValueError(
                f"union: {other.image} and {sample.image} are both called {sample.id!r}; leave one set out"
            )
        if sample.structures != samples[0].structures:
            raise ValueError(
                f"union: {samples[0].source} outlines {_words(samples[0])}, {sample.source} {_words(sample)}; sets of "
                "one kind are wanted"
            )


def _words(sample: Sample) -> str:
    return ", ".join(sample.structures) or "one lesion"
