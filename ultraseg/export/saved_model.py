"""SavedModel: a trial's network with the way in and the way out, in a folder that TensorFlow opens by itself.

In go 8-bit images of any size, out come probabilities and masks at that size; resizing, preprocessing, sigmoid or
softmax and the threshold are inside. A network that predicts fewer pixels than it is shown, as report 003's
ValidUNet turns 300x300 into 116x116, was trained on the whole mask shrunk to that size, whatever its receptive
field covers; so its answer is stretched over the whole image here too.
"""

import zipfile
from pathlib import Path

import keras
import tensorflow as tf

import ultraseg
import ultraseg.layers  # noqa: F401  registers what `model.keras` names
from ultraseg import atomic, evaluation, records
from ultraseg.convention import lesion, probability, separate
from ultraseg.export import _geometry
from ultraseg.export._served import CARD
from ultraseg.sharing import pixel_steps

NOTICE = "Research software, not a medical device: for studies of methods, not for the diagnosis of patients."


def saved_model(trial_folder, destination):
    """Write the model of a trial as a SavedModel.

    Its signature `serving_default` takes `image`, uint8 `[batch, height, width, 1 or 3]` of any height and width
    (three channels being red, green and blue; a network of one channel is shown their luma, one of three the grey
    repeated), and returns `probability` of lesion, float32 `[batch, height, width]` in [0, 1], and `mask`, uint8
    {0, 1} of the same shape, 1 where the probability exceeds the trial's threshold; both with a last axis of
    structures where the trial has several. `ultraseg.json` in the folder says which trial it comes from, on which data
    that trial was trained, and which steps it took on pixels before `resize` and on masks after the threshold: those
    are not in the graph, `predict` takes them.

    Args:
        trial_folder: a finished trial.
        destination: the folder to write, which must not exist; whole or absent.

    Returns:
        The destination.

    Raises:
        ValueError: the folder is no finished trial or keeps no model, or the destination exists.
        OSError: the destination cannot be written, as on a full disk.
    """
    trial_folder, destination = Path(trial_folder), Path(destination)
    if destination.exists():
        raise ValueError(f"{destination}: exists already; name another place, or remove it")
    found, result = _records(trial_folder)
    served = _served(_network(trial_folder), found["trial"], result["threshold"])
    with atomic.folder(destination) as temporary:
        try:
            tf.saved_model.save(served, str(temporary), signatures=served.serve)
        except tf.errors.OpError as error:
            reason = error.message.split("; ")[-1]
            raise OSError(f"{destination}: cannot be written; is the disk full? ({reason})") from None
        records.write_json(temporary / CARD, _card(found, result))
    return destination


def _served(network, trial, threshold):
    """The network between the way in and the way out, as a module that holds its weights once."""
    given = pixel_steps(trial["preprocess"])[0][-1]["resize"]

    @tf.function(input_signature=[tf.TensorSpec([None] * 4, tf.uint8, "image")])
    def serve(image):
        shape = tf.shape(image)
        whole = tf.reduce_all(shape[1:3] > 0) & ((shape[3] == 1) | (shape[3] == 3))
        wanted = "ultraseg: image must be uint8 [batch, height, width, 1 or 3] with pixels in it, got the shape"
        with tf.control_dependencies([tf.debugging.Assert(whole, [wanted, shape])]):  # or an operation fails before it
            image = tf.identity(image)
        pixels = _geometry.channelled(image, network.input_shape[-1])
        pixels = tf.ensure_shape(_geometry.resized(pixels, **given), network.input_shape)
        logits = network(pixels, training=False)
        found = lesion(probability(separate(logits) if trial["independent"] else logits))
        found = _geometry.restored(found, shape[1:3], given["policy"])
        if trial["independent"]:
            found = tf.reshape(found, [shape[0], trial["classes"], shape[1], shape[2]])
            found = tf.transpose(found, [0, 2, 3, 1])
        return {"probability": found, "mask": tf.cast(found > threshold, tf.uint8)}

    module = tf.Module()
    module.serve = serve
    module.weights = [variable.value for variable in network.variables]
    return module


def _records(folder):
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; name a finished trial's, as in runs/trials/ID")
    for name in ("trial.json", "result.json"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder}: not the folder of a finished trial, {name} is missing")
    return records.read_json(folder / "trial.json"), records.read_json(folder / "result.json")


def _network(folder):
    path = folder / "model.keras"
    if not path.is_file():
        raise ValueError(f"{folder}: the trial kept no model, as one that diverged does; export another")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: the file is damaged; remove its folder and run the study again")
    return keras.saving.load_model(path, compile=False)


def _card(found, result):
    trial, structures = found["trial"], result["data"]["structures"]
    shape = f"batch, height, width{', structures' * bool(structures)}"
    named = "each structure" if structures else "lesion"
    return {
        "notice": NOTICE,
        "id": found["id"],
        "trained_on": result["data"]["source"],
        "manifest": found["manifest"],
        "outcome": result["outcome"],
        "measured_at": evaluation.measured_at(trial),
        "signature": "serving_default",
        "input": {
            "image": "uint8 [batch, height, width, 1 or 3], any size; three channels are red, green, blue; after the "
            "steps of `before`",
        },
        "before": pixel_steps(trial["preprocess"])[0][:-1],
        "channels": trial["data"]["channels"],
        "structures": structures,
        "output": {
            "probability": f"float32 [{shape}], of {named}, at the input's own size",
            "mask": f"uint8 [{shape}], 1 = {named}, 0 = background; before the steps of `postprocess`",
        },
        "threshold": result["threshold"],
        "threshold_from": result["threshold_from"],
        "postprocess": trial["postprocess"],
        "trial": trial,
        "version": ultraseg.__version__,
    }
