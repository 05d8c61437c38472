"""Packing: what is inside, that it is the same bytes twice, and what is refused."""

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace

import pytest

from tests.bundle.finished import finish
from ultraseg import samples, splits
from ultraseg.bundle import pack
from ultraseg.parts import parts


def held(path):
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def again(packed, output="again.zip"):
    return pack(packed.study, packed.jobs, file=packed.file, runs=packed.runs, output=packed.root / output)


def test_everything_is_inside_with_its_hash(packed):
    inside = held(packed.bundle)
    sums = dict(reversed(line.split("  ")) for line in inside.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in inside.items()}
    [manifest] = [name for name in inside if name.startswith("manifests/")]
    [split] = [name for name in inside if name.startswith("splits/")]
    assert {"bundle.json", "study.json", "studies/packed.yaml", "report/table.md", "report/table.csv"} <= inside.keys()
    facts = json.loads(inside["bundle.json"])
    assert (facts["study"], facts["profile"], facts["determinism"], facts["threads"]) == ("packed", "", ["strict"], [2])
    assert facts["trials"] == {job.id: {"manifest": manifest, "split": split} for job in packed.jobs}
    for job in packed.jobs:
        for part in ("trial.json", "env.json", "history.csv", "images.csv", "validation.csv", "result.json"):
            source = packed.runs / "trials" / job.id / part
            assert inside[f"trials/{job.id}/{part}"] == source.read_bytes()


def test_no_pixels_are_inside(packed, tmp_path):
    for job in packed.jobs:
        (packed.runs / "trials" / job.id / "predictions").mkdir()
        (packed.runs / "trials" / job.id / "predictions" / "image-0.png").write_bytes(b"pixels")
        (packed.runs / "trials" / job.id / "model.keras").write_bytes(b"weights")
    (packed.folder / "panels").mkdir()
    (packed.folder / "panels" / "image-0-image.png").write_bytes(b"pixels")
    inside = held(again(packed))
    assert not [name for name in inside if "panels" in name or "predictions" in name or name.endswith(".keras")]
    assert b"pixels" not in inside.values()


def test_the_split_in_a_bundle_is_the_studys(packed, tmp_path):
    inside = held(packed.bundle)
    [name] = [name for name in inside if name.startswith("splits/")]
    (tmp_path / "split.json").write_bytes(inside[name])
    told = json.loads(inside[name])
    assert told["fold_numbers"] == [0, 2] and told["statement"].startswith("No group crosses")
    collection = packed.jobs[0].collection
    for ids, job in zip(splits.read_split(tmp_path / "split.json"), packed.jobs[:2], strict=True):
        wanted = [[collection.samples[index].id for index in part] for part in parts(job.trial, collection)]
        assert [list(part) for part in ids] == wanted
    [manifest] = [name for name in inside if name.startswith("manifests/")]
    (tmp_path / "manifest.csv").write_bytes(inside[manifest])
    assert samples.fingerprint(samples.read_manifest(tmp_path / "manifest.csv")) == collection.fingerprint


def test_the_same_study_gives_the_same_bytes(packed, tmp_path):
    first = packed.bundle.read_bytes()
    assert again(packed).read_bytes() == first
    shutil.rmtree(packed.runs)
    elsewhere = finish(tmp_path / "another place", tmp_path / "other runs")
    assert again(elsewhere).read_bytes() == first
    shutil.rmtree(elsewhere.runs)
    assert again(finish(tmp_path, tmp_path / "runs", better=0.01)).read_bytes() != first


def test_an_unfinished_study_is_refused(packed):
    shutil.rmtree(packed.runs / "trials" / packed.jobs[0].id)
    with pytest.raises(
        ValueError, match="1 of 8 trials are not done, and a bundle holds a whole study; give `ultraseg"
    ):
        again(packed)
    assert not (packed.root / "again.zip").exists()


def test_a_study_that_changed_since_is_refused(packed):
    outline = json.loads((packed.folder / "study.json").read_text())
    outline["cells"].reverse()
    (packed.folder / "study.json").write_text(json.dumps(outline))
    with pytest.raises(ValueError, match=r"study\.json: the study has changed since; run it again"):
        again(packed)


def test_a_bundle_is_a_zip(packed):
    with pytest.raises(ValueError, match=r"out\.tar: a bundle is a zip archive"):
        again(packed, "out.tar")


def test_split_files_that_a_study_names_are_inside(tmp_path, packed):
    """A certificate of the study's own folds, named as a file."""
    inside = held(again(packed))
    [name] = [name for name in inside if name.startswith("splits/")]
    path = tmp_path / "mine.json"
    path.write_bytes(inside[name])
    jobs = []
    spec = {"file": {"path": str(path), "sha256": hashlib.sha256(inside[name]).hexdigest()}}
    for job in packed.jobs:
        data = {**job.trial["data"], "split": spec, "validation": 0.0}
        jobs.append(replace(job, trial={**job.trial, "fold": 0, "data": data}))
    output = pack(packed.study, jobs, file=packed.file, runs=packed.runs, output=tmp_path / "again.zip")
    assert held(output)["split_files/mine.json"] == inside[name]
