"""Write results/NAME.md, the page of a study that was run on real data: what it shows, its tables and its figures.

    python docs/results.py NAME [--runs RUNS] [--profile PROFILE] [--answer TEXT]

What the numbers say is written by a person: `--answer`, or the first paragraph of the page that is there, stays. All
else is what `ultraseg run`, and `ultraseg report --conventions`, left in RUNS/NAME-PROFILE. `panels.png` is left out,
since it shows images of the data set.
"""

import argparse
import re
from pathlib import Path
from typing import Any

from ultraseg import atomic, records, runtime

RESULTS = Path(__file__).parent.parent / "results"
FIGURES = {
    "curves": "Training curves",
    "effects": "Marginal means",
    "ranks": "Mean ranks",
    "pareto": "Score against cost",
}


def main() -> None:
    """Write one page and its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the study, such as optimizers or as_published/optimizers")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--profile", default="cpu")
    parser.add_argument("--answer", help="what the study shows, a paragraph")
    given = parser.parse_args()
    name = given.name.replace("/", "-")
    folder = given.runs / f"{name}-{given.profile}"
    page = RESULTS / f"{name}.md"
    answer = given.answer or kept(page)
    trials = given.runs / "trials"
    outline = records.read_json(folder / "study.json")
    done = [path for each in ids(outline) if (path := trials / each).is_dir()]
    figures = {kind: folder / f"{kind}.png" for kind in FIGURES if (folder / f"{kind}.png").is_file()}
    work = [records.read_json(path / "result.json")["multiply_adds"] for path in done]
    if max(work) < 1.2 * min(work):
        figures.pop("pareto", None)  # only seconds differ, and those the machine's other work has a part in
    for kind, path in figures.items():
        with atomic.file(RESULTS / f"{name}-{kind}.png") as temporary:
            temporary.write_bytes(path.read_bytes())
    made = [process for path in done for process in records.read_json(path / "env.json")["processes"]]
    written = how(name, given.profile, outline["command"], made)
    if (folder / "conventions.md").is_file():
        title, rest = (folder / "conventions.md").read_text(encoding="utf-8").split("\n\n", 1)
        command = f"ultraseg report {given.name} --profile {given.profile} --conventions"
        of = f"`{command}`, from the trials of [{name}]({name}.md)"
        atomic.text(
            RESULTS / f"{name}-conventions.md", f"{title}\n\nCommand: {of}, which names machine and date.\n\n{rest}"
        )
        written.append(
            f"- The same predictions under each report's convention: [{name}-conventions.md]({name}-conventions.md)"
        )
    atomic.text(page, text(outline, answer, written, {k: f"{name}-{k}.png" for k in figures}, folder / "table.md"))
    print(page)


def kept(page: Path) -> str:
    """The first paragraph of a page that is there.

    Raises:
        ValueError: there is none.
    """
    if not page.is_file():
        raise ValueError(f"{page}: is not there yet; say what the study shows with --answer")
    return page.read_text(encoding="utf-8").split("\n\n")[1]


def ids(outline: dict[str, Any]) -> list[str]:
    """A study's trials, each once."""
    return list(dict.fromkeys(trial["id"] for cell in outline["cells"] for trial in cell["trials"]))


def text(outline: dict[str, Any], answer: str, written: list[str], figures: dict[str, str], table: Path) -> str:
    """The page: title, answer, how it was made, figures, and the study's own tables one heading lower."""
    source = outline["source"]
    of = ", ".join(filter(None, [f"report {source['report']}" if source.get("report") else "", source.get("table")]))
    return "\n\n".join(
        [
            f"# {outline['title']}" + (f" ({of})" if of else ""),
            answer,
            "\n".join(written),
            *(f"![{FIGURES[kind]}]({name})" for kind, name in figures.items()),
            re.sub(r"^#", "##", without_seconds(table.read_text(encoding="utf-8")), flags=re.MULTILINE),
        ]
    )


def without_seconds(table: str) -> str:
    """The tables without the Pareto front by seconds, in which the machine's other work has a part.

    Args:
        table: of the study, as Markdown.
    """
    found = re.search(r"^\* Rows that no other matches .*?: (by .*)\n", table, flags=re.MULTILINE)
    if found is None:
        return table
    parts = [part for part in found[1].rstrip(".").split("; ") if not part.startswith("by seconds")]
    if not any(part.startswith("by ") for part in parts):
        return table.replace(found[0], "")
    return table.replace(found[1], "; ".join(parts) + ".")


def how(name: str, profile: str, command: str, made: list[dict[str, Any]]) -> list[str]:
    """The commands, the machine and the days."""
    days = sorted({process["date"][:10] for process in made})
    devices = sorted({f"{process['processor']} ({', '.join(process['device'])})" for process in made})
    threads = " or ".join(sorted({str(process["threads"]) for process in made}))
    versions = sorted({f"{key} {number}" for process in made for key, number in process["versions"].items()})
    chosen = "" if profile == "cpu" else f" PROFILE={profile}"
    return [
        f"- Command: `make study-{name} DATA=FOLDER{chosen}`, that is `{command}`",
        f"- Machine: {'; '.join(devices)}, {runtime.cores()} cores, threads an operation: {threads}",
        f"- Versions: {', '.join(versions)}",
        f"- Date: {' to '.join([days[0], days[-1]][: len(days)])}",
        "- Other work shared the machine: compare no seconds with those of other pages, nor between rows.",
    ]


if __name__ == "__main__":
    main()
