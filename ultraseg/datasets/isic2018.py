"""ISIC 2018 task 1: dermoscopic photographs of skin lesions, each with its outline.

Source: Codella and others, 2019 (arXiv:1902.03368); images of HAM10000, Tschandl, Rosendahl, Kittler, Scientific Data
5:180161, 2018. Licence and attribution are text files among the images.
"""

from ultraseg.datasets._isic import Part, listed

PARTS = {
    "training": Part("ISIC2018_Task1-2_Training_Input", "ISIC2018_Task1_Training_GroundTruth", 2594),
    "validation": Part("ISIC2018_Task1-2_Validation_Input", "ISIC2018_Task1_Validation_GroundTruth", 100),
    "test": Part("ISIC2018_Task1-2_Test_Input", "ISIC2018_Task1_Test_GroundTruth", 1000),
}


def isic2018(root, *, part="training", complete=True):
    """List the samples of ISIC 2018, task 1.

    Args:
        root: the folder that holds `ISIC2018_Task1-2_Training_Input`, `ISIC2018_Task1_Training_GroundTruth` and, if
            they are asked for, those of the other parts.
        part: `training`, `validation`, `test`, or `all`; each part is a source of its own ("ISIC 2018 test").
        complete: demand the published 2,594, 100 and 1,000 pairs. False accepts any number of them.

    Returns:
        Samples sorted by part and name; each is its own group, since ISIC does not name patients. The label is
        "lesion" for all.

    Raises:
        ValueError: an option is wrong, or there is no such folder.
        Faulty: it is short of images, an image and its mask do not pair, or a file is not ISIC's; all are named.
    """
    return listed(root, part, PARTS, source="ISIC 2018", complete=complete)
