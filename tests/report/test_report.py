"""From folders alone to table, curves and panels; at any time, whole, and without TensorFlow."""

import subprocess
import sys

import numpy as np

from tests.report.folders import disk
from ultraseg.report import leave, report


def filled(folder, **given):
    made = folder(**given)
    made.put(0, 0, dice=[0.2, 0.6], predictions=[disk(4), disk(6)])
    made.put(0, 1, dice=[0.3, 0.7], predictions=[disk(4), disk(6)])
    image = np.full((32, 32, 1), 100, np.uint8)
    leave(made.root, ["image-0", "image-1"], [image, image], [disk(), disk()])
    return made


def test_a_report_writes_four_files_and_returns_the_table(folder):
    made = filled(folder)
    found = report(made.root, trials=made.trials)
    assert list(found.files) == ["table.md", "table.csv", "curves.png", "panels.png"]
    assert all(path.is_file() for path in found.files.values())
    assert found.heading == "Does the optimizer matter?, on BUSI"
    assert found.headers == ["row", "trials", "accuracy", "auc", "dice", "iou", "loss value", "seconds"]
    assert found.rows[0][:2] == ["sgd", "2/3"] and found.rows[-1][0] == "all background"
    assert "2 of 6 trials done; the study is not complete." in found.beneath


def test_a_second_report_replaces_the_first_and_leaves_nothing_behind(folder):
    made = filled(folder)
    report(made.root, trials=made.trials)
    made.put(1, 0, dice=[0.9, 0.9], predictions=[disk(), disk()])
    report(made.root, trials=made.trials)
    names = ["curves.png", "panels", "panels.png", "study.json", "table.csv", "table.md"]
    assert sorted(path.name for path in made.root.iterdir()) == names
    assert "3 of 6 trials done" in (made.root / "table.md").read_text()


def test_a_report_is_the_same_bytes_again(folder):
    made = filled(folder)
    first = {name: path.read_bytes() for name, path in report(made.root, trials=made.trials).files.items()}
    assert first == {name: path.read_bytes() for name, path in report(made.root, trials=made.trials).files.items()}


def test_a_study_of_which_nothing_is_done_has_a_table_alone(folder):
    made = folder()
    found = report(made.root, trials=made.trials)
    assert list(found.files) == ["table.md", "table.csv"]
    assert "0 of 6 trials done" in found.files["table.md"].read_text()


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
