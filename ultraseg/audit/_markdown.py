"""The summary of an audit in Markdown, without pictures: sentences, counts, contradictions, what is broken."""

from collections import Counter
from typing import Any

from ultraseg.audit._sentences import sentences


def markdown(audit: Any, facts: dict[str, Any]) -> str:
    """The summary as text.

    Args:
        audit: the audit.
        facts: the same as `audit.json` holds it.

    Returns:
        Markdown that ends with a new line; names from the data set are escaped.
    """
    kinds = Counter(finding.kind for finding in audit.findings)
    clashes = [(c.a, c.b, " and ".join(c.over), f"{c.dice:.3f}") for c in audit.contradictions]
    splits = [(name, found.tested, found.leaking, f"{found.share:.1%}") for name, found in audit.splits.items()]
    parts = [
        [f"# Audit of {_escaped(facts['source'])}"],
        [f"- {_escaped(sentence)}" for sentence in sentences(audit, facts)],
        *_section("Counts", ("what", "how many"), facts["facts"].items()),
        *_section("Leakage", ("split", "test images", "with a twin in training", "share"), splits),
        *_section("Pairs that contradict each other", ("one", "other", "over", "Dice of their masks"), clashes),
        *_section("Findings", ("kind", "how many"), sorted(kinds.items())),
        *([["## Faults"], [f"- {_escaped(fault)}" for fault in audit.faults]] if audit.faults else []),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _section(title, head, rows) -> list[list[str]]:
    rows = [[_escaped(cell) for cell in row] for row in rows]
    if not rows:
        return []
    table = [head, ["---"] * len(head), *rows]
    return [[f"## {title}"], [f"| {' | '.join(row)} |" for row in table]]


def _escaped(cell: Any) -> str:
    text = "none" if cell is None else str(cell)
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|" else letter for letter in text)
