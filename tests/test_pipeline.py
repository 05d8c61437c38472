"""The pipeline: a cache that several processes may open, and batches that only (seed, epoch, index) decide."""

import multiprocessing

import numpy as np
import pytest

from tests.drawn import ready
from ultraseg import pipeline

STEPS = ["flip", {"rotation": {"degrees": 30.0}}, "zoom", "contrast"]


def epoch(cache, indices=range(10), **options):
    given = {"classes": 1, "batch": 4, "augment": STEPS, "seed": 3, "epoch": 0, **options}
    batches = [(i.numpy(), t.numpy()) for i, t in pipeline.training(cache, list(indices), **given)]
    return [np.concatenate(part) for part in zip(*batches, strict=True)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return ready(tmp_path_factory.mktemp("pipeline"))[2]


def test_cache_holds_every_sample_at_the_networks_size(cache):
    assert cache.images.shape == (36, 16, 16, 1)
    assert cache.masks.shape == (36, 16, 16)
    assert cache.images.dtype == cache.masks.dtype == np.uint8
    assert set(np.unique(cache.masks)) == {0, 255}
    assert cache.shapes.tolist() == [[48, 48]] * 36


def test_every_image_comes_once_an_epoch(cache):
    images, truth = epoch(cache, augment=[])
    assert images.shape == (10, 16, 16, 1)
    assert truth.shape == (10, 16, 16, 1)
    assert sorted(image.tobytes() for image in images) == sorted(image.tobytes() for image in cache.images[:10])


def test_epochs_and_seeds_differ_and_repeat(cache):
    first = epoch(cache)
    assert all(np.array_equal(a, b) for a, b in zip(first, epoch(cache), strict=True))
    assert not np.array_equal(first[0], epoch(cache, epoch=1)[0])
    assert not np.array_equal(first[0], epoch(cache, seed=4)[0])


def test_augmentation_follows_the_image_and_not_its_place(cache):
    """The same image is turned the same way whatever else is in the batch."""
    alone = epoch(cache, [5])[0][0]
    assert any(np.array_equal(alone, image) for image in epoch(cache)[0])


def test_truth_stays_binary_under_augmentation(cache):
    assert set(np.unique(epoch(cache)[1])) <= {0.0, 1.0}


def test_two_classes_are_background_and_lesion(cache):
    truth = epoch(cache, classes=2)[1]
    assert truth.shape[-1] == 2
    assert np.array_equal(truth.sum(-1), np.ones(truth.shape[:-1]))


def test_evaluation_keeps_the_order(cache):
    batches = pipeline.evaluation(cache, [7, 2, 5], classes=1, batch=2)
    images = np.concatenate([images.numpy() for images, _ in batches])
    assert np.array_equal(images, cache.images[[7, 2, 5]])


def _open(folder):
    return ready(folder)[2].images.sum()


def test_concurrent_writers_make_one_cache(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sums = pool.map(_open, [tmp_path] * 2)
    assert sums[0] == sums[1]
    assert len([p for p in (tmp_path / "cache" / "pixels").iterdir() if p.is_dir()]) == 1


def test_a_failed_writer_leaves_nothing(tmp_path):
    trial, collection, _ = ready(tmp_path)
    collection.samples[3].image.write_bytes(b"")
    with pytest.raises(ValueError, match="is empty"):
        pipeline.cached(collection, {**trial["data"], "channels": 3}, trial["preprocess"], tmp_path / "other")
    assert [path.suffix for path in (tmp_path / "other" / "pixels").iterdir()] == [".lock"]


def test_pixel_steps_part_at_resize():
    before, after = pipeline.pixel_steps([{"resize": {}}, {"scale": {}}])
    assert (before, after) == ([{"resize": {}}], [{"scale": {}}])
