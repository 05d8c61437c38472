"""A release's layout: where its folders lie, and which image, mask and line of a table belong together."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ultraseg.datasets._tree import Tree


def locate(root: Path | str, wanted: Sequence[str], *, below: Sequence[str] = ()) -> Path:
    """Find the folder that holds what a data set consists of.

    Args:
        root: the folder that a user named.
        wanted: names of the folders in it, or patterns of files such as `case*.png`; all must be there.
        below: where a download puts that folder, seen from the root.

    Returns:
        The root or the first folder below it that has them.

    Raises:
        ValueError: none has; the message says what is there.
    """
    if not Path(root).is_dir():
        raise ValueError(f"{root}: no such folder; name the one that holds {', '.join(wanted)}")
    for folder in (Path(root), *(Path(root) / name for name in below)):
        if folder.is_dir() and all(any(folder.glob(name)) for name in wanted):
            return folder
    entries = sorted(entry.name for entry in Path(root).iterdir())
    found = ", ".join(entries[:5]) + (f" and {len(entries) - 5} more" if len(entries) > 5 else "")
    raise ValueError(f"{root}: {', '.join(wanted)} wanted here; found {found or 'nothing'}")


def named(
    tree: Tree, folder: str | Path, pattern: str, example: str, *, key: Callable[[str], Any] = str
) -> dict[Any, Path]:
    """List a folder's PNG files by what their names say.

    Args:
        tree: where faults are noted.
        folder: below the root.
        pattern: a regular expression of the whole name without its ending; the group `key` is what counts.
        example: a right name, for the message about a wrong one.
        key: makes a file's key out of that group.

    Returns:
        The files by key. One whose name does not match, and a second one with the same key, is noted.
    """
    found: dict[Any, Path] = {}
    for path in tree.files(folder):
        match = re.fullmatch(pattern, path.stem)
        if match is None:
            tree.note(path, f"not a file of this data set, whose names read {example!r} here; move it away")
        elif key(match["key"]) in found:
            tree.note(path, f"the same number as {found[key(match['key'])].name!r}; keep one of the two")
        else:
            found[key(match["key"])] = path
    return found


def paired(tree: Tree, images: Mapping[Any, Path], masks: Mapping[Any, Path]) -> list[Any]:
    """Say which images have a mask.

    Args:
        tree: where an image without a mask and a mask without an image are noted.
        images: by key.
        masks: by the same key.

    Returns:
        The keys that have both, sorted.
    """
    for key in sorted(images.keys() - masks.keys()):
        tree.note(images[key], "its mask is missing; restore it or remove the image")
    for key in sorted(masks.keys() - images.keys()):
        tree.note(masks[key], "its image is missing; restore it or remove the mask")
    return sorted(images.keys() & masks.keys())


def described(
    tree: Tree, table: str | Path, rows: Sequence[Mapping[str, str]], column: str, keys: Collection[Any], *,
    key: Callable[[str], Any] = str,
) -> dict[Any, Mapping[str, str]]:  # fmt: skip
    """Say which images a table describes.

    Args:
        tree: where an image without a row, a row without an image and a second row for one image are noted.
        table: the table's name, for the messages.
        rows: its rows; none means that the table could not be read, which was noted then.
        column: names an image.
        keys: of the images that were found.
        key: makes an image's key out of that column.

    Returns:
        The row of each image that has one.
    """
    found: dict[Any, Mapping[str, str]] = {}
    for row in rows:
        name = key(row[column])
        if name in found:
            tree.note(tree.root / table, f"{row[column]!r} stands there twice; keep one of the two lines")
        elif name not in keys:
            tree.note(tree.root / table, f"the image {row[column]!r} or its mask is missing; restore it")
        found.setdefault(name, row)
    for name in sorted(set(keys) - found.keys()) if rows else ():
        tree.note(tree.root / table, f"no line describes the image {name!r}; restore the table")
    return {name: found[name] for name in sorted(set(keys) & found.keys())}


def chosen(tree: Tree, table: str | Path, name: Any, label: str, labels: Collection[str]) -> bool:
    """Whether a label is one of those that a data set has; another one is noted."""
    if label in labels:
        return True
    tree.note(tree.root / table, f"{name} is {label!r} where {' or '.join(labels)} is wanted; mend the table")
    return False
