"""ISIC 2016 part 1: dermoscopic photographs of skin lesions, each with its outline.

Source: Gutman and others, 2016 (arXiv:1605.01397). Its masks are called `_Segmentation`, with a capital.
"""

from ultraseg.datasets._isic import Part, listed

PARTS = {
    "training": Part("ISBI2016_ISIC_Part1_Training_Data", "ISBI2016_ISIC_Part1_Training_GroundTruth", 900),
    "test": Part("ISBI2016_ISIC_Part1_Test_Data", "ISBI2016_ISIC_Part1_Test_GroundTruth", 379),
}


def isic2016(root, *, part="training", complete=True):
    """List the samples of ISIC 2016, part 1.

    Args:
        root: the folder that holds `ISBI2016_ISIC_Part1_Training_Data`, `ISBI2016_ISIC_Part1_Training_GroundTruth`
            and, if they are asked for, those of the test.
        part: `training`, `test`, or `all`; each part is a source of its own ("ISIC 2016 test").
        complete: demand the published 900 and 379 pairs. False accepts any number of them.

    Returns:
        Samples sorted by part and name; each is its own group, since ISIC does not name patients. The label is
        "lesion" for all.

    Raises:
        ValueError: an option is wrong, or there is no such folder.
        Faulty: it is short of images, an image and its mask do not pair, or a file is not ISIC's; all are named.
    """
    return listed(root, part, PARTS, source="ISIC 2016", complete=complete)
