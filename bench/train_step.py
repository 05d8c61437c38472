"""Images per second of a U-Net's training step, against the same net in PyTorch in the same run.

    python bench/train_step.py --peer-python PYTHON [--write]

Each side is a process of its own, kept warm, and they take turns of a few steps. The peer's is this same file,
run by a Python that has PyTorch and not this package. Without a peer (`--peer-python` or ULTRASEG_PEER) only
our side is measured. A step is a batch in memory to updated weights: uint8 images scaled in the graph, binary
cross-entropy, SGD with momentum.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SIZE, BATCH, WIDTH, DEPTH, THREADS = 128, 8, 16, 4, 2
WARM_UP, ROUNDS, STEPS, SETTLE = 10, 10, 10, 2
# With these, glibc keeps freed blocks: without, some PyTorch processes fault 75 MB of pages in at every step.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": "8000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000"}
SIDES = {
    "ours": "ultraseg, Keras on TensorFlow",
    "channels_last": "PyTorch, channels last",
    "channels_first": "PyTorch, channels first",
}


def batches():
    """Random images and sparse masks for one turn, channels last."""
    import numpy as np

    generator = np.random.default_rng(0)
    shape = (STEPS + SETTLE, BATCH, SIZE, SIZE, 1)
    return generator.integers(0, 256, shape, np.uint8), (generator.random(shape) < 0.1).astype(np.float32)


def ours():
    """Our training step, through `fit` as a trial runs it: seconds between the ends of steps."""
    from ultraseg import runtime

    runtime.prepare(threads=THREADS)
    runtime.load()

    import keras
    import tensorflow as tf

    from ultraseg.losses import bce
    from ultraseg.models import UNet
    from ultraseg.optimizers import sgd

    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 1), dtype="uint8")
    net = UNet((SIZE, SIZE, 1), 1, width=WIDTH, depth=DEPTH, decoder="upsample", batch_norm=False)
    model = keras.Model(image, net(keras.layers.Rescaling(1 / 255)(image)))
    model.compile(sgd(learning_rate=0.01, momentum=0.9), loss=bce, jit_compile=False)
    images, masks = batches()
    source = tf.data.Dataset.from_tensor_slices((images, masks)).prefetch(2)
    for _ in range(WARM_UP):
        model.train_on_batch(images[0], masks[0])

    def turn():
        ends = []
        mark = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: ends.append(time.perf_counter()))
        model.fit(source, shuffle=False, verbose=0, callbacks=[mark])
        return [end - start for start, end in zip(ends, ends[1:], strict=False)]

    return turn, {"version": f"TensorFlow {tf.__version__}, Keras {keras.__version__}", "weights": net.count_params()}


def peer(layout):
    """The same net in PyTorch, eager: seconds of each step."""
    import torch
    from torch import nn
    from torch.nn import functional

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [WIDTH * 2**stage for stage in range(DEPTH + 1)]
            self.down = nn.ModuleList(block(a, b) for a, b in zip([1, *widths], widths, strict=False))
            self.halve = nn.ModuleList(nn.Conv2d(2 * width, width, 2) for width in widths[:-1])
            self.up = nn.ModuleList(block(2 * width, width) for width in widths[:-1])
            self.logits = nn.Conv2d(WIDTH, 1, 1)

        def forward(self, images):
            features, skips = self.down[0](images.float() / 255), []
            for stage in self.down[1:]:
                skips.append(features)
                features = stage(functional.max_pool2d(features, 2))
            for stage in reversed(range(DEPTH)):
                features = functional.pad(functional.interpolate(features, scale_factor=2.0), (0, 1, 0, 1))
                features = self.up[stage](torch.cat([skips[stage], self.halve[stage](features)], 1))
            return self.logits(features)

    def block(channels, width):
        first, second = nn.Conv2d(channels, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        return nn.Sequential(first, nn.ReLU(inplace=True), second, nn.ReLU(inplace=True))

    def step(image, mask):
        optimizer.zero_grad(set_to_none=True)
        losses = functional.binary_cross_entropy_with_logits(net(image), mask, reduction="none")
        loss = losses.mean((1, 2, 3)).mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    memory = getattr(torch, "channels_last" if layout == "channels_last" else "contiguous_format")
    net = Net().to(memory_format=memory)
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9)
    images, masks = (
        [torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous(memory_format=memory) for batch in part]
        for part in batches()
    )
    for _ in range(WARM_UP):
        step(images[0], masks[0])

    def turn():
        taken = []
        for image, mask in zip(images, masks, strict=True):
            start = time.perf_counter()
            step(image, mask)
            taken.append(time.perf_counter() - start)
        return taken

    weights = sum(weight.numel() for weight in net.parameters())
    return turn, {"version": f"PyTorch {torch.__version__}", "weights": weights}


def work(side):
    """Answer every line on stdin with the seconds of one turn's steps, the first ones left out."""
    turn, facts = ours() if side == "ours" else peer(side)
    print(json.dumps(facts), flush=True)
    for _ in sys.stdin:
        print(json.dumps(turn()[-STEPS:]), flush=True)


def start(python, side):
    """Start a side and wait until it is warm.

    Raises:
        OSError: it ended before it was.
    """
    process = subprocess.Popen(
        [python, __file__, "--side", side],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **MEMORY},
    )
    answer = process.stdout.readline()
    if not answer:
        raise OSError(f"train_step: {python} could not train {SIDES[side]}; it ended with {process.wait()}")
    return process, json.loads(answer)


def main() -> None:
    """Measure in turns and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="not used here")
    parser.add_argument("--peer-python", default=os.environ.get("ULTRASEG_PEER"), help="a Python with PyTorch")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        work(given.side)
        return
    import _machine as machine

    from ultraseg import runtime

    runtime.prepare(threads=THREADS)
    runtime.load()
    pythons = dict.fromkeys(SIDES, given.peer_python) if given.peer_python else {}
    pythons["ours"] = sys.executable
    sides = {side: start(pythons[side], side) for side in SIDES if side in pythons}
    if len({facts["weights"] for _, facts in sides.values()}) > 1:
        raise ValueError("train_step: the sides do not have equally many weights")
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(ROUNDS):
        order = list(sides) if turn % 2 else list(sides)[::-1]
        for side in order:
            process = sides[side][0]
            process.stdin.write("go\n")
            process.stdin.flush()
            seconds[side] += json.loads(process.stdout.readline())
    for process, _ in sides.values():
        process.stdin.close()
        process.wait()
    machine.publish("train_step", page(seconds, {side: facts for side, (_, facts) in sides.items()}), write=given.write)


def page(seconds, facts):
    """The page: a row per side, and the ratio to the better peer."""
    import _machine as machine

    def speed(side, share):
        return BATCH / statistics.quantiles(seconds[side], n=10, method="inclusive")[share - 1]

    rows = [
        [SIDES[side], facts[side]["version"], *(f"{speed(side, share):.1f}" for share in (5, 1, 9))] for side in seconds
    ]
    peers = [side for side in seconds if side != "ours"]
    notes = [
        f"U-Net of width {WIDTH} and depth {DEPTH}, upsampling decoder, no batch norm, "
        f"{facts['ours']['weights']} weights; batches of {BATCH} at {SIZE}x{SIZE}; {THREADS} threads a side; "
        f"{ROUNDS} rounds of {STEPS} steps in turns after {WARM_UP} to warm up, all in one run.",
        "",
        "Ours computes the 2x2 convolution behind each upsampling at the small size, which is the same function of the "
        "same weights; the peer is written as the net is described.",
        "",
        "Each side keeps freed memory (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_); PyTorch is spared page faults. "
        "The fastest tenth is what the machine gives when nobody else has its cores.",
        "",
    ]
    if not peers:
        notes.append("No peer was measured: give --peer-python.")
    for share, name in ((5, "medians"), (1, "the fastest tenth")):
        if peers:
            ratio = speed("ours", share) / max(speed(side, share) for side in peers)
            notes.append(f"Ours over the better of the peer's layouts, {name}: {ratio:.2f} times as fast.\n")
    headers = ["side", "version", "images/s, median", "fastest tenth", "slowest tenth"]
    command = "python bench/train_step.py --peer-python PYTHON"
    return machine.markdown("Training step", command, headers, rows, notes)


if __name__ == "__main__":
    main()
