"""Logits of segmentation_models.pytorch, for weights that NumPy alone can draw again.

    PYTHON tests/golden/smp.py

writes `smp.json`; PYTHON is one that has PyTorch and segmentation_models_pytorch and need not have this package. Every
weight is drawn from a generator that its name and shape seed, so that a test without PyTorch draws the same. The file
holds some logits of each network, in double precision and inference mode, and of many more what a strict load wants:
how many arrays, and a hash of their names and shapes.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "smp.json"
POSITIONS = 200
LEARNING = ("Unet", "FPN")
KERNELS = ("encoder.conv1.weight", "segmentation_head.0.weight")
"""The networks whose gradients are kept, and those of which weights: the first and the last kernel."""
GAINS = {
    "decoder.center.top_conv": 0.03,
    "decoder.center.center_conv": 0.03,
    "decoder": 2.0,
    "encoder.features": 2.0,
    "": 1.0,
}
"""Variance of a kernel times its inputs, by the beginning of its name: 2 keeps features behind ReLU as large as they
were; less where blocks are added to their input, and where an attention's softmax would know only its largest."""
NAMES = ("Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "PAN", "DeepLabV3", "DeepLabV3Plus")
SIZES = {"PAN": (128, 160)}
"""Height and width where 64x96 is too small for smp."""
OTHERS = (
    {"_model_class": "Unet", "encoder_depth": 4, "decoder_channels": [64, 32, 16, 8], "in_channels": 4},
    {"_model_class": "Unet", "decoder_use_norm": False},
    {"_model_class": "UnetPlusPlus", "encoder_depth": 3, "decoder_channels": [64, 48, 20]},
    {"_model_class": "MAnet", "encoder_depth": 4, "decoder_channels": [64, 48, 32, 20], "decoder_pab_channels": 16},
    {"_model_class": "Linknet", "encoder_depth": 4, "classes": 3},
    {"_model_class": "FPN", "decoder_merge_policy": "cat", "decoder_pyramid_channels": 64},
    {"_model_class": "FPN", "encoder_depth": 4, "upsampling": 2, "decoder_segmentation_channels": 96},
    {"_model_class": "PSPNet", "encoder_depth": 4, "upsampling": 16, "psp_out_channels": 100},
    {"_model_class": "PAN", "encoder_depth": 4, "decoder_channels": 20},
    {"_model_class": "DeepLabV3", "encoder_output_stride": 16, "decoder_aspp_separable": True},
    {"_model_class": "DeepLabV3", "encoder_depth": 4, "decoder_atrous_rates": [3, 6, 9]},
    {"_model_class": "DeepLabV3Plus", "encoder_output_stride": 8, "decoder_aspp_separable": False},
    {"_model_class": "DeepLabV3Plus", "encoder_depth": 4, "decoder_channels": 64},
    {"_model_class": "Unet", "decoder_channels": [100, 60, 33, 40, 7]},
    {"_model_class": "Unet", "encoder_name": "vgg16", "in_channels": 1},
    {"_model_class": "Unet", "encoder_name": "vgg16", "encoder_depth": 3, "decoder_channels": [64, 32, 16]}
    | {"decoder_use_norm": False},
    {"_model_class": "UnetPlusPlus", "encoder_name": "vgg19", "encoder_depth": 3, "decoder_channels": [64, 48, 20]},
)
ENCODERS = ("resnet18", "resnet34", "resnet50", "resnet101", "vgg16", "vgg19")
DEPTHS = {
    "Unet": (5, 3, 1),
    "UnetPlusPlus": (5, 3, 2),
    "MAnet": (5, 3, 2),
    "Linknet": (5, 3, 1),
    "FPN": (5, 4, 3),
    "PSPNet": (3, 1, 5),
    "PAN": (5, 4, 3),
    "DeepLabV3": (5, 4, 3),
    "DeepLabV3Plus": (5, 4, 3),
}
"""The default first."""
DEEP = ("resnet34", "vgg16")
"""Encoders that every depth is listed of."""
CHANNELS = (256, 128, 64, 32, 16)


def draw(name, shape):
    """Draw the array that smp calls by a name.

    Args:
        name: as in a state dict, whose ending decides the range; or `image`.
        shape: in PyTorch's order.

    Returns:
        Double precision, uniform: kernels around 0 with a variance that suits their inputs, scales and variances in
        [0.5, 1.5), offsets and means in [-0.2, 0.2), pixels in [0, 1).
    """
    seed = int.from_bytes(hashlib.sha256(f"{name} {list(shape)}".encode()).digest()[:16], "big")
    uniform = np.random.Generator(np.random.PCG64(seed)).random(shape)
    if name == "image":
        return uniform
    if name.endswith((".bias", ".running_mean")):
        return 0.4 * uniform - 0.2
    if len(shape) == 1:
        return uniform + 0.5
    gain = next(gain for start, gain in GAINS.items() if name.startswith(start))
    return (2 * uniform - 1) * np.sqrt(3 * gain / np.prod(shape[1:]))


def sampled(array):
    """Take evenly spaced numbers of an array."""
    flat = array.ravel()
    return flat[np.linspace(0, flat.size - 1, POSITIONS).astype(int)]


def cases():
    """List what is computed: the arguments of smp's class, height and width, and whether it is left to slow tests."""
    small = {"encoder_name": "resnet34", "in_channels": 3, "classes": 2}
    large = {"encoder_name": "resnet50", "in_channels": 1, "classes": 1}
    for name in NAMES:
        yield {"_model_class": name, **small}, SIZES.get(name, (64, 96)), False
    for name in NAMES:
        yield {"_model_class": name, **large}, SIZES.get(name, (64, 96)), True
    for arguments in OTHERS:
        yield {**small, **arguments}, SIZES.get(arguments["_model_class"], (64, 96)), True


def layouts():
    """List the networks whose names and shapes are kept: the arguments of smp's class."""
    for name, depths in DEPTHS.items():
        for encoder in ENCODERS:
            if encoder.startswith("vgg") and name.startswith("DeepLab"):  # smp: cannot dilate
                continue
            for depth in depths if encoder in DEEP else depths[:1]:
                arguments = {"_model_class": name, "encoder_name": encoder, "encoder_depth": depth}
                if name in ("Unet", "UnetPlusPlus", "MAnet"):
                    arguments["decoder_channels"] = list(CHANNELS[:depth])
                if name == "PAN" and encoder.startswith("vgg"):
                    arguments["encoder_output_stride"] = 32
                if name in ("FPN", "PSPNet"):
                    arguments["upsampling"] = 2 ** (depth - 3 if name == "FPN" else depth)
                yield arguments
    for arguments in OTHERS:
        yield {"encoder_name": "resnet34", **arguments}


def digest(shapes):
    """Hash names and shapes, `{name: shape}`, in whatever order."""
    lines = sorted(f"{name} {list(shape)}" for name, shape in shapes.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def main():
    """Compute and write."""
    import segmentation_models_pytorch
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)

    def network(arguments):
        given = {key: value for key, value in arguments.items() if key != "_model_class"}
        return getattr(segmentation_models_pytorch, arguments["_model_class"])(encoder_weights=None, **given)

    held = []
    for arguments in layouts():
        with torch.device("meta"):
            shapes = {name: tuple(array.shape) for name, array in network(arguments).state_dict().items()}
        held.append({"arguments": arguments, "arrays": len(shapes), "sha256": digest(shapes)})
    found = []
    for arguments, size, slow in cases():
        net = network(arguments).double().eval()
        for name, array in net.state_dict().items():
            if not name.endswith(".num_batches_tracked"):
                array.copy_(torch.from_numpy(draw(name, tuple(array.shape))))
        image = torch.from_numpy(draw("image", (1, *size, arguments["in_channels"]))).permute(0, 3, 1, 2)
        logits = net(image).permute(0, 2, 3, 1).numpy()
        print(arguments, logits.shape, f"mean {logits.mean():.2f}, deviation {logits.std():.2f}", flush=True)
        found.append({"arguments": arguments, "size": size, "slow": slow, "logits": sampled(logits).tolist()})
        if arguments["_model_class"] in LEARNING and not slow:
            kernels = [net.get_parameter(name) for name in KERNELS]
            with torch.enable_grad():
                gradients = torch.autograd.grad(net(image).mean(), kernels)
            found[-1]["gradients"] = [sampled(gradient.numpy()).tolist() for gradient in gradients]
    versions = {"torch": torch.__version__, "segmentation_models_pytorch": segmentation_models_pytorch.__version__}
    lines, more = (",\n".join(map(json.dumps, rows)) for rows in (found, held))
    text = f'{{"versions": {json.dumps(versions)}, "cases": [\n{lines}\n], "layouts": [\n{more}\n]}}\n'
    PATH.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
