"""A crew on Ray: what it refuses, that a node must see the study's folders, and how many workers there is room for."""

import importlib.util
import signal
import sys

import pytest

from ultraseg.runner import Job, Place, RayCrew, local

MODULE = sys.modules["ultraseg.runner.ray_crew"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"workers": 0}, "--workers: at least 1 wanted on Ray, got 0"),
        ({"threads": -1}, "--threads: at least 0 wanted, got -1"),
        ({"gpus_per_trial": -0.5}, "a part of one GPU or a whole number wanted, got -0.5"),
        ({"gpus_per_trial": 1.5}, "a part of one GPU or a whole number wanted, got 1.5"),
        ({"address": "nowhere"}, "HOST:PORT, ray://HOST:PORT or auto wanted, got 'nowhere'"),
        ({"address": "127.0.0.1:1"}, "--address 127.0.0.1:1: no Ray cluster answers there"),
        ({"address": "ray://127.0.0.1:1"}, "--address ray://127.0.0.1:1: no Ray cluster answers there"),
    ],
)
def test_options_out_of_their_range_are_refused_before_ray_starts(tmp_path, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        RayCrew(Place(tmp_path, tmp_path, tmp_path), **options)
    assert "ray" not in sys.modules or not sys.modules["ray"].is_initialized()


def test_without_ray_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'ultraseg\[ray\]'"):
        RayCrew(Place(tmp_path, tmp_path, tmp_path))


@pytest.mark.parametrize(
    ("threads", "share", "room"),
    [(1, 0, 14), (4, 0, 3), (1, 1, 2), (1, 0.5, 4), (1, 0.3, 6), (2, 0.3, 4), (1, 2, 1), (9, 0, 0)],
)
def test_room_is_counted_node_by_node(monkeypatch, threads, share, room):
    """8 cores with 2 GPUs, and 6 with none: 0.3 of a GPU fits three times on each, but 8 cores hold 2 cores 4 times."""
    crew = RayCrew.__new__(RayCrew)
    crew._threads, crew._share = threads, share
    monkeypatch.setattr(MODULE, "nodes", lambda: [{"CPU": 8.0, "GPU": 2.0}, {"CPU": 6.0}])
    assert crew._room() == room


@pytest.mark.slow
def test_a_cluster_that_the_crew_has_started(tmp_path):
    """One start of Ray for all that needs one: folders that are missing, the signal it takes, too large a worker."""
    before = signal.getsignal(signal.SIGTERM)
    place = Place(tmp_path / "gone", tmp_path / "trials", tmp_path / "cache")
    with RayCrew(place, workers=1) as crew:
        assert signal.getsignal(signal.SIGTERM) is before
        job = Job({"epochs": 1}, None, "a1", "a", (1, 1, 1))
        with pytest.raises(ValueError, match=f"does not see {tmp_path} of this machine; --runs, --cache and --data"):
            local([job], place=place, crew=crew)
        assert list(place.trials.glob(".*.shared"))
        crew._threads = 1000
        with pytest.raises(ChildProcessError, match="no node has the 1000 cores and 0 GPUs of a worker"):
            crew.start(1)
    assert not list(tmp_path.glob("*/.*.shared")) and not sys.modules["ray"].is_initialized()
