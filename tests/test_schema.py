"""The schema: what a study's file may say, and the sentence for what it may not."""

import pytest

from ultraseg import schema


def write(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(text)
    return path


def test_defaults_are_filled_in():
    data, fixed = schema.crossed({"from": "phantom"}, {"epochs": 3})
    assert data["size"] == [256, 256]
    assert data["split"] == {"kfold": {}}
    assert (fixed["epochs"], fixed["batch"], fixed["keep"], fixed["precision"]) == (3, 8, "best", "float32")
    assert (data["exclude"], fixed["classes"], fixed["independent"]) == ([], 1, False)


@pytest.mark.parametrize(
    ("data", "fixed", "sentence"),
    [
        ({"validation": 0.9}, {}, "cross.validation: input should be less than or equal to 0.5, got 0.9"),
        ({"size": [0, 8]}, {}, r"cross.size: input should be height and width, as \[256, 256\], got \[0, 8\]"),
        ({}, {"threshold": 2}, "cross.threshold: input should be a number between 0 and 1, or tuned, got 2"),
        ({}, {"loss": 3}, r"cross.loss: input should be NAME or \{NAME: \{option: value\}\}, got 3"),
        ({}, {"precision": "float8"}, "cross.precision: input should be 'float32', 'mixed_bfloat16'"),
        ({}, {"keep": "first"}, "cross.keep: input should be 'best' or 'last', got 'first'"),
        ({"exclude": ["doubles"]}, {}, "cross.exclude.0: input should be 'contradicted' or 'copies', got 'doubles'"),
        ({}, {"classes": 3}, "classes: one lesion mask tells 1 or 2 classes apart, got 3; structures that have a mask"),
        ({}, {"budget": {"hours": 1}}, "cross.budget.hours: input should be 'epochs', 'steps', 'images' or"),
        ({}, {"budget": {"steps": 0}}, "cross.budget.steps: input should be greater than 0, got 0"),
        ({}, {"budget": {"steps": 2.5}}, "budget.steps: a whole number is wanted, got 2.5"),
        ({}, {"budget": {"steps": 2, "images": 9}}, "cross.budget: dictionary should have at most 1 item"),
        ({}, {"budget": {"minutes": float("inf")}}, "cross.budget.minutes: input should be a finite number"),
        ({}, {"budget": {"steps": 2}, "epochs": 3}, "budget: {'steps': 2.0} and epochs: 3 both say how long"),
        ({}, {"classes": 0, "independent": True}, "cross.classes: input should be greater than or equal to 1, got 0"),
    ],
)
def test_ranges(data, fixed, sentence):
    with pytest.raises(ValueError, match=sentence):
        schema.crossed(data, fixed)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title: [", "not YAML in line 1"),
        ("- a list", "a study is a mapping"),
        ("title: a\ntitle: b", "not YAML in line 2: the key 'title' stands twice"),
        ("title: !!python/object/apply:os.getcwd []", "not YAML in line 1"),
    ],
)
def test_what_is_not_a_study(tmp_path, text, sentence):
    with pytest.raises(ValueError, match=sentence):
        schema.read(write(tmp_path, text))


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"title": "x", "fixd": {}}, "fixd: unknown key 'fixd'; did you mean 'fixed'"),
        ({"title": "x", "data": {"sise": 3}}, "data.sise: unknown key 'sise'; did you mean 'size'"),
        ({}, "title: must be given$"),
        ({"titel": "x", "data": {}}, "^titel: unknown key 'titel'; did you mean 'title'"),
        (
            {"title": "x", "data": {"size": 32}},
            r"data.size: input should be height and width, as \[256, 256\], got 32$",
        ),
        ({"title": "x", "data": 3}, "data: input should be a mapping, got 3$"),
        (
            {"title": "x", "cross": {"cross": 1}},
            r"cross.cross: input should be a list of values, or \{label: .*, got 1$",
        ),
        ({"title": "x", "baseline": {"loss": []}}, r"baseline.loss: input should be a word or a number, got \[\]$"),
        ({"title": {"data": "d" * 60, "f": 1}}, "title: input should be a valid string, got a mapping of data, f$"),
        ({"title": "x", "notes": "n" * 90}, "notes: input should be a valid list, got '" + "n" * 56 + "[.]{3}$"),
        ({"title": "x", "published": [{"at": {}}]}, "published.0.where: must be given$"),
        ({"title": "x", "primary": "dise"}, "unknown score 'dise'; did you mean 'dice'"),
        ({"title": "x", "published": [{"at": {}, "where": "w", "f1": 0.5}]}, "unknown score 'f1'"),
    ],
)
def test_keys_and_scores(tree, sentence):
    with pytest.raises(ValueError, match=sentence):
        schema.validate(tree)


@pytest.mark.parametrize("measure", ["area_error", "diameter_error"])
def test_a_measure_that_is_best_at_0_cannot_rank_rows(measure):
    with pytest.raises(ValueError, match=f"primary: {measure} is best at 0, so its rows cannot be ranked"):
        schema.validate({"title": "t", "primary": measure})


def test_millimetres_may_stand_in_a_table():
    assert schema.validate({"title": "t", "report": ["hausdorff95_mm"]}).report == ["hausdorff95_mm"]


@pytest.mark.parametrize(
    ("fixed", "left"),
    [
        ({}, {"epochs": 20}),
        ({"epochs": 3}, {"epochs": 3}),
        ({"budget": {"epochs": 3}}, {"epochs": 3}),
        ({"budget": {"steps": 2000}}, {"budget": {"steps": 2000}}),
        ({"budget": {"minutes": 10}}, {"budget": {"minutes": 10.0}}),
    ],
)
def test_a_trial_has_one_length_in_one_form(fixed, left):
    found = schema.crossed({}, fixed)[1]
    assert repr({key: found[key] for key in ("epochs", "budget") if key in found}) == repr(left)
