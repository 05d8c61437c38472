"""Write docs/models.md, the page of the zoo: every architecture with its stages, parameters and multiply-adds.

    python docs/models.py [NAME ...]

What an architecture is, its source and its departures are read from its own file; what it was in which report stands
here. Everything else is measured on a built model.
"""

import ast
import inspect
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
OWN = ("TransferUNet", "TransferDeepLabV3Plus", "RepairedFCNVGG")
"""Those that are shown on their own default encoder; the others stand on ResNet50."""


def stages(model):
    """Group the layers, in their order, by part of the network and by the size of what they give."""
    rows = []
    for layer in model.layers:
        shape = layer.output.shape if not isinstance(layer.output, list) else layer.output[0].shape
        if len(shape) != 4 or not layer.weights:
            continue
        part = layer.name.replace("-", "_").split("_")[0].rstrip("0123456789")
        key = (part, shape[1], shape[2])
        if not rows or rows[-1][0] != key:
            rows.append([key, 0, 0, 0])
        rows[-1][1] = shape[3]
        rows[-1][2] += 1
        rows[-1][3] += layer.count_params()
    return rows


def section(name):
    """One architecture."""
    import keras

    from ultraseg import cost

    shape = SHAPES.get(name, (SIZE, SIZE, 3))
    fixed = name in OWN or "encoder" not in catalogue.options("models", name)
    spec = {name: {} if fixed else {"encoder": "ResNet50"}}
    model = catalogue.bind("models", spec)(shape, 1)
    trainable, rest = cost.parameters(model)
    text = ast.get_docstring(ast.parse(Path(inspect.getfile(catalogue.find("models", name))).read_text("utf-8")))
    written = f"{name}({', '.join([str(shape), '1', *(f'{k}={v!r}' for k, v in spec[name].items())])})"
    lines = [f"## {name}", "", text.replace("\nSource:", "\n\nSource:").replace("\nDeparture:", "\n\nDeparture:"), ""]
    lines += [f"In the reports: {REPORTS.get(name, 'none')}.", ""]
    lines += [
        f"`{written}`: {trainable:,} trainable parameters, {rest:,} others, "
        f"{cost.multiply_adds(model, shape) / 1e9:.2f} G multiply-adds, "
        f"{model.output_shape[1]}x{model.output_shape[2]} out.",
        "",
    ]
    lines += ["| part | height x width | channels | layers with weights | parameters |", "|---|---|---|---|---|"]
    lines += [
        f"| {part} | {height}x{width} | {channels} | {count} | {size:,} |"
        for (part, height, width), channels, count, size in stages(model)
    ]
    keras.backend.clear_session()
    return lines, [name, written, trainable, rest, cost.multiply_adds(model, shape)]


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
    head = ["# The zoo", "", f"Every architecture, {SIZE}x{SIZE} where it takes that. Written by `make docs`.", ""]
    head += ["| architecture | built as | trainable | others | G multiply-adds |", "|---|---|---|---|---|"]
    head += [
        f"| [{name}](#{name.lower()}) | `{written}` | {trainable:,} | {rest:,} | {adds / 1e9:.2f} |"
        for name, written, trainable, rest, adds in rows
    ]
    if sys.argv[1:]:
        print("\n".join([*head, "", *sections]))
    else:
        atomic.text(PAGE, "\n".join([*head, "", *sections]).rstrip() + "\n")


if __name__ == "__main__":
    main()
