"""The local runner: what is finished stays, what fails is tried once more and then given up."""

import errno
import sys

import pytest

from tests.drawn import load
from ultraseg import records, study
from ultraseg.runner import Crew, Job, Place, _lease, local, plan
from ultraseg.runner._lease import claim
from ultraseg.runner._watcher import Watcher

CROSS = "cross: {schedule: [constant, cosine], loss: [bce, dice], seed: [0]}"
KILLED = {"kind": "failed", "sentence": "the worker was killed by SIGKILL", "errno": None, "file": "", "traceback": "t"}
LOST = {**KILLED, "sentence": "its node of the cluster was lost", "lost": True}
FULL = {**KILLED, "sentence": "OSError", "errno": errno.ENOSPC, "file": "/full"}


class Acted:
    """A worker without a process: each order ends as the test's script says."""

    up = True

    def __init__(self, script, trials):
        self.job, self.program, self.ready, self.ended = None, None, False, False
        self.script, self.trials, self.events, self.why = script, trials, [], None

    def send(self, order):
        self.ready = True
        name = order["id"]
        self.script.orders.append((id(self), name, order["silent"]))
        end = self.script.endings.get(name, []).pop(0) if self.script.endings.get(name) else "done"
        if end == "stillborn":
            self.ready, self.ended, self.why = False, True, KILLED
        elif isinstance(end, dict):
            self.ended, self.why = True, end
            self.events = [{"kind": "start", "id": name, "token": f"token {len(self.script.orders)}"}]
        else:
            if end == "done":
                (self.trials / name).mkdir(parents=True)
            self.events = [{"kind": end, "id": name}, {"kind": "idle"}]

    def read(self):
        told, self.events = self.events, []
        return told


class Script:
    """A crew of such workers."""

    def __init__(self, workers, trials, **endings):
        self.workers, self.trials, self.endings = workers, trials, endings
        self.processes, self.orders, self.started = {}, [], 0

    def start(self, slot):
        self.started += 1
        self.processes[slot] = Acted(self, self.trials)
        return self.processes[slot]

    def wait(self, seconds):
        return [slot for slot, process in self.processes.items() if process.events or process.ended]

    def bury(self, slot):
        return self.processes.pop(slot).why


def jobs_of(**programs):
    return [Job({"epochs": 1}, None, name, program, (1, 1, 1)) for name, program in programs.items()]


def act(jobs, trials, workers=1, watcher=None, **endings):
    script, seen = Script(workers, trials, **endings), []
    place = Place(trials, trials, trials)
    outcome = local(jobs, place=place, crew=script, watcher=watcher, watch=seen.append)
    return script, outcome, [(event["kind"], event["id"]) for event in seen if event["kind"] != "start"]


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(sys.modules["ultraseg.runner.local"], "LOOK", 0.01)


def test_everything_is_done_once_program_by_program(tmp_path):
    jobs = jobs_of(b1="b", a1="a", b2="b", a2="a")
    script, outcome, seen = act([*jobs, jobs[0]], tmp_path)
    assert [name for _, name, _ in script.orders] == ["a1", "a2", "b1", "b2"]
    assert script.started == 1 and (outcome.failed, outcome.elsewhere) == ({}, [])
    assert seen == [("done", name) for name in ("a1", "a2", "b1", "b2")]


def test_what_is_done_or_given_up_is_left_alone(tmp_path):
    (tmp_path / "a1").mkdir()
    records.write_json(records.failure(tmp_path, "a2"), {"sentence": "x"})
    script, _, _ = act(jobs_of(a1="a", a2="a", a3="a"), tmp_path)
    assert [name for _, name, _ in script.orders] == ["a3"]


def test_nothing_is_started_for_nothing(tmp_path):
    assert act([], tmp_path)[0].started == 0


def test_two_workers_share(tmp_path):
    script, _, _ = act(jobs_of(a1="a", a2="a", b1="b", b2="b"), tmp_path, workers=2)
    by = {}
    for worker, name, _ in script.orders:
        by.setdefault(worker, []).append(name)
    assert sorted(by.values()) == [["a1", "a2"], ["b1", "b2"]]


def test_a_worker_that_dies_is_replaced_and_its_trial_goes_on(tmp_path):
    script, outcome, seen = act(jobs_of(a1="a", a2="a"), tmp_path, a1=[KILLED])
    assert [name for _, name, _ in script.orders] == ["a1", "a1", "a2"]
    assert script.started == 2 and outcome.failed == {}
    assert seen == [("retry", "a1"), ("done", "a1"), ("done", "a2")]


def test_a_trial_that_fails_twice_is_given_up_and_the_study_goes_on(tmp_path):
    script, outcome, seen = act(jobs_of(a1="a", a2="a"), tmp_path, a1=[KILLED, KILLED])
    assert outcome.failed == {"a1": KILLED["sentence"]}
    assert seen == [("retry", "a1"), ("failed", "a1"), ("done", "a2")]
    told = records.read_json(records.failure(tmp_path, "a1"))
    assert (told["id"], told["sentence"], told["traceback"], told["attempts"]) == ("a1", KILLED["sentence"], "t", 2)


def test_the_lease_of_a_worker_that_died_is_not_waited_for(tmp_path):
    """Its machine may only be cut off, and still raise the counter."""
    script, _, _ = act(jobs_of(a1="a"), tmp_path, a1=[KILLED])
    assert [silent for _, _, silent in script.orders] == [[], ["token 1"]]


def test_a_lost_machine_is_no_failure_until_it_is_the_fifth(tmp_path):
    _, outcome, seen = act(jobs_of(a1="a"), tmp_path / "once", a1=[LOST, KILLED, LOST, LOST, LOST])
    assert outcome.failed == {} and seen == [("retry", "a1")] * 5 + [("done", "a1")]
    _, outcome, seen = act(jobs_of(a1="a"), tmp_path / "again", a1=[LOST, LOST, LOST, LOST, LOST])
    assert outcome.failed == {"a1": LOST["sentence"]} and seen == [("retry", "a1")] * 4 + [("failed", "a1")]
    assert records.read_json(records.failure(tmp_path / "again", "a1"))["attempts"] == 5


def test_a_worker_that_has_no_place_yet_gets_no_trial(tmp_path, monkeypatch):
    """The second never has one; the first does everything."""
    monkeypatch.setattr(Acted, "up", property(lambda worker: worker is worker.script.processes.get(0)), raising=True)
    script, outcome, _ = act(jobs_of(a1="a", b1="b"), tmp_path, workers=2)
    assert len({worker for worker, _, _ in script.orders}) == 1 and len(script.orders) == 2
    assert script.started == 2 and outcome.failed == {}


def test_a_full_disk_ends_the_run_and_is_no_trials_fault(tmp_path):
    with pytest.raises(OSError, match="No space left") as raised:
        act(jobs_of(a1="a", a2="a"), tmp_path, a1=[FULL])
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, "/full")
    assert not list(tmp_path.iterdir())


def test_workers_that_do_not_come_up_end_the_run(tmp_path):
    with pytest.raises(ChildProcessError, match="3 workers in a row did not come up; the last: the worker was killed"):
        act(jobs_of(a1="a"), tmp_path, a1=["stillborn"] * 3)
    assert not records.failure(tmp_path, "a1").exists()
    script, _, seen = act(jobs_of(a1="a"), tmp_path, a1=["stillborn"] * 2)
    assert seen == [("done", "a1")] and script.started == 3


def test_a_trial_that_a_living_runner_holds_is_left_to_it(tmp_path):
    with claim(tmp_path, "a1"):
        script, outcome, seen = act(jobs_of(a1="a", a2="a"), tmp_path, a1=["elsewhere"])
    assert outcome.elsewhere == ["a1"] and [name for _, name, _ in script.orders] == ["a1", "a2"]
    assert seen == [("done", "a2"), ("elsewhere", "a1")]


def test_a_trial_that_a_silent_runner_holds_is_taken_over(tmp_path, monkeypatch):
    """Its machine is another one, so only its counter tells; the watcher's clock runs fast."""
    with monkeypatch.context() as patch:
        patch.setattr(_lease, "machine", lambda: "another")
        lease = claim(tmp_path, "a1", beat=1e6)
    token = _lease.read(lease._path).token
    times = iter(range(0, 10_000, 7))
    watcher = Watcher(tmp_path, silent=60, clock=lambda: next(times))
    script, outcome, seen = act(jobs_of(a1="a"), tmp_path, watcher=watcher, a1=["elsewhere"])
    assert [silent for _, _, silent in script.orders] == [[], [token]]
    assert seen == [("done", "a1")] and outcome.elsewhere == []
    lease.release()


def test_a_trial_that_another_runner_has_just_finished_is_done(tmp_path):
    jobs, script = jobs_of(a1="a"), Script(1, tmp_path, a1=["elsewhere"])
    send = Acted.send

    def finished(self, order):
        send(self, order)
        (tmp_path / "a1").mkdir()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Acted, "send", finished)
        seen = []
        local(jobs, place=Place(tmp_path, tmp_path, tmp_path), crew=script, watch=seen.append)
    assert seen == [{"kind": "done", "id": "a1"}]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Two programs, each with a trial at a constant and one at a falling rate, by turns."""
    folder = tmp_path_factory.mktemp("runner")
    return folder, plan(load(folder, CROSS), root=folder / "phantoms", cache=folder / "cache")


def run(drawn, jobs):
    """Train in this process."""
    folder, seen = drawn[0], []
    place = Place(folder / "phantoms", folder / "trials", folder / "cache")
    local(jobs, place=place, crew=Crew(0), watch=seen.append)
    return [event for event in seen if event["kind"] in ("start", "done", "elsewhere")]


@pytest.fixture(scope="module")
def runs(drawn):
    """One trial, then all of them with one that stands twice, then all again; events, and the stamps of the first."""
    jobs = drawn[1]
    first, rows = run(drawn, jobs[:1]), drawn[0] / "trials" / jobs[0].id / "images.csv"
    stamps = [rows.stat().st_mtime_ns]
    second = run(drawn, [*jobs, jobs[1]])
    third = run(drawn, jobs)
    return first, second, third, [*stamps, rows.stat().st_mtime_ns]


def done(events):
    return [event["id"] for event in events if event["kind"] == "done"]


def test_missing_trials_are_trained_and_finished_ones_are_not(drawn, runs):
    first, second, third, stamps = runs
    jobs = drawn[1]
    assert [(event["kind"], event["id"]) for event in first] == [("start", jobs[0].id), ("done", jobs[0].id)]
    assert len(done(second)) == 3 and set(done(second)) == {job.id for job in jobs[1:]} and third == []
    assert stamps[0] == stamps[1]


def test_trials_that_share_a_program_follow_each_other(drawn, runs):
    losses = {job.id: next(iter(job.trial["loss"])) for job in drawn[1]}
    assert [losses[name] for name in done(runs[1])] in (["bce", "dice", "dice"], ["dice", "dice", "bce"])


def test_nothing_but_finished_trials_is_left(drawn, runs):
    assert sorted(path.name for path in (drawn[0] / "trials").iterdir()) == sorted(job.id for job in drawn[1])


def test_images_that_changed_since_the_plan_are_refused(drawn, runs):
    job = drawn[1][0]
    other = Job(job.trial, job.collection, study.identity(job.trial, "other"), job.program, job.images)
    with pytest.raises(ValueError, match=f"its images changed since {other.id} was planned"):
        run(drawn, [other])
