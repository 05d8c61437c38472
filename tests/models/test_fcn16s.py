"""FCN-16s: its counts, what its upsampling starts as, and crops that shift nothing."""

import pytest

from tests.models import fcns
from tests.models.counted import counts
from ultraseg.models import FCN16s


@pytest.mark.parametrize(("classes", "count"), [(1, 134_266_194), (3, 134_283_734), (21, 134_815_994)])
def test_the_reports_counts(classes, count):
    assert counts(lambda: FCN16s((224, 224, 3), classes)) == (count, 0)


@pytest.mark.parametrize("score", ["score_fr", "score_pool4"])
def test_a_constant_comes_out_constant(score):
    fcns.a_constant_comes_out_constant(FCN16s, score, whole=score != "score_fr")


@pytest.mark.parametrize("score", ["score_fr", "score_pool4"])
def test_classes_do_not_leak(score):
    fcns.classes_do_not_leak(FCN16s, score)


@pytest.mark.parametrize(("score", "stride", "first"), [("score_fr", 32, 61), ("score_pool4", 16, 45)])
def test_the_middle_of_a_block_stays_where_it_is(score, stride, first):
    fcns.the_middle_of_a_block_stays_where_it_is(FCN16s, score, stride, first)


def test_logits_are_as_large_as_any_image():
    fcns.logits_are_as_large_as_any_image(FCN16s)


def test_logits_start_at_zero():
    fcns.logits_start_at_zero(FCN16s)


def test_logits_are_single_under_mixed_precision():
    fcns.logits_are_single_under_mixed_precision(FCN16s)


def test_options_out_of_range_are_refused():
    with pytest.raises(ValueError, match="FCN16s: width must be a whole number of at least 1, got -1"):
        FCN16s((64, 64, 3), 1, width=-1)
    with pytest.raises(ValueError, match="FCN16s: weights are of width 64, got width 2"):
        FCN16s((64, 64, 3), 1, width=2, weights="imagenet")
