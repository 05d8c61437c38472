"""Every loss once more, in NumPy and float64, written from its source's formula and not from the code.

`value(name, truth, logits, **options)` gives `[batch]`; `slope` its derivative by finite differences.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.special import logsumexp


def value(name, truth, logits, **options):
    """The loss of every image, `[batch]`, float64."""
    truth, logits = np.asarray(truth, np.float64), np.asarray(logits, np.float64)
    return FORMULAS[name](truth, logits, **options)


def slope(name, truth, logits, *, step=1e-5, **options):
    """Derivative of the batch's summed loss by every logit, by central differences."""
    logits = np.asarray(logits, np.float64)
    found = np.zeros_like(logits)
    for place in np.ndindex(logits.shape):
        up, down = logits.copy(), logits.copy()
        up[place] += step
        down[place] -= step
        found[place] = (value(name, truth, up, **options) - value(name, truth, down, **options)).sum() / (2 * step)
    return found


def logarithms(logits):
    """log p and log(1 - p)."""
    if logits.shape[-1] == 1:
        return -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
    whole = logsumexp(logits, axis=-1, keepdims=True)
    others = [logsumexp(np.delete(logits, k, axis=-1), axis=-1) for k in range(logits.shape[-1])]
    return logits - whole, np.stack(others, axis=-1) - whole


def probability(logits):
    return np.exp(logarithms(logits)[0])


def entropy(t, inside, outside):
    """Cross-entropy of a binary question."""
    return -(t * inside + (1 - t) * outside)


def bce(t, z, *, positive_weight=1.0, label_smoothing=0.0):
    inside, outside = logarithms(z)
    t = t + label_smoothing * (0.5 - t)
    weight = np.where((np.arange(z.shape[-1]) > 0) | (z.shape[-1] == 1), positive_weight, 1.0)
    return -(weight * t * inside + (1 - t) * outside).mean((1, 2, 3))


def bce_behind_softmax(t, z):
    return entropy(t, -np.logaddexp(0, -z), -np.logaddexp(0, z)).mean((1, 2, 3))


def kld(t, z):
    inside, outside = logarithms(z)
    if z.shape[-1] == 1:
        t, inside = np.concatenate([1 - t, t], -1), np.concatenate([outside, inside], -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(t > 0, t * (np.log(t) - inside), 0).sum(-1).mean((1, 2))


def focal(t, z, *, alpha=0.25, gamma=2.0):
    if z.shape[-1] == 1:
        t, z = np.concatenate([1 - t, t], -1), np.concatenate([0 * z, z], -1)
    inside, outside = logarithms(z)
    weight = np.array([1 - alpha] + [alpha] * (z.shape[-1] - 1))
    return -(weight * t * np.exp(outside) ** gamma * inside).sum(-1).mean((1, 2))


def pixels(values, over):
    """`[batch, pixels, classes]`, or the batch's pixels once for every image."""
    batch, *_, classes = values.shape
    if over == "image":
        return values.reshape(batch, -1, classes)
    return np.repeat(values.reshape(1, -1, classes), batch, axis=0)


def confusion(t, z, over):
    """Soft hits, misses and false alarms, `[batch, classes]`."""
    t, p = pixels(t, over), pixels(probability(z), over)
    return (t * p).sum(1), (t * (1 - p)).sum(1), ((1 - t) * p).sum(1)


def tversky_index(t, z, miss, alarm, smooth, over):
    hit, missed, alarmed = confusion(t, z, over)
    return (hit + smooth) / (hit + miss * missed + alarm * alarmed + smooth)


def dice(t, z, *, smooth=1.0, over="image"):
    return 1 - tversky_index(t, z, 0.5, 0.5, smooth / 2, over).mean(-1)


def dice_over_channels(t, z, *, smooth=1.0, over="image"):
    hit, missed, alarmed = (each.sum(-1) for each in confusion(t, z, over))
    return 1 - (2 * hit + smooth) / (2 * hit + missed + alarmed + smooth)


def dice_reaching_minus_one(t, z):
    hit, missed, alarmed = (each.sum(-1) for each in confusion(t, z, "batch"))
    return 1 - 2 * (hit + 1) / (2 * hit + missed + alarmed + 1)


def jaccard(t, z, *, smooth=1.0, over="image"):
    return 1 - tversky_index(t, z, 1, 1, smooth, over).mean(-1)


def log_cosh_dice(t, z, *, smooth=1.0, over="image"):
    return np.log(np.cosh(dice(t, z, smooth=smooth, over=over)))


def tversky(t, z, *, miss=0.7, alarm=0.3, smooth=1.0, over="image"):
    return 1 - tversky_index(t, z, miss, alarm, smooth, over).mean(-1)


def focal_tversky(t, z, *, miss=0.7, alarm=0.3, power=0.75, smooth=1.0, over="image"):
    # an index of 1 comes out above it by a rounding
    return (np.maximum(1 - tversky_index(t, z, miss, alarm, smooth, over), 0) ** power).mean(-1)


def lovasz(t, z):
    error = 1 - z * np.where(t > 0.5, 1, -1) if z.shape[-1] == 1 else np.abs(t - probability(z))
    batch, *_, classes = t.shape
    error, t = np.maximum(error, 0).reshape(batch, -1, classes), t.reshape(batch, -1, classes)
    each = [[lovasz_extension(t[i, :, c], error[i, :, c]) for c in range(classes)] for i in range(batch)]
    return np.mean(each, axis=-1)


def lovasz_extension(t, error):
    """The integral over all thresholds of the Jaccard loss of the set of pixels whose error exceeds the threshold."""
    order = np.argsort(-error)
    sorted_error, lesion = error[order], t[order]
    wrong_lesion, wrong = np.cumsum(lesion), np.arange(1, len(t) + 1)
    # wrong pixels of the lesion leave the overlap, wrong ones of the background join the union
    jaccard_loss = 1 - (t.sum() - wrong_lesion) / (t.sum() + wrong - wrong_lesion)
    return (jaccard_loss * (sorted_error - np.append(sorted_error[1:], 0))).sum()


def to_the_other_side(mask):
    """SciPy's distance transforms of lesion and background, as shares of the diagonal; 1 where one is missing."""
    found = np.ones(mask.shape)
    for i, c in np.ndindex(mask.shape[0], mask.shape[-1]):
        one = mask[i, :, :, c]
        if one.any() and not one.all():
            distance = distance_transform_edt(one) + distance_transform_edt(~one)
            found[i, :, :, c] = distance / np.hypot(*one.shape)
    return found


def boundary(t, z):
    mask = t > 0.5
    outline = to_the_other_side(mask) - 0.5 / np.hypot(*mask.shape[1:3])
    signed = np.where(mask, -outline, outline)
    return (signed * probability(z)).mean((1, 2, 3)) - (signed * mask).mean((1, 2, 3))


def hausdorff_dt(t, z, *, alpha=2.0):
    p = probability(z)
    field = to_the_other_side(t > 0.5) ** alpha + to_the_other_side(p > 0.5) ** alpha
    return ((p - t) ** 2 * field).mean((1, 2, 3))


def weighted_sum(t, z, *, parts, weights):
    total = 0
    for part, weight in zip(parts, weights, strict=True):
        [(name, options)] = part.items() if isinstance(part, dict) else [(part, {})]
        total = total + weight * FORMULAS[name](t, z, **options)
    return total


FORMULAS = {
    "bce": bce,
    "bce_behind_softmax": bce_behind_softmax,
    "boundary": boundary,
    "dice": dice,
    "dice_over_channels": dice_over_channels,
    "dice_reaching_minus_one": dice_reaching_minus_one,
    "focal": focal,
    "focal_tversky": focal_tversky,
    "hausdorff_dt": hausdorff_dt,
    "jaccard": jaccard,
    "kld": kld,
    "log_cosh_dice": log_cosh_dice,
    "lovasz": lovasz,
    "tversky": tversky,
    "weighted_sum": weighted_sum,
}
