"""Train the same trials on one device and on two parts of the processor, and tell how far apart they end.

KERAS_BACKEND names the backend. `python -m tests.devices.two_devices FOLDER` prints a JSON object: what each case of
`CASES` found.
"""

# ruff: noqa: E402  TensorFlow and JAX read what is prepared when they are imported

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from ultraseg import runtime

runtime.prepare(threads=1, devices=2)
runtime.load(devices=2)

import keras
import numpy as np

from tests.drawn import ready
from ultraseg import catalogue, pipeline, records, trial
from ultraseg.program import Program

CASES = {
    "mean": {"loss": "bce", "optimizer": "sgd"},
    "pooled": {"loss": {"dice": {"over": "batch"}}, "optimizer": {"sgd": {"weight_decay": 0.1, "nesterov": True}}},
}
IMAGES = ((11, (0.05, 0.02, 0.1)), (9, (0.05, 0.0, 0.03)))
"""Per epoch the images, in batches of 4 whose last has three or one, and the rate of each step."""


def steps(resolved, cache, devices):
    """Train two epochs, the second from a saved state; batch norm and dropout are in the network."""
    program = Program(resolved, devices=devices)
    program.reset(3)
    losses, start = [], program.state()
    for epoch, (images, rates) in enumerate(IMAGES):
        state = program.state()
        program.reset(4)
        program.restore(state)
        batches = pipeline.training(cache, range(images), classes=1, batch=4, augment=[], seed=1, epoch=epoch)
        losses.append(program.epoch(batches, np.array(rates, np.float32)))
    return losses, start, program.state(), program


def compare(resolved, cache):
    """Losses, weights and logits of one device and of two."""
    (one, start, state, alone), (two, _, other, divided) = (steps(resolved, cache, devices) for devices in (1, 2))
    images = cache.images[:3]
    logits = [np.asarray(program.logits(images)) for program in (alone, divided)]
    saved = keras.ops.convert_to_numpy(divided.network()({"image": images}, training=False))
    return {
        "losses": [one, two],
        "moved": furthest(start, state, "f"),
        "apart": furthest(state, other),
        "shape": logits[1].shape,
        "logits": float(np.abs(logits[0] - logits[1]).max()),
        "one_image": float(np.abs(np.asarray(divided.logits(images[:1])) - logits[1][:1]).max()),
        "saved": float(np.abs(saved - logits[1]).max()),
    }


def furthest(one, other, kinds="fiu"):
    """The largest difference of two states; of their floats alone, or of seeds and counts too."""
    pairs = ((np.float64(a), np.float64(b)) for a, b in zip(one, other, strict=True) if a.dtype.kind in kinds)
    return max(float(np.abs(a - b).max()) for a, b in pairs)


def resumed(drawn, folder):
    """Trials whole and cut off after an epoch, on two devices, and one on one device."""
    resolved, collection, cache = drawn
    program = Program(resolved, devices=2)

    def run(name, program, watch=lambda event: None):
        return trial.run(resolved, collection, cache, program, trials=folder / name, determinism="strict", watch=watch)

    def cut(event):
        if event["kind"] == "epoch" and event["epoch"] == 0:
            raise KeyboardInterrupt

    whole = run("whole", program)
    with suppress(KeyboardInterrupt):
        run("cut", program, cut)
    refused = ""
    try:
        run("cut", Program(resolved))
    except ValueError as error:
        refused = str(error)
    again = run("cut", program)
    alone = run("alone", Program(resolved))
    rows = [records.read_rows(place / "history.csv") for place in (whole, alone)]
    return {
        "same": (whole / "images.csv").read_bytes() == (again / "images.csv").read_bytes(),
        "refused": refused,
        "processes": records.read_json(again / "env.json")["processes"],
        "losses": [[float(row["val_loss"]) for row in history] for history in rows],
    }


if __name__ == "__main__":
    drawn = ready(Path(sys.argv[1]))
    found = {}
    for name, case in CASES.items():
        chosen = {
            room: catalogue.resolve({"loss": "losses", "optimizer": "optimizers"}[room], case[room]) for room in case
        }
        found[name] = compare({**drawn[0], **chosen}, drawn[2])
    if keras.backend.backend() == "tensorflow":
        found["resumed"] = resumed(drawn, Path(sys.argv[1]))
    print(json.dumps(found), flush=True)
    os._exit(0)
