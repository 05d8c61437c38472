"""CBIS-DDSM, the masses: scanned mammograms, each mass outlined and proven benign or malignant.

Source: Lee, Gimenez, Hoogi, Miyake, Gorovoy, Rubin, Scientific Data 4:170177, 2017. Read from The Cancer Imaging
Archive's DICOM files or from the JPEG release on Kaggle; both come with the same tables of cases.
Departure: which of a mass's two files is its mask is told by its size, the mammogram's, and not by the tables or the
series' names, which confuse mask and cut-out in many places. `BENIGN_WITHOUT_CALLBACK` is benign.
"""

from dataclasses import dataclass
from pathlib import Path

from ultraseg.datasets._cbis_release import Release
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

TABLES = {"training": "mass_case_description_train_set.csv", "test": "mass_case_description_test_set.csv"}
PUBLISHED = {"training": 1318, "test": 378}
"""Masses; a mammogram may show several."""
IMAGE, CUT, MASK = "image file path", "cropped image file path", "ROI mask file path"
LABELS = {"BENIGN": "benign", "BENIGN_WITHOUT_CALLBACK": "benign", "MALIGNANT": "malignant"}


@dataclass(frozen=True)
class _Mass:
    """A line of the tables: a mammogram, one mass that it shows, and its mask.

    The mask is None where no file has the mammogram's size, which is a misfit, and where that cannot be told.
    """

    name: str
    number: str
    image: Path
    mask: Path | None
    misfit: bool
    label: str
    patient: str
    source: str


def cbis_ddsm_masses(root, *, view, margin=0.1, part="all", misfits="refuse", complete=True):
    """List mammograms with masses, or the masses cut out.

    Args:
        root: the folder with the two `mass_case_description_..._set.csv`, or with `csv`, which holds them, and either
            `jpeg`, as on Kaggle, or `CBIS-DDSM`, as the archive's retriever writes it, which may lie in a
            `manifest-...`, or several of them.
        view: `whole` gives one sample per mammogram, its masks united; `roi` one per mass, cut out of the mammogram
            around its own mask. Scores of the two do not compare.
        margin: of `roi` alone: by what share of its height and width the mass's bounding box is widened on each side.
        part: `training`, `test` or `all`; each part is a source of its own ("CBIS-DDSM test").
        misfits: what to do with a mass of which no file has its mammogram's size, as a few were published: `refuse`
            names them all, `drop` leaves them out, and of `whole` their mammograms.
        complete: demand the published 1,318 and 378 masses. False accepts any number of them, and passes over lines
            whose mammogram is not there.

    Returns:
        Samples sorted by id. The label is "benign" or "malignant", for a mammogram with both "malignant"; the group is
        the patient, of whom there may be several mammograms.

    Raises:
        ValueError: an option is wrong, or the folder is another one.
        Faulty: a table is not there or damaged, files are missing, broken or misfits, or it is short of masses; all
            are named.
    """
    if view not in ("whole", "roi"):
        raise ValueError(f"cbis_ddsm_masses: view must be 'whole' or 'roi', got {view!r}")
    if margin < 0:
        raise ValueError(f"cbis_ddsm_masses: margin must be 0 or more, got {margin}")
    if part != "all" and part not in TABLES:
        raise ValueError(f"cbis_ddsm_masses: part must be among {', '.join(TABLES)}, all, got {part!r}")
    if misfits not in ("refuse", "drop"):
        raise ValueError(f"cbis_ddsm_masses: misfits must be 'refuse' or 'drop', got {misfits!r}")
    tree = Tree(root)
    release = Release(tree)
    masses, facts = [], {}
    for name in TABLES if part == "all" else (part,):
        found = _masses(tree, release, name, complete)
        facts[f"masses of CBIS-DDSM {name}"] = (PUBLISHED[name], len(found))
        masses += found
    for mass in masses if misfits == "refuse" else ():
        if mass.misfit:
            tree.note(mass.image, f"no file of its mass {mass.number} has its size; leave it out with `misfits: drop`")
    samples = _cut(masses, margin) if view == "roi" else _united(masses)
    return tree.finish(sorted(samples, key=lambda sample: sample.id), facts=facts if complete else None)


def _masses(tree: Tree, release: Release, part: str, complete: bool) -> list[_Mass]:
    """The masses of one table of which all files are there."""
    table = TABLES[part] if (tree.root / TABLES[part]).is_file() else f"csv/{TABLES[part]}"
    found = []
    for number, row in tree.lines(table, ("patient_id", "abnormality id", "pathology", IMAGE, CUT, MASK)):
        images, parts = release.files(row[IMAGE]), sorted({*release.files(row[CUT]), *release.files(row[MASK])})
        if row["pathology"] not in LABELS:
            tree.note(
                tree.root / table,
                f"line {number}: the pathology is {row['pathology']!r} where {' or '.join(LABELS)} is wanted; mend it",
            )
        elif len(images) > 1 or (complete and not images):
            what = f"{len(images)} files in the folder of {row[IMAGE]!r} where its mammogram alone is wanted"
            tree.note(tree.root / table, f"line {number}: {what}; complete the folder")
        elif images and not parts:
            tree.note(tree.root / table, f"line {number}: no file in the folder of {row[MASK]!r}; complete the folder")
        elif images:
            size, sizes = release.size(images[0]), [release.size(path) for path in parts]
            known = None not in (size, *sizes)
            fitting = [path for path, other in zip(parts, sizes, strict=True) if known and other == size]
            if len(fitting) > 1:
                tree.note(fitting[1], f"as large as its mammogram, and {fitting[0].name} too; remove what is no mask")
            found.append(
                _Mass(
                    name=row[IMAGE].partition("/")[0],
                    number=row["abnormality id"],
                    image=images[0],
                    mask=fitting[0] if len(fitting) == 1 else None,
                    misfit=known and not fitting,
                    label=LABELS[row["pathology"]],
                    patient=row["patient_id"],
                    source=f"CBIS-DDSM {part}",
                )
            )
    return found


def _cut(masses: list[_Mass], margin: float) -> list[Sample]:
    """A sample for each mass."""
    return [
        Sample(
            id=f"{mass.name}_{mass.number}",
            image=mass.image,
            masks=(mass.mask,),
            label=mass.label,
            group=mass.patient,
            source=mass.source,
            margin=margin,
        )
        for mass in masses
        if mass.mask
    ]


def _united(masses: list[_Mass]) -> list[Sample]:
    """A sample for each mammogram of which all masses have a mask."""
    mammograms: dict[str, list[_Mass]] = {}
    for mass in masses:
        mammograms.setdefault(mass.name, []).append(mass)
    return [
        Sample(
            id=name,
            image=shown[0].image,
            masks=tuple(mass.mask for mass in shown),
            label=max(mass.label for mass in shown),  # "malignant" comes after "benign"
            group=shown[0].patient,
            source=shown[0].source,
        )
        for name, shown in mammograms.items()
        if all(mass.mask for mass in shown)
    ]
