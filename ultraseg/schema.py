"""What a study's YAML file may say: its keys, their types and ranges, and the sentence for what is wrong."""

from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from ultraseg import catalogue, records
from ultraseg.budget import UNITS


def _worded(words: str) -> WrapValidator:
    """Refuse whatever is not of the type in these words, where pydantic would name each branch that failed."""

    def check(value: Any, valid: ValidatorFunctionWrapHandler) -> Any:
        try:
            return valid(value)
        except ValidationError:
            raise PydanticCustomError("worded", "input should be {words}", {"words": words}) from None

    return WrapValidator(check)


Positive = Annotated[int, Field(ge=1, strict=True)]
Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Size = Annotated[tuple[Positive, Positive], _worded("height and width, as [256, 256]")]
Spec = Annotated[str | dict[str, dict[str, Any] | None], _worded("NAME or {NAME: {option: value}}")]
Axis = Annotated[list[Any] | dict[str, Any], _worded("a list of values, or {label: value}")]
Label = Annotated[str | int | float | bool, _worded("a word or a number")]
Threshold = Annotated[
    Annotated[float, Field(gt=0, lt=1)] | Literal["tuned"], _worded("a number between 0 and 1, or tuned")
]
EPOCHS = 20
"""What a trial trains for where its study does not say."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, populate_by_name=True)


class Data(Strict):
    """Which images, how they are split and how large they enter the network (heights before widths)."""

    source: Spec = Field("phantom", alias="from")
    split: Spec = Field({"kfold": {}})
    validation: Annotated[float, Field(ge=0, le=0.5)] = 0.15
    training: Annotated[float, Field(gt=0, le=1)] = 1.0
    exclude: list[Literal["contradicted", "copies"]] = []
    size: Size = (256, 256)
    channels: Literal[1, 3] = 1
    mask_size: Size | None = None
    mask_interpolation: Literal["nearest", "bilinear"] = "nearest"


class Fixed(Strict):
    """What every trial of the study shares, unless an axis of `cross` changes it."""

    model: Spec = "UNet"
    classes: Positive = 1
    independent: bool = False
    preprocess: list[Spec] = ["scale"]
    augment: list[Spec] = []
    loss: Spec = "bce"
    optimizer: Spec = "adam"
    schedule: Spec = "constant"
    batch: Positive = 8
    epochs: Positive | None = None
    budget: Annotated[dict[Literal[UNITS], Amount], Field(min_length=1, max_length=1)] | None = None
    keep: Literal["best", "last"] = "best"
    threshold: Threshold = 0.5
    postprocess: list[Spec] = []
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"


class Source(Strict):
    """Where the question comes from: a report, its table, and the data set of its published numbers."""

    report: str
    table: str
    data: str = "BUSI"


class Published(BaseModel):
    """One published row, tied to one cell; every key besides these three is a score.

    `unlike` says why no number of the row can be compared, where that is so: what it was measured on, mostly.
    """

    model_config = ConfigDict(extra="allow")
    at: dict[str, Label]
    where: str
    unlike: str = ""
    __pydantic_extra__: dict[str, float]


class File(Strict):
    """The file as it is written, a profile merged in."""

    title: str
    source: Source | None = None
    data: Data = Data()
    fixed: Fixed = Fixed()
    cross: dict[str, Axis] = {}
    skip: list[dict[str, Any]] = []
    baseline: dict[str, Label] = {}
    differs: list[str] = []
    primary: str = "dice"
    report: list[str] = ["accuracy", "auc", "dice", "iou"]
    published: list[Published] = []
    unlike: dict[str, str] = {}
    notes: list[str] = []
    trivial: dict[str, Annotated[float | str, _worded("a number or a word")]] = {}


PARTS = {"data": Data, "fixed": Fixed, "source": Source}
PLAIN = {"model_type": "input should be a mapping", "dict_type": "input should be a mapping"}
"""Words for what pydantic says of Python's types."""
SHOWN = 60
"""Characters of a value that a sentence repeats."""


def read(path: Path) -> dict[str, Any]:
    """Read a YAML file, safely, refusing a key that stands in it twice.

    Raises:
        ValueError: it is not YAML, or not a mapping.
        OSError: it cannot be read.
    """
    try:
        tree = parse(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not YAML: {error}") from None
    if not isinstance(tree, dict):
        raise ValueError("a study is a mapping with at least a `title`")
    return tree


def parse(text: str) -> Any:
    """Read YAML, safely, refusing a key that stands in it twice.

    Raises:
        ValueError: it is not YAML.
    """
    try:
        return yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"not YAML{line}: {getattr(error, 'problem', None) or error}") from None


def validate(tree: dict[str, Any]) -> File:
    """Check a file's keys, types and ranges, and that its scores exist.

    Raises:
        ValueError: one sentence with the place and what is wrong.
    """
    try:
        file = File.model_validate(tree)
    except ValidationError as error:
        raise ValueError(_sentence(error)) from None
    if file.primary in records.SIGNED:
        raise ValueError(f"primary: {file.primary} is best at 0, so its rows cannot be ranked; name another measure")
    known = ["loss", *catalogue.names("metrics"), *(name for name in records.MEASURED if name.endswith("mm"))]
    scores = [*file.report, file.primary, *(key for row in file.published for key in row.__pydantic_extra__)]
    scores += file.unlike
    for score in scores:
        if score not in known:
            raise ValueError(f"report: {catalogue.unknown(score, known, 'score')}")
    return file


def crossed(data: dict[str, Any], fixed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check a trial's two parts again after axes have changed them.

    Returns:
        Both as plain values, every default filled in.

    Raises:
        ValueError: one sentence with the place and what is wrong.
    """
    try:
        checked = Data.model_validate(data), Fixed.model_validate(fixed)
    except ValidationError as error:
        raise ValueError(_sentence(error, "cross")) from None
    if checked[1].classes > 2 and not checked[1].independent:
        raise ValueError(
            f"classes: one lesion mask tells 1 or 2 classes apart, got {checked[1].classes}; structures that have a "
            "mask each want `independent: true`"
        )
    return checked[0].model_dump(by_alias=True, mode="json"), _budgeted(checked[1].model_dump(mode="json"))


def _budgeted(fixed: dict[str, Any]) -> dict[str, Any]:
    """Leave one of `epochs` and `budget`; a budget of epochs is written as `epochs`."""
    epochs, budget = fixed.pop("epochs"), fixed.pop("budget")
    if epochs is not None and budget is not None:
        raise ValueError(f"budget: {budget} and epochs: {epochs} both say how long a trial trains; leave one out")
    [(unit, amount)] = (budget or {"epochs": epochs or EPOCHS}).items()
    if unit != "minutes":
        if amount != int(amount):
            raise ValueError(f"budget.{unit}: a whole number is wanted, got {amount}")
        amount = int(amount)
    return {**fixed, "epochs": amount} if unit == "epochs" else {**fixed, "budget": {unit: amount}}


def _sentence(error: ValidationError, prefix: str = "") -> str:
    """Say what is wrong first: a key that there is not, because it may be what another one lacks."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = [str(part) for part in first["loc"] if part != "[key]"]
    where = ".".join(([prefix] if prefix else []) + place)
    if first["type"] == "extra_forbidden":
        part = PARTS.get(place[0], File) if len(place) > 1 else File
        known = [field.alias or name for name, field in part.model_fields.items()]
        return f"{where}: {catalogue.unknown(place[-1], known + (['profiles'] if part is File else []), 'key')}"
    if first["type"] == "missing":
        return f"{where}: must be given"
    message = PLAIN.get(first["type"], first["msg"][0].lower() + first["msg"][1:])
    return f"{where}: {message}, got {got(first['input'])}"


def got(value: Any) -> str:
    """What a file says, as a sentence repeats it: what is long is cut short, a mapping to its keys."""
    text = repr(value)
    if len(text) > SHOWN and isinstance(value, dict):
        text = f"a mapping of {', '.join(map(str, value))}"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


class _UniqueKeys(yaml.SafeLoader):
    """SafeLoader that refuses a key written twice, where YAML libraries keep the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, "a mapping cannot be a key; write {NAME: {option: value}}", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
