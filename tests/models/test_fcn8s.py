"""FCN-8s: report 004's counts, what its upsampling starts as, and crops that shift nothing."""

import numpy as np
import pytest

from tests.models import fcns
from tests.models.counted import counts
from ultraseg.models import FCN8s

SCORES = ("score_fr", "score_pool4", "score_pool3")


@pytest.mark.parametrize(
    ("classes", "count"), [(1, 134_265_699), (2, 134_271_430), (3, 134_277_737), (21, 134_489_759)]
)
def test_the_reports_counts(classes, count):
    assert counts(lambda: FCN8s((224, 224, 3), classes)) == (count, 0)


def test_counts_by_hand():
    vgg, before = 0, 1
    for width, times in ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3)):
        for _ in range(times):
            vgg, before = vgg + 9 * before * width + width, width
    dense = (49 * 8 * 64 + 64) + (64 * 64 + 64)
    scores = 2 * (64 + 1) + 2 * (8 + 1) + 2 * (4 + 1) + 4 * (16 + 16 + 256)
    assert counts(lambda: FCN8s((None, None, 1), 2, width=1)) == (vgg + dense + scores, 0)


def test_the_sizes_of_protocol_at_224():
    model = FCN8s((224, 224, 3), 3, width=1)
    sides = {
        name: model.get_layer(name).output.shape[1]
        for name in ("pool1", "pool2", "pool3", "pool4", "pool5", "fc6", "upscore2", "upscore_pool4", "upscore8")
    }
    assert list(sides.values()) == [211, 106, 53, 27, 14, 8, 18, 38, 312]
    assert model.output_shape == (None, 224, 224, 3)


@pytest.mark.parametrize("score", SCORES)
def test_a_constant_comes_out_constant(score):
    fcns.a_constant_comes_out_constant(FCN8s, score, whole=score != "score_fr")


@pytest.mark.parametrize("score", SCORES)
def test_classes_do_not_leak(score):
    fcns.classes_do_not_leak(FCN8s, score)


@pytest.mark.parametrize(
    ("score", "stride", "first"), [("score_fr", 32, 61), ("score_pool4", 16, 45), ("score_pool3", 8, 77)]
)
def test_the_middle_of_a_block_stays_where_it_is(score, stride, first):
    fcns.the_middle_of_a_block_stays_where_it_is(FCN8s, score, stride, first)


def test_all_three_at_once_are_scaled():
    image = np.random.default_rng(0).random((1, 160, 160, 1), np.float32)
    for score, scale in (("score_pool4", 0.01), ("score_pool3", 0.0001), ("score_fr", 1)):
        plain, scaled = (
            fcns.upscored(fcns.passing(fcns.thin(FCN8s, at_once=at_once)), score, 1, image) for at_once in (False, True)
        )
        np.testing.assert_allclose(scaled, scale * plain, rtol=1e-5)


def test_logits_are_as_large_as_any_image():
    fcns.logits_are_as_large_as_any_image(FCN8s)


def test_logits_start_at_zero():
    fcns.logits_start_at_zero(FCN8s)


def test_logits_are_single_under_mixed_precision():
    fcns.logits_are_single_under_mixed_precision(FCN8s)


def test_options_out_of_range_are_refused():
    with pytest.raises(ValueError, match="FCN8s: width must be a whole number of at least 1, got 0"):
        FCN8s((64, 64, 3), 1, width=0)
    with pytest.raises(ValueError, match=r"FCN8s: dropout must be in \[0, 1\), got 1"):
        FCN8s((64, 64, 3), 1, dropout=1)
    with pytest.raises(ValueError, match="FCN8s: weights are of width 64, got width 2"):
        FCN8s((64, 64, 3), 1, width=2, weights="imagenet")
    with pytest.raises(ValueError, match=r"FCN8s: weights must be imagenet or .*'nowhere\.h5', which is no such file"):
        FCN8s((64, 64, 3), 1, weights="nowhere.h5")
