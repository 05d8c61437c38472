"""UW-Madison GI Tract: slices of abdominal magnetic resonance scans with stomach, small and large bowel outlined.

Source: Lee and others, Data in Brief 57:111159, 2024; the Kaggle competition of 2022. Slices are 16-bit PNG files whose
names end in width, height and the pixel's width and height in millimetres; the masks are runs in `train.csv`.
Departure: the competition's page says that pixels are counted down the columns; the table counts along the rows.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from ultraseg.datasets._layout import locate
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Runs, Sample

TABLE = "train.csv"
STRUCTURES = ("large_bowel", "small_bowel", "stomach")
LABELS = ("no organ", "one organ", "two organs", "three organs")
PUBLISHED = {"slices": 38496, "cases": 85}
DAY = re.compile(r"case\d+_day\d+")
ID = re.compile(rf"{DAY.pattern}_slice_\d{{4}}")
FILE = re.compile(
    rf".*/train/(?P<case>case\d+)/(?P<day>{DAY.pattern})/scans/"
    r"slice_(?P<slice>\d{4})_(?P<width>\d+)_(?P<height>\d+)_(?P<across>\d+\.\d+)_(?P<down>\d+\.\d+)\.png"
)


def uw_madison_gi(root, *, drop=(), complete=True):
    """List the slices, each with three masks that do not depend on each other.

    Args:
        root: the folder that holds `train.csv` and `train`, or the one above it.
        drop: days to leave out, such as `case7_day0` and `case81_day30`, whose outlines users of the set found wrong.
        complete: demand the published 38,496 slices of 85 cases. False accepts any number of them, and passes over
            the lines of days that have no folder.

    Returns:
        Samples sorted by id. Their structures are large bowel, small bowel and stomach, in this order; a mask is None
        where the slice does not show the organ. The label says how many organs the slice shows ("no organ" to "three
        organs"), the group is the case, and pixels have their size from the file's name.

    Raises:
        ValueError: an option is wrong, or the folder is another one.
        Faulty: it is short of slices, a slice has no lines or a line no slice, an organ stands there twice or not at
            all, or a name is not of this set; all are named. Runs are read with the pixels: one that is not counted
            from 1 is refused then.
    """
    for day in drop:
        if not DAY.fullmatch(str(day)):
            raise ValueError(f"uw_madison_gi: drop takes days such as case7_day0, got {day!r}")
    tree = Tree(locate(root, (TABLE, "train"), below=("uw-madison-gi-tract-image-segmentation",)))
    slices, days = _slices(tree)
    outlines = _outlines(tree, days, complete)
    for day in sorted(set(drop) - days):
        tree.note(tree.root / "train", f"the day {day!r} that is to be left out is not there; write its name right")
    samples = []
    for name in sorted(slices.keys() | outlines.keys()):
        absent = [organ for organ in STRUCTURES if organ not in outlines.get(name, {})]
        if name not in slices:
            tree.note(tree.root / TABLE, f"there is no slice for the lines of {name!r}; restore it")
        elif absent:
            tree.note(slices[name].string, f"the table has no line of its {', '.join(absent)}; restore it")
        else:
            samples.append(_sample(tree, name, slices[name], outlines[name]))
    counts = {"slices": len(samples), "cases": len({sample.group for sample in samples})}
    facts = {fact: (published, counts[fact]) for fact, published in PUBLISHED.items()}
    kept = [sample for sample in samples if _day(sample.id) not in drop]
    return tree.finish(kept, facts=facts if complete else None)


def _slices(tree: Tree) -> tuple[dict[str, re.Match[str]], set[str]]:
    """The slices' paths, taken apart, by id, and the days that have a folder."""
    found: dict[str, re.Match[str]] = {}
    days = set()
    for path in tree.files("train", recursive=True):
        match = FILE.fullmatch(path.as_posix())
        if match is None or not match["day"].startswith(f"{match['case']}_"):
            wanted = "case1/case1_day0/scans/slice_0001_266_266_1.50_1.50.png"
            tree.note(path, f"not a slice of this set, whose paths read '{wanted}'; move it away")
            continue
        days.add(match["day"])
        name = f"{match['day']}_slice_{match['slice']}"
        if name in found:
            tree.note(path, f"the same slice as {found[name].string}; keep one")
        found.setdefault(name, match)
    return found, days


def _outlines(tree: Tree, days: set[str], complete: bool) -> dict[str, dict[str, tuple[int, str]]]:
    """The line and the runs of each organ of each slice, of days without a folder none."""
    found: dict[str, dict[str, tuple[int, str]]] = {}
    elsewhere: dict[str, int] = {}
    for number, row in tree.lines(TABLE, ("id", "class", "segmentation")):
        day = _day(row["id"])
        if not ID.fullmatch(row["id"]) or row["class"] not in STRUCTURES:
            wanted = f"a slice such as 'case1_day0_slice_0001' and {' or '.join(STRUCTURES)} are wanted"
            tree.note(tree.root / TABLE, f"line {number}: {wanted}, got {row['id']!r} and {row['class']!r}; restore it")
        elif day not in days:
            elsewhere[day] = elsewhere.get(day, 0) + 1
        elif row["class"] in found.setdefault(row["id"], {}):
            tree.note(tree.root / TABLE, f"line {number}: {row['class']} of {row['id']} stands there twice; keep one")
        else:
            found[row["id"]][row["class"]] = (number, row["segmentation"])
    for day, count in sorted(elsewhere.items()) if complete else ():
        tree.note(tree.root / "train", f"{count} lines of the table are of {day}, which has no slice; complete it")
    return found


def _sample(tree: Tree, name: str, path: re.Match[str], outlines: Mapping[str, tuple[int, str]]) -> Sample:
    shape = int(path["height"]), int(path["width"])
    masks = [
        Runs(tree.root / TABLE, line, text, shape) if text else None
        for line, text in (outlines[organ] for organ in STRUCTURES)
    ]
    return Sample(
        id=name,
        image=Path(path.string),
        masks=tuple(masks),
        label=LABELS[sum(mask is not None for mask in masks)],
        group=path["case"],
        source="UW-Madison GI Tract",
        pitch_mm=(float(path["down"]), float(path["across"])),
        structures=STRUCTURES,
    )


def _day(name: str) -> str:
    """The day of an id."""
    return name.rpartition("_slice_")[0]
