"""What a study needs before anything runs: its file, its data, its trials; no TensorFlow."""

import sys
from pathlib import Path

from ultraseg.cli._screen import watched


def prepare(name, profile, data, runs, cache, determinism, studies):
    """Load a study, read its data and name its trials."""
    from ultraseg import runner, runtime
    from ultraseg import study as studies_

    if determinism not in runtime.LEVELS:
        raise ValueError(f"--determinism: must be one of {', '.join(runtime.LEVELS)}, got {determinism!r}")
    loaded = studies_.load(name, "" if profile == "none" else profile, studies)
    specs = {str(spec): spec for spec in (trial["data"]["from"] for trial in loaded.trials)}
    roots = {data_root(spec, data, cache, profile=profile) for spec in specs.values()}
    if len(roots) > 1:
        raise ValueError(f"{name}: mixes phantoms with data from a folder; run them as two studies")
    place = runner.Place(roots.pop(), runs / "trials", cache, determinism)
    return loaded, runner.plan(loaded, root=place.root, cache=cache, watch=watched), place


def data_root(spec, data: Path | None, cache: Path, *, profile: str = "", optional: bool = False) -> Path | None:
    """The folder that a trial's data is read from; None where it is optional and not given."""
    reader = next(iter(spec))
    if reader == "phantom":
        if any(word.split("=")[0] == "--data" for word in sys.argv) and not optional:
            raise ValueError(
                f"--data: profile {profile!r} draws phantoms and reads no folder; choose another profile, such as "
                "--profile cpu, or leave --data out"
            )
        return cache / "phantoms"
    if data is None and not optional:
        raise ValueError(f"this study reads the data set {reader!r}; name its folder with --data or ULTRASEG_DATA")
    return data


def describe(jobs) -> str:
    """The first trial's data in one line."""
    first = jobs[0]
    train, validation, test = first.images
    return (
        f"{first.collection.source}, {len(first.collection.samples)} images; fold {first.trial['fold']} trains on "
        f"{train}, validates on {validation}, tests on {test}"
    )


def same_as_manifest(jobs) -> None:
    """Say when a folder is not the published data set that the committed manifest names."""
    from ultraseg import samples

    for fingerprint, found in {job.collection.fingerprint: job.collection for job in jobs}.items():
        known = Path("data") / f"{found.source.lower()}.csv"
        if known.is_file() and "first" not in str(jobs[0].trial["data"]["from"]):
            want = {row.id: row for row in samples.read_manifest(known)}
            pixels = {name: (row.sha256, row.mask_sha256) for name, row in want.items()}
            differ = [row.id for row in found.rows if pixels.get(row.id) != (row.sha256, row.mask_sha256)]
            if differ:
                print(f"note: {len(differ)} images differ from {known}, such as {differ[0]} ({fingerprint[:12]})")
