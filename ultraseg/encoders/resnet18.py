"""ResNet-18: four stages of 2, 2, 2 and 2 basic blocks: two 3x3 convolutions each.

Source: He, Zhang, Ren, Sun, 2015 (arXiv:1512.03385), table 1; torchvision's layout (v1.5), dilated as
segmentation_models.pytorch 0.6.0 does it; its ImageNet weights.
Departure: with weights the network takes pixels in [0, 1]; stages below `depth` are not built.
"""

from ultraseg.encoders._resnet import resnet

SOURCE = ("smp-hub/resnet18.imagenet", "3f2325ff978283d47aa6a1d6878ca20565622683")


def ResNet18(
    image,
    *,
    depth=5,
    output_stride=32,
    weights=None,
    frozen=False,
    frozen_until=0,
    frozen_batch_norm=False,
):
    """Turn an image into the maps of a ResNet-18.

    Args:
        image: `[batch, height, width, channels]`, both sides divisible by 2**depth or the output stride.
        depth: how many times the maps halve, 1 to 5; later stages are not built.
        output_stride: the stride at which the maps stop to halve and the kernels spread instead: 8, 16 or 32.
        weights: None draws them at random; `imagenet` fetches them once (the extra `hub`); the path of a
            `.safetensors` file with torchvision's names takes that. With weights, pixels must be in [0, 1]: what the
            weights expect of them is done inside.
        frozen: no weight trains and every batch norm keeps its statistics.
        frozen_until: number of the last map whose stages, and all before, are frozen; 0 freezes none.
        frozen_batch_norm: every batch norm keeps its statistics, gamma and beta.

    Returns:
        `depth + 1` maps, finest first: the image, then channels 64, 64, 128, 256, 512 at
        strides 2, 4, 8, 16, 32, or the output stride where that is less.

    Raises:
        ValueError: an option is wrong, or the weights cannot be had or do not fit.
    """
    return resnet(
        image,
        "ResNet18",
        "basic",
        (2, 2, 2, 2),
        SOURCE,
        depth=depth,
        output_stride=output_stride,
        weights=weights,
        frozen=frozen,
        frozen_until=frozen_until,
        frozen_batch_norm=frozen_batch_norm,
    )
