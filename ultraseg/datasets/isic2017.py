"""ISIC 2017 part 1: dermoscopic photographs of skin lesions, each with its outline.

Source: Codella and others, ISBI 2018 (arXiv:1710.05006). Superpixels and a table of ages and sexes lie among the
images; they are passed over.
"""

from ultraseg.datasets._isic import Part, listed

PARTS = {
    "training": Part("ISIC-2017_Training_Data", "ISIC-2017_Training_Part1_GroundTruth", 2000),
    "validation": Part("ISIC-2017_Validation_Data", "ISIC-2017_Validation_Part1_GroundTruth", 150),
    "test": Part("ISIC-2017_Test_v2_Data", "ISIC-2017_Test_v2_Part1_GroundTruth", 600),
}
BESIDE = r"ISIC_\d{7}_superpixels\.png|ISIC-2017_(Training|Validation|Test_v2)_Data_metadata\.csv"


def isic2017(root, *, part="training", complete=True):
    """List the samples of ISIC 2017, part 1.

    Args:
        root: the folder that holds `ISIC-2017_Training_Data`, `ISIC-2017_Training_Part1_GroundTruth` and, if they are
            asked for, those of the other parts.
        part: `training`, `validation`, `test`, or `all`; each part is a source of its own ("ISIC 2017 test").
        complete: demand the published 2,000, 150 and 600 pairs. False accepts any number of them.

    Returns:
        Samples sorted by part and name; each is its own group, since ISIC does not name patients. The label is
        "lesion" for all.

    Raises:
        ValueError: an option is wrong, or there is no such folder.
        Faulty: it is short of images, an image and its mask do not pair, or a file is not ISIC's; all are named.
    """
    return listed(root, part, PARTS, source="ISIC 2017", complete=complete, beside=BESIDE)
