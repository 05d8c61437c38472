"""The numbers of a round of training under the names that every tracker shows them by."""

NAMES = {
    "loss": "training/loss",
    "val_loss": "validation/loss",
    "val_dice": "validation/dice",
    "val_iou": "validation/iou",
    "learning_rate": "learning_rate",
    "training_seconds": "training/seconds",
    "seconds": "seconds",
}


def scalars(row):
    """Name the numbers of a row of the history; one that was not measured is left out."""
    return {name: float(row[column]) for column, name in NAMES.items() if row[column] is not None}


def flat(tree, above=""):
    """Write the options of a resolved trial as `model.UNet.width: 32`, to filter by; an empty part is {}."""
    if not isinstance(tree, dict) or not tree:
        return {above: tree}
    found = {}
    for key, part in tree.items():
        found |= flat(part, f"{above}.{key}" if above else key)
    return found
