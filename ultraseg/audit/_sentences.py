"""What an audit found, in a few sentences."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ultraseg.audit._finding import counted
from ultraseg.audit._kinds import ADJACENT


def sentences(audit: Any, facts: dict[str, Any]) -> Iterable[str]:
    """Yield the sentences; `facts` is the audit as `audit.json` holds it."""
    labels = ", ".join(f"{number} {label or 'without a label'}" for label, number in facts["labels"].items())
    yield f"{counted(facts['images'], 'image')}: {labels}."
    copies = [pair for pair in audit.pairs if pair.kind != ADJACENT]
    images = {end for pair in copies for end in (pair.a, pair.b)}
    scans = facts["images"] - sum(len(scan) - 1 for scan in facts["scans"])
    yield (
        f"{counted(len(copies), 'pair')} of copies show one scan; {counted(len(images), 'image')} have a copy. "
        f"There are {counted(scans, 'distinct scan')}."
        if copies
        else "No two images show one scan."
    )
    if adjacent := len(audit.pairs) - len(copies):
        yield f"{counted(adjacent, 'pair')} of adjacent frames of one sweep; each frame is a scan of its own."
    if audit.contradictions:
        over = Counter(what for clash in audit.contradictions for what in clash.over)
        words = ", ".join(f"{number} over the {what}" for what, number in sorted(over.items()))
        yield f"{counted(len(audit.contradictions), 'pair')} of these contradict each other: {words}."
    random = facts["leakage"]["random"]
    if random:
        yield (
            f"In {counted(random['draws'], 'random split')}, {100 * random['mean']:.1f} % of the test images have a "
            f"twin in training on average ({100 * random['least']:.1f} to {100 * random['most']:.1f} %); a twin is a "
            "copy, adjacent frames are not counted."
        )
    yield (
        f"{counted(len(audit.findings), 'finding')} on images and masks, {len(audit.broken)} of them broken; "
        f"{counted(len(audit.faults), 'fault')} of the folder."
    )
