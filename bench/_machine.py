"""What a benchmark ran on, and its table in Markdown."""

import datetime
import os
from pathlib import Path

from ultraseg import atomic, runtime

RESULTS = Path(__file__).parent.parent / "results" / "bench"


def machine() -> str:
    """One line: processor, cores allowed, threads, versions, date."""
    facts = runtime.describe("seeded")
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    cores = len(os.sched_getaffinity(0))
    return (
        f"{facts['processor']}, {cores} cores, {facts['threads']} threads an operation, oneDNN {facts['onednn']}; "
        f"Python {facts['python']}, {versions}; {datetime.date.today().isoformat()}"
    )


def markdown(title: str, command: str, headers: list[str], rows: list[list[str]], notes: list[str]) -> str:
    """A page: title, machine, command, table, notes."""
    lines = [f"# {title}", "", machine(), "", f"Command: `{command}`", ""]
    lines += ["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", *notes]) + "\n"


def publish(name: str, page: str, *, write: bool, folder: Path = RESULTS) -> None:
    """Print a page, and keep it in results/bench/NAME.md, or in another folder, if wanted."""
    print(page)
    if write:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.text(folder / f"{name}.md", page)
