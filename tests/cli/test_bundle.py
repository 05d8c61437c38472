"""`ultraseg bundle` and `ultraseg rerun`: a study that was run, packed, and repeated from its file alone."""

import csv
import zipfile

import pytest

from tests.bundle.test_unpacked import rewritten
from tests.cli.commands import refused, ultraseg, within
from tests.drawn import YAML


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A study of one trial, run and packed in a folder of its own."""
    folder = tmp_path_factory.mktemp("packed")
    (folder / "one.yaml").write_text(YAML.format(more="").replace("epochs: 3", "epochs: 2"))
    options = ["--profile", "none"]
    ran = ultraseg("run", "one.yaml", *options, "--determinism", "strict", "--threads", "1", folder=folder)
    assert ran.returncode == 0, ran.stderr
    done = ultraseg("bundle", "one.yaml", *options, "-o", "one.zip", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "wrote one.zip" in done.stdout and "no pixels of the data" in done.stdout
    return folder / "one.zip"


@pytest.mark.parametrize(
    ("name", "sentence"), [("README.md", "no bundle: a bundle is a zip"), ("x.zip", "no such file")]
)
def test_what_is_no_bundle_is_refused_and_leaves_nothing(tmp_path, name, sentence):
    (tmp_path / "README.md").write_text("# Read me")
    answer = within("rerun", name, "-o", "x", folder=tmp_path)
    refused(answer, f"{name}: {sentence}")
    assert answer.returncode == 2 and not (tmp_path / "x").exists()


@pytest.mark.slow
def test_a_bundle_is_repeated_and_every_number_is_equal(packed, tmp_path):
    answer = ultraseg("rerun", packed, "-o", "again", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    with (tmp_path / "again" / "rerun.csv").open(newline="") as lines:
        numbers = list(csv.DictReader(lines))
    assert {number["verdict"] for number in numbers} == {"equal"} and len(numbers) > 800
    assert f"{len(numbers):,} equal, 0 last digits, 0 different of {len(numbers):,} numbers" in answer.stdout
    second = ultraseg("rerun", packed, "-o", "again", folder=tmp_path)  # nothing is left to train
    assert second.returncode == 0 and "1 of 1 done before" in second.stdout


@pytest.mark.slow
def test_a_number_that_comes_out_otherwise_is_shown_and_ends_in_1(packed, tmp_path):
    """A bundle whose table says another Dice, with the hash that goes with it."""
    from ultraseg.bundle import _contents

    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "inside")
    table = tmp_path / "inside" / "report" / "table.csv"
    with table.open(newline="") as lines:
        first, *others = list(csv.DictReader(lines))
    with table.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, first.keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows([{**first, "dice_mean": "0.99"}, *others])
    sums = _contents.sums(tmp_path / "inside").encode()
    changed = {"report/table.csv": table.read_bytes(), "SHA256SUMS": sums}
    copy = tmp_path / "other.zip"
    copy.write_bytes(packed.read_bytes())
    answer = ultraseg("rerun", rewritten(copy, lambda name, data: changed.get(name, data)), "-o", "x", folder=tmp_path)
    assert answer.returncode == 1, answer.stderr
    assert "dice_mean" in answer.stdout and "0.99" in answer.stdout and " 1 different of " in answer.stdout


@pytest.mark.slow
def test_a_damaged_bundle_is_refused_before_anything_runs(packed, tmp_path):
    copy = tmp_path / "cut.zip"
    copy.write_bytes(packed.read_bytes())
    rewritten(copy, lambda name, data: data + b"\n" if name.endswith("one.yaml") else data)
    refused(ultraseg("rerun", copy, "-o", "x", folder=tmp_path), "studies/one.yaml has another SHA-256")
    assert not (tmp_path / "x").exists()
