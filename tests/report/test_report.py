"""From folders alone to tables, statistics, curves and panels; at any time, whole, and without TensorFlow."""

import subprocess
import sys

import numpy as np
import pytest

from tests.report.folders import counted, disk
from ultraseg.report import conventions, leave, report

CROSSED = """
title: Crossed
data: {split: {holdout: {}}, size: [32, 32]}
cross: {optimizer: [sgd, adam], loss: [bce, kld], seed: [0, 1]}
"""


def filled(folder, **given):
    made = folder(**given)
    made.put(0, 0, dice=[0.2, 0.6], predictions=[disk(4), disk(6)])
    made.put(0, 1, dice=[0.3, 0.7], predictions=[disk(4), disk(6)])
    image = np.full((32, 32, 1), 100, np.uint8)
    leave(made.root, ["image-0", "image-1"], [image, image], [disk(), disk()])
    return made


def whole(folder):
    """A crossed study of which every trial is done, whose images differ in class and size."""
    made = folder(CROSSED, name="whole")
    for cell, better in enumerate((0.0, 0.1, 0.2, 0.4)):
        for place in range(2):
            amended = [
                counted(10, 10, 10 + n, 990 - n)
                | {"dice": 0.05 * n + better * (1 + 0.05 * n), "label": "benign" if n < 4 else "malignant"}
                for n in range(8)
            ]
            made.put(cell, place, dice=[0.5] * 8, amended=amended)
    return made


def test_a_report_writes_its_files_and_returns_the_table(folder):
    made = filled(folder)
    found = report(made.root, trials=made.trials)
    tables = ["table.md", "table.csv", "costs.csv", "lesions.csv", "verdicts.csv"]
    assert list(found.files) == [*tables, "curves.png", "panels.png", "pixels.png"]
    assert all(path.is_file() for path in found.files.values())
    assert found.heading == "Does the optimizer matter?, on BUSI"
    assert found.headers == ["row", "trials", "accuracy", "auc", "dice", "iou", "loss value", "seconds"]
    names = ["sgd", "adam", "all background", "all foreground", "mean mask", "Otsu"]
    assert [row[0] for row in found.rows] == names and found.rows[0][1] == "2/3"
    assert "2 of 6 trials done; the study is not complete." in found.beneath


def test_a_whole_crossed_study_has_every_section_and_figure_that_needs_no_pixels(folder):
    made = whole(folder)
    found = report(made.root, trials=made.trials)
    parts = ["statistics.csv", "levels.csv", "effects.csv", "strata.csv", "lesions.csv"]
    assert list(found.files) == [
        "table.md",
        "table.csv",
        "costs.csv",
        *parts,
        "curves.png",
        "effects.png",
        "ranks.png",
        "pixels.png",
    ]
    headings = [line for line in found.files["table.md"].read_text().splitlines() if line.startswith("## ")]
    assert headings == [
        "## What the differences of dice are worth",
        "## What each axis is worth",
        "## Main effects and interactions",
        "## By class, lesion size and source",
        "## Lesion by lesion",
    ]


def test_a_second_report_replaces_the_first_and_leaves_nothing_behind(folder):
    made = filled(folder)
    report(made.root, trials=made.trials)
    made.put(1, 0, dice=[0.9, 0.9], predictions=[disk(), disk()])
    report(made.root, trials=made.trials)
    figures = {"curves.png", "panels.png", "pixels.png"}
    tables = {"costs.csv", "lesions.csv", "table.csv", "table.md", "verdicts.csv"}
    assert {path.name for path in made.root.iterdir()} == figures | tables | {"panels", "study.json"}
    assert "3 of 6 trials done" in (made.root / "table.md").read_text()


@pytest.mark.parametrize("make", [filled, whole])
def test_a_report_is_the_same_bytes_again(folder, make):
    made = make(folder)
    first = {name: path.read_bytes() for name, path in report(made.root, trials=made.trials).files.items()}
    assert first == {name: path.read_bytes() for name, path in report(made.root, trials=made.trials).files.items()}


def test_a_study_of_which_nothing_is_done_has_no_figure_and_no_number(folder):
    made = folder()
    found = report(made.root, trials=made.trials)
    assert not [name for name in found.files if name.endswith(".png")]
    assert "0 of 6 trials done" in found.files["table.md"].read_text()
    assert [row[found.headers.index("dice")] for row in found.rows] == ["–", "–", "–"]


def test_conventions_are_a_table_a_measure_and_a_page(folder):
    made = filled(folder)
    found = conventions(made.root, trials=made.trials)
    assert [each.heading for each in found] == [
        f"{name} under every convention" for name in ("dice", "iou", "accuracy")
    ]
    assert all(each.headers == ["convention", "sgd", "adam"] for each in found)
    assert [row[0] for row in found[0].rows][:3] == ["per image", "per image, lesions only", "pooled"]
    csvs = ["conventions-dice.csv", "conventions-iou.csv", "conventions-accuracy.csv"]
    assert [list(each.files) for each in found] == [[], [], ["conventions.md", *csvs]]
    assert all(path.is_file() for path in found[-1].files.values())
    page = found[-1].files["conventions.md"].read_text()
    assert page.startswith("# Conventions: Does the optimizer matter?, on BUSI\n")
    assert all(f"* {sentence}\n" in page for sentence in found[-1].beneath)


def test_the_conventions_explain_each_and_say_what_is_convention_alone(folder):
    made = whole(folder)
    *_, last = conventions(made.root, trials=made.trials)
    explained = [sentence for sentence in last.beneath if sentence.endswith(" part.")]
    assert len(explained) == len(last.rows) == 7
    told = [one.partition(":")[0] for one in last.beneath if "convention alone" in one]
    assert told == ["dice", "iou"]  # all conventions agree on the accuracy of these rows


def test_the_conventions_need_no_statistics_and_write_no_table(folder):
    made = filled(folder)
    conventions(made.root, trials=made.trials)
    written = {path.name for path in made.root.iterdir()} - {"panels", "study.json"}
    assert {name.partition("-")[0].partition(".")[0] for name in written} == {"conventions"}


def test_the_conventions_of_a_study_of_which_nothing_is_done_are_dashes(folder):
    made = folder()
    found = conventions(made.root, trials=made.trials)
    assert {text for each in found for row in each.rows for text in row[1:]} == {"–"}


def test_synthetic_data_stand_in_the_title_and_published_values_are_not_comparable(folder):
    made = filled(folder, data="phantom (synthetic)")
    text = report(made.root, trials=made.trials).files["table.md"].read_text()
    assert text.splitlines()[0] == "# Does the optimizer matter?, on phantom (synthetic)"
    assert "| accuracy, published on BUSI (not comparable) |" in text


def test_a_report_does_not_load_tensorflow(folder):
    made = filled(folder)
    program = (
        "import sys; from pathlib import Path; from ultraseg.report import report; "
        "report(Path(sys.argv[1]), trials=Path(sys.argv[2])); "
        "assert not {'tensorflow', 'keras', 'matplotlib.pyplot'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program, str(made.root), str(made.trials)], check=True)
