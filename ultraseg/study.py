"""A study: one question in one YAML file, validated and multiplied out into trials. No TensorFlow here."""

import copy
import hashlib
import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ultraseg import catalogue, schema
from ultraseg.schema import File

RESULTS = 6
"""Raised by hand when a change to the code is meant to alter the numbers of a trial."""

REPLICATES = ("seed", "fold")
FROM_PIXELS = ("scale", "normalize")
"""Steps that want 8-bit values, so nothing but `resize` may come before them."""
ROOMS = {"model": "models", "loss": "losses", "optimizer": "optimizers", "schedule": "schedules"}
DATA_ROOMS = {"from": "datasets", "split": "splits"}
LENGTHS = {"epochs", "budget"}
"""Keys of which a trial has one; a profile's stands in place of the file's."""


@dataclass(frozen=True)
class Cell:
    """One row of a study's table: its place on every axis, and the trials that replicate it."""

    at: dict[str, str]
    trials: tuple[dict[str, Any], ...]

    @property
    def label(self) -> str:
        """Its values; a bare number with the last part of its axis' name."""
        named = (f"{axis.rpartition('.')[2]} {value}" if _bare(value) else value for axis, value in self.at.items())
        return ", ".join(named) or "all"


@dataclass(frozen=True)
class Study:
    """A study at one profile, validated, with its trials resolved."""

    name: str
    profile: str
    file: File
    axes: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def trials(self) -> list[dict[str, Any]]:
        return [trial for cell in self.cells for trial in cell.trials]

    def cell_of(self, at: dict[str, Any]) -> int:
        """Find the only cell at these labels.

        Raises:
            ValueError: none or several are.
        """
        wanted = {axis: str(label) for axis, label in at.items()}
        for axis in wanted:
            if axis not in self.axes:
                raise ValueError(f"{at}: {catalogue.unknown(axis, self.axes, 'axis')}")
        found = [i for i, cell in enumerate(self.cells) if wanted.items() <= cell.at.items()]
        if len(found) != 1:
            raise ValueError(
                f"{wanted} names {len(found)} cells where one is wanted; cells: {[c.at for c in self.cells]}"
            )
        return found[0]


def available(folder: Path = Path("studies")) -> dict[str, Path]:
    """List the studies below a folder by name: the path below it, `/` written as `-`."""
    return {"-".join(path.relative_to(folder).with_suffix("").parts): path for path in sorted(folder.rglob("*.yaml"))}


def locate(name: str, folder: Path = Path("studies")) -> tuple[str, Path]:
    """Find a study by its name or its file.

    Raises:
        ValueError: there is none; the message lists what exists.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise ValueError(f"{name}: no such file")
        inside = path.resolve().is_relative_to(folder.resolve())
        parts = path.resolve().relative_to(folder.resolve()).with_suffix("").parts if inside else (path.stem,)
        return "-".join(parts), path
    known = available(folder)
    if name.replace("/", "-") not in known:
        raise ValueError(f"{folder}: {catalogue.unknown(name, known, 'study')}")
    return name.replace("/", "-"), known[name.replace("/", "-")]


def load(name: str, profile: str = "", folder: Path = Path("studies")) -> Study:
    """Read a study, merge a profile in, validate it and multiply it out.

    Args:
        name: a study's name, or the path of its YAML file.
        profile: one of the file's profiles; empty takes the file as it stands.
        folder: where names are looked up.

    Returns:
        The study with every trial resolved: all names checked, all defaults filled in.

    Raises:
        ValueError: one sentence with the file's name, the place in it and what is wrong.
    """
    name, path = locate(name, folder)
    try:
        tree = schema.read(path)
        profiles = _profiles(tree)
        if profile and profile not in profiles:
            raise ValueError(catalogue.unknown(profile, profiles, "profile"))
        file = schema.validate(_merge(tree, profiles[profile]) if profile else tree)
        return _multiply(name, profile, file)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def profiles(name: str, folder: Path = Path("studies")) -> list[str]:
    """List the profiles of a study."""
    return list(_profiles(schema.read(locate(name, folder)[1])))


def identity(trial: dict[str, Any], manifest: str) -> str:
    """Name a trial by what it is.

    Args:
        trial: a resolved trial.
        manifest: the fingerprint of its data.

    Returns:
        12 hexadecimal digits.
    """
    whole = {"trial": trial, "manifest": manifest, "results": RESULTS}
    return hashlib.sha256(canonical(whole).encode()).hexdigest()[:12]


def canonical(value: Any) -> str:
    """Write JSON in the one form that equal values share."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _multiply(name: str, profile: str, file: File) -> Study:
    base = {"data": file.data.model_dump(by_alias=True), **file.fixed.model_dump()}
    axes = {axis: _labelled(axis, values) for axis, values in file.cross.items() if axis not in REPLICATES}
    seeds = file.cross.get("seed", [0])
    folds = file.cross.get("fold", None)
    for skipped in file.skip:
        for axis, label in skipped.items():
            if axis not in axes:
                raise ValueError(f"skip: {catalogue.unknown(axis, axes, 'axis')}")
            if str(label) not in axes[axis]:
                raise ValueError(f"skip.{axis}: {catalogue.unknown(str(label), axes[axis], 'value')}")
    cells: list[Cell] = []
    rows: dict[str, str] = {}
    for labels in itertools.product(*axes.values()):
        at = dict(zip(axes, labels, strict=True))
        if any({a: str(v) for a, v in skipped.items()}.items() <= at.items() for skipped in file.skip):
            continue
        changed = copy.deepcopy(base)
        for axis in sorted(at, key=lambda axis: "." in axis):  # a whole key before the options within it
            _place(changed, axis, axes[axis][at[axis]])
        trial = _resolve(changed)
        row = ", ".join(at.values())
        if (same := rows.setdefault(canonical(trial), row)) != row:
            raise ValueError(
                f"cross: the rows {same!r} and {row!r} are one and the same; an axis sets what another sets"
            )
        [(split, options)] = trial["data"]["split"].items()
        count = options.get("folds", 1)
        chosen = list(range(count)) if folds is None else folds
        if split == "file":  # says itself how many folds it has, which is known when it is read
            count = math.inf
        _check_replicates(seeds, chosen, count)
        cells.append(Cell(at, tuple({**trial, "fold": fold, "seed": seed} for seed in seeds for fold in chosen)))
    if not cells:
        raise ValueError("skip: nothing is left to run")
    study = Study(name, profile, file, tuple(axes), tuple(cells))
    study.cell_of(file.baseline) if file.baseline else None
    tied = [study.cell_of(row.at) for row in file.published]
    if len(set(tied)) < len(tied):
        raise ValueError("published: two rows are tied to one cell")
    return study


def _resolve(raw: dict[str, Any]) -> dict[str, Any]:
    data, trial = schema.crossed(raw.pop("data"), raw)
    data["mask_size"] = data["mask_size"] or data["size"]
    for key, room in DATA_ROOMS.items():
        data[key] = catalogue.resolve(room, data[key])
    for key, room in ROOMS.items():
        trial[key] = catalogue.resolve(room, trial[key])
    trial["postprocess"] = [catalogue.resolve("postprocess", step) for step in trial["postprocess"]]
    trial["augment"] = [catalogue.resolve("augment", step) for step in trial["augment"]]
    trial["preprocess"] = [catalogue.resolve("preprocess", s) for s in _sized(trial["preprocess"], data["size"])]
    return {"data": data, **trial}


def _sized(steps: list[Any], size: list[int]) -> list[Any]:
    """Put the network's size into the resize step, which comes after the last step on pixels where it is not named."""
    named = [catalogue.split("preprocess", step) for step in steps]
    on_pixels = [catalogue.subject("preprocess", name) == "image" for name, _ in named]
    names = [name for name, _ in named]
    if names.count("resize") > 1:
        raise ValueError("preprocess: resize stands there twice")
    if "resize" not in names:
        place = max((number + 1 for number, early in enumerate(on_pixels) if early), default=0)
        named.insert(place, ("resize", {}))
        on_pixels.insert(place, True)
    at = [name for name, _ in named].index("resize")
    for number, (name, given) in enumerate(named):
        if on_pixels[number] and number > at:
            raise ValueError(f"preprocess: {name} works on the image's own pixels, so it comes before resize")
        if not on_pixels[number] and number < at:
            raise ValueError(
                f"preprocess: resize and all steps on pixels come before {name}, which is part of the model"
            )
        if name in FROM_PIXELS and number > at + 1:
            raise ValueError(f"preprocess: {name} wants 8-bit values, so it comes right after resize")
        if name == "resize" and given.get("size", size) != size:
            raise ValueError(f"preprocess.resize.size: leave it out, data.size says {size}")
    return [{name: {**given, "size": size} if name == "resize" else given} for name, given in named]


def _labelled(axis: str, values: list[Any] | dict[str, Any]) -> dict[str, Any]:
    """Give every value of an axis the label that the table prints."""
    if isinstance(values, dict):
        labelled = {str(label): value for label, value in values.items()}
    else:
        plain = [_label(value) for value in values]
        labelled = {
            label if plain.count(label) == 1 else canonical(value): value
            for label, value in zip(plain, values, strict=True)
        }
        if len(labelled) < len(values):
            raise ValueError(f"cross.{axis}: a value stands there twice")
    if not labelled:
        raise ValueError(f"cross.{axis}: no value to cross")
    return labelled


def _bare(label: str) -> bool:
    """Whether a label says nothing without the name of its axis."""
    return label in ("True", "False", "None") or label.replace(".", "").replace("e-", "").isdecimal()


def _label(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1:
        return str(next(iter(value)))
    if isinstance(value, list) and value and not all(isinstance(item, int) for item in value):
        return " + ".join(_label(item) for item in value)
    if isinstance(value, list):
        return "x".join(str(item) for item in value) or "none"
    return str(value)


def _place(trial: dict[str, Any], axis: str, value: Any) -> None:
    """Set what an axis names: a key, an option by dotted path, or, for a free name, several keys at once."""
    head, *rest = axis.split(".")
    if axis == "data":
        raise ValueError("cross.data: cross one of its keys instead, such as data.size")
    if axis in trial:
        trial[axis] = copy.deepcopy(value)
    elif not rest and isinstance(value, dict):
        for key, part in value.items():
            if "." not in key and key not in trial:
                raise ValueError(f"cross.{axis}: {catalogue.unknown(key, trial, 'key')}")
            _place(trial, key, part)
    elif head == "data" and len(rest) == 1 and rest[0] in trial["data"]:
        trial["data"][rest[0]] = copy.deepcopy(value)
    elif head in ROOMS and len(rest) == 1:
        name, given = catalogue.split(ROOMS[head], trial[head])
        trial[head] = {name: {**given, rest[0]: copy.deepcopy(value)}}
    else:
        known = [*trial, "data.KEY", "model.OPTION", *REPLICATES]
        raise ValueError(
            f"cross: {catalogue.unknown(axis, known, 'axis')} (a free name takes {{label: {{key: value}}}})"
        )


def _check_replicates(seeds: list[Any], folds: list[Any], count: float) -> None:
    for axis, values in (("seed", seeds), ("fold", folds)):
        whole = isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
        if not whole or not values or len(set(values)) < len(values):
            raise ValueError(f"cross.{axis}: a list of different whole numbers from 0 up is wanted, got {values!r}")
    if max(folds) >= count:
        raise ValueError(f"cross.fold: the split has {count} fold(s), numbered from 0, got {max(folds)}")


def _merge(under: Any, over: Any, key: str = "") -> Any:
    """Merge a profile over the file; a spec of another name replaces, it does not mix."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return copy.deepcopy(over)
    if key in (*ROOMS, *DATA_ROOMS) and under.keys() != over.keys():
        return copy.deepcopy(over)
    if key == "fixed" and over.keys() & LENGTHS:
        under = {name: value for name, value in under.items() if name not in LENGTHS}
    return {k: _merge(under.get(k), over[k], k) if k in over else copy.deepcopy(under[k]) for k in {**under, **over}}


def _profiles(tree: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Take the profiles out of a file."""
    found = tree.pop("profiles", None) or {}
    for name, part in (found if isinstance(found, dict) else {"": found}).items():
        if not isinstance(part, dict | None):
            where = f"profiles.{name}" if name else "profiles"
            raise ValueError(f"{where}: write profiles: {{NAME: {{part: {{key: value}}}}}}, got {schema.got(part)}")
    return {str(name): part or {} for name, part in found.items()}
