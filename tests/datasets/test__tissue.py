"""Tissue maps: lesions have BUSI's sizes and their kind's shape; layers and lesions have their own values."""

import cv2
import numpy as np
import pytest

from ultraseg.datasets._tissue import ATTENUATION, Outline, breast, outline, with_lesion

SIZE = (256, 256)
DEPTH_MM = 36.0


def outlines(label, count):
    return [outline(np.random.default_rng((7, index)), label, size=SIZE) for index in range(count)]


def test_shares_of_the_image_are_distributed_as_in_busi():
    benign, malignant = outlines("benign", 437), outlines("malignant", 210)
    shares = 100 * np.array([border.mask.mean() for border in benign + malignant])
    # BUSI, masks of an image united: median 5.76 %, mean 9.44 %, quartiles 2.24 and 13.09, from 0.28 to 56.3
    assert np.median(shares) == pytest.approx(5.8, abs=1.0)
    assert shares.mean() == pytest.approx(9.4, abs=1.2)
    assert np.percentile(shares, [25, 75]) == pytest.approx([2.24, 13.1], rel=0.2)
    assert shares.min() > 0.15 and shares.max() < 60


def test_benign_borders_are_smooth_and_wide_and_malignant_ones_are_not():
    def measure(border):
        points = np.round(border.points).astype(np.int32)
        hull = cv2.contourArea(cv2.convexHull(points))
        across, down = np.ptp(border.points, axis=0)
        return border.mask.sum() / hull, across / down

    filled, wide = np.median([measure(b) for b in outlines("benign", 60)], axis=0)
    filled_rough, wide_rough = np.median([measure(b) for b in outlines("malignant", 60)], axis=0)
    assert filled > 0.95 > filled_rough
    assert wide > 1.3 and wide > wide_rough
    assert any(measure(b)[1] < 1 for b in outlines("malignant", 60))


def test_some_lesions_touch_the_edge_of_the_picture_and_most_do_not():
    def touches(mask):
        return mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()

    share = np.mean([touches(border.mask) for border in outlines("benign", 300) + outlines("malignant", 300)])
    assert 0 < share < 0.08


def test_an_outline_is_the_same_lesion_at_every_size():
    small, large = (outline(np.random.default_rng(3), "benign", size=(side, side)) for side in (64, 256))
    assert small.kind == large.kind
    assert small.mask.mean() == pytest.approx(large.mask.mean(), rel=0.2)


@pytest.mark.parametrize("size", [(32, 32), (64, 256), (256, 96), (256, 256)])
def test_maps_have_the_image_size_and_are_finite(size):
    rng = np.random.default_rng(0)
    for label in ("benign", "malignant"):
        border = outline(rng, label, size=size)
        tissue = with_lesion(rng, breast(rng, size=size, depth_mm=DEPTH_MM), border, depth_mm=DEPTH_MM)
        for values in (tissue.echo_db, tissue.reflection, tissue.attenuation):
            assert values.shape == size and values.dtype == np.float32 and np.isfinite(values).all()
        assert tissue.attenuation.min() >= 0 and tissue.reflection.min() >= 0


def test_layers_follow_each_other_from_skin_to_chest_wall():
    slices = [breast(np.random.default_rng(seed), size=SIZE, depth_mm=60.0) for seed in range(12)]
    mean = np.mean([tissue.attenuation.mean(1) for tissue in slices], axis=0)
    assert mean[2] == pytest.approx(ATTENUATION["skin"], rel=0.4)
    assert mean[-1] == pytest.approx(ATTENUATION["chest wall"], rel=0.05)
    assert mean[30:60].max() < 0.75  # fat and gland
    echo = np.mean([tissue.echo_db.mean(1) for tissue in slices], axis=0)
    assert echo[:6].mean() > echo[30:80].mean() > echo[-30:].mean() + 6


def test_muscle_lies_below_a_lesion():
    tissue = breast(np.random.default_rng(0), size=SIZE, depth_mm=40.0, gland_to_mm=39.0)
    assert tissue.attenuation[40:190].max() < ATTENUATION["chest wall"] / 1.5


KINDS = [("cyst", 0.0, 0.3), ("solid", 0.35, 0.75), ("malignant", 0.7, 4.0)]


@pytest.mark.parametrize(("kind", "low", "high"), KINDS)
def test_a_lesion_is_hypoechoic_and_attenuates_as_its_kind(kind, low, high):
    angle = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    points = np.stack([128 + 40 * np.cos(angle), 110 + 30 * np.sin(angle)], 1)
    mask = cv2.fillPoly(np.zeros(SIZE, np.uint8), [np.round(points).astype(np.int32)], 1)
    rng = np.random.default_rng(1)
    healthy = breast(rng, size=SIZE, depth_mm=DEPTH_MM, gland_to_mm=25.0)
    tissue = with_lesion(rng, healthy, Outline(kind, points, mask), depth_mm=DEPTH_MM)
    inside = (slice(100, 120), slice(110, 146))
    assert tissue.echo_db[inside].mean() < healthy.echo_db[inside].mean() - 4
    assert low < tissue.attenuation[inside].mean() < high
    far = (slice(None), slice(0, 30))
    np.testing.assert_allclose(tissue.attenuation[far], healthy.attenuation[far], atol=1e-5)
