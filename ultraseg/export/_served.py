"""An exported SavedModel as a function from one image to its probabilities and its mask."""

from pathlib import Path

import tensorflow as tf

from ultraseg import catalogue, records

CARD = "ultraseg.json"
"""The file in a SavedModel's folder that says where it comes from."""


def load(folder):
    """Open a model that `saved_model` wrote.

    Args:
        folder: of the SavedModel.

    Returns:
        A function: uint8 `[height, width, 1 or 3]` to float32 and uint8 `[height, width]`, the mask after the steps
        that the trial took after its threshold.

    Raises:
        ValueError: the folder is no SavedModel, is damaged or was not made by ultraseg.
    """
    folder = Path(folder)
    if not (folder / "saved_model.pb").is_file():
        raise ValueError(f"{folder}: not a SavedModel, which holds saved_model.pb; `ultraseg export TRIAL` makes one")
    try:
        model = tf.saved_model.load(str(folder))
    except (OSError, tf.errors.OpError):
        raise ValueError(f"{folder}: the SavedModel is damaged; export it again") from None
    signature = model.signatures.get("serving_default")
    takes = signature.structured_input_signature[1] if signature else {}
    gives = signature.structured_outputs if signature else {}
    if set(takes) != {"image"} or set(gives) != {"probability", "mask"}:
        raise ValueError(
            f"{folder}: wants {', '.join(takes) or 'nothing'} and gives {', '.join(gives) or 'nothing'} where "
            "ultraseg's models want image and give probability and mask; `ultraseg export TRIAL` makes one"
        )

    card = records.read_json(folder / CARD) if (folder / CARD).is_file() else {}
    if "postprocess" not in card:
        raise ValueError(f"{folder}: {CARD} with the steps after the threshold is missing; export the trial again")
    steps = [catalogue.bind("postprocess", step) for step in card["postprocess"]]

    def serve(image):
        answer = signature(image=tf.constant(image[None]))
        mask = answer["mask"].numpy()[0]
        for step in steps:
            mask = step(mask)
        return answer["probability"].numpy()[0], mask

    return serve
