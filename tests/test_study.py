"""Studies: what a YAML resolves to, how axes multiply out, and the sentence that refuses each mistake."""

import json

import pytest

from tests.golden import resolved
from ultraseg import study

TITLE = "title: t\n"


@pytest.fixture
def write(tmp_path):
    """Write a study's text to a file; give a function that loads it at a profile."""

    def file(text, profile=""):
        path = tmp_path / "some.yaml"
        path.write_text(TITLE + text)
        return study.load(str(path), profile)

    return file


@pytest.fixture
def refused(write):
    """Load a text that must be refused; give the sentence behind the file's name."""

    def sentence(text, profile="", title=True):
        with pytest.raises(ValueError) as error:
            write(text, profile)
        name, _, rest = str(error.value).partition("some.yaml: ")
        assert rest and "\n" not in rest, error.value
        return rest

    return sentence


def only(loaded):
    (trial,) = loaded.trials
    return trial


SMALL = "data: {split: {holdout: {share: 0.25}}}\n"


def test_the_resolved_trial_and_every_name_are_golden():
    assert resolved.found() == json.loads(resolved.PATH.read_text())


def test_every_default_is_filled_in(write):
    trial = only(write("data: {from: phantom, split: holdout, size: [32, 48]}"))
    assert trial == {
        "data": {
            "from": {
                "phantom": {
                    "images": 240,
                    "size": [256, 256],
                    "seed": 0,
                    "classes": ["benign", "malignant", "normal"],
                }
            },
            "split": {"holdout": {"share": 0.2, "seed": 17}},
            "validation": 0.15,
            "training": 1.0,
            "exclude": [],
            "size": [32, 48],
            "channels": 1,
            "mask_size": [32, 48],
            "mask_interpolation": "nearest",
        },
        "model": {
            "UNet": {
                "encoder": "plain",
                "decoder": "upsample",
                "width": None,
                "decoder_channels": None,
                "depth": None,
                "batch_norm": None,
                "dropout": 0.0,
            }
        },
        "classes": 1,
        "independent": False,
        "preprocess": [{"resize": {"size": [32, 48], "interpolation": "area", "policy": "stretch"}}, {"scale": {}}],
        "augment": [],
        "loss": {"bce": {"positive_weight": 1.0, "label_smoothing": 0.0}},
        "optimizer": {
            "adam": {
                "learning_rate": 0.001,
                "beta_1": 0.9,
                "beta_2": 0.999,
                "epsilon": 1e-7,
                "weight_decay": 0.0,
                "clipnorm": 0.0,
            }
        },
        "schedule": {"constant": {}},
        "batch": 8,
        "epochs": 20,
        "keep": "best",
        "threshold": 0.5,
        "postprocess": [],
        "precision": "float32",
        "fold": 0,
        "seed": 0,
    }


def test_axes_multiply_out_in_order_and_seeds_and_folds_replicate(write):
    loaded = write(
        "data: {split: {kfold: {folds: 3}}}\n"
        "cross: {loss: [bce, dice], model.width: [2, 4], seed: [1, 7], fold: [0, 2]}"
    )
    assert loaded.axes == ("loss", "model.width")
    assert [cell.label for cell in loaded.cells] == ["bce, width 2", "bce, width 4", "dice, width 2", "dice, width 4"]
    first = loaded.cells[1].trials
    assert [(t["seed"], t["fold"]) for t in first] == [(1, 0), (1, 2), (7, 0), (7, 2)]
    assert all([*t["loss"]] == ["bce"] and t["model"]["UNet"]["width"] == 4 for t in first)
    assert len(loaded.trials) == 16


def test_all_folds_run_unless_some_are_chosen(write):
    assert [t["fold"] for t in write("data: {split: {kfold: {folds: 3}}}").trials] == [0, 1, 2]
    assert [t["fold"] for t in write(SMALL).trials] == [0]


def test_a_study_without_axes_is_one_cell(write):
    (cell,) = write(SMALL).cells
    assert (cell.at, cell.label) == ({}, "all")


def test_a_dotted_axis_sets_one_option_or_one_part_of_the_data(write):
    loaded = write("data: {split: holdout}\ncross: {optimizer.learning_rate: [0.1], data.size: [[16, 32], [32, 32]]}")
    assert [t["optimizer"]["adam"]["learning_rate"] for t in loaded.trials] == [0.1, 0.1]
    assert [t["data"]["size"] for t in loaded.trials] == [t["data"]["mask_size"] for t in loaded.trials]
    assert [cell.label for cell in loaded.cells] == ["learning_rate 0.1, 16x32", "learning_rate 0.1, 32x32"]


def test_a_bare_number_is_told_with_its_axis(write):
    loaded = write(
        SMALL + "cross: {model.batch_norm: [true, false], optimizer.learning_rate: {fast: 0.1, '1e-05': 1.0e-5}}"
    )
    assert [cell.label for cell in loaded.cells] == [
        "batch_norm True, fast",
        "batch_norm True, learning_rate 1e-05",
        "batch_norm False, fast",
        "batch_norm False, learning_rate 1e-05",
    ]


def test_a_free_name_changes_several_keys_under_a_label(write):
    loaded = write(
        SMALL + "cross:\n"
        "  recipe:\n"
        "    plain: {augment: []}\n"
        "    rich: {augment: [flip], optimizer.learning_rate: 0.5, batch: 2}\n"
    )
    plain, rich = loaded.trials
    assert [cell.at for cell in loaded.cells] == [{"recipe": "plain"}, {"recipe": "rich"}]
    assert plain["batch"] == 8 and rich["batch"] == 2
    assert rich["augment"] == [{"flip": {"horizontal": 0.5, "vertical": 0.0}}]
    assert rich["optimizer"]["adam"]["learning_rate"] == 0.5


def test_a_known_axis_may_have_labels_too(write):
    loaded = write(SMALL + "cross: {loss: {overlap: dice, entropy: bce}}")
    assert [(cell.label, next(iter(cell.trials[0]["loss"]))) for cell in loaded.cells] == [
        ("overlap", "dice"),
        ("entropy", "bce"),
    ]


def test_labels_name_what_is_written(write):
    loaded = write(SMALL + "cross: {preprocess: [[scale], [normalize, standardize]], augment: [[], [flip, zoom]]}")
    assert [cell.label for cell in loaded.cells] == [
        *("scale, none", "scale, flip + zoom"),
        *("normalize + standardize, none", "normalize + standardize, flip + zoom"),
    ]


def test_equal_names_are_told_apart_by_their_options(write):
    loaded = write(SMALL + "cross: {optimizer: [{sgd: {momentum: 0.0}}, {sgd: {momentum: 0.9}}, adam]}")
    labels = [cell.label for cell in loaded.cells]
    assert labels == ['{"sgd":{"momentum":0.0}}', '{"sgd":{"momentum":0.9}}', "adam"]


def test_cells_are_skipped(write):
    text = SMALL + "cross: {loss: [bce, dice], batch: [2, 4]}\nskip: [{loss: dice, batch: 4}]"
    assert [cell.label for cell in write(text).cells] == ["bce, batch 2", "bce, batch 4", "dice, batch 2"]


def test_resize_comes_after_the_steps_on_pixels_and_gets_the_size(write):
    trial = only(
        write("data: {split: holdout, size: [8, 8]}\nfixed: {preprocess: [{median: {size: 5}}, clahe, scale]}")
    )
    assert [name for step in trial["preprocess"] for name in step] == ["median", "clahe", "resize", "scale"]
    resize = {"resize": {"size": [8, 8], "interpolation": "bilinear", "policy": "stretch"}}
    trial = only(
        write("data: {split: holdout, size: [8, 8]}\nfixed: {preprocess: [{resize: {interpolation: bilinear}}, scale]}")
    )
    assert trial["preprocess"] == [resize, {"scale": {}}]


def test_how_images_are_resized_which_are_left_out_and_what_is_done_before_can_be_crossed(write):
    loaded = write(
        SMALL + "cross:\n"
        "  preprocess: {plain: [scale], framed: [clahe, {resize: {policy: letterbox}}, scale]}\n"
        "  data.exclude: [[], [copies, contradicted]]\n"
    )
    assert [cell.label for cell in loaded.cells] == [
        *("plain, none", "plain, copies + contradicted"),
        *("framed, none", "framed, copies + contradicted"),
    ]
    last = loaded.cells[-1].trials[0]
    assert last["data"]["exclude"] == ["copies", "contradicted"]
    assert [name for step in last["preprocess"] for name in step] == ["clahe", "resize", "scale"]
    assert last["preprocess"][1]["resize"]["policy"] == "letterbox"


def test_structures_that_do_not_depend_on_each_other_may_be_many(write):
    trial = only(write(SMALL + "fixed: {classes: 3, independent: true}"))
    assert (trial["classes"], trial["independent"]) == (3, True)


def test_a_split_of_a_file_runs_the_folds_that_are_named(write):
    split = "data: {split: {file: {path: split.json, sha256: abc}}}\n"
    assert [trial["fold"] for trial in write(split).trials] == [0]
    assert [trial["fold"] for trial in write(split + "cross: {fold: [0, 4]}").trials] == [0, 4]


def test_a_profile_is_merged_deep_and_a_spec_of_another_name_replaces(write):
    text = (
        "data: {from: {busi: {masks: first}}, split: {kfold: {folds: 4, seed: 3}}, size: [64, 64]}\n"
        "fixed: {model: {UNet: {width: 8, depth: 2}}, optimizer: {sgd: {momentum: 0.5}}, epochs: 9}\n"
        "cross: {loss: [bce, dice], seed: [0, 1, 2]}\n"
        "profiles:\n"
        "  small:\n"
        "    data: {from: phantom, split: {kfold: {folds: 2}}}\n"
        "    fixed: {model: {UNet: {width: 2}}, optimizer: {adam: {learning_rate: 0.1}}}\n"
        "    cross: {seed: [5]}\n"
        "  empty:\n"
    )
    trial = write(text, "small").trials[0]
    assert list(trial["data"]["from"]) == ["phantom"] and trial["data"]["size"] == [64, 64]
    assert trial["data"]["split"] == {"kfold": {"folds": 2, "seed": 3}}
    assert (trial["model"]["UNet"]["width"], trial["model"]["UNet"]["depth"], trial["epochs"]) == (2, 2, 9)
    assert list(trial["optimizer"]) == ["adam"] and trial["optimizer"]["adam"]["learning_rate"] == 0.1
    assert {t["seed"] for t in write(text, "small").trials} == {5} and len(write(text, "small").cells) == 2
    assert write(text, "empty").trials == write(text).trials


PUBLISHED = "cross: {loss: [bce, dice], batch: [2, 4]}\n"


def test_a_published_row_finds_its_cell(write):
    loaded = write(SMALL + PUBLISHED + "published: [{at: {loss: dice, batch: 4}, dice: 0.5, where: T}]")
    (row,) = loaded.file.published
    assert loaded.cell_of(row.at) == 3
    assert row.__pydantic_extra__ == {"dice": 0.5}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("published: [{at: {loss: dice}, dice: 0.5, where: T}]", "{'loss': 'dice'} names 2 cells where one is wanted"),
        ("published: [{at: {loss: dice, batch: 8}, where: T}]", "names 0 cells where one is wanted"),
        (
            "published: [{at: {loss: bce, batch: 2}, where: T}, {at: {batch: 2, loss: bce}, where: U}]",
            "published: two rows are tied to one cell",
        ),
        ("published: [{at: {loss: bce, batch: 2}, dise: 1, where: T}]", "unknown score 'dise'; did you mean 'dice'?"),
        (
            "published: [{at: {loss: bce, batch: 2}, dice: high, where: T}]",
            "published.0.dice: input should be a valid number",
        ),
        ("published: [{at: {loss: bce, batch: 2}, dice: 1}]", "published.0.where: must be given"),
        ("baseline: {loss: bce}", "names 2 cells where one is wanted"),
        ("skip: [{loss: kld}]", "skip.loss: unknown value 'kld'; there is: bce, dice"),
        ("skip: [{loss: bce}, {loss: dice}]", "skip: nothing is left to run"),
        ("primary: dise", "report: unknown score 'dise'; did you mean 'dice'?"),
    ],
)
def test_ties_to_cells_are_checked(refused, text, sentence):
    assert sentence in refused(SMALL + PUBLISHED + text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tite: x", "tite: unknown key 'tite'; did you mean 'title'? there is: title, source, data, "),
        ("profile: {}", "did you mean 'profiles'?"),
        ("data: {sise: [8, 8]}", "data.sise: unknown key 'sise'; did you mean 'size'? there is: from, split, "),
        ("fixed: {epoch: 3}", "fixed.epoch: unknown key 'epoch'; did you mean 'epochs'?"),
        ("source: {report: '3', tabel: x}", "source.tabel: unknown key 'tabel'; did you mean 'table'?"),
        ("fixed: {epochs: 0}", "fixed.epochs: input should be greater than or equal to 1, got 0"),
        ("fixed: {classes: 3}", "classes: one lesion mask tells 1 or 2 classes apart, got 3"),
        ("fixed: {keep: worst}", "fixed.keep: input should be 'best' or 'last', got 'worst'"),
        ("data: {validation: 0.6}", "data.validation: input should be less than or equal to 0.5, got 0.6"),
        ("data: {size: [8, 8, 8]}", "data.size"),
        ("data: {from: bussi}", "datasets: unknown name 'bussi'; did you mean 'busi'?"),
        ("fixed: {model: {Unet: {}}}", "models: unknown name 'Unet'; did you mean 'UNet'?"),
        ("fixed: {model: {UNet: {widht: 8}}}", "models.UNet: unknown option 'widht'; did you mean 'width'?"),
        ("fixed: {loss: [bce]}", "fixed.loss"),
        (
            "fixed: {optimizer: {sgd: {learning_rate: 1e-3}}}",
            "expected a number, got '1e-3'; YAML reads 1e-3 as a word",
        ),
        ("fixed: {optimizer: {sgd: {learning_rate: .nan}}}", "sgd.learning_rate: expected a number, got None"),
        ("fixed: {augment: [filp]}", "augment: unknown name 'filp'; did you mean 'flip'?"),
        ("fixed: {preprocess: [resize, resize]}", "preprocess: resize stands there twice"),
        ("fixed: {preprocess: [resize, median]}", "preprocess: median works on the image's own pixels, so it comes be"),
        ("fixed: {preprocess: [scale, resize]}", "preprocess: resize and all steps on pixels come before scale"),
        ("fixed: {preprocess: [scale, clahe]}", "preprocess: resize and all steps on pixels come before scale, which"),
        ("fixed: {preprocess: [standardize, scale]}", "preprocess: scale wants 8-bit values, so it comes right after"),
        ("fixed: {preprocess: [{resize: {policy: 3}}]}", "preprocess.resize.policy: expected a word, got 3"),
        ("fixed: {independent: maybe}", "fixed.independent: input should be a valid boolean"),
        ("data: {exclude: [copys]}", "data.exclude.0: input should be 'contradicted' or 'copies', got 'copys'"),
        (
            "cross: {data.exclude: [[], [all]]}",
            "cross.exclude.0: input should be 'contradicted' or 'copies', got 'all'",
        ),
        ("fixed: {preprocess: [{resize: {size: [8, 8]}}]}", "preprocess.resize.size: leave it out, data.size says"),
        ("cross: {los: [bce]}", "cross: unknown axis 'los'; did you mean 'loss'?"),
        ("cross: {model.widht: [8]}", "models.UNet: unknown option 'widht'; did you mean 'width'?"),
        ("cross: {data.sise: [[8, 8]]}", "cross: unknown axis 'data.sise'"),
        ("cross: {recipe: {a: {optimiser: sgd}}}", "cross.recipe: unknown key 'optimiser'; did you mean 'optimizer'?"),
        ("cross: {batch: [2, 0]}", "cross.batch: input should be greater than or equal to 1, got 0"),
        ("cross: {loss: []}", "cross.loss: no value to cross"),
        ("cross: {loss: [bce, bce]}", "cross.loss: a value stands there twice"),
        ("cross: {seed: [0, 0]}", "cross.seed: a list of different whole numbers from 0 up is wanted, got [0, 0]"),
        ("cross: {seed: [-1]}", "cross.seed: a list of different whole numbers from 0 up is wanted, got [-1]"),
        ("cross: {seed: [true]}", "cross.seed: a list of different whole numbers"),
        ("cross: {fold: []}", "cross.fold: a list of different whole numbers"),
        ("cross: {fold: [5]}", "cross.fold: the split has 5 fold(s), numbered from 0, got 5"),
        ("fixed: {loss: bce, loss: dice}", "not YAML in line 2: the key 'loss' stands twice"),
        ("fixed: {loss: bce", "not YAML in line "),
        ("notes: [!!python/object/apply:os.system ['true']]", "not YAML in line 2: could not determine a constructor"),
        ("profiles: [demo]", "profiles: write profiles: {NAME: {part: {key: value}}}, got ['demo']"),
        ("profiles: {demo: 3}", "profiles.demo: write profiles: {NAME: {part: {key: value}}}, got 3"),
    ],
)
def test_a_mistake_is_refused_in_one_sentence_with_the_file_and_the_nearest_name(refused, text, sentence):
    assert sentence in refused(text)


def test_a_tag_is_not_run(refused, tmp_path):
    refused(f"notes: [!!python/object/apply:os.mkdir ['{tmp_path / 'made'}']]")
    assert not (tmp_path / "made").exists()


def test_an_unknown_profile_is_refused_with_those_that_exist(refused):
    assert refused("profiles: {demo: {}, full: {}}", "dmo") == (
        "unknown profile 'dmo'; did you mean 'demo'? there is: demo, full"
    )
    assert "there is: none" in refused("", "demo")


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "a study is a mapping"), ("[]", "a study is a mapping"), ("data: {}", "title")]
)
def test_a_file_that_is_no_study(tmp_path, text, sentence):
    (tmp_path / "some.yaml").write_text(text)
    with pytest.raises(ValueError, match=f"some.yaml: .*{sentence}"):
        study.load(str(tmp_path / "some.yaml"))


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "some.yaml").write_bytes(b"title: \xff\xfe")
    with pytest.raises(ValueError, match="some.yaml: not YAML"):
        study.load(str(tmp_path / "some.yaml"))


def test_studies_are_found_by_name_and_by_file(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("one", "deep/two"):
        (tmp_path / f"{name}.yaml").write_text(f"{TITLE}profiles: {{demo: {{}}}}\n")
    assert list(study.available(tmp_path)) == ["deep-two", "one"]
    for name in ("deep-two", "deep/two", str(tmp_path / "deep" / "two.yaml")):
        assert study.locate(name, tmp_path) == ("deep-two", tmp_path / "deep" / "two.yaml")
    assert study.load("one", "demo", tmp_path).name == "one"
    assert study.profiles("one", tmp_path) == ["demo"]
    with pytest.raises(ValueError, match="unknown study 'onee'; did you mean 'one'. there is: deep-two, one"):
        study.locate("onee", tmp_path)
    with pytest.raises(ValueError, match="none.yaml: no such file"):
        study.locate("none.yaml", tmp_path)


def test_a_name_changes_with_anything_and_not_with_the_order_of_keys(write, monkeypatch):
    trial = only(write(SMALL))
    name = study.identity(trial, "m")
    assert len(name) == 12 and int(name, 16) >= 0
    assert study.identity(dict(reversed(trial.items())), "m") == name
    others = [study.identity(trial, "n")]
    for key, value in trial.items():
        others.append(study.identity({**trial, key: "other"}, "m"))
        if isinstance(value, dict):
            others += [study.identity({**trial, key: {**value, part: "other"}}, "m") for part in value]
    monkeypatch.setattr(study, "RESULTS", study.RESULTS + 1)
    others.append(study.identity(trial, "m"))
    assert len({name, *others}) == len(others) + 1


def test_spelling_does_not_change_a_name(write):
    short = only(write(SMALL + "fixed: {loss: dice, optimizer: sgd}"))
    long = only(write(SMALL + "fixed: {optimizer: {sgd: {momentum: 0.9}}, loss: {dice: {smooth: 1.0}}}"))
    assert study.identity(short, "m") == study.identity(long, "m")


def test_trials_do_not_share_what_can_be_changed(write):
    first, second = write(SMALL + "cross: {seed: [0, 1], loss: [bce, dice]}").cells
    first.trials[0]["model"]["UNet"]["dropout"] = 0.9
    assert second.trials[0]["model"]["UNet"]["dropout"] == 0.0


def test_a_profile_sets_a_budget_in_place_of_the_files(write):
    text = f"{SMALL}fixed: {{budget: {{steps: 2000}}}}\nprofiles:\n  demo: {{fixed: {{epochs: 4}}}}\n  cpu: {{fixed: "
    text += "{budget: {images: 500}}}\n  full: {fixed: {batch: 2}}\n"
    found = {profile: only(write(text, profile)) for profile in ("demo", "cpu", "full")}
    assert found["demo"]["epochs"] == 4 and "budget" not in found["demo"]
    assert found["cpu"]["budget"] == {"images": 500} and "epochs" not in found["cpu"]
    assert found["full"]["budget"] == {"steps": 2000}


def test_budgets_are_crossed(write):
    loaded = write(f"{SMALL}cross: {{budget: [{{epochs: 2}}, {{steps: 9}}]}}")
    assert [cell.label for cell in loaded.cells] == ["epochs", "steps"]
    assert [{key: trial[key] for key in ("epochs", "budget") if key in trial} for trial in loaded.trials] == [
        {"epochs": 2},
        {"budget": {"steps": 9}},
    ]


def test_two_lengths_are_refused(refused):
    sentence = refused(f"{SMALL}fixed: {{epochs: 3}}\ncross: {{budget: [{{steps: 9}}]}}")
    assert sentence == "budget: {'steps': 9.0} and epochs: 3 both say how long a trial trains; leave one out"
