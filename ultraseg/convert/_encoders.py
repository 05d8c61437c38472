"""The encoders that segmentation_models.pytorch has too: what it calls each of their weights, and of what shape it is.

Source: torchvision's ResNets and VGGs, which segmentation_models.pytorch 0.6.0 holds whole, however deep a network
looks into them, and without their classifier.
Departure: none. The encoders of keras.applications that smp has by another name are laid out otherwise there.
"""

import re

WIDTHS = (64, 128, 256, 512, 512)
NORM = ("weight", "bias", "running_mean", "running_var")
STAGE = re.compile(r"(encoder\.(?:layer|features\.))(\d+)\.")
FIRST = {"encoder.layer": "encoder.conv1.weight", "encoder.features.": "encoder.features.0.weight"}
"""For each family's stages the kernel that its encoders begin with."""
CENTER = "decoder.center."
NODE = re.compile(r"decoder\.blocks\.x_0_\d+\.conv1\.0\.weight")


def refuse_without_counterpart(who, encoder):
    """Refuse an encoder that smp does not have.

    Args:
        who: the model, for the message.
        encoder: its name.

    Raises:
        ValueError: it is none of `ENCODERS`.
    """
    if encoder not in ENCODERS:
        raise ValueError(
            f"{who}: the encoder {encoder} has no counterpart in segmentation_models.pytorch; these have: "
            f"{', '.join(ENCODERS)}"
        )


def encoder_shapes(encoder, channels):
    """What smp holds for an encoder.

    Args:
        encoder: one of `ENCODERS`.
        channels: of the image.

    Returns:
        `{name: shape}`, in smp's order.
    """
    family, *sizes = ENCODERS[encoder]
    return {f"encoder.{name}": shape for name, shape in family(channels, *sizes)}


def center_shapes(names):
    """What smp's U-Net++ holds on a VGG besides, and never runs: a centre that no block is fed from.

    Args:
        names: of the network's weights.

    Returns:
        `{name: shape}`; nothing for another network.
    """
    depth = sum(1 for name in names if NODE.fullmatch(name))  # a node of the outermost diagonal for each halving
    if not depth or FIRST["encoder.features."] not in names or any(name.startswith(CENTER) for name in names):
        return {}
    width = (*WIDTHS, WIDTHS[-1])[depth]
    shape = (width, width, 3, 3)
    return {name: each for part in (0, 1) for name, each in _normed(f"{CENTER}{part}.0", f"{CENTER}{part}.1", shape)}


def idle(names, live):
    """Find the weights that smp holds for a network and never runs.

    Args:
        names: of a checkpoint's weights.
        live: of the network's.

    Returns:
        Those behind the deepest encoder stage that the network has, and those of the centre that smp's U-Net++ holds on
        a VGG; no name that the network has itself.
    """
    deepest = {family: 0 for family, first in FIRST.items() if first in live}
    for name in live:
        family, number = _stage(name)
        if family in deepest:
            deepest[family] = max(deepest[family], number)
    center = center_shapes(live)
    found = []
    for name in names:
        family, number = _stage(name)
        if name in center or family in deepest and number > deepest[family]:
            found.append(name)
    return found


def _stage(name):
    found = STAGE.match(name)
    return (found[1], int(found[2])) if found else (None, 0)


def _resnet(channels, sides, repeats):
    """Entries of a ResNet: of the sides each block has a convolution, of three the last is four times as wide."""
    yield from _normed("conv1", "bn1", (WIDTHS[0], channels, 7, 7))
    before = WIDTHS[0]
    for stage, (width, count) in enumerate(zip(WIDTHS, repeats, strict=False), start=1):
        after = width if len(sides) == 2 else 4 * width
        for number in range(count):
            block, inputs = f"layer{stage}.{number}", before
            for place, side in enumerate(sides, start=1):
                outputs = after if place == len(sides) else width
                yield from _normed(f"{block}.conv{place}", f"{block}.bn{place}", (outputs, inputs, side, side))
                inputs = outputs
            if number == 0 and (stage > 1 or after != before):
                yield from _normed(f"{block}.downsample.0", f"{block}.downsample.1", (after, before, 1, 1))
            before = after


def _vgg(channels, repeats):
    """Entries of a VGG, where a convolution, a ReLU and a pooling each take a number."""
    number = 0
    for width, count in zip(WIDTHS, repeats, strict=True):
        for _ in range(count):
            yield f"features.{number}.weight", (width, channels, 3, 3)
            yield f"features.{number}.bias", (width,)
            number, channels = number + 2, width
        number += 1


def _normed(convolution, norm, kernel):
    """Entries of a convolution without bias and of the batch norm behind it."""
    yield f"{convolution}.weight", kernel
    yield from ((f"{norm}.{part}", kernel[:1]) for part in NORM)
    yield f"{norm}.num_batches_tracked", ()


ENCODERS = {
    "ResNet18": (_resnet, (3, 3), (2, 2, 2, 2)),
    "ResNet34": (_resnet, (3, 3), (3, 4, 6, 3)),
    "ResNet50": (_resnet, (1, 3, 1), (3, 4, 6, 3)),
    "ResNet101": (_resnet, (1, 3, 1), (3, 4, 23, 3)),
    "VGG16": (_vgg, (2, 2, 3, 3, 3)),
    "VGG19": (_vgg, (2, 2, 4, 4, 4)),
}
