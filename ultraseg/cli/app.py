"""The command line: `ultraseg list | check | run | status | report | bundle | rerun | export | predict | ...`."""

import errno
import os
import sys
from typing import Annotated

import typer

import ultraseg
from ultraseg.cli._bundle import bundle, rerun
from ultraseg.cli._data import data_app
from ultraseg.cli._models import convert, export, predict
from ultraseg.cli._options import STUDIES, Studies
from ultraseg.cli._report import report
from ultraseg.cli._run import check, run, status
from ultraseg.cli._saying import say
from ultraseg.cli._screen import console
from ultraseg.cli._stopping import Stopped

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command line; what a user can cause ends in one sentence and an exit status that is not 0."""
    try:
        app()
    except Stopped as stopped:
        sentence = f"stopped by {stopped}; what is finished stays, give the same command again to go on"
        sys.exit(say(sentence, 128 + stopped.number))
    except ValueError as error:
        sys.exit(say(str(error), 2))
    except OSError as error:
        sys.exit(say(_os_sentence(error), 3))
    except _exhausted() as error:
        if "No space left" in str(error):
            sys.exit(say(_os_sentence(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), 3))
        sys.exit(say("out of memory; take a smaller batch, size or width", 4))


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"ultraseg {ultraseg.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say which version this is.")
    ] = False,
) -> None:
    """Studies of segmentation networks on biomedical images, breast ultrasound first."""


def list_(
    room: Annotated[str, typer.Argument(help="models, losses, datasets, ...: list what a study may name there.")] = "",
    studies: Studies = STUDIES,
) -> None:
    """List the studies, or the members of a room with their options."""
    from rich.table import Table

    from ultraseg import catalogue, study

    if room:
        table = Table("name", "options and their defaults", "what it is", title=room)
        for name in catalogue.names(room):
            options = ", ".join(f"{key}={option.default!r}" for key, option in catalogue.options(room, name).items())
            table.add_row(name, options, catalogue.summary(room, name))
    else:
        if not study.available(studies):
            raise ValueError(f"{studies}: no studies there; start in the project's folder, or name one with --studies")
        table = Table("study", "title", "profiles", "trials", title="studies")
        for name in study.available(studies):
            profiles = study.profiles(name, studies)
            counts = [str(len(study.load(name, profile, studies).trials)) for profile in profiles]
            table.add_row(name, study.load(name, "", studies).file.title, "\n".join(profiles), "\n".join(counts))
        table.caption = f"rooms: {', '.join(catalogue.ROOMS)}; see `ultraseg list ROOM`"
    console().print(table)


app.command("list")(list_)
for command in (check, run, status, report, bundle, rerun, export, predict, convert):
    app.command()(command)
app.add_typer(data_app, name="data")


def _exhausted() -> tuple[type[BaseException], ...]:
    """What Python and TensorFlow, where it is loaded, raise when memory, or TensorFlow's disk, is full."""
    loaded = sys.modules.get("tensorflow")
    return (MemoryError, loaded.errors.ResourceExhaustedError) if loaded else (MemoryError,)


def _os_sentence(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{where}{os.strerror(error.errno)}; make room and give the same command again, what is finished stays"
    return f"{where}{error.strerror or error}"
