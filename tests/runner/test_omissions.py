"""What a profile leaves out is named, and nothing else."""

from ultraseg import study
from ultraseg.runner import omissions

YAML = """
title: left out
data: {from: busi, size: [256, 256]}
fixed: {epochs: 75, model: {UNet: {width: 32}}}
cross: {optimizer: [sgd, adam], loss: [bce, dice], seed: [0, 1, 2], fold: [0]}
profiles:
  same: {}
  small:
    data: {from: phantom, size: [64, 64]}
    fixed: {epochs: 3}
    cross: {optimizer: [adam], seed: [0]}
"""


def loaded(folder, profile):
    (folder / "left.yaml").write_text(YAML)
    return study.load(str(folder / "left.yaml"), profile)


def test_a_profile_that_is_the_whole_leaves_nothing_out(tmp_path):
    assert omissions(loaded(tmp_path, "same"), loaded(tmp_path, "")) == []


def test_all_that_a_small_profile_leaves_out(tmp_path):
    assert omissions(loaded(tmp_path, "small"), loaded(tmp_path, "")) == [
        "optimizer: without 'sgd'",
        "seed: without 1, 2",
        "trials: 2 instead of 12",
        "data.from: phantom instead of busi",
        "data.size: [64, 64] instead of [256, 256]",
        "epochs: 3 instead of 75",
    ]


def test_what_a_file_leaves_to_its_default_is_told(tmp_path):
    (tmp_path / "a.yaml").write_text("title: a\nprofiles: {short: {fixed: {epochs: 3}}}\n")
    whole, short = (study.load(str(tmp_path / "a.yaml"), profile) for profile in ("", "short"))
    assert omissions(short, whole) == ["epochs: 3 instead of 20"]


def test_labels_with_commas_can_be_told_apart_and_a_replaced_spec_is_told_whole(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "title: a\n"
        "data: {from: busi, split: {kfold: {folds: 5, seed: 17}}}\n"
        "cross: {model: {'A, drawn': UNet, 'B, drawn': FPN, C: PAN}}\n"
        "profiles:\n"
        "  small:\n"
        "    data: {from: {phantom: {images: 60}}, split: {kfold: {seed: 3}}}\n"
        "    fixed: {independent: true}\n"
        "  other: {data: {split: kfold}, cross: {model: {C: PAN}}}\n"
    )
    whole, small, other = (study.load(str(tmp_path / "a.yaml"), profile) for profile in ("", "small", "other"))
    assert omissions(small, whole) == [
        "data.from: {phantom: {images: 60}} instead of busi",
        "data.split.kfold.seed: 3 instead of 17",
        "independent: true instead of false",
    ]
    assert omissions(other, whole) == [
        "model: without 'A, drawn', 'B, drawn'",
        "trials: 5 instead of 15",
        "data.split: kfold instead of {kfold: {folds: 5, seed: 17}}",
    ]
