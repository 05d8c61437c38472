"""What trials share: pixels up to the last step before the model, and a program where nothing in its graph differs."""

import pytest

from tests.drawn import load
from ultraseg.sharing import indivisible, pixel_steps, program_key


def test_pixel_steps_part_at_resize():
    before, after = pixel_steps([{"resize": {}}, {"scale": {}}])
    assert (before, after) == ([{"resize": {}}], [{"scale": {}}])


def test_key_ignores_what_does_not_change_the_graph(tmp_path):
    study = load(
        tmp_path,
        "cross: {schedule: [constant, cosine], optimizer.learning_rate: [0.1, 0.01], augment: [[], [flip]]}",
    )
    assert len({program_key(trial) for trial in study.trials}) == 1


@pytest.mark.parametrize("axis", ["model.width: [2, 4]", "loss: [bce, dice]", "optimizer: [sgd, adam]"])
def test_key_tells_graphs_apart(tmp_path, axis):
    assert len({program_key(trial) for trial in load(tmp_path, f"cross: {{{axis}}}").trials}) == 2


def test_key_tells_independent_channels_from_classes(tmp_path):
    [trial] = load(tmp_path).trials
    assert program_key({**trial, "classes": 2}) != program_key({**trial, "classes": 2, "independent": True})


@pytest.mark.parametrize(("batch", "devices"), [(8, 1), (8, 2), (3, 3), (1, 1)])
def test_a_batch_that_devices_can_share(batch, devices):
    assert indivisible({"batch": batch}, devices) == ""


@pytest.mark.parametrize(("batch", "devices"), [(3, 2), (1, 2), (8, 3)])
def test_a_batch_that_devices_cannot_share(batch, devices):
    told = indivisible({"batch": batch}, devices)
    assert told.startswith(f"--devices {devices}: a batch of {batch} images cannot be shared equally")
