"""The pages of an audit: `audit.json` for programs, `audit.html` with pictures and `audit.md` in short for people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ultraseg import atomic
from ultraseg.audit._extent import Extent
from ultraseg.audit._figures import draws_figure, sizes_figure
from ultraseg.audit._finding import BROKEN, Finding
from ultraseg.audit._html import html
from ultraseg.audit._markdown import markdown
from ultraseg.audit._sentences import sentences
from ultraseg.audit._thumbnails import thumbnails
from ultraseg.audit._tree import tree
from ultraseg.samples import Sample

ESCAPED = "backslashreplace"
"""How parts of file names that are no UTF-8 are written, which JSON reads back as they were."""


@dataclass(frozen=True)
class Audit:
    """All that an audit found out about one data set.

    `samples` are what can be read, `facts` what was counted by name, `faults` what the reader refused. `pairs` are
    the copies and adjacent frames that `duplicates` found (`a`, `b`, `kind`, `score`, `flipped`), `contradictions`
    those of them that disagree (`a`, `b`, `over`, `dice`). `splits` says by name how a split leaks (`tested`,
    `leaking`, `share`, `pairs`), `draws` which share of the test images leaks in each of many random splits.
    """

    samples: tuple[Sample, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    extents: tuple[Extent, ...] = ()
    pairs: tuple[Any, ...] = ()
    contradictions: tuple[Any, ...] = ()
    splits: Mapping[str, Any] = field(default_factory=dict)
    draws: tuple[float, ...] = ()

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings because of which an image cannot be used."""
        return tuple(finding for finding in self.findings if finding.kind in BROKEN)


def write(folder: Path | str, audit: Audit) -> list[str]:
    """Write an audit, whole or not at all; the same audit gives the same files.

    Args:
        folder: where to; it must not exist.
        audit: what was found.

    Returns:
        What it found, in a few sentences.

    Raises:
        OSError: the folder exists or cannot be written.
    """
    with atomic.folder(folder) as made:
        (made / "pictures").mkdir()
        shown = thumbnails(audit, made / "pictures")
        figures = {"sizes": sizes_figure(audit.extents), "leakage": draws_figure(audit.draws)}
        for name, figure in figures.items():
            if figure:
                figure.savefig(made / "pictures" / f"{name}.png", dpi=120, metadata={"Software": None})
        facts = tree(audit)
        text = json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        (made / "audit.json").write_text(text + "\n", encoding="utf-8", errors=ESCAPED)
        page = html(audit, facts, shown, [name for name, figure in figures.items() if figure])
        (made / "audit.html").write_text(page, encoding="utf-8", errors=ESCAPED)
        (made / "audit.md").write_text(markdown(audit, facts), encoding="utf-8", errors=ESCAPED)
    return list(sentences(audit, facts))
