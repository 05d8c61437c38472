"""The readable page of an audit: one HTML file beside its pictures, with nothing from elsewhere."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from ultraseg.audit._finding import Finding
from ultraseg.audit._sentences import sentences
from ultraseg.audit._thumbnails import FINDINGS, Shown

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; padding: 0 1em; color: #222; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2em; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; } td, th { padding: 2px 14px 2px 0; text-align: left; vertical-align: top; }
.cards { display: flex; flex-wrap: wrap; gap: 14px; }
.card { border: 1px solid #ccc; border-radius: 4px; padding: 8px; font-size: 13px; max-width: 510px; }
.card.clash { border: 2px solid #d55e00; }
.card img { max-width: 240px; display: block; } .two { display: flex; gap: 8px; align-items: flex-start; }
figure { margin: 0; max-width: 240px; overflow-wrap: anywhere; } figcaption { font-size: 12px; color: #555; }
.absent { width: 160px; height: 100px; background: #eee; color: #777; padding: 8px; }
"""


def html(audit: Any, facts: dict[str, Any], shown: Shown, figures: Sequence[str]) -> str:
    """The page as text.

    Args:
        audit: the audit.
        facts: the same as `audit.json` holds it.
        shown: which pairs and findings have pictures, and which.
        figures: the figures that were drawn, of `sizes` and `leakage`.

    Returns:
        HTML in which every name and sentence from the data set is escaped.
    """
    title = f"Audit of {facts['source']}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        *(f"<p>{escape(sentence)}</p>" for sentence in sentences(audit, facts)),
        *_facts(facts),
        *_faults(audit.faults),
        *_pairs(audit, shown),
        *_findings(audit.findings, shown),
        *_sizes(audit.extents, "sizes" in figures),
        *_leakage(facts["leakage"], "leakage" in figures),
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _facts(facts: dict[str, Any]) -> list[str]:
    if not facts["facts"]:
        return []
    return ["<h2>Facts</h2>", _table((), facts["facts"].items())]


def _faults(faults: Sequence[str]) -> list[str]:
    if not faults:
        return []
    return ["<h2>Faults</h2><ul>", *(f"<li>{escape(fault)}</li>" for fault in faults), "</ul>"]


def _pairs(audit: Any, shown: Shown) -> list[str]:
    if not audit.pairs:
        return []
    labels = {sample.id: sample.label for sample in audit.samples}
    clashes = {(clash.a, clash.b): clash for clash in audit.contradictions}
    kinds = Counter(pair.kind for pair in audit.pairs).most_common()
    parts = ["<h2>Copies of one scan, and adjacent frames</h2>", _table(("kind", "pairs"), kinds)]
    if len(shown.pairs) < len(audit.pairs):
        parts.append(f"<p>The first {len(shown.pairs)} of {len(audit.pairs)} are shown; all are in audit.json.</p>")
    parts.append('<div class="cards">')
    for pair in shown.pairs:
        clash = clashes.get((pair.a, pair.b))
        words = f"{pair.kind}{', mirrored' if pair.flipped else ''}, score {pair.score:.3f}"
        if clash:
            words += f"; contradict each other over the {' and the '.join(clash.over)}, Dice {clash.dice:.2f}"
        sides = "".join(_figure(shown, end, "", labels.get(end, "")) for end in (pair.a, pair.b))
        marked = " clash" if clash else ""
        parts.append(f'<div class="card{marked}"><div class="two">{sides}</div>{escape(words)}</div>')
    return [*parts, "</div>"]


def _findings(findings: Sequence[Finding], shown: Shown) -> list[str]:
    if not findings:
        return []
    kinds = Counter(finding.kind for finding in findings)
    parts = ["<h2>Findings on images and masks</h2>", _table(("kind", "findings"), kinds.items())]
    for kind, own in shown.findings.items():
        parts.append(f"<h3>{escape(kind)} ({kinds[kind]})</h3>")
        cards = (_figure(shown, f.id, f.kind if f.boxes else "", f.text) for f in own)
        parts.append('<div class="cards">' + "".join(f'<div class="card">{card}</div>' for card in cards) + "</div>")
        rest = [finding.id for finding in findings if finding.kind == kind][FINDINGS:]
        if rest:
            parts.append(f"<p>And {len(rest)} more: {escape(', '.join(rest))}.</p>")
    return parts


def _sizes(extents: Sequence[Any], drawn: bool) -> list[str]:
    if not drawn:
        return []
    rows = []
    for label in dict.fromkeys(extent.label for extent in extents):
        shares = [100 * extent.share for extent in extents if extent.label == label and extent.box]
        if shares:
            least, low, middle, high, most = np.quantile(shares, (0, 0.25, 0.5, 0.75, 1))
            rows.append((label, len(shares), f"{middle:.1f}", f"{low:.1f} to {high:.1f}", f"{least:.1f} to {most:.1f}"))
    head = ("label", "marked images", "median, %", "middle half, %", "range, %")
    picture = '<p><img src="pictures/sizes.png" alt="lesion sizes by label" width="1000"></p>'
    return ["<h2>Lesion sizes</h2><p>Share of the image that the masks cover.</p>", _table(head, rows), picture]


def _leakage(leakage: dict[str, Any], drawn: bool) -> list[str]:
    splits = leakage["splits"]
    if not splits and not drawn:
        return []
    parts = ["<h2>Leakage</h2><p>Test images that have a twin, a copy of the same scan, in training.</p>"]
    if splits:
        rows = [(name, s["tested"], s["leaking"], f"{100 * s['share']:.1f}") for name, s in splits.items()]
        parts.append(_table(("split", "tested", "leaking", "share, %"), rows))
        for name, split in splits.items():
            pairs = "; ".join(f"{test} (test) and {twin} (training)" for test, twin in split["pairs"])
            parts.append(f"<p>{escape(name)}: {escape(pairs)}.</p>" if pairs else "")
    if drawn:
        parts.append('<p><img src="pictures/leakage.png" alt="leakage of random splits" width="540"></p>')
    return parts


def _figure(shown: Shown, name: str, kind: str, words: str) -> str:
    file = shown.files.get((name, kind))
    picture = (
        f'<img src="pictures/{file}" alt="{escape(name)}" loading="lazy">'
        if file
        else '<div class="absent">cannot be shown</div>'
    )
    return f"<figure>{picture}<figcaption><b>{escape(name)}</b> {escape(words)}</figcaption></figure>"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    def line(cells: Sequence[Any], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"

    return "<table>" + (line(head, "th") if head else "") + "".join(line(row, "td") for row in rows) + "</table>"
