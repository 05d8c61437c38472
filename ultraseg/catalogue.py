"""What a study may name: the members of a room, their options, and the step from a name to a function.

A room is a package whose `__init__.py` holds one import line per member (`models`, `losses`, ...), or a
module whose `__all__` lists them (`optimizers`, `splits`, ...). Names and options are read from the source
text, so that a study is validated without loading TensorFlow.
"""

import ast
import difflib
import functools
import importlib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOMS = (
    "models", "encoders", "losses", "optimizers", "schedules", "preprocess", "augment", "postprocess", "datasets",
    "splits", "metrics",
)  # fmt: skip
NESTED = {"encoder": "encoders"}
"""Options whose value is itself a spec, and the room where its name is looked up."""
LISTED = {"parts": "losses", "sets": "datasets"}
"""Options whose value is a list of specs, and the room where their names are looked up."""
NUMBER = re.compile(r"[-+]?[\d.]+[eE][-+]?\d+")


NUMBERS = list[float]
TYPES = {**{kind.__name__: kind for kind in (bool, int, float, str, tuple)}, "list[float]": NUMBERS}


@dataclass(frozen=True)
class Option:
    """One keyword-only option of a member: its default, whether it must be given, and its type if that is known.

    The type is the default's; for a default of None it is what the signature says: `width: int | None = None`.
    """

    default: Any
    required: bool
    kind: type | None


def names(room: str) -> list[str]:
    """List the members of a room, in the order of its catalogue.

    Raises:
        ValueError: there is no such room.
    """
    return list(_members(room))


def options(room: str, name: str) -> dict[str, Option]:
    """Read the keyword-only options of a member from its signature.

    Returns:
        Option per name, in the order of the signature.

    Raises:
        ValueError: the room has no such member; the message gives the nearest name and the list.
    """
    members = _members(room)
    if name not in members:
        raise ValueError(f"{room}: {unknown(name, members)}")
    return _signature(members[name], name)


def resolve(room: str, spec: Any) -> dict[str, dict[str, Any]]:
    """Turn `name` or `{name: {option: value}}` into its full form, with every default filled in.

    Args:
        room: where the name is looked up.
        spec: a string, or a mapping with one key whose value is a mapping of options (or nothing). The value of an
            option such as `encoder` is a spec too, that of `parts` a list of them.

    Returns:
        `{name: {option: value}}` with all options of the member; of a spec within it those that were given, since the
        member may decide the others; of every spec in a list all.

    Raises:
        ValueError: the grammar, the name, an option or the type of a value is wrong, or a required
            option is missing.
    """
    name, given = split(room, spec)
    known = options(room, name)
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"{room}.{name}: {unknown(key, known, 'option')}")
        if key in NESTED:
            given[key] = _nested(NESTED[key], value)
            continue
        if key in LISTED:
            given[key] = _listed(f"{room}.{name}.{key}", LISTED[key], value)
            continue
        _check_type(f"{room}.{name}.{key}", value, known[key])
    missing = [key for key, option in known.items() if option.required and key not in given]
    if missing:
        raise ValueError(f"{room}.{name}: the option {missing[0]!r} must be given")
    given = {key: given.get(key, option.default) for key, option in known.items()}
    return {name: {key: _plain(value, known[key].kind) for key, value in given.items()}}


def subject(room: str, name: str) -> str:
    """Return the name of what a member works on: its first argument.

    Raises:
        ValueError: the room has no such member.
    """
    members = _members(room)
    if name not in members:
        raise ValueError(f"{room}: {unknown(name, members)}")
    return _definition(members[name], name).args.args[0].arg


def summary(room: str, name: str) -> str:
    """Return the first sentence of a member's docstring.

    Raises:
        ValueError: the room has no such member.
    """
    members = _members(room)
    if name not in members:
        raise ValueError(f"{room}: {unknown(name, members)}")
    return (ast.get_docstring(_definition(members[name], name)) or "").split("\n")[0]


def split(room: str, spec: Any) -> tuple[str, dict[str, Any]]:
    """Take a spec apart into its name and the options that were written down.

    Raises:
        ValueError: it is neither a name nor a mapping from one name to its options.
    """
    if isinstance(spec, str):
        return spec, {}
    if isinstance(spec, dict) and len(spec) == 1:
        name, given = next(iter(spec.items()))
        if isinstance(name, str) and (given is None or isinstance(given, dict)):
            return name, dict(given or {})
    raise ValueError(f"{room}: write NAME or {{NAME: {{option: value}}}}, got {spec!r}")


def find(room: str, name: str) -> Callable[..., Any]:
    """Import a member and return it.

    Raises:
        ValueError: the room has no such member.
    """
    members = _members(room)
    if name not in members:
        raise ValueError(f"{room}: {unknown(name, members)}")
    return getattr(importlib.import_module(members[name]), name)


def bind(room: str, spec: Any) -> Callable[..., Any]:
    """Return the member that `spec` names with its options bound, every default filled in.

    Raises:
        ValueError: as `resolve`.
    """
    [(name, given)] = resolve(room, spec).items()
    return functools.partial(find(room, name), **given)


def unknown(word: object, known: Iterable[str], kind: str = "name") -> str:
    """Phrase the refusal of a word that is not among the known ones, with the nearest of them."""
    known = list(known)
    near = [name for name in known if name.lower() == str(word).lower()]
    near = near or difflib.get_close_matches(str(word), known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown {kind} {word!r}; {hint}there is: {', '.join(known) or 'none'}"


@functools.cache
def _members(room: str) -> dict[str, str]:
    if room not in ROOMS:
        raise ValueError(f"catalogue: {unknown(room, ROOMS, 'room')}")
    package, module = HERE / room / "__init__.py", HERE / f"{room}.py"
    found: dict[str, str] = {}
    for node in ast.parse((package if package.is_file() else module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and package.is_file():
            found.update({alias.asname or alias.name: node.module for alias in node.names})
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return dict.fromkeys(ast.literal_eval(node.value), f"ultraseg.{room}")
    return found


@functools.cache
def _signature(module: str, name: str) -> dict[str, Option]:
    arguments = _definition(module, name).args
    return {
        argument.arg: _option(argument, default)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }


def _option(argument: ast.arg, written: ast.expr | None) -> Option:
    default = None if written is None else ast.literal_eval(written)
    said = ast.unparse(argument.annotation).partition(" | ")[0] if argument.annotation else ""
    return Option(default, written is None, TYPES.get(said) if default is None else type(default))


def _definition(module: str, name: str) -> ast.FunctionDef:
    source = HERE.parent.joinpath(*module.split(".")).with_suffix(".py")
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise ValueError(f"catalogue: {module} defines no function {name!r}")


def _nested(room: str, spec: Any) -> Any:
    """Check a spec within a spec and write it in one form; a function, which only Python can give, stays."""
    if callable(spec):
        return spec
    name, given = split(room, spec)
    [filled] = resolve(room, spec).values()
    return {name: {key: filled[key] for key in sorted(given)}} if given else name


def _listed(where: str, room: str, specs: Any) -> list[dict[str, dict[str, Any]]]:
    """Check a list of specs and fill their defaults in."""
    if not isinstance(specs, list | tuple) or not specs:
        raise ValueError(f"{where}: expected a list of {room}, got {specs!r}")
    return [resolve(room, spec) for spec in specs]


def _check_type(where: str, value: Any, option: Option) -> None:
    kind = option.kind
    if kind is None or value is None and option.default is None and not option.required:
        return
    if kind == NUMBERS:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{where}: expected a list of numbers, got {value!r}")
        for item in value:
            _check_type(where, item, Option(None, True, float))
        return
    wanted: tuple[type, ...]
    if kind is bool:
        wanted, word = (bool,), "true or false"
    elif kind is int:
        wanted, word = (int,), "a whole number"
    elif kind is float:
        wanted, word = (int, float), "a number"
    elif kind is str:
        wanted, word = (str,), "a word"
    else:
        wanted, word = (list, tuple, dict), "a list"
    if not isinstance(value, wanted) or isinstance(value, bool) and bool not in wanted:
        hint = "; YAML reads 1e-3 as a word, write 1.0e-3" if float in wanted and NUMBER.fullmatch(str(value)) else ""
        raise ValueError(f"{where}: expected {word}, got {value!r}{hint}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where}: expected a finite number, got {value!r}")


def _plain(value: Any, kind: type | None = None) -> Any:
    """Write a value in the one form that equal ones share: tuples as lists, 0 as 0.0 where a float is meant."""
    if isinstance(value, list | tuple):
        return [_plain(item, float if kind == NUMBERS else None) for item in value]
    return float(value) if kind is float and isinstance(value, int) else value
