"""Trials: what a folder holds, and that a killed training ends in the numbers of one left alone."""

import csv
import json

import numpy as np
import pytest

from tests.drawn import paired, ready, split_by
from tests.golden import training
from tests.scenes import right, scene_of_organs
from ultraseg import pipeline, pixels, records, runtime, trial
from ultraseg.metrics import dice
from ultraseg.program import Program
from ultraseg.sharing import program_key
from ultraseg.study import identity

PROGRAMS: dict[str, Program] = {}
"""Compiled once for all tests, as for the trials of a study; a trial sets back the one that it is given."""


class Killed(BaseException):
    """Stands for a signal: nothing in the code catches it."""


def kill_after(epoch):
    def watch(event):
        if event["kind"] == "epoch" and event["epoch"] == epoch:
            raise Killed

    return watch


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    runtime.settle(0, "strict")
    return ready(tmp_path_factory.mktemp("trial"))


def run(drawn, folder, watch=lambda event: None, work=None, **changes):
    resolved, collection, cache = drawn
    changed = {**resolved, **changes}
    program = compiled(changed)
    return trial.run(changed, collection, cache, program, trials=folder, determinism="strict", work=work, watch=watch)


def compiled(resolved):
    name = program_key(resolved)
    if name not in PROGRAMS:
        PROGRAMS[name] = Program(resolved)
    return PROGRAMS[name]


@pytest.fixture(scope="module")
def finished(drawn, tmp_path_factory):
    return run(drawn, tmp_path_factory.mktemp("runs"))


def numbers(folder):
    history = records.read_rows(folder / "history.csv")
    history = [{k: v for k, v in row.items() if not k.endswith("seconds")} for row in history]
    return history, (folder / "images.csv").read_text(), (folder / "validation.csv").read_text()


def test_training_is_the_golden_one(tmp_path):
    """To what another processor's rounding may change: a pixel of the 16x16 that the network sees here or there."""
    found, golden = training.found(tmp_path), json.loads(training.PATH.read_text())
    assert found.keys() == golden.keys()
    for mine, kept in zip(found["history"], golden["history"], strict=True):
        assert mine == pytest.approx(kept, abs=0.02)
    assert found["pooled"] == pytest.approx(golden["pooled"], abs=0.02)
    for name, scores in golden["images: accuracy, dice, iou, loss"].items():
        assert found["images: accuracy, dice, iou, loss"][name] == pytest.approx(scores, abs=0.03), name


def test_folder_is_whole(finished, drawn):
    names = {path.name for path in finished.iterdir()}
    assert names == {
        "trial.json", "env.json", "history.csv", "images.csv", "validation.csv", "training.csv", "curves.npz",
        "result.json", "predictions", "model.keras", "tensorboard",
    }  # fmt: skip
    assert finished.name == json.loads((finished / "trial.json").read_text())["id"]
    assert len(records.read_rows(finished / "history.csv")) == 3


def test_rows_are_measured_on_the_test_part_alone(finished, drawn):
    resolved, collection, _ = drawn
    part = trial.parts(resolved, collection)
    rows = records.read_rows(finished / "images.csv")
    assert [row["id"] for row in rows] == [collection.samples[index].id for index in part.test]
    assert not set(part.test) & (set(part.train) | set(part.validation))


def test_rows_equal_what_the_files_give(finished, drawn):
    """Counts add up to the image's own pixels; the Dice follows from them."""
    for row in records.read_rows(finished / "images.csv"):
        assert row["tp"] + row["fp"] + row["fn"] + row["tn"] == row["height"] * row["width"] == 48 * 48
        union = 2 * row["tp"] + row["fp"] + row["fn"]
        assert row["dice"] == (2 * row["tp"] / union if union else 1)


def test_stored_probability_gives_the_mask(finished, drawn):
    _, collection, cache = drawn
    sample = collection.samples[0]
    ids = [s.id for s in collection.samples]
    for path in (finished / "predictions").iterdir():
        grey = pixels.read_image(path, 1)[..., 0]
        assert grey.shape == cache.masks.shape[1:]
        truth = cache.masks[ids.index(path.stem)] // 255
        assert 0 <= dice(truth, (grey > 127).astype(np.uint8)) <= 1
    assert sample.source == "phantom (synthetic)"


def test_every_fold_of_a_seed_has_draws_of_its_own(drawn, tmp_path, monkeypatch):
    reset, shown, seeds, orders = Program.reset, pipeline.training, [], []
    monkeypatch.setattr(Program, "reset", lambda program, seed: (seeds.append(seed), reset(program, seed)))
    monkeypatch.setattr(pipeline, "training", lambda *a, seed, **k: (orders.append(seed), shown(*a, seed=seed, **k))[1])
    resolved, collection, cache = drawn
    folds = split_by(resolved, {"kfold": {"folds": 3}})
    for seed, fold in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1)):
        run((folds, collection, cache), tmp_path, fold=fold, seed=seed)
    assert (seeds[0], seeds[3]) == (0, 1) and len(set(seeds)) == 5
    assert orders == [seed for seed in seeds for _ in range(resolved["epochs"])]


def test_killed_after_every_epoch_ends_in_the_same_numbers(drawn, finished, tmp_path):
    for epoch in range(3):
        with pytest.raises(Killed):
            run(drawn, tmp_path, kill_after(epoch))
        assert not (tmp_path / finished.name).exists()
    seen = []
    folder = run(drawn, tmp_path, seen.append)
    assert {event["kind"] for event in seen} == {"epoch", "written"}  # no step was left to take
    assert numbers(folder) == numbers(finished)
    processes = records.read_json(folder / "env.json")["processes"]
    assert [process["from_epoch"] for process in processes] == [0, 1, 2, 3]


def test_killed_within_an_epoch_ends_in_the_same_numbers(drawn, finished, tmp_path):
    def kill(event):
        if event["kind"] == "step" and event["epoch"] == 1 and event["step"] == 1:
            raise Killed

    with pytest.raises(Killed):
        run(drawn, tmp_path, kill)
    PROGRAMS.clear()  # as in a process that begins anew
    seen = []
    assert numbers(run(drawn, tmp_path, seen.append)) == numbers(finished)
    assert {event["epoch"] for event in seen if event["kind"] == "step"} == {1, 2}


def test_what_a_watcher_raises_leaves_the_trial_unfinished(drawn, finished, tmp_path):
    """As when another runner has taken it over: all is written, and nothing has the final name."""

    def lose(event):
        if event["kind"] == "written":
            raise Killed

    work = tmp_path / "mine"
    with pytest.raises(Killed):
        run(drawn, tmp_path, lose, work=work)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    told = records.read_json(work / "progress.json")
    assert (told["epoch"], told["epochs"]) == (3, 3) and told["seconds_per_epoch"] > 0
    assert told["val_dice"] == records.read_rows(finished / "history.csv")[-1]["val_dice"]
    assert numbers(run(drawn, tmp_path, work=work)) == numbers(finished)


def test_the_result_tells_what_it_took(finished):
    result = records.read_json(finished / "result.json")
    assert result["peak_memory_mib"] > 100 and result["seconds_per_epoch"] > 0


def test_divergence_is_an_outcome(drawn, tmp_path):
    optimizer = {"sgd": {**drawn[0]["optimizer"]["sgd"], "learning_rate": 1e30}}
    folder = run(drawn, tmp_path, optimizer=optimizer)
    result = records.read_json(folder / "result.json")
    assert result["outcome"] == "diverged"
    assert result["pooled"] is None or result["kept_epoch"] is not None


def test_collapse_is_an_outcome(drawn, tmp_path, monkeypatch):
    """A rate so small that the first weights stay: made to see nothing, they see nothing at the end."""
    resolved, collection, cache = drawn
    optimizer = {"sgd": {**resolved["optimizer"]["sgd"], "learning_rate": 1e-12}}
    changed = {**resolved, "optimizer": optimizer, "epochs": 1}
    program = compiled(changed)
    reset = program.reset

    def blind(seed):
        reset(seed)
        program.model.get_layer("UNet").get_layer("logits").bias.assign([-20.0])

    monkeypatch.setattr(program, "reset", blind)
    folder = trial.run(changed, collection, cache, program, trials=tmp_path)
    result = records.read_json(folder / "result.json")
    assert result["outcome"] == "collapsed"
    with (folder / "images.csv").open() as lines:
        assert all(row["tp"] == row["fp"] == "0" for row in csv.DictReader(lines))


def test_all_background_by_hand(finished):
    result = records.read_json(finished / "result.json")
    rows = records.read_rows(finished / "images.csv")
    empty = [row["tp"] + row["fn"] == 0 for row in rows]
    nothing = result["baselines"]["all background"]
    assert nothing["dice"] == pytest.approx(np.mean(empty))
    share = [1 - (row["tp"] + row["fn"]) / (row["height"] * row["width"]) for row in rows]
    assert nothing["accuracy"] == pytest.approx(np.mean(share))
    assert len(result["test_opened"]) == 1 and (result["threshold"], result["threshold_from"]) == (0.5, "study")


def test_environment_is_recorded(finished):
    [process] = records.read_json(finished / "env.json")["processes"]
    assert (process["from_epoch"], process["determinism"]) == (0, "strict")
    assert {"git", "versions", "device", "threads"} <= process.keys()
    assert "tensorflow" in process["versions"] or "tensorflow-cpu" in process["versions"]


def test_another_determinism_is_refused_in_the_middle(drawn, finished, tmp_path):
    with pytest.raises(Killed):
        run(drawn, tmp_path, kill_after(0))
    resolved, collection, cache = drawn
    with pytest.raises(ValueError, match="begun with --determinism strict; go on so, or remove the folder"):
        trial.run(resolved, collection, cache, compiled(resolved), trials=tmp_path, determinism="seeded")
    assert numbers(run(drawn, tmp_path)) == numbers(finished)


def test_the_result_counts_twins_and_what_is_left_out(drawn, tmp_path):
    resolved, collection, cache = paired(drawn)
    changed = split_by(resolved, {"random": {"share": 0.25}}, exclude=["contradicted"])
    part = trial.parts(changed, collection)
    trained = {index // 2 for index in part.train}
    twins = sum(index // 2 in trained for index in part.test)
    folder = run((changed, collection, cache), tmp_path, epochs=1)
    told = records.read_json(folder / "result.json")["data"]
    assert twins > 0 and told["test_images_with_a_twin_in_training"] == twins
    assert told["excluded"] == 4 and told["train"] + told["validation"] + told["test"] == 32
    assert (told["test"], told["structures"], told["tested_on_training"]) == (8, [], False)
    tested = [row["id"] for row in records.read_rows(folder / "images.csv")]
    assert tested == [collection.samples[index].id for index in part.test]


def test_a_split_by_group_has_no_twin_to_count(finished):
    told = records.read_json(finished / "result.json")["data"]
    assert (told["test_images_with_a_twin_in_training"], told["excluded"]) == (0, 0)


def test_structures_are_validated_one_by_one(tmp_path):
    def undecided_on_the_right(cache, index):
        return right(cache, index) * np.array([1, 0])

    # four masks of 36 pixels: both on the left are found, those on the right missed at a cross entropy of log 2
    scene = scene_of_organs(tmp_path, undecided_on_the_right, [0, 1])
    found = trial._validate(scene.trial, scene.cache, scene.program, [0, 1])
    assert (found["val_dice"], found["val_iou"], found["val_lesion_pixels"]) == (0.5, 0.5, 72)
    assert found["val_loss"] == pytest.approx((np.log1p(np.exp(-9)) + np.log(2)) / 2, rel=1e-4)


def test_resubstitution_says_so(drawn, tmp_path):
    resolved = drawn[0]
    data = {**resolved["data"], "split": {"resubstitution": {}}, "validation": 0.0}
    folder = run(drawn, tmp_path, data=data, keep="last", epochs=1)
    assert records.read_json(folder / "result.json")["data"]["tested_on_training"]
    assert len(records.read_rows(folder / "images.csv")) == 36


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"optimizer": {"sgd": {"learning_rate": -1.0}}}, "learning_rate must be above 0, got -1.0"),
        ({"preprocess": [{"median": {"size": 4}}, {"resize": {"size": [16, 16]}}]}, "median: size must be odd"),
        (
            {"preprocess": [{"resize": {"size": [16, 16], "policy": "pad"}}]},
            "resize: policy must be one of stretch, le",
        ),
        ({"augment": [{"rotation": {"degrees": 500.0}}]}, r"degrees must be in \[0, 180\]"),
        ({"model": {"UNet": {"depth": 5}}}, "an image must be at least 32 pixels high and wide, got 16"),
        ({"loss": {"dice": {"smooth": 0.0}}}, "smooth must be above 0"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_starts(drawn, change, sentence):
    changed = {**drawn[0], **change}
    with pytest.raises(ValueError, match=sentence):
        trial.validate(changed)
        trial.build(changed)


def test_leftovers_of_a_killed_writer_do_not_stay(drawn, tmp_path):
    name = identity({**drawn[0], "epochs": 1}, drawn[1].fingerprint)
    leftover = records.under_way(tmp_path, name) / ".backup.npz.abc"
    leftover.mkdir(parents=True)
    (leftover / "backup.npz").write_text("half")
    folder = run(drawn, tmp_path, epochs=1)
    assert folder.name == name and not list(folder.glob(".*"))


def test_a_damaged_backup_is_named(drawn, tmp_path, finished):
    work = records.under_way(tmp_path, finished.name)
    work.mkdir(parents=True)
    (work / "backup.npz").write_text("not a backup")
    with pytest.raises(ValueError, match=r"backup.npz: a damaged backup; remove its folder"):
        run(drawn, tmp_path)


def test_weights_that_are_not_finite_are_divergence(drawn, tmp_path, monkeypatch):
    """The losses of the last epoch may be numbers when its last step has spoilt the weights."""
    resolved, collection, cache = drawn
    changed = {**resolved, "keep": "last", "epochs": 1, "data": {**resolved["data"], "validation": 0.0}}
    program = compiled(changed)
    epoch = program.epoch

    def spoilt(*given):
        loss = epoch(*given)
        program.model.trainable_weights[0].assign(program.model.trainable_weights[0] * np.nan)
        return loss

    monkeypatch.setattr(program, "epoch", spoilt)
    folder = trial.run(changed, collection, cache, program, trials=tmp_path)
    result = records.read_json(folder / "result.json")
    assert (result["outcome"], result["kept_epoch"], result["pooled"]) == ("diverged", None, None)
    assert not (folder / "images.csv").exists()


def test_a_network_that_answers_with_nan_has_diverged(drawn, tmp_path, monkeypatch):
    def fails(*_, **__):
        raise trial.evaluation.NotFinite("evaluation: not a finite number")

    monkeypatch.setattr(trial, "assess", fails)
    folder = run(drawn, tmp_path, epochs=1)
    result = records.read_json(folder / "result.json")
    assert (result["outcome"], result["kept_epoch"], result["pooled"]) == ("diverged", None, None)
    assert not (folder / "model.keras").exists() and result["baselines"]
