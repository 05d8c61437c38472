"""An audit as nested lists and dictionaries, as `audit.json` holds it."""

from collections import Counter
from typing import Any

import numpy as np

VERSION = 1
DIGITS = 6


def tree(audit: Any) -> dict[str, Any]:
    """Turn an audit into what JSON can hold; floats are rounded, so that equal audits give equal text."""
    return {
        "version": VERSION,
        "source": source(audit),
        "images": len(audit.samples),
        "labels": dict(Counter(sample.label for sample in audit.samples)),
        "facts": {name: _plain(value) for name, value in audit.facts.items()},
        "faults": list(audit.faults),
        "findings": [
            {
                "id": f.id,
                "kind": f.kind,
                "text": f.text,
                "number": _plain(f.number),
                "boxes": [list(b) for b in f.boxes],
            }
            for f in audit.findings
        ],
        "pairs": [
            {"a": p.a, "b": p.b, "kind": p.kind, "score": _plain(p.score), "flipped": bool(p.flipped)}
            for p in audit.pairs
        ],
        "contradictions": [
            {"a": c.a, "b": c.b, "over": list(c.over), "dice": _plain(c.dice)} for c in audit.contradictions
        ],
        "scans": clusters({sample.id: sample.scan or sample.id for sample in audit.samples}),
        "groups": clusters({sample.id: sample.group for sample in audit.samples}),
        "lesions": [
            {"id": e.id, "share": _plain(e.share), "components": e.components, "box": list(e.box) if e.box else None}
            for e in audit.extents
        ],
        "leakage": {
            "splits": {
                name: {
                    "tested": found.tested,
                    "leaking": found.leaking,
                    "share": _plain(found.share),
                    "pairs": [list(pair) for pair in found.pairs],
                }
                for name, found in audit.splits.items()
            },
            "random": _random(audit.draws),
        },
    }


def source(audit: Any) -> str:
    """The data sets' names as titles print them."""
    return " and ".join(dict.fromkeys(sample.source for sample in audit.samples)) or "a data set"


def clusters(names: dict[str, str]) -> list[list[str]]:
    """Ids that share a name, two or more together, in the samples' order."""
    together: dict[str, list[str]] = {}
    for name, cluster in names.items():
        together.setdefault(cluster, []).append(name)
    return [members for members in together.values() if len(members) > 1]


def _random(draws: tuple[float, ...]) -> dict[str, Any] | None:
    """How random splits leak, None where none was drawn."""
    if not draws:
        return None
    return {
        "draws": len(draws),
        "mean": _plain(float(np.mean(draws))),
        "least": _plain(min(draws)),
        "most": _plain(max(draws)),
    }


def _plain(value: Any) -> Any:
    """A number that JSON has, whole ones as such; words as they are."""
    if not isinstance(value, (int, float, np.number)) or isinstance(value, bool):
        return value if value is None or isinstance(value, bool) else str(value)
    number = round(float(value), DIGITS)
    return int(number) if number == int(number) else number
