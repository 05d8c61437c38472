"""BUS-BRA: 1875 breast-ultrasound images of 1064 patients from Rio de Janeiro, four scanners, lesions outlined.

Source: Gomez-Flores, Gregorio-Calas, Pereira, Medical Physics 51:3110, 2024; Zenodo 8231412, CC BY 4.0. Layout and
columns were checked against a public copy of `bus_data.csv`, the counts against the paper and a count of that table.
Departure: the cross-validation folds that come with it (`5-fold-cv.csv`, `10-fold-cv.csv`) are not read.
"""

from ultraseg.datasets._layout import chosen, described, locate, named, paired
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

PUBLISHED = {"benign": 1268, "malignant": 607}
PATIENTS = 1064
TABLE = "bus_data.csv"


def bus_bra(root, *, complete=True):
    """List the samples of a folder in BUS-BRA's layout.

    Args:
        root: the folder that holds `Images` (`bus_0001-l.png`: left, right or single view), `Masks`
            (`mask_0001-l.png`) and `bus_data.csv` with the columns ID, Case and Pathology; or one above it that holds
            `BUSBRA`.
        complete: demand the published 1268 benign and 607 malignant images of 1064 patients. False accepts any number.

    Returns:
        Samples sorted by number and view. The label is the pathology, the group the patient (Case), to whom all views
        belong. No pixel size is published.

    Raises:
        ValueError: the folder is not BUS-BRA.
        Faulty: it is short of images, an image lacks its mask or its line, or a file is not BUS-BRA's; all are named.
    """
    tree = Tree(locate(root, ("Images", "Masks"), below=("BUSBRA", "BUSBRA/BUSBRA")))
    images = named(tree, "Images", r"bus_(?P<key>\d{4}-[lrs])", "bus_0001-l.png")
    masks = named(tree, "Masks", r"mask_(?P<key>\d{4}-[lrs])", "mask_0001-l.png")
    rows = tree.rows(TABLE, ("ID", "Case", "Pathology"))
    whole = paired(tree, images, masks)
    about = described(tree, TABLE, rows, "ID", whole, key=lambda name: name.removeprefix("bus_"))
    samples = [
        Sample(
            id=f"bus_{key}",
            image=images[key],
            masks=(masks[key],),
            label=row["Pathology"],
            group=f"case-{row['Case']}",
            source="BUS-BRA",
        )
        for key, row in about.items()
        if chosen(tree, TABLE, f"bus_{key}", row["Pathology"], PUBLISHED)
    ]
    facts = {f"{label} images": (n, sum(s.label == label for s in samples)) for label, n in PUBLISHED.items()}
    facts["patients"] = (PATIENTS, len({sample.group for sample in samples}))
    return tree.finish(samples, facts=facts if complete and rows else None)
