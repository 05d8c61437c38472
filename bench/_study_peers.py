"""The peers of bench/study.py: KerasTuner's `GridSearch`, and a script that trains one trial.

    python bench/_study_peers.py tuner WORK
    python bench/_study_peers.py NUMBER WORK

WORK/study.json holds the resolved trials, what KerasTuner is to cross, and where the data lie. Both peers train with
one `fit` of Keras on arrays in memory, take the best epoch back from memory, and measure with our own functions. They
are spared the backups, the event file and the answers that need no network; KerasTuner keeps its checkpoints, the
script saves its model.
"""

# ruff: noqa: E402  TensorFlow and JAX read what is prepared when they are imported

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ultraseg import runtime

runtime.prepare(threads=2)
runtime.load()

import keras
import numpy as np

from ultraseg import catalogue, pipeline
from ultraseg.assessment import assess
from ultraseg.collection import collect
from ultraseg.evaluation import Scene
from ultraseg.parts import parts

OPTIMIZERS = {"sgd": (keras.optimizers.SGD, "momentum"), "adam": (keras.optimizers.Adam, "beta_1")}


@dataclass(frozen=True)
class Answers:
    """A Keras model as evaluation wants it."""

    model: keras.Model
    loss: object

    def logits(self, images):
        """Predict one batch."""
        return self.model.predict_on_batch(images)


def build(trial):
    """A compiled model: what a script of Keras would have, without XLA, which costs more than it brings here."""
    keras.utils.set_random_seed(trial["seed"])
    shape = (*trial["data"]["size"], trial["data"]["channels"])
    network = catalogue.bind("models", trial["model"])(shape, trial["classes"])
    image = keras.Input(shape, dtype="uint8")
    model = keras.Model(image, network(keras.layers.Rescaling(1 / 255)(image)))
    [(name, options)] = trial["optimizer"].items()
    make, option = OPTIMIZERS[name]
    optimizer = make(_rate(trial["schedule"], options["learning_rate"]), **{option: options[option]})
    model.compile(optimizer, loss=catalogue.bind("losses", trial["loss"]), metrics=[dice], jit_compile=False)
    return model


def dice(truth, logits):
    """Dice of each image, 1 where both masks are empty."""
    found = keras.ops.cast(logits > 0, "float32")
    sizes = keras.ops.sum(truth + found, axis=(1, 2, 3))
    return (2 * keras.ops.sum(truth * found, axis=(1, 2, 3)) + 1e-7) / (sizes + 1e-7)


def train(trial, model, place, work, callbacks=()):
    """Fit and measure; returns the best validation Dice."""
    collection = collect(trial["data"]["from"], root=Path(place["root"]), cache=Path(place["cache"]))
    cache = pipeline.cached(collection, trial["data"], trial["preprocess"], Path(place["cache"]))
    part = parts(trial, collection)
    shown, seen = ((cache.images[side], _truth(cache, side)) for side in (part.train, part.validation))
    best = keras.callbacks.EarlyStopping(
        "val_dice", mode="max", patience=trial["epochs"], restore_best_weights=True, verbose=0
    )
    told = model.fit(
        *shown,
        batch_size=trial["batch"],
        epochs=trial["epochs"],
        validation_data=seen,
        callbacks=[*callbacks, best],
        verbose=0,
    )
    scene = Scene(trial, collection, cache, Answers(model, catalogue.bind("losses", trial["loss"])))
    work.mkdir(parents=True)
    assess(scene, train=part.train, validation=part.validation, test=part.test, work=work)
    return max(told.history["val_dice"])


def tuner(place, work):
    """Every trial by `GridSearch`, which builds and compiles a model for each."""
    import keras_tuner

    trials = {tuple(map(str, at)): trial for at, trial in place["trials"]}

    class Trials(keras_tuner.HyperModel):
        def build(self, hp):
            return build(trials[_chosen(hp)])

        def fit(self, hp, model, callbacks=(), **_):
            return {"val_dice": train(trials[_chosen(hp)], model, place, work / "-".join(_chosen(hp)), callbacks)}

    def _chosen(hp):
        return tuple(hp.Choice(axis, values) for axis, values in place["axes"].items())

    objective = keras_tuner.Objective("val_dice", "max")
    search = keras_tuner.GridSearch(Trials(), objective, max_trials=None, directory=work, project_name="tuner")
    search.search(verbose=0)
    done = sum(trial.status == "COMPLETED" for trial in search.oracle.trials.values())
    if done != len(trials):
        raise RuntimeError(f"_study_peers: {done} of {len(trials)} trials were completed")


def _truth(cache, indices):
    return cache.masks[indices][..., None] * np.float32(1 / 255)


def _rate(schedule, rate):
    [(name, options)] = schedule.items()
    return keras.optimizers.schedules.ExponentialDecay(rate, **options) if name == "exponential" else rate


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    place = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    if what == "tuner":
        tuner(place, folder / "tuner")
    else:
        [_, trial] = place["trials"][int(what)]
        model = build(trial)
        train(trial, model, place, folder / what)
        keras.Model(model.inputs, model.outputs).save(folder / what / "model.keras")
