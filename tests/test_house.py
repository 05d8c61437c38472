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
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
LAYERS = (
    "atomic budget clock dicom framing unpacking",
    "runtime kernels averages convention counts surfaces lesions probabilities catalogue samples records weight_file",
    "pixels overlays",
    "datasets splits preprocess augment layers losses metrics optimizers schedules schema cost sm statistics "
    "postprocess training_metrics sources",
    "audit certificates",
    "study collection encoders measurement decision tracking",
    "parts sharing devices",
    "examination pipeline models",
    "program",
    "evaluation",
    "baselines",
    "assessment",
    "trial",
    "runner",
    "report export convert",
    "bundle",
    "cli",
)
LAYER = {room: number for number, rooms in enumerate(LAYERS) for room in rooms.split()}
TENSORFLOW = {"runtime", "kernels", "devices", "pipeline", "export", "cost", "tracking"}
KERAS_ALONE = {
    "convention",
    "preprocess",
    "layers",
    "losses",
    "encoders",
    "models",
    "optimizers",
    "schedules",
    "training_metrics",
}
LIGHT = ("ultraseg", "ultraseg.study", "ultraseg.report", "ultraseg.cli")
STUDIES = study.available(ROOT / "studies")
PUBLISHED = {
    path.stem.removeprefix("published_"): yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests" / "golden").glob("published_*.yaml"))
}


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


def ours(path):
    """The parts of every import from the package: `ultraseg.losses.bce` is losses, bce; its version is nobody's."""
    for target in imports(path):
        package, *parts = target.split(".")
        if package == "ultraseg" and parts and parts != ["__version__"]:
            yield parts


def functions(path):
    """Public functions and methods; a property is an attribute, and what overrides another's method is its."""
    for node in tree(path).body:
        inside = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else []
        for inner in [node, *inside]:
            marks = [getattr(mark, "id", "") for mark in getattr(inner, "decorator_list", [])]
            if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_") and "property" not in marks:
                yield inner


def parameters(function):
    spec = function.args
    return [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs) if a.arg not in ("self", "cls")]


def documented(function):
    """The names in the Args section of a docstring; None without such a section."""
    section = re.search(r"^Args:\n((?: {4}.*\n?|\n)*)", ast.get_docstring(function) or "", re.MULTILINE)
    return re.findall(r"^ {4}(\w+):", section[1], re.MULTILINE) if section else None


def test_every_room_has_a_layer():
    assert {room(path) for path in MODULES} == set(LAYER)


def test_imports_go_down():
    wrong = []
    for path in MODULES:
        for there, *inside in ours(path):
            private = there == room(path) and inside and inside[0].startswith("_")
            if not private and LAYER[there] >= LAYER[room(path)]:
                wrong.append(f"{name(path)} imports {'.'.join([there, *inside])}")
    assert not wrong


def test_nobody_takes_another_rooms_private_things():
    wrong = [
        f"{name(path)} imports {'.'.join(parts)}"
        for path in MODULES
        for parts in ours(path)
        if parts[0] != room(path) and any(part.startswith("_") for part in parts)
    ]
    assert not wrong


def test_tensorflow_stays_where_it_is_wanted():
    packages = {path: {target.partition(".")[0] for target in imports(path)} for path in MODULES}
    assert {room(path) for path in MODULES if "tensorflow" in packages[path]} <= TENSORFLOW
    for path in MODULES:
        if room(path) in KERAS_ALONE:
            foreign = packages[path] - sys.stdlib_module_names - {"keras", "numpy", "cv2", "h5py", "ultraseg"}
            assert not foreign, name(path)


def test_a_package_lists_its_members_and_does_nothing_else():
    for path in sorted(PACKAGE.glob("*/__init__.py")):
        body = tree(path).body
        assert body and all(isinstance(node, ast.ImportFrom) for node in body), name(path)
        if path.parent.name in catalogue.ROOMS:
            assert all(len(node.names) == 1 for node in body), f"{name(path)}: one line per member"


def test_a_file_opens_by_saying_what_the_thing_is():
    for path in [PACKAGE / "__init__.py", *MODULES]:
        first = (ast.get_docstring(tree(path)) or "").split("\n\n")[0]
        assert first and first[0].isupper() and first[-1] in ".?:", name(path)


def test_no_file_is_a_drawer():
    assert not {path.stem.strip("_") for path in MODULES} & {"utils", "common", "helpers", "base", "misc"}


def test_a_docstring_is_a_contract():
    wrong = []
    for path in MODULES:
        for function in functions(path):
            where = f"{name(path)}: {function.name}"
            if function.args.kwarg:
                wrong.append(f"{where} takes **{function.args.kwarg.arg}")
            if not ast.get_docstring(function) and not path.name.startswith("_"):
                wrong.append(f"{where} has no docstring")
            if documented(function) not in (None, parameters(function)):
                wrong.append(f"{where} documents {documented(function)} and takes {parameters(function)}")
    assert not wrong


MEMBERS = [(room, member) for room in catalogue.ROOMS for member in catalogue.names(room)]


@pytest.mark.parametrize(("room", "member"), MEMBERS)
def test_a_member_documents_every_parameter_and_defaults_are_literals(room, member):
    function = catalogue._definition(catalogue._members(room)[member], member)
    assert documented(function) == (parameters(function) or None)
    assert not function.args.defaults and function.args.vararg is None, "options are keyword-only"
    assert list(catalogue.options(room, member)) == [argument.arg for argument in function.args.kwonlyargs]
    assert catalogue.summary(room, member).endswith(".")


def test_every_file_has_a_test():
    """A private file is tested through its room, or by a file of its own."""
    public = [path.relative_to(PACKAGE) for path in MODULES if not path.name.startswith("_")]
    tests = [ROOT / "tests" / path.with_name(f"test_{path.name}") for path in public]
    assert not [test.relative_to(ROOT).as_posix() for test in tests if not test.is_file()]


def test_only_the_command_line_prints_and_no_error_is_swallowed():
    wrong = []
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print" and room(path) != "cli":
                wrong.append(f"{name(path)}, line {node.lineno} prints")
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else ""
                if caught in ("", "Exception", "BaseException"):
                    wrong.append(f"{name(path)}, line {node.lineno} catches everything")
    assert not wrong


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
def test_nothing_is_fetched_but_at_profile_full(title):
    for profile in sorted({*study.profiles(title, ROOT / "studies")} - {"full"}):
        for trial in study.load(title, profile, ROOT / "studies").trials:
            assert "imagenet" not in study.canonical(trial), profile


@pytest.mark.parametrize("title", STUDIES)
def test_published_rows_are_the_reports(title):
    loaded = study.load(title, "", ROOT / "studies")
    source, rows = loaded.file.source, loaded.file.published
    known = PUBLISHED.get(source.report, {}) if source else {}
    assert {row.where for row in rows} == {where for where in known if where.startswith(f"{source.table},")}
    for row in rows:
        assert row.__pydantic_extra__ == known[row.where], row.where
        assert loaded.cells[loaded.cell_of(row.at)].trials


@pytest.mark.parametrize("folder", ["", "as_published-"])
def test_every_published_row_stands_in_a_study(folder):
    tied = {report: [] for report in PUBLISHED}
    for title in STUDIES:
        loaded = study.load(title, "", ROOT / "studies")
        if title.startswith("as_published-") == bool(folder) and loaded.file.published:
            tied[loaded.file.source.report] += [row.where for row in loaded.file.published]
    assert {report: sorted(rows) for report, rows in tied.items()} == {
        report: sorted(rows) for report, rows in PUBLISHED.items()
    }


def test_every_study_of_a_report_says_what_it_mends():
    for title in STUDIES:
        loaded = study.load(title, "", ROOT / "studies")
        assert loaded.file.differs or loaded.file.source is None, title


def test_the_page_of_studies_names_all_of_them():
    page = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted(STUDIES)


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
