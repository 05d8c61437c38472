"""A weighted sum of losses, such as the BCE and Dice that reports 000 and 001 trained on.

Source: Taghanaki et al., 2019, equation 1 (Combo loss, arXiv:1805.02798), for any number of any losses.
Departure: none. The parts are named as in a study, with options of their own.
"""

from ultraseg import catalogue


def weighted_sum(truth, logits, *, parts, weights: list[float]):
    """The sum of several losses of each image, each times its weight.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        parts: the losses to add, at least one: a list of `name` or `{name: {option: value}}`, another `weighted_sum`
            among them if need be.
        weights: what each part is multiplied by, in the same order, at least 0 and not all 0.

    Returns:
        Loss per image, `[batch]`. Of the parts it has the range, scaled, and what they do with empty images.

    Raises:
        ValueError: a part is unknown or one of its options wrong, there are not as many weights as parts, or a
            weight is below 0 or all are 0.
    """
    if len(parts) != len(weights):
        raise ValueError(f"weighted_sum: as many weights as parts are wanted, got {len(weights)} for {len(parts)}")
    if not parts or min(weights) < 0 or max(weights) == 0:
        raise ValueError(f"weighted_sum: weights must be at least 0 and not all 0, got {list(weights)}")
    return sum(
        weight * catalogue.bind("losses", part)(truth, logits) for part, weight in zip(parts, weights, strict=True)
    )
