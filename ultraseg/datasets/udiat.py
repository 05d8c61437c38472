"""UDIAT, Dataset B of Yap and others: 163 breast-ultrasound images from Sabadell, one lesion in each.

Source: Yap, Pons, Marti, Ganau, Sentis, Zwiggelaar, Davison, Marti, IEEE J Biomed Health Inform 22:1218, 2018; given
out on request by the authors. Layout and columns were checked against public loaders of the released folder.
Departure: the paper counts 110 benign and 53 malignant lesions, BUSBench, which used the released table, 109 and 54.
Both are accepted.
"""

import re

from ultraseg.datasets._layout import chosen, described, locate, named, paired
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

IMAGES = 163
PUBLISHED = {"benign": (110, 109), "malignant": (53, 54)}
"""How many of each class there are, in the paper and in the table."""
TABLES = ("DatasetB.csv", "DatasetB.xlsx")


def udiat(root, *, complete=True):
    """List the samples of a folder in the layout of UDIAT's Dataset B.

    Args:
        root: the folder that holds `original` (`000001.png`), `GT` (masks of the same names) and `DatasetB.xlsx` with
            the columns Image and Type, or `DatasetB.csv`, exported from it, which is read instead where it is there;
            or a folder above that holds `BUS`, `Dataset_B` or `Dataset B/BUS`.
        complete: demand the published 163 images. False accepts any number.

    Returns:
        Samples sorted by number; each is its own group, since patients are not named. Numbers are compared as such, so
        that `1.png`, `000001.png` and 1 in the table are one image. No pixel size is published.

    Raises:
        ValueError: the folder is not Dataset B.
        Faulty: it is short of images, an image lacks its mask or its line, or a file is not UDIAT's; all are named.
    """
    tree = Tree(locate(root, ("original", "GT"), below=("BUS", "Dataset_B", "Dataset B/BUS")))
    images, masks = (
        named(tree, folder, r"(?P<key>\d{1,6})", "000001.png", key=_number) for folder in ("original", "GT")
    )
    table = next((name for name in TABLES if (tree.root / name).is_file()), TABLES[-1])
    rows = tree.rows(table, ("Image", "Type"))
    about = described(tree, table, rows, "Image", paired(tree, images, masks), key=_number)
    samples = [
        Sample(
            id=f"udiat-{number}",
            image=images[number],
            masks=(masks[number],),
            label=row["Type"].lower(),
            group=f"udiat-{number}",
            source="UDIAT",
        )
        for number, row in about.items()
        if chosen(tree, table, f"image {number}", row["Type"].lower(), PUBLISHED)
    ]
    found = {label: sum(sample.label == label for sample in samples) for label in PUBLISHED}
    counted = tuple(found.values()) == tuple(counts[1] for counts in PUBLISHED.values())
    facts = {f"{label} images": (counts[counted], found[label]) for label, counts in PUBLISHED.items()}
    return tree.finish(samples, facts={"images": (IMAGES, len(samples)), **facts} if complete and rows else None)


def _number(text: str) -> str:
    """An image's number in six digits, however a file or a table writes it; what is no number stays as it is."""
    match = re.fullmatch(r"(\d{1,6})(?:\.0*)?(?:\.png)?", text)
    return match[1].zfill(6) if match else text
