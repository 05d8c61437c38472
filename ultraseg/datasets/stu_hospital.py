"""STU-Hospital: 42 breast-ultrasound images from Shantou, the external test set of RDAU-NET, lesions outlined.

Source: Zhuang, Li, Joseph Raj, Mahesh, Qiu, PLoS ONE 14:e0221535, 2019; github.com/xbhlk/STU-Hospital, whose file list
gave the names. Neither patients nor pathology are published.
"""

import re

from ultraseg.datasets._layout import locate, paired
from ultraseg.datasets._tree import Tree
from ultraseg.samples import Sample

IMAGES = 42
NAME = re.compile(r"(?P<kind>Test_Image|mask)_(?P<number>[1-9]\d*)\.png")


def stu_hospital(root, *, complete=True):
    """List the samples of a folder in the layout of the STU-Hospital repository.

    Args:
        root: the folder that holds `Test_Image_1.png` and `mask_1.png`, or one above it that holds `Hospital` or
            `STU-Hospital-master/Hospital`.
        complete: demand the published 42 images. False accepts any number.

    Returns:
        Samples sorted by number; each is its own group, and the label of all is `lesion`.

    Raises:
        ValueError: the folder is not STU-Hospital.
        Faulty: it is short of images, an image lacks its mask, or a file is not of the set; all are named.
    """
    tree = Tree(locate(root, ("Test_Image_*",), below=("Hospital", "STU-Hospital-master/Hospital")))
    found = {"Test_Image": {}, "mask": {}}
    for path in tree.files():
        match = NAME.fullmatch(path.name)
        if match is None:
            tree.note(
                path, "not a file of this data set, whose names read 'Test_Image_1.png' and 'mask_1.png'; move it away"
            )
        else:
            found[match["kind"]][int(match["number"])] = path
    images, masks = found.values()
    samples = [
        Sample(
            id=f"stu-{number}",
            image=images[number],
            masks=(masks[number],),
            label="lesion",
            group=f"stu-{number}",
            source="STU",
        )
        for number in paired(tree, images, masks)
    ]
    return tree.finish(samples, facts={"images": (IMAGES, len(samples))} if complete else None)
