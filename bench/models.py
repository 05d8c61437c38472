"""Seconds of a forward pass and of a training step of nine architectures, against segmentation_models.pytorch.

    python bench/models.py --peer-python PYTHON [--models UNet FPN ...] [--write]

Each side is a process of its own and they take turns, a step each, architecture by architecture, all in one run. The
peer's is this same file, run by a Python that has PyTorch and segmentation_models_pytorch and not this package. A
training step is a batch in memory to updated weights: binary cross-entropy, SGD with momentum, batch norm in training
mode. Without a peer (`--peer-python` or ULTRASEG_PEER) only our side is measured.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

SIZE, BATCH, THREADS, ENCODER = 256, 8, 2, "ResNet50"
WARM_UP, ROUNDS = 1, 9
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
KINDS = ("forward", "train")
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "8000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000"}


def batch():
    """Random images and sparse masks, channels last."""
    import numpy as np

    generator = np.random.default_rng(0)
    images = generator.random((BATCH, SIZE, SIZE, 3), np.float32)
    return images, (generator.random((BATCH, SIZE, SIZE, 1)) < 0.1).astype(np.float32)


def ours(name):
    """Our forward pass and training step, through Keras' own compiled functions."""
    from ultraseg import runtime

    runtime.prepare(threads=THREADS)
    runtime.load()

    import keras

    from ultraseg import catalogue
    from ultraseg.losses import bce
    from ultraseg.optimizers import sgd

    keras.utils.set_random_seed(0)
    model = catalogue.bind("models", {name: {"encoder": ENCODER}})((SIZE, SIZE, 3), 1)
    model.compile(sgd(learning_rate=0.01, momentum=0.9), loss=bce, jit_compile=False)
    images, masks = map(keras.ops.convert_to_tensor, batch())
    return {
        "forward": lambda: model.predict_on_batch(images),
        "train": lambda: model.train_on_batch(images, masks),
    }


def peer(name):
    """The peer's, eager, channels last."""
    import segmentation_models_pytorch as smp
    import torch
    from torch.nn import functional

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    net = getattr(smp, MODELS[name])(ENCODER.lower(), encoder_weights=None, classes=1)
    net = net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9)
    images, masks = (
        torch.from_numpy(part).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last) for part in batch()
    )

    def forward():
        net.eval()
        with torch.inference_mode():
            net(images)

    def train():
        net.train()
        optimizer.zero_grad(set_to_none=True)
        functional.binary_cross_entropy_with_logits(net(images), masks).backward()
        optimizer.step()

    return {"forward": forward, "train": train}


def work(side, name):
    """Answer every line on stdin, the name of a step, with the seconds of one and the memory held at most."""
    steps = ours(name) if side == "ours" else peer(name)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        steps[line.strip()]()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps([seconds, peak]), flush=True)


def start(python, side, name):
    """Start a side and wait until its model is built.

    Raises:
        OSError: it ended before.
    """
    process = subprocess.Popen(
        [python, "-W", "ignore", __file__, "--side", side, "--models", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **MEMORY},
    )
    if not process.stdout.readline():
        raise OSError(f"models: {python} could not build {name}; it ended with {process.wait()}")
    return process


def measure(name, pythons):
    """Seconds by side and kind of step, and the most memory in GiB by side, for one architecture."""
    processes = {side: start(python, side, name) for side, python in pythons.items()}
    seconds = {(side, kind): [] for side in pythons for kind in KINDS}
    peaks = {}
    for kind in KINDS:
        for turn in range(WARM_UP + ROUNDS):
            for side in list(pythons) if turn % 2 else list(pythons)[::-1]:
                processes[side].stdin.write(f"{kind}\n")
                processes[side].stdin.flush()
                taken, peaks[side] = json.loads(processes[side].stdout.readline())
                if turn >= WARM_UP:
                    seconds[side, kind].append(taken)
    for process in processes.values():
        process.stdin.close()
        process.wait()
    return {key: statistics.median(values) for key, values in seconds.items()}, peaks


def main() -> None:
    """Measure in turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used here")
    parser.add_argument("--peer-python", default=os.environ.get("ULTRASEG_PEER"), help="a Python with PyTorch and smp")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--side", choices=("ours", "peer"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        work(given.side, *given.models)
        return
    import _machine as machine

    from ultraseg import runtime

    runtime.prepare(threads=THREADS)
    runtime.load()
    pythons = {"ours": sys.executable} | ({"peer": given.peer_python} if given.peer_python else {})
    rows = []
    for name in given.models:
        medians, peaks = measure(name, pythons)
        row = [name]
        for kind in KINDS:
            speeds = [BATCH / medians[side, kind] for side in pythons]
            row += [f"{speed:.2f}" for speed in speeds] + ([f"{speeds[0] / speeds[1]:.2f}"] if len(speeds) > 1 else [])
        rows.append([*row, *(f"{peaks[side]:.1f}" for side in pythons)])
        print(" | ".join(rows[-1]), flush=True)
    whole = page(rows, with_peer=len(pythons) > 1)
    machine.publish("models", whole, write=given.write, folder=machine.RESULTS.parent)


def page(rows, *, with_peer):
    """The page: a row per architecture."""
    import _machine as machine

    sides = ["ours", "smp"] if with_peer else ["ours"]
    headers = ["architecture"]
    for kind in KINDS:
        headers += [f"{kind}, {side}, images/s" for side in sides] + (["ratio"] if with_peer else [])
    headers += [f"peak GiB, {side}" for side in sides]
    notes = [
        f"{ENCODER}, 3 channels, 1 class, no pretrained weights; batches of {BATCH} at {SIZE}x{SIZE}; {THREADS} "
        f"threads a side; medians of {ROUNDS} steps in turns after {WARM_UP} to warm up, all in one run. "
        "A ratio above 1 means that ours is faster.",
        "",
        "Each side keeps freed memory (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_); PyTorch is eager, "
        "channels last.",
    ]
    return machine.markdown("Nine architectures", "python bench/models.py --peer-python PYTHON", headers, rows, notes)


if __name__ == "__main__":
    main()
