"""What an audit says of one image: a kind, a sentence, and a number where one can be counted or measured."""

from dataclasses import dataclass

Box = tuple[int, int, int, int]
BROKEN = ("broken image", "broken mask", "other size")
"""Kinds of findings because of which an image cannot be used."""


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should look at.

    `id` names the sample, `kind` is one of a few words by which findings are counted, `text` says what was found,
    `number` how much of it (0 where nothing is counted), `boxes` where in the file's picture: top, left, height and
    width in pixels.
    """

    id: str
    kind: str
    text: str
    number: float = 0.0
    boxes: tuple[Box, ...] = ()


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where it is not 1."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
