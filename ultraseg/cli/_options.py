"""Options that several commands share, and their defaults."""

from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(help="A study's name (see `ultraseg list`) or its YAML file.")]
Profile = Annotated[str, typer.Option(help="One of the study's profiles; `none` takes the file as it stands.")]
Root = Annotated[
    Path | None,
    typer.Option("--data", envvar="ULTRASEG_DATA", help="The folder that holds the data set; phantoms need none."),
]
Runs = Annotated[Path, typer.Option(help="Where trials and studies are written.")]
Cache = Annotated[Path, typer.Option(envvar="ULTRASEG_CACHE", help="Where decoded pixels and phantoms are kept.")]
Threads = Annotated[
    int, typer.Option(help="Cores that one operation may use; 0 takes all, shared equally between workers.")
]
Workers = Annotated[
    int, typer.Option(help="Trials that run at a time, each in a process of its own; 0 runs them in this process.")
]
Devices = Annotated[
    str,
    typer.Option(help="GPUs that share each batch of a training, or all; the numbers stay the same but for rounding."),
]
Determinism = Annotated[str, typer.Option(help="seeded, or strict: the same bits again.")]
Studies = Annotated[Path, typer.Option(help="The folder in which studies are looked up by name.")]

RUNS, CACHE, STUDIES = Path("runs"), Path("data/cache"), Path("studies")
