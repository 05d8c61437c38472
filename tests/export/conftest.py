"""Trial folders and image files small enough to export in seconds."""

import functools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ultraseg import atomic, catalogue, pipeline, records
from ultraseg.collection import collect
from ultraseg.evaluation import Scene, evaluate
from ultraseg.export import saved_model
from ultraseg.program import Program

SEED = 4  # its untrained networks answer both ways
MODELS = {
    "UNet": {"UNet": {"width": 2, "depth": 2}},
    "normed": {"UNet": {"width": 2, "depth": 2, "batch_norm": True, "dropout": 0.5}},
    "transposed": {"UNet": {"width": 2, "depth": 2, "decoder": "transpose", "batch_norm": True}},
    "ValidUNet": "ValidUNet",
}


@pytest.fixture(scope="session")
def collection(tmp_path_factory):
    """Six pictures in BUSI's layout, grey and colour, sizes odd and even, above and below the networks'."""
    return drawn(tmp_path_factory.mktemp("busi"))


@pytest.fixture(scope="session")
def organs(collection):
    """The same pictures with two structures each, whose masks are a picture's own and, by turns, none."""
    samples = [
        replace(sample, structures=("one", "two"), masks=(sample.masks[0], None)[:: (-1) ** number], label="scan")
        for number, sample in enumerate(collection.samples)
    ]
    return replace(collection, samples=tuple(samples), fingerprint="organs")


def drawn(root):
    """Draw the pictures."""
    shapes = {"benign": [(47, 61), (64, 64)], "malignant": [(40, 33), (20, 90)], "normal": [(33, 32), (128, 128)]}
    rng = np.random.default_rng(3)
    for label, sizes in shapes.items():
        (root / label).mkdir()
        for number, (height, width) in enumerate(sizes, start=1):
            grey = cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), np.uint8), (5, 5), 1.5)
            mask = np.zeros((height, width), np.uint8)
            if label != "normal":
                cv2.ellipse(mask, (width // 2, height // 2), (width // 4, height // 4), 0, 0, 360, 255, -1)
                grey[mask > 0] //= 3
            cv2.imwrite(str(root / label / f"{label} ({number}).png"), grey if number == 1 else grey[..., 0])
            cv2.imwrite(str(root / label / f"{label} ({number})_mask.png"), mask)
    return collect({"busi": {"complete": False}}, root=root, cache=root.parent / "cache")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, collection, organs):
    """Makes trials that trained no step and were tested on all pictures; gives each one's folder and program."""

    @functools.cache
    def make(
        model="UNet",
        *,
        precision="float32",
        classes=1,
        channels=1,
        size=(32, 32),
        mask_size=None,
        interpolation="area",
        policy="stretch",
        before=(),
        threshold=0.5,
        steps=(),
        independent=False,
        spread=2,
    ):
        resize = {"size": list(size), "interpolation": interpolation, "policy": policy}
        trial = resolved(model, precision, classes, channels, mask_size or size, before, resize)
        trial |= {"threshold": threshold, "postprocess": [catalogue.resolve("postprocess", step) for step in steps]}
        trial["independent"] = independent
        program = Program(trial)
        program.reset(SEED)
        sharpen(program, independent, spread)
        folder = tmp_path_factory.mktemp("trials") / "0123456789ab"
        with atomic.folder(folder) as work:
            write(work, trial, program, organs if independent else collection, folder.name)
        return folder, program

    return make


@pytest.fixture(scope="session")
def model(finished, tmp_path_factory):
    """A SavedModel of the plainest of these trials."""
    return saved_model(finished()[0], tmp_path_factory.mktemp("exported") / "model")


def resolved(model, precision, classes, channels, mask_size, before, resize):
    """What export and evaluation read of a trial."""
    steps = [*before, {"resize": resize}, "standardize"]
    return {
        "data": {
            "from": {"busi": {"complete": False}},
            "size": resize["size"],
            "channels": channels,
            "mask_size": list(mask_size),
            "mask_interpolation": "nearest",
        },
        "model": catalogue.resolve("models", MODELS[model]),
        "classes": classes,
        "preprocess": [catalogue.resolve("preprocess", step) for step in steps],
        "loss": {"bce": {}},
        "optimizer": catalogue.resolve("optimizers", "adam"),
        "batch": 4,
        "precision": precision,
    }


def sharpen(program, independent, spread):
    """Spread an untrained network's logits evenly over both sides of 0, each independent channel's, so far."""
    _, height, width, channels = program.model.input_shape
    noise = np.random.default_rng(0).integers(0, 256, (1, height, width, channels), np.uint8)
    logits = program.logits(cv2.GaussianBlur(noise[0], (3, 3), 1).reshape(noise.shape))
    layer = program.model.layers[-1].get_layer("logits")
    kernel, bias = layer.get_weights()
    two = logits.shape[-1] > 1 and not independent
    lesion = logits[..., 1:] - logits[..., :1] if two else logits
    gain = spread / lesion.std(axis=(0, 1, 2))
    bias[int(two) :] -= gain * lesion.mean(axis=(0, 1, 2))
    layer.set_weights([kernel * gain, bias])


def write(work, trial, program, collection, name):
    """Write what a finished trial's folder holds and export reads."""
    (work / "predictions").mkdir()
    cache = pipeline.cached(collection, trial["data"], trial["preprocess"], work.parent / "cache")
    scene = Scene(trial, collection, cache, program)
    shown = range(len(collection.samples))
    rows, _ = evaluate(scene, shown, threshold=trial["threshold"], pictures=work / "predictions")
    records.write_rows(work / "images.csv", records.IMAGES, rows)
    program.network().save(work / "model.keras")
    records.write_json(work / "trial.json", {"id": name, "trial": trial, "manifest": collection.fingerprint})
    chosen = {"threshold": trial["threshold"], "threshold_from": "study"}
    structures = list(collection.samples[0].structures)
    data = {"source": "phantom (synthetic)", "structures": structures}
    result = {"outcome": "trained", "data": data, **chosen}
    records.write_json(work / "result.json", result)
