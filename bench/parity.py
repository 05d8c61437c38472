"""How far nine architectures are from segmentation_models.pytorch, weight by weight the same networks.

    python bench/parity.py --peer-python PYTHON [--models UNet FPN ...] [--write]

The peer, this same file run by a Python that has PyTorch and segmentation_models_pytorch and not this package, draws
weights and batch-norm statistics, saves each network by `save_pretrained`, and leaves its logits and gradients. Ours
is built from what that folder says and holds, as `ultraseg convert FOLDER` does, and shown the same images. Figures
are relative norms, |ours - smp| / |smp|, in inference mode. Without a peer (`--peer-python` or ULTRASEG_PEER) there is
nothing to measure.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

THREADS = 2
MODELS = {
    "UNet": "Unet",
    "UNetPlusPlus": "UnetPlusPlus",
    "MAnet": "MAnet",
    "Linknet": "Linknet",
    "FPN": "FPN",
    "PSPNet": "PSPNet",
    "PAN": "PAN",
    "DeepLabV3": "DeepLabV3",
    "DeepLabV3Plus": "DeepLabV3Plus",
}
SMALL, LARGE = (64, 96), (256, 256)
# smp's PAN pools its deepest map three times, and ends in an error where that leaves less than a pixel.
SMALLEST = {"PAN": (128, 160)}
PRECISIONS = {"float64": 1e-9, "float32": 1e-4}
GRADIENT = 1e-4
KERNELS = ("encoder.conv1.weight", "segmentation_head.0.weight")
# One case per line besides the defaults: what smp's constructors take and change.
OTHERS = (
    ("UNet", {"encoder_depth": 4, "decoder_channels": [64, 32, 16, 8], "classes": 3}),
    ("UNet", {"decoder_use_norm": False}),
    ("UNetPlusPlus", {"encoder_depth": 3, "decoder_channels": [64, 48, 20], "classes": 2}),
    ("MAnet", {"encoder_depth": 4, "decoder_channels": [64, 48, 32, 20], "decoder_pab_channels": 16}),
    ("Linknet", {"encoder_depth": 4, "classes": 3}),
    ("FPN", {"decoder_merge_policy": "cat", "decoder_pyramid_channels": 64, "decoder_segmentation_channels": 96}),
    ("FPN", {"encoder_depth": 4, "upsampling": 2}),
    ("PSPNet", {"encoder_depth": 4, "upsampling": 16, "psp_out_channels": 100}),
    ("PAN", {"encoder_output_stride": 32, "decoder_channels": 20}),
    ("PAN", {"encoder_depth": 4, "classes": 4}),
    ("DeepLabV3", {"encoder_output_stride": 16, "decoder_aspp_separable": True, "decoder_atrous_rates": [3, 6, 9]}),
    ("DeepLabV3", {"encoder_depth": 4, "decoder_channels": 100}),
    ("DeepLabV3Plus", {"encoder_output_stride": 8, "decoder_aspp_separable": False, "decoder_channels": 64}),
    ("DeepLabV3Plus", {"encoder_depth": 4, "decoder_atrous_rates": [2, 4, 6]}),
)


def cases(models):
    """What is compared: `(builder, arguments of smp's class, sizes, whether gradients are too)`."""
    for name in models:
        for encoder in ("resnet34", "resnet50"):
            for channels in (1, 3):
                first = encoder == "resnet34" and channels == 3
                sizes = {"small": SMALLEST.get(name, SMALL), "large": LARGE}
                yield name, {"encoder_name": encoder, "in_channels": channels}, sizes, first
    for name, arguments in OTHERS:
        if name in models:
            small = LARGE if arguments.get("encoder_output_stride") == 32 else SMALLEST.get(name, SMALL)
            yield name, {"encoder_name": "resnet34", **arguments}, {"small": small}, False


def images(sizes, channels):
    """A batch of one random image for each size, channels last."""
    import numpy as np

    generator = np.random.default_rng(0)
    return {which: generator.random((1, height, width, channels)) for which, (height, width) in sizes.items()}


def peer():
    """Answer every line on stdin, a case, once its network, logits and gradients lie in the case's folder."""
    import numpy as np
    import segmentation_models_pytorch as smp
    import torch

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    print(json.dumps(f"PyTorch {torch.__version__}, segmentation_models_pytorch {smp.__version__}"), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        net = getattr(smp, MODELS[case["name"]])(encoder_weights=None, **case["arguments"]).eval()
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d | torch.nn.GroupNorm):
                torch.nn.init.uniform_(module.weight, 0.5, 1.5)
                torch.nn.init.normal_(module.bias, std=0.1)
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 1.5)
        net.save_pretrained(case["folder"])
        found = {}
        for precision in PRECISIONS:
            net = net.to(getattr(torch, precision))
            for size, image in images(case["sizes"], case["arguments"].get("in_channels", 3)).items():
                shown = torch.from_numpy(image).to(getattr(torch, precision)).permute(0, 3, 1, 2)
                logits = net(shown)
                found[f"{precision} {size}"] = logits.detach().permute(0, 2, 3, 1).numpy()
                if case["gradients"] and size == "small":
                    kernels = [net.get_parameter(name) for name in KERNELS]
                    for name, gradient in zip(KERNELS, torch.autograd.grad(logits.mean(), kernels), strict=True):
                        found[f"{precision} {name}"] = gradient.numpy()
        np.savez(Path(case["folder"]) / "found.npz", **found)
        print(json.dumps("done"), flush=True)


def ours(case):
    """Relative norms of our differences, `{what: number}`, and how many weights smp has that we pass over."""
    import keras
    import numpy as np
    import tensorflow as tf

    from ultraseg import convert

    folder = Path(case["folder"])
    arrays, wanted = convert.read(folder), np.load(folder / "found.npz")
    differences = {}
    for precision in PRECISIONS:
        keras.config.set_floatx(precision)
        keras.config.set_dtype_policy(precision)
        keras.backend.clear_session()
        model = convert.build(convert.agreed(case["name"], convert.configuration(folder)), arrays)
        idle = convert.load_state_dict(model, arrays)
        kernels = [model.get_layer(name.removesuffix(".weight").replace(".", "-")).kernel.value for name in KERNELS]
        for size, image in images(case["sizes"], model.input_shape[-1]).items():
            shown = tf.constant(image, precision)
            differences[f"{precision} {size}"] = _far(model(shown, training=False), wanted[f"{precision} {size}"])
            if case["gradients"] and size == "small":
                with tf.GradientTape() as tape:
                    mean = tf.reduce_mean(model(shown, training=False))
                for name, gradient in zip(KERNELS, tape.gradient(mean, kernels), strict=True):
                    theirs = wanted[f"{precision} {name}"].transpose(2, 3, 1, 0)
                    differences[f"{precision} {name}"] = _far(gradient, theirs)
    return differences, len(idle)


def _far(found, wanted):
    import numpy as np

    found, wanted = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    if found.shape != wanted.shape:
        raise ValueError(f"parity: smp's logits are {wanted.shape}, ours are {found.shape}")
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def main() -> None:
    """Compare and print the table; the exit status tells whether a difference is too large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used here")
    parser.add_argument("--peer-python", default=os.environ.get("ULTRASEG_PEER"), help="a Python with PyTorch and smp")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--side", choices=["peer"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        peer()
        return
    if not given.peer_python:
        print("parity: no peer, nothing is compared: give --peer-python")
        return
    import _machine as machine

    from ultraseg import runtime

    runtime.prepare(threads=THREADS)
    runtime.load()
    command = [given.peer_python, "-W", "ignore", __file__, "--side", "peer"]
    results = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        version = _answer(other)
        for name, arguments, sizes, gradients in cases(given.models):
            with tempfile.TemporaryDirectory() as folder:
                case = {"name": name, "arguments": arguments, "sizes": sizes, "gradients": gradients, "folder": folder}
                print(json.dumps(case), file=other.stdin, flush=True)
                _answer(other)
                results.append((case, *ours(case)))
                print(name, arguments, {k: f"{v:.1e}" for k, v in results[-1][1].items()}, file=sys.stderr, flush=True)
        other.stdin.close()
    machine.publish("parity", page(results, version), write=given.write)
    if any(_worst(results, precision) > limit for precision, limit in PRECISIONS.items()):
        sys.exit("parity: a difference of logits is too large")
    if _worst(results, "gradient") > GRADIENT:
        sys.exit("parity: a difference of gradients is too large")


def _answer(process):
    line = process.stdout.readline()
    if not line:
        raise OSError(f"parity: the peer ended with {process.wait()}")
    return json.loads(line)


def _worst(results, kind):
    """The largest difference of logits in a precision, or of gradients in double precision."""
    found = [(key, value) for _, differences, _ in results for key, value in differences.items()]
    if kind == "gradient":
        return max((value for key, value in found if key.startswith("float64 ") and key.endswith(KERNELS)), default=0.0)
    return max(value for key, value in found if key.startswith(f"{kind} ") and not key.endswith(KERNELS))


def page(results, version):
    """The page: a row per network, and one per network whose gradients were compared."""
    import _machine as machine

    large = "{}x{}".format(*LARGE)
    headers = ["network", "arguments", "small", *(f"{p}, {size}" for p in PRECISIONS for size in ("small", large))]
    rows, slopes = [], []
    for case, found, _ in results:
        arguments = ", ".join(f"{key}={value}" for key, value in case["arguments"].items())
        cells = [found.get(f"{precision} {size}") for precision in PRECISIONS for size in ("small", "large")]
        small = "{}x{}".format(*case["sizes"]["small"])
        rows.append([case["name"], arguments, small, *("" if cell is None else f"{cell:.1e}" for cell in cells)])
        if case["gradients"]:
            cells = [found[f"{precision} {kernel}"] for precision in PRECISIONS for kernel in KERNELS]
            slopes.append([case["name"], *(f"{cell:.1e}" for cell in cells)])
    kernels = [f"{precision}, {kernel} kernel" for precision in PRECISIONS for kernel in ("first", "last")]
    limits = ", ".join(f"{limit:g} in {precision}" for precision, limit in PRECISIONS.items())
    largest = ", ".join(f"{_worst(results, precision):.1e} in {precision}" for precision in PRECISIONS)
    idle = {case["name"]: count for case, _, count in results if count}
    notes = [
        f"Peer: {version}. Relative norms of the difference of the logits, in inference mode; weights as smp draws "
        "them and random batch-norm statistics, carried over by what `ultraseg convert FOLDER` does. "
        f"Limits: {limits}; largest: {largest}. smp's encoders hold stages that never run where a network does not "
        f"reach down to the last; their weights are passed over ({', '.join(idle)}).",
        "",
        "The same for the gradient of the mean logit, ResNet34, three channels, the small size. The limit, "
        f"{GRADIENT:g}, is on float64: in float32 one ReLU whose input rounds to the other side of 0 changes the "
        "gradient of the first kernel by some 5e-3, and of a million such inputs one does in some images.",
        "",
        "| network | " + " | ".join(kernels) + " |",
        "|" + "---|" * (1 + len(kernels)),
        *("| " + " | ".join(row) + " |" for row in slopes),
    ]
    command = "python bench/parity.py --peer-python PYTHON"
    return machine.markdown("The same function as segmentation_models.pytorch", command, headers, rows, notes)


if __name__ == "__main__":
    main()
