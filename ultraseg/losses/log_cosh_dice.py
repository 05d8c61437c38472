"""Log-cosh Dice loss: the Dice loss, flattened near 0 by the logarithm of its hyperbolic cosine.

Source: Jadon, 2020 (arXiv:2006.14822); report 002's second loss.
Departure: none from the formula; the Dice loss inside is `dice`, per image unless `over` says otherwise.
"""

from keras import ops

from ultraseg.losses._overlap import check, dice_of_channels


def log_cosh_dice(truth, logits, *, smooth=1.0, over="image"):
    """Log-cosh Dice loss of each image.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        smooth: pixels added to both sides of the Dice ratio, above 0.
        over: "image" counts the pixels of each image; "batch" counts those of the whole batch and gives every image
            the batch's loss, which then depends on the images beside it and on how many they are.

    Returns:
        Loss per image, `[batch]`, in [0, 0.434), near half the square of the Dice loss; an empty image (or batch)
        left empty costs 0.

    Raises:
        ValueError: `smooth` is not above 0, or `over` is unknown.
    """
    check("log_cosh_dice", smooth, over)
    loss = ops.mean(dice_of_channels(truth, logits, smooth, over), axis=-1)
    # cosh x = 1 + 2 sinh(x / 2)**2, which keeps the digits that cosh x itself loses near 0
    return ops.log1p(2 * ops.square(ops.sinh(loss / 2)))
