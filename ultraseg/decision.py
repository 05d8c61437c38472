"""From probabilities to a mask: the threshold, the steps after it, and the choice of a threshold.

Source: the choice of a threshold by validation Dice is common practice; protocols that choose it on test data score
themselves too high.
"""

from ultraseg import catalogue
from ultraseg.counts import counts
from ultraseg.metrics.dice import dice_of

CANDIDATES = tuple(percent / 100 for percent in range(5, 100, 5))
MIDDLE = 0.5
"""Of thresholds with equal Dice the one nearest to this is taken."""


def decide(probability, *, threshold, steps=()):
    """Mark the lesion.

    Args:
        probability: of lesion, `[height, width]`, in [0, 1].
        threshold: a pixel is marked where its probability exceeds it.
        steps: of `postprocess`, as a trial names them, in their order.

    Returns:
        uint8 `[height, width]` in {0, 1}.
    """
    found = (probability > threshold).astype("uint8")
    for step in steps:
        found = catalogue.bind("postprocess", step)(found)
    return found


def tune(pairs, *, steps=()):
    """Choose a threshold by the mean Dice over images.

    Args:
        pairs: of truth `[height, width]` in {0, 1} and probability of lesion, same shape, one per image of the
            validation part; read once, one at a time.
        steps: as in `decide`.

    Returns:
        The threshold, and the mean Dice at each candidate; of equal ones the threshold nearest to 0.5.

    Raises:
        ValueError: there is no image.
    """
    sums, images = dict.fromkeys(CANDIDATES, 0.0), 0
    for truth, probability in pairs:
        images += 1
        for threshold in CANDIDATES:
            sums[threshold] += dice_of(counts(truth, decide(probability, threshold=threshold, steps=steps)))
    if not images:
        raise ValueError("threshold: tuned wants validation images; set data.validation above 0")
    means = {threshold: total / images for threshold, total in sums.items()}
    best = max(means, key=lambda threshold: (round(means[threshold], 12), -abs(threshold - MIDDLE)))
    return best, means
