"""BrEaST (Breast-Lesions-USG): breast-ultrasound scans of 256 Polish patients, one each, tumours outlined.

Source: Pawlowska and others, Scientific Data, 2024, DOI 10.1038/s41597-024-02984-z; The Cancer Imaging Archive, DOI
10.7937/9WKK-Q141, CC BY 4.0. Layout, columns and counts were checked against public loaders of the release of 15
December 2023.
Departure: only the tumour's mask is read; the other areas that some scans mark (`case001_other1.png`) are not it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ultraseg.datasets._layout import chosen, described, locate
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

PUBLISHED = {"benign": 154, "malignant": 98, "normal": 4}
FOLDERS = ("BrEaST-Lesions_USG-images_and_masks", "BrEaST-Lesions_USG-images_and_masks-Dec-15-2023",
           "BrEaST-Lesions_USG-images_and_masks-Dec-15-2023/BrEaST-Lesions_USG-images_and_masks")  # fmt: skip
TABLES = "BrEaST-Lesions-USG-clinical-data*"
COLUMNS = ("Image_filename", "Mask_tumor_filename", "Mask_other_filename", "Pixel_size", "Classification")
ABSENT = ("", "not available", "not applicable")
"""How the table says that there is none."""
PLAUSIBLE_MM = (0.02, 0.5)
"""A pixel of breast ultrasound: 2 to 8 cm of depth on some hundred to a thousand rows."""


def breast_lesions_usg(root, *, complete=True):
    """List the samples of a folder in BrEaST's layout.

    Args:
        root: the folder that holds the clinical table and the pictures, or the table and the folder
            `BrEaST-Lesions_USG-images_and_masks` with the pictures: `case001.png`, its tumour's mask
            `case001_tumor.png`, `case001_other1.png`. The table is the published workbook
            (`BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx`) or a CSV file exported from it under the same name,
            which is read instead where it is there.
        complete: demand the published 154 benign, 98 malignant and 4 normal cases. False accepts any number.

    Returns:
        Samples sorted by case; each is its own group, since every case is another patient. A normal scan has no mask.
        The pixels are square, their size comes from the table (centimetres there).

    Raises:
        ValueError: the folder is not BrEaST.
        Faulty: it is short of cases, the table and the files disagree, or a file is not BrEaST's; all are named.
    """
    folder = locate(root, ("case*.png",), below=FOLDERS).relative_to(root)
    tree = Tree(root)
    table = min(tree.root.glob(TABLES), key=lambda path: (path.suffix != ".csv", path.name), default=TABLES)
    files = _files(tree, folder)
    rows = tree.rows(table, COLUMNS)
    about = described(tree, table, rows, "Image_filename", [name for name in files if "_" not in name])
    named = {name for row in rows for column in COLUMNS[1:3] for name in _names(row[column])}
    for name in sorted(named ^ {name for name in files if "_" in name}) if rows else ():
        wrong = "the table names it, but it is missing" if name in named else "the table does not name it"
        tree.note(tree.root / folder / name, f"{wrong}; restore the file or the table")
    samples = [
        Sample(
            id=files[name].stem,
            image=files[name],
            masks=tuple(files[tumour] for tumour in _names(row["Mask_tumor_filename"])),
            label=row["Classification"].lower(),
            group=files[name].stem,
            source="BrEaST",
            pitch_mm=_pitch(tree, table, name, row),
        )
        for name, row in about.items()
        if _agree(tree, table, files, name, row)
    ]
    labels = Counter(sample.label for sample in samples)
    facts = {f"{label} cases": (count, labels[label]) for label, count in PUBLISHED.items()}
    return tree.finish(samples, facts=facts if complete and rows else None)


def _files(tree: Tree, folder: Path) -> dict[str, Path]:
    """The pictures by name; anything else there but the table is noted."""
    found = {}
    for path in tree.files(folder, suffixes=(".png", ".xlsx", ".csv")):
        if re.fullmatch(r"case\d{3}(_tumor\d*|_other\d*)?\.png", path.name):
            found[path.name] = path
        elif not path.match(TABLES):
            tree.note(
                path,
                "not a file of this data set, whose names read 'case001.png' and 'case001_tumor.png'; move it away",
            )
    return found


def _agree(tree: Tree, table: Path | str, files: Mapping[str, Path], name: str, row: Mapping[str, str]) -> bool:
    """Whether a line's class and masks fit each other and its image; what does not is noted, once."""
    label, tumours = row["Classification"].lower(), _names(row["Mask_tumor_filename"])
    if not chosen(tree, table, name, label, PUBLISHED) or any(tumour not in files for tumour in tumours):
        return False
    case = name.removesuffix(".png")
    if bool(tumours) == (label != "normal") and all(tumour.startswith(f"{case}_tumor") for tumour in tumours):
        return True
    tree.note(files[name], f"{label}, but its tumour's masks are {', '.join(tumours) or 'none'}; mend the table")
    return False


def _names(cell: str) -> list[str]:
    """The files that a cell names, joined by ampersands."""
    return [] if cell.lower() in ABSENT else [name.strip() for name in cell.split("&")]


def _pitch(tree: Tree, table: Path | str, name: str, row: Mapping[str, str]) -> tuple[float, float] | None:
    """A pixel's height and width in mm; a size that cannot be one in centimetres is noted."""
    cell = row["Pixel_size"]
    if cell.lower() in ABSENT:
        return None
    try:
        size = 10 * float(cell)
    except ValueError:
        size = float("nan")
    if not PLAUSIBLE_MM[0] <= size <= PLAUSIBLE_MM[1]:
        tree.note(tree.root / table, f"the Pixel_size of {name} is {cell!r}, which is no pixel in cm; mend the table")
        return None
    return size, size
