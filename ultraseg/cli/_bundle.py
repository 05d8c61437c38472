"""The commands `ultraseg bundle` and `ultraseg rerun`: a finished study in one file, and repeated from it."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from ultraseg.cli._options import CACHE, RUNS, STUDIES, Cache, Name, Profile, Root, Runs, Studies, Workers
from ultraseg.cli._prepare import prepare
from ultraseg.cli._run import run
from ultraseg.cli._screen import console

SHOWN = 20
"""Numbers of the table that came out differently and are shown one by one; all are in `rerun.csv`."""


def bundle(
    name: Name,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .zip to write, or to replace.")],
    profile: Profile = "demo",
    data: Root = None,
    runs: Runs = RUNS,
    cache: Cache = CACHE,
    studies: Studies = STUDIES,
) -> None:
    """Pack a finished study into one file: YAML, trials, manifests, splits, rows, tables, figures and hashes."""
    from ultraseg import study
    from ultraseg.bundle import pack

    loaded, jobs, _ = prepare(name, profile, data, runs, cache, "seeded", studies)
    packed = pack(loaded, jobs, file=study.locate(name, studies)[1], runs=runs, output=output)
    print(f"wrote {packed}: {packed.stat().st_size / 2**20:.1f} MiB, no pixels of the data")


def rerun(
    bundle: Annotated[Path, typer.Argument(help="A file that `ultraseg bundle` wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to repeat it in; the same again goes on.")],
    data: Root = None,
    cache: Cache = CACHE,
    workers: Workers = 1,
    threads: Annotated[int, typer.Option(help="Cores that one operation may use; 0 takes the bundle's.")] = 0,
    determinism: Annotated[str, typer.Option(help="seeded or strict; the bundle's if not given.")] = "",
) -> None:
    """Check a bundle's hashes, repeat its study, and say of every number whether it came out the same."""
    from ultraseg import bundle as bundles
    from ultraseg import records

    opened = bundles.unpacked(bundle, output / "bundle")
    facts = opened.facts
    profile, level = facts["profile"] or "none", determinism or facts["determinism"][0]
    print(f"{bundle}: whole; {facts['study']} at profile {profile}, {len(facts['trials'])} trials")
    _refuse_missing_split_files(opened)
    runs = output / "runs"
    loaded, jobs, _ = prepare(str(opened.file), profile, data, runs, cache, level, STUDIES)
    opened.refuse_other_data([job.collection for job in {j.collection.fingerprint: j for j in jobs}.values()])
    _say_what_differs(facts)
    run(
        name=str(opened.file),
        profile=profile,
        data=data,
        runs=runs,
        cache=cache,
        threads=threads or max(facts["threads"]),
        determinism=level,
        workers=workers,
    )
    again = runs / f"{loaded.name}-{loaded.profile or 'none'}"
    numbers = list(bundles.compare(opened.folder, again, trials=runs / "trials"))
    columns = ("part", "where", "name", "was", "now", "verdict")
    records.write_rows(
        output / "rerun.csv", columns, ({key: getattr(number, key) for key in columns} for number in numbers)
    )
    _show(numbers)
    print(output / "rerun.csv")
    if any(number.verdict == "different" for number in numbers):
        raise typer.Exit(1)


def _refuse_missing_split_files(opened) -> None:
    from ultraseg import records

    for path in sorted((opened.folder / "splits").glob("*.json")):
        spec = records.read_json(path)["split"]
        if "file" in spec and not Path(spec["file"]["path"]).is_file():
            kept = opened.folder / "split_files" / Path(spec["file"]["path"]).name
            raise ValueError(f"{opened.file.name}: reads the split file {spec['file']['path']}; copy {kept} there")


def _say_what_differs(facts) -> None:
    """Say where this is not the code that the bundle was made with."""
    import ultraseg
    from ultraseg import runtime
    from ultraseg.study import RESULTS

    here = {"ultraseg": ultraseg.__version__, "git": runtime.revision(), "results": RESULTS}
    if other := [f"{key} {facts[key]}, here {value}" for key, value in here.items() if facts[key] != value]:
        print(f"note: other code than the bundle's: {'; '.join(other)}")


def _show(numbers) -> None:
    from rich.markup import escape
    from rich.table import Table

    from ultraseg.bundle import VERDICTS

    counted = Counter((number.part, number.verdict) for number in numbers)
    table = Table("file", *VERDICTS, title="numbers that came out the same")
    for part in dict.fromkeys(number.part for number in numbers):
        table.add_row(part, *(f"{counted[part, verdict]:,}" for verdict in VERDICTS))
    console().print(table)
    moved = [number for number in numbers if number.part == "table.csv" and number.verdict != "equal"]
    if moved:
        table = Table("row", "number", "was", "is now", "verdict", title="numbers of the table that are not equal")
        for number in moved[:SHOWN]:
            table.add_row(*map(escape, (number.where, number.name, number.was, number.now, number.verdict)))
        console().print(table)
    if len(moved) > SHOWN:
        print(f"and {len(moved) - SHOWN} more")
    total = Counter(number.verdict for number in numbers)
    print(", ".join(f"{total[verdict]:,} {verdict}" for verdict in VERDICTS) + f" of {len(numbers):,} numbers")
