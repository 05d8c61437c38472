"""Schedules: the rate of every step, by hand."""

import numpy as np
import pytest

from ultraseg import catalogue
from ultraseg.schedules import constant, cosine, exponential


@pytest.mark.parametrize("name", catalogue.names("schedules"))
def test_one_rate_per_step_from_the_optimizers_rate_never_up(name):
    rates = catalogue.bind("schedules", name)(0.25, 40)
    assert rates.shape == (40,) and rates.dtype == np.float32
    assert rates[0] == 0.25
    assert (np.diff(rates) <= 0).all() and (rates > 0).all()


def test_constant():
    assert constant(0.01, 3).tolist() == pytest.approx([0.01] * 3)


def test_exponential_by_hand():
    rates = exponential(0.01, 2001, decay_steps=1000, decay_rate=0.96)
    assert rates[[0, 500, 1000, 2000]] == pytest.approx([0.01, 0.01 * 0.96**0.5, 0.0096, 0.009216], rel=1e-5)


def test_report_003_ended_at_0_00138():
    # 75 epochs of 647 single images: 0.01 * 0.96 ** 48.5
    assert exponential(0.01, 75 * 647)[-1] == pytest.approx(0.00138, abs=5e-6)


def test_cosine_starts_whole_is_halfway_in_the_middle_and_ends_before_its_final_share():
    rates = cosine(0.1, 100, final=0.2)
    # 0.1 * (0.2 + 0.8 * (1 + cos(pi * step / 100)) / 2)
    assert rates[[0, 50]] == pytest.approx([0.1, 0.06], rel=1e-5)
    assert rates[99] == pytest.approx(0.1 * (0.2 + 0.8 * (1 + np.cos(0.99 * np.pi)) / 2), rel=1e-5)
    assert rates[99] == pytest.approx(0.02, rel=2e-3)


def test_a_training_of_one_step():
    assert cosine(0.1, 1).tolist() == exponential(0.1, 1).tolist() == constant(0.1, 1).tolist()


@pytest.mark.parametrize(
    "options", [{"decay_steps": 0}, {"decay_rate": 0.0}, {"decay_rate": 1.1}, {"decay_rate": -1.0}]
)
def test_a_decay_out_of_range_is_refused(options):
    with pytest.raises(ValueError, match=r"exponential: decay_steps must be at least 1 and decay_rate in \(0, 1\]"):
        exponential(0.1, 10, **options)


@pytest.mark.parametrize("final", [-0.1, 1.1, float("nan")])
def test_a_final_share_out_of_range_is_refused(final):
    with pytest.raises(ValueError, match=r"cosine: final must be in \[0, 1\], got"):
        cosine(0.1, 10, final=final)
