"""BUS-UCLM: 683 breast-ultrasound images of 38 patients from Ciudad Real, lesions coloured by class.

Source: Vallez and others, Scientific Data, 2025, DOI 10.1038/s41597-025-04562-3; Mendeley Data 7fvgj4jsp7. Layout and
counts were checked against a public copy of `INFO.csv` and the authors' scripts (noeliavallez/BUS-UCLM-Dataset).
Departure: a mask's green (benign) and red (malignant) both count as lesion; the label is the table's.
"""

from collections import Counter

from ultraseg.datasets._layout import chosen, described, locate, named, paired
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

PUBLISHED = {"benign": 174, "malignant": 90, "normal": 419}
PATIENTS = 38
TABLE = "INFO.csv"
LONG = "BUS-UCLM Breast ultrasound lesion segmentation dataset"
"""What the download calls its folder."""


def bus_uclm(root, *, without=("HESN",), complete=True):
    """List the samples of a folder in BUS-UCLM's layout.

    Args:
        root: the folder that holds `images` (`ALWI_000.png`: patient and number), `masks` (the same names) and
            `INFO.csv`, separated by semicolons, with the columns Image and Label; or one above it, as the download
            makes it.
        without: patients to leave out after the folder was checked. HESN's 13 images have another size than their
            masks in the public copies that were looked at, so that they cannot be read.
        complete: demand the published 174 benign, 90 malignant and 419 normal images of 38 patients. False accepts any
            number.

    Returns:
        Samples sorted by patient and number; the group is the patient. The mask of a normal image is black. No pixel
        size is published.

    Raises:
        ValueError: the folder is not BUS-UCLM, or it was complete and has no such patient as is left out.
        Faulty: it is short of images, an image lacks its mask or its line, or a file is not BUS-UCLM's; all are named.
    """
    tree = Tree(locate(root, ("images", "masks"), below=("BUS-UCLM", LONG, f"{LONG}/BUS-UCLM")))
    images, masks = (named(tree, part, r"(?P<key>[A-Z]{4}_\d{3})", "ALWI_000.png") for part in ("images", "masks"))
    rows = tree.rows(TABLE, ("Image", "Label"), delimiter=";")
    about = described(
        tree, TABLE, rows, "Image", paired(tree, images, masks), key=lambda name: name.removesuffix(".png")
    )
    samples = [
        Sample(
            id=key,
            image=images[key],
            masks=(masks[key],),
            label=row["Label"].lower(),
            group=key[:4],
            source="BUS-UCLM",
        )
        for key, row in about.items()
        if chosen(tree, TABLE, key, row["Label"].lower(), PUBLISHED)
    ]
    labels, patients = Counter(sample.label for sample in samples), {sample.group for sample in samples}
    facts = {f"{label} images": (count, labels[label]) for label, count in PUBLISHED.items()}
    facts["patients"] = (PATIENTS, len(patients))
    kept = tree.finish(samples, facts=facts if complete and rows else None)
    if complete and not patients.issuperset(without):
        unknown = ", ".join(sorted(set(without) - patients))
        raise ValueError(f"bus_uclm: without names {unknown}; the patients are {', '.join(sorted(patients))}")
    return [sample for sample in kept if sample.group not in without]
