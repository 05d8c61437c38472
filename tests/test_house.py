"""The house: layers, docstrings against signatures, a test per file, every study whole."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ultraseg import catalogue, study

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ultraseg"
FILES = sorted(path for path in PACKAGE.rglob("*.py"))
MODULES = [path for path in FILES if path.name != "__init__.py"]
LAYERS = (
    "atomic",
    "runtime convention counts catalogue samples pixels records",
    "datasets splits preprocess augment layers losses metrics optimizers schedules study",
    "collection encoders",
    "pipeline models",
    "program",
    "evaluation",
    "trial",
    "runner",
    "report export",
    "cli",
)
LAYER = {room: number for number, rooms in enumerate(LAYERS) for room in rooms.split()}
TENSORFLOW = {"runtime", "pipeline", "export"}
KERAS_ALONE = {"convention", "preprocess", "layers", "losses", "encoders", "models", "optimizers", "schedules"}
LIGHT = ("ultraseg", "ultraseg.study", "ultraseg.report", "ultraseg.cli")
STUDIES = study.available(ROOT / "studies")
PUBLISHED = yaml.safe_load((ROOT / "tests" / "golden" / "published_003.yaml").read_text(encoding="utf-8"))


def name(path):
    return path.relative_to(PACKAGE).as_posix()


def room(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path):
    """Every module that a file imports, those inside functions too; of `from a import b`, a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path):
    """Public functions and methods that others can call, with the classes' own left out."""
    for node in tree(path).body:
        for inner in [node, *(node.body if isinstance(node, ast.ClassDef) else [])]:
            if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                yield inner


def parameters(function):
    spec = function.args
    return [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs) if a.arg not in ("self", "cls")]


def documented(function):
    """The names in the Args section of a docstring; None without such a section."""
    section = re.search(r"^Args:\n((?: {4}.*\n?|\n)*)", ast.get_docstring(function) or "", re.MULTILINE)
    return re.findall(r"^ {4}(\w+):", section[1], re.MULTILINE) if section else None


def each(files):
    return pytest.mark.parametrize("path", files, ids=name)


@each(MODULES)
def test_imports_go_down(path):
    assert room(path) in LAYER, f"{name(path)}: give it a layer"
    for target in imports(path):
        package, _, rest = target.partition(".")
        if package != "ultraseg" or rest == "__version__":
            continue
        there, *inside = rest.split(".")
        private = there == room(path) and inside and inside[0].startswith("_")
        assert private or LAYER[there] < LAYER[room(path)], f"{name(path)} imports {target}"


@each(MODULES)
def test_nobody_takes_another_rooms_private_things(path):
    for target in imports(path):
        package, *parts = target.split(".")
        if package == "ultraseg" and parts[0] != room(path):
            assert not any(part.startswith("_") and part != "__version__" for part in parts), target


@each(MODULES)
def test_who_may_import_tensorflow(path):
    packages = {target.partition(".")[0] for target in imports(path)}
    assert "tensorflow" not in packages or room(path) in TENSORFLOW
    if room(path) in KERAS_ALONE:
        assert packages <= {"keras", "numpy", "cv2", "math", "ultraseg"}


@each(FILES)
def test_a_package_lists_its_members_and_does_nothing_else(path):
    body = tree(path).body
    if path == PACKAGE / "__init__.py":
        assert ast.get_docstring(tree(path)) and len(body) == 2
    elif path.name == "__init__.py":
        assert body and all(isinstance(node, ast.ImportFrom) and len(node.names) == 1 for node in body)


@each(MODULES)
def test_a_file_opens_by_saying_what_the_thing_is(path):
    first = (ast.get_docstring(tree(path)) or "").split("\n\n")[0].replace("\n", " ")
    assert first.rstrip(":").endswith((".", "only")) or first.endswith(":"), first


@each(MODULES)
def test_no_file_is_a_drawer(path):
    assert path.stem.strip("_") not in ("utils", "common", "helpers", "base", "misc")


@each(MODULES)
def test_a_docstring_is_a_contract(path):
    for function in functions(path):
        where = f"{name(path)}: {function.name}"
        assert function.args.kwarg is None, f"{where} takes **{function.args.kwarg.arg}"
        overrides = any(path.match("program.py") and function.name.startswith("on_") for _ in "x")
        assert ast.get_docstring(function) or overrides, f"{where} has no docstring"
        if documented(function) is not None:
            assert documented(function) == parameters(function), where


MEMBERS = [(room, member) for room in catalogue.ROOMS for member in catalogue.names(room)]


@pytest.mark.parametrize(("room", "member"), MEMBERS)
def test_a_member_documents_every_parameter_and_defaults_are_literals(room, member):
    function = catalogue._definition(catalogue._members(room)[member], member)
    assert documented(function) == (parameters(function) or None)
    assert not function.args.defaults and function.args.vararg is None, "options are keyword-only"
    assert list(catalogue.options(room, member)) == [argument.arg for argument in function.args.kwonlyargs]
    assert catalogue.summary(room, member).endswith(".")


@each(MODULES)
def test_every_file_has_a_test(path):
    test = ROOT / "tests" / path.relative_to(PACKAGE).with_name(f"test_{path.name}")
    assert test.is_file(), f"write {test.relative_to(ROOT)}"


@each(MODULES)
def test_only_the_command_line_prints_and_no_error_is_swallowed(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            assert path.name == "cli.py", f"line {node.lineno} prints"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in ("", "Exception", "BaseException"), f"line {node.lineno} catches everything"


@pytest.mark.parametrize("module", LIGHT)
def test_what_reads_and_shows_does_not_load_tensorflow(module):
    code = f"import sys, {module}; print(*sorted({{'tensorflow', 'keras'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


@pytest.mark.parametrize("title", STUDIES)
def test_a_study_is_whole_at_every_profile(title):
    folder = ROOT / "studies"
    profiles = study.profiles(title, folder)
    assert "demo" in profiles
    for profile in ["", *profiles]:
        loaded = study.load(title, profile, folder)
        assert loaded.trials and loaded.file.primary in loaded.file.report
    for trial in study.load(title, "demo", folder).trials:
        assert list(trial["data"]["from"]) == ["phantom"]


@pytest.mark.parametrize("title", STUDIES)
def test_published_rows_are_the_reports(title):
    loaded = study.load(title, "", ROOT / "studies")
    rows = loaded.file.published
    assert {row.where for row in rows} == ({w for w in PUBLISHED if w.startswith(loaded.file.source.table + ",")})
    for row in rows:
        assert row.__pydantic_extra__ == PUBLISHED[row.where], row.where
        assert loaded.cells[loaded.cell_of(row.at)].trials


@pytest.mark.parametrize("folder", ["", "as_published-"])
def test_every_published_row_stands_in_a_study(folder):
    tied = [
        row.where
        for title in STUDIES
        if title.startswith("as_published-") == bool(folder)
        for row in study.load(title, "", ROOT / "studies").file.published
    ]
    assert sorted(tied) == sorted(PUBLISHED)


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing lists the repository's files")
    return [ROOT / path.decode() for path in listed.stdout.split(b"\0") if path]


def test_no_file_names_a_machines_folder():
    foreign = re.compile("|".join(f"/{top}/" for top in ("work", "home", "Users", "root", "tmp/w")).encode())
    named = []
    for path in tracked():
        if path.is_file():
            named += [f"{path.relative_to(ROOT)}: {found[0]!r}" for found in foreign.finditer(path.read_bytes())]
    assert not named
