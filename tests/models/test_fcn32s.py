"""FCN-32s: its counts, what its upsampling starts as, and crops that shift nothing."""

import pytest

from tests.models import fcns
from tests.models.counted import counts
from ultraseg.models import FCN32s


@pytest.mark.parametrize(("classes", "count"), [(1, 134_268_737), (3, 134_309_699), (21, 136_152_917)])
def test_the_reports_counts(classes, count):
    assert counts(lambda: FCN32s((224, 224, 3), classes)) == (count, 0)


def test_a_constant_comes_out_constant():
    fcns.a_constant_comes_out_constant(FCN32s, "score_fr", whole=False)


def test_classes_do_not_leak():
    fcns.classes_do_not_leak(FCN32s, "score_fr")


def test_the_middle_of_a_block_stays_where_it_is():
    fcns.the_middle_of_a_block_stays_where_it_is(FCN32s, "score_fr", 32, 61)


def test_logits_are_as_large_as_any_image():
    fcns.logits_are_as_large_as_any_image(FCN32s)


def test_logits_start_at_zero():
    fcns.logits_start_at_zero(FCN32s)


def test_logits_are_single_under_mixed_precision():
    fcns.logits_are_single_under_mixed_precision(FCN32s)


def test_options_out_of_range_are_refused():
    with pytest.raises(ValueError, match="FCN32s: width must be a whole number of at least 1, got -1"):
        FCN32s((64, 64, 3), 1, width=-1)
    with pytest.raises(ValueError, match="FCN32s: weights are of width 64, got width 2"):
        FCN32s((64, 64, 3), 1, width=2, weights="imagenet")
