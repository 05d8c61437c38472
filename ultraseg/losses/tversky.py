"""Tversky loss: an overlap loss that prices misses and false alarms apart.

Source: Salehi, Erdogmus, Gholipour, 2017, equation 4 (arXiv:1706.05721).
Departure: `smooth`, which the paper does not have, so that an empty image left empty costs 0. Keras' `Tversky` adds
1e-7, pools batch and channels where no `axis` is given, and up to 3.15 takes misses for false alarms: its alpha weighs
what the paper's beta does.
"""

from keras import ops

from ultraseg.losses._overlap import check, tversky_of_channels


def tversky(truth, logits, *, miss=0.7, alarm=0.3, smooth=1.0, over="image"):
    """One minus the Tversky index of each image, the mean over its channels.

    Args:
        truth: masks in [0, 1], `[batch, height, width, classes]`.
        logits: the model's output, same shape, any float type; computed in float32.
        miss: weight of a missed pixel (the paper's beta), above 0; with `alarm` 1/2 each it is `dice` with twice
            the `smooth`, with 1 each `jaccard`.
        alarm: weight of a falsely marked pixel (the paper's alpha), above 0.
        smooth: pixels added to both sides of the ratio, above 0.
        over: "image" counts the pixels of each image; "batch" counts those of the whole batch and gives every image
            the batch's loss, which then depends on the images beside it and on how many they are.

    Returns:
        Loss per image, `[batch]`, in [0, 1); an empty image (or batch) left empty costs 0.

    Raises:
        ValueError: a weight or `smooth` is not above 0, or `over` is unknown.
    """
    check("tversky", smooth, over)
    if miss <= 0 or alarm <= 0:
        raise ValueError(f"tversky: miss and alarm must be above 0, got {miss} and {alarm}")
    return ops.mean(tversky_of_channels(truth, logits, miss, alarm, smooth, over), axis=-1)
