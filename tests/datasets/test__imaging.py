"""Image formation: speckle is Rayleigh, power is kept, shadow and enhancement come from attenuation alone."""

from types import SimpleNamespace

import numpy as np
import pytest

from ultraseg.datasets import _imaging
from ultraseg.datasets._imaging import Scanner, beam_mm, compressed, echoes, envelope, picture

DEPTH_MM = 40.0
QUIET = Scanner(looks=1, noise_db=-200.0)


def uniform(size=(256, 256), *, echo_db=0.0, attenuation=0.6):
    return SimpleNamespace(
        echo_db=np.full(size, echo_db, np.float32),
        reflection=np.zeros(size, np.float32),
        attenuation=np.full(size, attenuation, np.float32),
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_speckle_of_one_look_is_rayleigh(seed):
    amplitude = envelope(np.random.default_rng(seed), uniform(attenuation=0.0), QUIET, depth_mm=DEPTH_MM)
    # a Rayleigh amplitude has mean / sd = sqrt(pi / (4 - pi)) = 1.913 and mean^2 / mean square = pi / 4
    assert amplitude.mean() / amplitude.std() == pytest.approx(1.913, abs=0.15)
    assert amplitude.mean() ** 2 / np.mean(amplitude**2) == pytest.approx(np.pi / 4, abs=0.02)


def test_two_looks_lower_the_speckle_by_the_root_of_two():
    tissue = uniform(attenuation=0.0)
    scanner = Scanner(looks=2, noise_db=-200.0)
    amplitude = envelope(np.random.default_rng(3), tissue, scanner, depth_mm=DEPTH_MM)
    assert amplitude.mean() / amplitude.std() == pytest.approx(1.913 * np.sqrt(2), abs=0.2)


def test_the_pulse_keeps_the_mean_power_at_every_depth():
    ones, none = np.ones((256, 1024), np.float32), np.zeros((256, 1024), np.float32)
    field = echoes(np.random.default_rng(0), ones, none, QUIET, depth_mm=DEPTH_MM)
    power = (field**2).sum(-1).reshape(4, -1).mean(1)
    assert power == pytest.approx(np.ones(4), abs=0.1)


def test_twenty_decibels_more_scattering_is_ten_times_the_amplitude():
    weak, strong = (
        envelope(np.random.default_rng(0), uniform(echo_db=db, attenuation=0.0), QUIET, depth_mm=DEPTH_MM)
        for db in (-20.0, 0.0)
    )
    assert strong.mean() / weak.mean() == pytest.approx(10, rel=1e-3)


def test_the_beam_is_narrowest_at_the_focus_and_wider_than_the_pulse_is_long():
    depths = np.array([2.0, QUIET.focus_mm, 40.0])
    near, focus, far = beam_mm(depths, QUIET)
    assert focus < near and focus < far
    ones, none = np.ones((256, 256), np.float32), np.zeros((256, 256), np.float32)
    real = echoes(np.random.default_rng(0), ones, none, QUIET, depth_mm=DEPTH_MM)[..., 0]
    power = np.mean(real**2)
    assert np.mean(real[:-1] * real[1:]) / power < np.mean(real[:, :-1] * real[:, 1:]) / power


def test_loss_is_two_ways_and_cumulative():
    # 0.5 dB/cm/MHz over 4 cm, there and back, at 10 MHz: 0.5 * 4 * 2 * 10 = 40 dB
    tissue = uniform((200, 64), attenuation=0.5)
    loss = _imaging.two_way_loss_db(tissue.attenuation, Scanner(frequency_mhz=10.0), depth_mm=40.0)
    assert loss[-1, 32] == pytest.approx(40.0, rel=0.01)
    assert loss[99, 32] == pytest.approx(20.0, rel=0.01)


@pytest.mark.parametrize(("attenuation", "darker"), [(1.2, True), (0.1, False)])
def test_behind_more_attenuation_it_is_darker_and_behind_less_brighter(attenuation, darker):
    tissue = uniform()
    tissue.attenuation[80:140, 100:156] = attenuation
    amplitude = envelope(np.random.default_rng(0), tissue, QUIET, depth_mm=DEPTH_MM)
    behind, beside = amplitude[160:, 112:144].mean(), amplitude[160:, 20:80].mean()
    # the inclusion is 60 / 256 * 4 cm thick, 8.9 mm: |0.6 dB| * 0.94 cm * 2 * 9.5 MHz = 10.7 dB, and 8.9 dB
    expected = (0.6 - attenuation) * 60 / 256 * 4 * 2 * QUIET.frequency_mhz
    assert (behind < beside) == darker
    assert 20 * np.log10(behind / beside) == pytest.approx(expected, abs=1.5)


def test_noise_rises_with_depth_where_nothing_scatters():
    scanner = Scanner(corrected=1.0, noise_db=-80.0)
    amplitude = envelope(np.random.default_rng(0), uniform(echo_db=-300.0), scanner, depth_mm=DEPTH_MM)
    assert amplitude[192:].mean() > 10 * amplitude[:64].mean()


def test_a_smooth_interface_has_less_speckle_than_tissue_as_bright():
    tissue = uniform(attenuation=0.0, echo_db=-60.0)
    tissue.reflection[126:131] = 1.0
    line = envelope(np.random.default_rng(0), tissue, QUIET, depth_mm=DEPTH_MM)[128]
    assert line.mean() / line.std() > 2.2


def test_compression_puts_the_median_where_asked_and_spans_the_dynamic_range():
    scanner = Scanner(dynamic_range_db=50.0, median_grey=80.0)
    image = picture(np.random.default_rng(0), uniform(), scanner, depth_mm=DEPTH_MM)
    assert image.dtype == np.uint8 and image.shape == (256, 256)
    assert abs(np.median(image) - 80) <= 2
    steps = np.repeat(10.0 ** (np.array([-60.0, 0.0, 60.0]) / 20), 40).astype(np.float32)
    black, _, white = compressed(np.tile(steps[:, None], (1, 40)), scanner)[[5, 60, 115], 20]
    assert (black, white) == (0, 255)
