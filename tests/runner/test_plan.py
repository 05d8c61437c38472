"""Plans: every trial named without TensorFlow, data split once for all that split them alike, shards that fit."""

import subprocess
import sys

import pytest

from tests.drawn import load
from ultraseg import parts, study
from ultraseg.runner import Job, plan, shard
from ultraseg.runner import plan as planned_by

CROSS = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0, 1]}"
LARGE = """
import sys, time
from pathlib import Path
from ultraseg import runtime, study
from ultraseg.runner import plan, shard
place = Path(sys.argv[1])
start = time.perf_counter()
jobs = plan(study.load(str(place / "drawn.yaml")), root=place / "phantoms", cache=place / "cache")
shard(jobs, "1/3")
seconds = time.perf_counter() - start
peak = runtime.peak_memory_mib()
print(len({job.id for job in jobs}), len({job.program for job in jobs}), seconds, peak)
print(*sorted({"tensorflow", "keras"} & sys.modules.keys()))
"""


def planned(folder, more=CROSS):
    return plan(load(folder, more), root=folder / "phantoms", cache=folder / "cache")


def test_a_job_per_trial_in_the_studys_order(tmp_path):
    jobs = planned(tmp_path)
    loaded = load(tmp_path, CROSS)
    assert [job.trial for job in jobs] == loaded.trials and len(jobs) == 8
    assert [job.id for job in jobs] == [study.identity(job.trial, job.collection.fingerprint) for job in jobs]
    assert len({job.id for job in jobs}) == 8 and len({job.program for job in jobs}) == 2
    part = parts.parts(jobs[0].trial, jobs[0].collection)
    assert jobs[0].images == (len(part.train), len(part.validation), len(part.test)) == (20, 7, 9)


def test_data_are_split_once_for_all_that_split_them_alike(tmp_path, monkeypatch):
    seen = []
    module = sys.modules[planned_by.__module__]
    monkeypatch.setattr(module, "parts", lambda *given: seen.append(given) or parts.parts(*given))
    path = tmp_path / "folds.yaml"
    path.write_text(
        "title: folds\n"
        "data: {from: {phantom: {images: 36, size: [48, 48]}}, split: {kfold: {folds: 3}}, validation: 0.25}\n"
        "cross: {seed: [0, 1, 2, 3], schedule: [constant, cosine]}\n"
    )
    jobs = plan(study.load(str(path)), root=tmp_path / "phantoms", cache=tmp_path / "cache")
    assert len(jobs) == 4 * 2 * 3 and len(seen) == 3


def test_impossible_splits_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'best' is chosen on validation data"):
        planned(tmp_path, "cross: {data.validation: [0.25, 0.0]}")


@pytest.mark.slow
def test_ten_thousand_trials_are_planned_in_seconds_and_little_memory(tmp_path):
    load(tmp_path, f"cross: {{seed: {list(range(625))}, optimizer.learning_rate: [0.1, 0.2, 0.3, 0.4], "
                   "schedule: [constant, cosine], loss: [bce, dice]}")  # fmt: skip
    answer = subprocess.run([sys.executable, "-c", LARGE, tmp_path], capture_output=True, text=True, check=True)
    (trials, programs, seconds, peak), loaded = map(str.split, answer.stdout.splitlines())
    assert (trials, programs, loaded) == ("10000", "2", [])
    assert float(seconds) < 5 and float(peak) < 500


def jobs_of(programs):
    return [Job({}, None, f"{number:02d}", program, (1, 1, 1)) for number, program in enumerate(programs)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12, 20])
def test_shards_are_the_whole_and_share_nothing(count):
    jobs = jobs_of("abcabcabcabc")
    shards = [shard(jobs, f"{number}/{count}") for number in range(1, count + 1)]
    found = [job.id for part in shards for job in part]
    assert sorted(found) == [job.id for job in jobs]
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


def test_a_shard_is_the_same_in_any_order_and_keeps_programs_together():
    jobs = jobs_of("abcabcabcabc")
    twice = [*reversed(jobs), *jobs]
    for number in (1, 2, 3):
        part = shard(jobs, f"{number}/3")
        assert [job.id for job in shard(twice, f"{number}/3")] == [job.id for job in part]
        assert {job.program for job in part} == {"abc"[number - 1]}


@pytest.mark.parametrize("part", ["0/3", "4/3", "1", "1/0", "a/b", "1/3/5", "-1/3"])
def test_a_shard_that_does_not_exist_is_refused(part):
    with pytest.raises(ValueError, match="write K/N with K from 1 to N"):
        shard([], part)
