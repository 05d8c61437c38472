"""By hand: the axis of leakage starts at no leakage, whatever the random splits gave."""

import numpy as np
import pytest

from ultraseg.audit._figures import draws_figure


@pytest.mark.parametrize(("draws", "highest"), [([0.0] * 20, 1), ([0.0, 0.04, 0.1], 10)])
def test_the_axis_of_leakage_starts_at_zero(draws, highest):
    [axes] = draws_figure(draws).axes
    bars = [bar for bar in axes.patches if bar.get_height()]
    assert axes.get_xlim()[0] == 0 and highest <= axes.get_xlim()[1] < 1.2 * highest
    assert bars[0].get_x() == pytest.approx(0, abs=1e-9) and sum(bar.get_height() for bar in bars) == len(draws)
    assert axes.patches[-1].get_x() + axes.patches[-1].get_width() == pytest.approx(highest)
    assert f"mean {100 * np.mean(draws):.1f} %" == axes.get_title(loc="left")


def test_no_splits_no_figure():
    assert draws_figure([]) is None
