"""Write docs/models.md, the page of the zoo: every architecture with its stages, parameters and multiply-adds.

    python docs/models.py [NAME ...]

What an architecture is, its source and its departures are read from its own file; what it was in which report stands
here. Everything else is measured on a built model.
"""

import ast
import inspect
import math
import re
import sys
from pathlib import Path

from ultraseg import atomic, catalogue, runtime

HERE = Path(__file__).parent
PAGE = HERE / "models.md"
SIZE = 256
REPORTS = {
    "UNet": "000 (ResNet50), 002 (its own form is TransferUNet), 003 (on the plain encoder)",
    "UNetPlusPlus": "000 (ResNet50), 001 (ResNet34)",
    "MAnet": "000 (ResNet50)",
    "Linknet": "000 (ResNet50)",
    "FPN": "000 (ResNet50)",
    "PSPNet": "000 (ResNet50)",
    "PAN": "000 (ResNet50)",
    "DeepLabV3": "000 (ResNet50)",
    "DeepLabV3Plus": "000 (ResNet50)",
    "AttentionUNet": "001, as its future work",
    "EluNet": "001, its own net",
    "SutdUNet": "001, the U-Net that it compares with",
    "TransferUNet": "002",
    "TransferDeepLabV3Plus": "002",
    "ValidUNet": "003, its own net",
    "FCN8s": "004",
    "FCN16s": "004",
    "FCN32s": "004",
    "FCNVGG": "004, its own net",
    "RepairedFCNVGG": "004's own net, repaired",
}
SHAPES = {"ValidUNet": (300, 300, 1), "FCNVGG": (224, 224, 3), "EluNet": (SIZE, SIZE, 1), "SutdUNet": (SIZE, SIZE, 1)}
UNITS = ("conv", "bn", "norm", "relu", "up", "join")
TOLD = (
    "Others are statistics of batch norms and frozen weights. Weights and maps, which is what all layers give for one "
    "image, are float32; training keeps the maps for the gradient, predicting does not. Multiply-adds are those of the "
    "graph as it runs here, as TensorFlow's profiler counts them: what a layer saves by computing the same function in "
    "fewer is saved here too."
)
"""What the table's columns are."""
OWN = ("TransferUNet", "TransferDeepLabV3Plus", "RepairedFCNVGG")
"""Those that are shown on their own default encoder; the others stand on ResNet50."""


def part(name):
    """The part of the network that a layer's name tells: `encoder-layer1-0-conv1` stands in `encoder layer1`."""
    words = []
    for word in re.split("[-_]", name):
        if word.rstrip("0123456789") in UNITS or (words and words[-1][-1].isdigit() and not word.isdigit()):
            break
        words.append(word)
        if word[-1].isdigit() and not word.isdigit():
            break
    return " ".join(words or [name])


def stages(model):
    """Gather the layers with weights by part of the network, in the order in which the parts begin.

    Returns:
        Of each part its name, the size and the channels of what its last layer gives, layers and parameters.
    """
    parts = {}
    for layer in model.layers:
        shape = layer.output.shape if not isinstance(layer.output, list) else layer.output[0].shape
        if len(shape) == 4 and layer.weights:
            _, _, count, total = parts.get(part(layer.name), ("", 0, 0, 0))
            parts[part(layer.name)] = f"{shape[1]}x{shape[2]}", shape[3], count + 1, total + layer.count_params()
    return [(name, *row) for name, row in parts.items()]


def held(layer):
    """Numbers in what a layer gives for one image."""
    outputs = layer.output if isinstance(layer.output, list) else [layer.output]
    return sum(math.prod(output.shape[1:]) for output in outputs)


def section(name):
    """One architecture."""
    import keras

    from ultraseg import cost

    shape = SHAPES.get(name, (SIZE, SIZE, 3))
    fixed = name in OWN or "encoder" not in catalogue.options("models", name)
    spec = {name: {} if fixed else {"encoder": "ResNet50"}}
    model = catalogue.bind("models", spec)(shape, 1)
    trainable, rest = cost.parameters(model)
    adds = cost.multiply_adds(model, shape)
    text = ast.get_docstring(ast.parse(Path(inspect.getfile(catalogue.find("models", name))).read_text("utf-8")))
    text = re.sub(r"\n+(Source|Departure):", r"\n\n\1:", text)
    written = f"{name}({', '.join([str(shape), '1', *(f'{k}={v!r}' for k, v in spec[name].items())])})"
    lines = [f"## {name}", "", text, ""]
    lines += [f"In the reports: {REPORTS.get(name, 'none')}.", ""]
    lines += [
        f"`{written}`: {trainable:,} trainable parameters, {rest:,} others, "
        f"{adds / 1e9:.2f} G multiply-adds, "
        f"{model.output_shape[1]}x{model.output_shape[2]} out.",
        "",
    ]
    lines += ["| part | height x width | channels | layers with weights | parameters |", "|---|---|---|---|---|"]
    lines += [
        f"| {piece} | {size} | {wide} | {count} | {total:,} |" for piece, size, wide, count, total in stages(model)
    ]
    keras.backend.clear_session()
    return lines, [name, written, trainable, rest, adds, sum(held(layer) for layer in model.layers)]


def main() -> None:
    """Build what is named, all if nothing is, and write the page when all was built."""
    runtime.prepare()
    runtime.load()
    names = sys.argv[1:] or catalogue.names("models")
    sections, rows = [], []
    for name in names:
        print(name, flush=True)
        lines, row = section(name)
        sections += [*lines, ""]
        rows.append(row)
    head = [
        "# The zoo",
        "",
        f"Every architecture, {SIZE}x{SIZE} where it takes that. Written by `make docs`.",
        "",
        TOLD,
        "",
    ]
    head += ["| architecture | built as | trainable | others | weights, MiB | maps, MiB | G multiply-adds |"]
    head += ["|---|---|---|---|---|---|---|"]
    head += [
        f"| [{name}](#{name.lower()}) | `{written}` | {trainable:,} | {rest:,} | {(trainable + rest) * 4 / 2**20:.1f} "
        f"| {maps * 4 / 2**20:.1f} | {adds / 1e9:.2f} |"
        for name, written, trainable, rest, adds, maps in rows
    ]
    if sys.argv[1:]:
        print("\n".join([*head, "", *sections]))
    else:
        atomic.text(PAGE, "\n".join([*head, "", *sections]).rstrip() + "\n")


if __name__ == "__main__":
    main()
