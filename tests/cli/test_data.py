"""The commands of `ultraseg data`: what they write, what they say and refuse, and the status that tells."""

import json
import shutil
import zipfile

import cv2
import numpy as np
import pytest

from tests.cli.commands import refused, within
from ultraseg import catalogue, schema
from ultraseg.collection import collect
from ultraseg.samples import read_manifest

ANY = ("--set", "{busi: {complete: false}}")


def draw(root):
    """Fourteen pictures of noise for each label; benign-2 is shown again as malignant-3, with another mask."""
    rng = np.random.default_rng(0)
    for label in ("benign", "malignant", "normal"):
        (root / label).mkdir(parents=True)
        for number in range(1, 15):
            image = rng.integers(0, 256, (20, 30), np.uint8)
            mask = cv2.circle(np.zeros((20, 30), np.uint8), (15, 10), 2 + number % 7, 255, -1)
            cv2.imwrite(str(root / label / f"{label} ({number}).png"), image)
            cv2.imwrite(str(root / label / f"{label} ({number})_mask.png"), mask * (label != "normal"))
    shutil.copy(root / "benign" / "benign (2).png", root / "malignant" / "malignant (3).png")
    cv2.imwrite(str(root / "malignant" / "malignant (3)_mask.png"), np.full((20, 30), 255, np.uint8))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A folder with the set and its manifest, which no test changes."""
    folder = tmp_path_factory.mktemp("data")
    draw(folder / "set")
    answer = within("data", "manifest", "set", "-o", "made.csv", *ANY, folder=folder)
    assert answer.returncode == 0 and "wrote made.csv: 42 rows, fingerprint " in answer.stdout, answer.stderr
    return folder


@pytest.fixture
def folder(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "copy")


@pytest.fixture(scope="module")
def split(drawn):
    """A certificate of three folds, and what was said when it was written."""
    words = ("--split", "{kfold: {folds: 3, seed: 5}}", "--validation", "0.25")
    answer = within("data", "split", "set", "-o", "split.json", *words, *ANY, folder=drawn)
    assert answer.returncode == 0, answer.stderr
    return json.loads((drawn / "split.json").read_text()), answer.stdout


def test_list_names_every_set_its_licence_and_what_is_here(drawn, tmp_path):
    table = within("data", "list", folder=tmp_path).stdout
    assert all(name in table for name in ("busi", "isic2018", "uw_madison_gi", "by hand"))
    shutil.copytree(drawn / "set", tmp_path / "raw" / "busi" / "files" / "Dataset_BUSI_with_GT")
    here = within("data", "list", "--folder", "raw", folder=tmp_path).stdout
    assert "42 images in" in here and "437" in here  # the reader says how many it wants


def test_a_set_that_a_person_must_fetch_is_unpacked_where_the_sentence_says(tmp_path):
    refused(
        within("data", "get", "stu_hospital", "--folder", "raw", folder=tmp_path),
        "must be fetched by hand",
        "Put the archive into raw/stu_hospital/downloads and give the same command again",
    )
    with zipfile.ZipFile(tmp_path / "raw" / "stu_hospital" / "downloads" / "stu.zip", "w") as archive:
        archive.writestr("Hospital/a.png", b"a")
    answer = within("data", "get", "stu_hospital", "--folder", "raw", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "fetched into raw/stu_hospital/files" in answer.stdout and "please cite: " in answer.stdout
    assert "stu.zip: 0.0 MiB, SHA-256 " in answer.stdout and "licence: " in answer.stdout
    assert (tmp_path / "raw" / "stu_hospital" / "files" / "Hospital" / "a.png").read_bytes() == b"a"
    again = within("data", "get", "stu_hospital", "--folder", "raw", folder=tmp_path)
    assert again.returncode == 0 and "is here already, in raw/stu_hospital/files" in again.stdout


def test_a_set_that_does_not_exist_is_refused_with_the_nearest(tmp_path):
    refused(within("data", "get", "bussi", folder=tmp_path), "'bussi'; did you mean 'busi'?")
    assert list(tmp_path.iterdir()) == []


def test_phantoms_are_drawn_and_described(tmp_path):
    answer = within("data", "phantom", "-o", "p", "--images", 12, "--size", 32, 40, folder=tmp_path)
    assert answer.returncode == 0 and "wrote 12 phantoms (synthetic) to p" in answer.stdout
    answer = within("data", "describe", "p", *ANY, folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "12 images of phantom (synthetic) show 12 scans in 12 groups; 0 of them have a copy" in answer.stdout
    refused(within("data", "phantom", "-o", "p", folder=tmp_path), "p")


def test_describe_says_what_shows_one_scan_and_who_contradicts_whom(drawn):
    answer = within("data", "describe", "set", *ANY, folder=drawn)
    assert answer.returncode == 0, answer.stderr
    assert "benign: 14 images, 14 mask files" in answer.stdout
    # the largest mask covers its whole image, the smallest is a disc of radius 2: 13 pixels of 600
    assert "lesions cover 2.2 to 100.0 % of their image" in answer.stdout
    assert (
        "42 images of BUSI show 41 scans in 41 groups; 2 of them have a copy; 2 are contradicted by one\n"
        in answer.stdout
    )
    clash = "benign-2 (label mask contradicted), malignant-3 (label mask contradicted)"
    assert f"  one scan: {clash}\n" in answer.stdout


def test_describe_says_which_contradictions_are_not_in_a_part_of_a_set(folder, monkeypatch):
    (folder / "made.csv").rename(folder / "busi.csv")  # where what is known of the whole set is looked up
    monkeypatch.setitem(collect.__kwdefaults__, "manifests_in", folder)
    whole = within("data", "describe", "set", *ANY, folder=folder)
    assert "2 of them have a copy; 2 are contradicted by one\n" in whole.stdout, whole.stderr
    for part in ("", "_mask"):
        (folder / "set" / "malignant" / f"malignant (3){part}.png").unlink()
    part = within("data", "describe", "set", *ANY, folder=folder)
    told = "0 of them have a copy; 0 are contradicted by one, and 1 by images of the whole data set that are not here\n"
    assert told in part.stdout, part.stderr


def test_a_manifest_holds_for_its_folder_and_for_no_other(folder):
    rows = {row.id: row for row in read_manifest(folder / "made.csv")}
    assert len(rows) == 42 and rows["malignant-3"].scan == rows["malignant-3"].group == "benign-2"
    answer = within("data", "verify", "set", "--manifest", "made.csv", *ANY, folder=folder)
    assert (answer.returncode, answer.stdout) == (0, "0 differences from made.csv\n")
    cv2.imwrite(str(folder / "set" / "benign" / "benign (1)_mask.png"), np.zeros((20, 30), np.uint8))
    for part in ("", "_mask"):
        (folder / "set" / "normal" / f"normal (14){part}.png").unlink()
    answer = within("data", "verify", "set", "--manifest", "made.csv", *ANY, folder=folder)
    assert answer.returncode == 1
    assert answer.stdout == "normal-14 is missing\nbenign-1 differs\n2 differences from made.csv\n"


def test_a_certificate_says_what_it_was_made_from_and_is_what_a_study_reads(drawn, split):
    made, said = split
    sizes = [[len(fold[part]) for part in ("train", "validation", "test")] for fold in made["folds"]]
    assert len(sizes) == 3 and all(sum(fold) == 42 and min(fold) > 0 for fold in sizes)
    assert f"fold 0: {sizes[0][0]} train, {sizes[0][1]} validation, {sizes[0][2]} test" in said
    assert "No group crosses: each of 41 groups lies in one part of every fold." in said
    assert (made["split"], made["validation"]) == ({"kfold": {"folds": 3, "seed": 5}}, 0.25)
    found = collect({"busi": {"complete": False}}, root=drawn / "set", cache=drawn / "cache", manifests_in=None)
    assert made["manifest_sha256"] == found.fingerprint
    spec = schema.parse(said.partition("in a study: ")[2])["split"]
    spec["file"]["path"] = str(drawn / spec["file"]["path"])
    folds = catalogue.bind("splits", spec)(found.samples)
    assert [[found.samples[index].id for index in fold.test] for fold in folds] == [f["test"] for f in made["folds"]]


def test_a_split_that_holds_is_verified(drawn, split):
    answer = within("data", "verify-split", "split.json", "--manifest", "made.csv", folder=drawn)
    assert (answer.returncode, answer.stdout) == (0, "split.json: no group crosses, by made.csv\n")


def test_a_split_that_leaks_is_refused_and_the_pairs_are_named(drawn, split, tmp_path):
    fold = split[0]["folds"][0]
    parts = {part: [name for name in fold[part] if name != "malignant-3"] for part in ("train", "validation", "test")}
    there = next(part for part, names in parts.items() if "benign-2" in names)
    elsewhere = next(part for part in parts if part != there)
    parts[elsewhere].append("malignant-3")
    (tmp_path / "leaks.json").write_text(json.dumps({**parts, "manifest_sha256": "0" * 64}))
    answer = within("data", "verify-split", tmp_path / "leaks.json", "--manifest", "made.csv", folder=drawn)
    assert answer.returncode == 1
    assert "made from another manifest: 000000000000 where this one is" in answer.stdout
    [named] = [line for line in answer.stdout.splitlines() if line.endswith("are of one scan")]
    assert f"benign-2 ({there})" in named and f"malignant-3 ({elsewhere})" in named
    assert answer.stdout.endswith("leaks.json: 2 faults\n")


def test_a_random_split_is_written_but_says_that_it_leaks(drawn, tmp_path):
    written = tmp_path / "random.json"
    leaks = "{random: {share: 0.5, seed: %d}}"
    for seed in range(20):  # the two copies fall on both sides of about half of them
        words = ("--split", leaks % seed, "--validation", "0", *ANY)
        answer = within("data", "split", "set", "-o", written, *words, folder=drawn)
        if answer.returncode:
            break
    assert answer.returncode == 1 and "This split leaks: of 41 groups 1 lie in several parts" in answer.stdout
    [fold] = json.loads(written.read_text())["folds"]
    assert ("benign-2" in fold["train"]) != ("malignant-3" in fold["train"])
    assert fold["test_images_with_a_twin_in_training"] == 1
    assert within("data", "verify-split", written, "--manifest", "made.csv", folder=drawn).returncode == 1


def test_what_is_excluded_is_in_no_part_of_a_split(drawn, tmp_path):
    words = ("--exclude", "contradicted", "--split", "holdout", "-o", tmp_path / "s.json")
    answer = within("data", "split", "set", *words, *ANY, folder=drawn)
    assert answer.returncode == 0, answer.stderr
    [fold] = json.loads((tmp_path / "s.json").read_text())["folds"]
    names = {name for part in ("train", "validation", "test") for name in fold[part]}
    assert len(names) == 40 and not names & {"benign-2", "malignant-3"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--exclude", "copys"), "--exclude: unknown name 'copys'; did you mean 'copies'? there is: contradicted, co"),
        (("--split", "kfolds"), "splits: unknown name 'kfolds'; did you mean 'kfold'?"),
        (("--split", "{kfold"), "--split: not YAML"),
        (("--split", "{kfold: {folds: 50}}"), "kfold: from 2 parts to one per group (41) are possible, got 50"),
        (("--validation", "0.9"), "validation: share must be from 0 to 0.5, got 0.9"),
        (("--set", "bussi"), "datasets: unknown name 'bussi'; did you mean 'busi'?"),
    ],
)
def test_a_split_that_cannot_be_is_refused_and_nothing_is_written(drawn, tmp_path, words, sentence):
    given = words if "--set" in words else (*words, *ANY)
    refused(within("data", "split", "set", "-o", tmp_path / "s.json", *given, folder=drawn), sentence)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_split_and_one_that_is_no_manifest_are_refused(drawn, split, tmp_path):
    (tmp_path / "s.json").write_text("[]")
    refused(within("data", "verify-split", tmp_path / "s.json", "--manifest", "made.csv", folder=drawn), "not a split")
    answer = within("data", "verify-split", "split.json", "--manifest", "split.json", folder=drawn)
    refused(answer, "a manifest has the columns")
