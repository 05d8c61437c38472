"""By hand: what stands in each place of the table, in Markdown, in the terminal and in CSV."""

import csv

import pandas as pd
import pytest

from tests.report.folders import QUESTION
from ultraseg.report import _table
from ultraseg.report._findings import find
from ultraseg.report._sections import Section


@pytest.fixture
def filled(folder):
    """Two trials of sgd, one of adam."""
    made = folder()
    made.put(0, 0, dice=[0.1, 0.2, 0.9], seconds=100.0)
    made.put(0, 1, dice=[0.5, 0.6, 0.7], seconds=200.0)
    made.put(1, 0, dice=[0.25, 0.75, 0.5])
    return made


def in_short(made):
    summary = made.summary()
    return _table.short(summary, find(summary))


def named(lines, name):
    """The first line that begins with a name."""
    return dict(next(line for line in lines if line[0][1] == name))


def test_lines_in_full(filled):
    lines = _table.lines(filled.summary())
    sgd, adam, nothing = (named(lines, name) for name in ("sgd", "adam", "all background"))
    assert sgd["optimizer"] == "sgd" and sgd["trials"] == "2 of 3"
    assert sgd["dice"] == "0.5000 ± 0.1414" and sgd["dice, median"] == "0.4000"
    assert sgd["accuracy, published"] == "0.9251" and adam["accuracy, published"] == "–"
    assert sgd["auc, pooled"] == "0.9100 ± 0.0000" and adam["auc, pooled"] == "0.9100 (one trial)"
    assert (sgd["test images"], sgd["parameters"], sgd["seconds a trial"]) == ("3", "1,234,567", "150.0")
    assert adam["dice"] == "0.5000 (one trial)"
    assert nothing["optimizer"] == "all background" and nothing["accuracy"] == "0.9000"
    assert (nothing["dice"], nothing["loss value"], nothing["dice, median"]) == ("0.0000", "0.3000", "–")


def test_what_needs_no_network_ends_the_table_in_the_same_columns(filled):
    lines = _table.lines(filled.summary())
    assert [line[0][1] for line in lines[2:]] == ["all background", "all foreground", "mean mask", "Otsu"]
    assert all([header for header, _ in line] == [header for header, _ in lines[0]] for line in lines)
    otsu = named(lines, "Otsu")
    assert (otsu["accuracy"], otsu["dice"], otsu["trials"], otsu["loss value"]) == ("0.1000", "0.1500", "–", "–")


def test_what_a_mean_leaves_out_stands_beside_it(folder):
    made = folder()
    made.put(0, 0, dice=[0.5, 0.5], auc=[0.8, None])
    made.put(0, 1, dice=[0.5, 0.5], auc=[0.8, 0.8])
    sgd, adam, *_ = map(dict, _table.lines(made.summary()))
    assert sgd["auc"] == "0.8000 ± 0.0000 (1 of 4 undefined)"
    assert (sgd["dice"], adam["auc"]) == ("0.5000 ± 0.0000", "–")


def test_a_distance_has_its_unit_in_its_header(folder):
    headers = [header for header, _ in _table.lines(folder(QUESTION + "report: [dice, hausdorff95]\n").summary())[0]]
    assert [header for header in headers if "hausdorff95" in header and "px" in header] and "dice" in headers


def test_published_values_stand_beside_their_score(filled):
    headers = [header for header, _ in _table.lines(filled.summary())[0]]
    place = headers.index("accuracy")
    assert headers[place : place + 3] == ["accuracy", "accuracy, pooled", "accuracy, published"]
    assert headers[headers.index("loss value") + 1] == "loss value, published"
    assert "iou, published" not in headers


def test_values_of_other_data_are_marked_as_not_comparable(folder):
    made = folder(data="phantom (synthetic)")
    made.put(0, 0, dice=[0.5])
    line = dict(_table.lines(made.summary())[0])
    assert line["accuracy, published on BUSI (not comparable)"] == "0.9251"
    assert "publ. 0.925*" in dict(in_short(made)[0])["accuracy"]


def test_an_axis_may_be_called_as_a_score_is(folder):
    made = folder("title: Losses\ncross: {loss: [bce, kld]}\n")
    made.put(0, 0, dice=[0.5], losses=[0.7])
    made.put(1, 0, dice=[0.5], losses=[0.7])
    line = _table.lines(made.summary())[0]
    assert ("loss", "bce") in line and ("loss value", "0.7000 (one trial)") in line
    assert _table.lines(made.summary())[2][0] == ("loss", "all background")


def test_losses_of_several_units_have_no_common_trivial_value(folder):
    made = folder("title: Losses\ncross: {loss: [bce, kld]}\n")
    made.put(0, 0, dice=[0.5])
    assert named(_table.lines(made.summary()), "all background")["loss value"] == "0.3000"
    made.put(1, 0, dice=[0.5])
    assert named(_table.lines(made.summary()), "all background")["loss value"] == "–"


def test_a_study_without_axes_has_one_row(folder):
    made = folder("title: One\ncross: {seed: [0]}\n")
    made.put(0, 0, dice=[0.5])
    names = ["all", "all background", "all foreground", "mean mask", "Otsu"]
    assert [line[0] for line in _table.lines(made.summary())] == [("row", name) for name in names]


def test_the_terminal_has_lines_of_few_letters(filled):
    lines = in_short(filled)
    sgd, nothing = named(lines, "sgd"), named(lines, "all background")
    assert sgd["row"] == "sgd" and sgd["trials"] == "2/3"
    assert sgd["dice"].splitlines() == ["0.500±0.141", "median 0.400"]
    assert sgd["loss value"].splitlines() == ["0.200±0.000", "publ. 0.188"]
    assert nothing["row"] == "all background" and nothing["accuracy"] == "0.900"
    assert max(len(line) for text in sgd.values() for line in text.splitlines()) <= 14


@pytest.mark.parametrize("more, told", [(0.25, "diff. +0.250 dist."), (0.0, "diff. +0.000 n.d.")])
def test_a_difference_is_followed_by_whether_it_is_distinguishable(folder, more, told):
    made = folder()
    for place in range(3):
        made.put(0, place, dice=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
        made.put(1, place, dice=[0.1 + more, 0.2 + more, 0.3 + more, 0.4 + more, 0.5 + more, 0.6 + more])
    sgd, adam = (named(in_short(made), name)["dice"].splitlines() for name in ("sgd", "adam"))
    assert adam.count(told) == 1 and not [line for line in sgd if "diff." in line]


def test_markdown_escapes_bars_and_keeps_columns_in_line():
    lines = _table.markdown([[("a", "x|y"), ("b", "1")], [("a", "z"), ("b", "2")]]).splitlines()
    assert lines == ["| a    | b |", "|------|---|", "| x\\|y | 1 |", "| z    | 2 |"]


def test_csv_holds_every_number_in_full(filled):
    _table.write(filled.summary(), {}, filled.root, [])
    with (filled.root / "table.csv").open(newline="") as lines:
        sgd, adam, nothing, *others = csv.DictReader(lines)
    assert float(sgd["dice_mean"]) == pytest.approx(0.5, abs=1e-15)
    assert float(sgd["dice_sd"]) == pytest.approx(0.1414213562373095, abs=1e-15)
    assert (sgd["dice_n"], sgd["dice_undefined"], sgd["trials"], sgd["trials_wanted"]) == ("2", "0", "2", "3")
    assert float(sgd["dice_median"]) == pytest.approx(0.4)
    assert (sgd["accuracy_published"], sgd["published_comparable"], adam["accuracy_published"]) == (
        "0.9251",
        "True",
        "",
    )
    assert sgd["loss_unit"] == "bce"
    assert (sgd["data_set"], adam["dice_sd"]) == ("BUSI", "")
    assert (nothing["row"], nothing["accuracy_mean"], nothing["trials"]) == ("all background", "0.9", "")
    assert [(line["row"], line["dice_mean"], line["loss_mean"]) for line in others] == [
        ("all foreground", "0.15", ""),
        ("mean mask", "0.15", ""),
        ("Otsu", "0.15", ""),
    ]


def test_markdown_file_has_title_table_and_foot(filled):
    _table.write(filled.summary(), {"What limits it": ["A sentence.", "Another."], "More": ["C."]}, filled.root, [])
    text = (filled.root / "table.md").read_text()
    assert text.startswith(
        "# Does the optimizer matter?, on BUSI\n\nStudy `question`, profile `none`: 3 of 6 trials done."
    )
    assert text.endswith("|\n\n### What limits it\n\n* A sentence.\n* Another.\n\n### More\n\n* C.\n")


def section(beneath=()):
    words = pd.DataFrame([{"row": "sgd", "ours": "0.5000"}])
    return Section("ours", "What is ours", words, beneath, pd.DataFrame([{"row": "sgd", "ours": 1 / 3}]))


def test_a_section_follows_the_table_and_has_its_numbers_in_full(filled):
    files = _table.write(filled.summary(), {}, filled.root, [section(beneath=("A sentence.",))])
    assert list(files) == ["table.md", "table.csv", "costs.csv", "ours.csv"]
    end = "\n## What is ours\n\n| row | ours   |\n|-----|--------|\n| sgd | 0.5000 |\n\n* A sentence.\n"
    assert files["table.md"].read_text().endswith(end)
    assert files["ours.csv"].read_text() == "row,ours\nsgd,0.3333333333333333\n"


def test_sections_may_have_a_page_of_their_own(tmp_path):
    files = _table.write_sections("Ours", [section()], tmp_path / "ours.md")
    assert files == {"ours.md": tmp_path / "ours.md", "ours.csv": tmp_path / "ours.csv"}
    page = "# Ours\n\n## What is ours\n\n| row | ours   |\n|-----|--------|\n| sgd | 0.5000 |\n"
    assert files["ours.md"].read_text() == page


def test_a_study_of_which_nothing_is_done_has_a_table(folder):
    made = folder(QUESTION)
    paths = _table.write(made.summary(), {}, made.root, [])
    assert "0 of 6 trials done" in paths["table.md"].read_text()
    assert dict(_table.lines(made.summary())[0])["dice"] == "–"
