"""The pipeline: a cache that several processes may open, and batches that only (seed, epoch, index) decide."""

import multiprocessing

import numpy as np
import pytest

from tests.drawn import ready
from ultraseg import pipeline, pixels
from ultraseg.collection import Collection
from ultraseg.samples import Sample

STEPS = ["flip", {"rotation": {"degrees": 30.0}}, "zoom", "contrast"]


def epoch(cache, indices=range(10), **options):
    given = {"classes": 1, "batch": 4, "augment": STEPS, "seed": 3, "epoch": 0, **options}
    batches = [(i.numpy(), t.numpy()) for i, t in pipeline.training(cache, list(indices), **given)]
    return [np.concatenate(part) for part in zip(*batches, strict=True)]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return ready(tmp_path_factory.mktemp("pipeline"))[2]


def drawn(folder, image, *masks, **facts):
    """A collection of one sample, its image and masks written to files."""
    folder.mkdir()
    paths = []
    for name, part in enumerate((image, *masks)):
        paths.append(None if part is None else folder / f"{name}.png")
        if part is not None:
            pixels.write(paths[-1], np.asarray(part, np.uint8) * 255)
    sample = Sample("one", paths[0], tuple(paths[1:]), "benign", "one", "drawn", **facts)
    return Collection((sample,), (), str(folder))


def decoded(collection, folder, size, **options):
    resize = {"size": size, "interpolation": "nearest", "policy": "stretch", **options}
    data = {"size": size, "mask_size": size, "mask_interpolation": "nearest", "channels": 1}
    return pipeline.cached(collection, data, [{"resize": resize}], folder / "cache")


@pytest.fixture
def organs():
    """Ten images of 32x32 with three structures: a bar at the top left, which is also the image, another, nothing."""
    masks = np.zeros((10, 32, 32, 3), np.uint8)
    for index in range(10):
        masks[index, 2 : 8 + index, 3:20, 0] = 255
        masks[index, 20:28, 10 : 14 + index, 1] = 255
    return pipeline.Cache(masks[..., :1].copy(), masks, np.full((10, 2), 32))


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


def test_pieces_of_an_epoch_are_the_epoch(cache):
    pieces = [epoch(cache, places=places) for places in ((0, 4), (4, 10))]
    for whole, parts in zip(epoch(cache), zip(*pieces, strict=True), strict=True):
        assert np.array_equal(whole, np.concatenate(parts)) and len(parts[0]) == 4


def test_augmentation_follows_the_image_and_not_its_place(cache):
    """The same image is turned the same way whatever else is in the batch."""
    alone = epoch(cache, [5])[0][0]
    assert any(np.array_equal(alone, image) for image in epoch(cache)[0])


def test_every_image_epoch_and_seed_draws_anew(cache):
    """A single image, so that the order of the epoch has no part in it; and one picture that is there ten times."""
    drawn = [epoch(cache, [5], **when)[0].tobytes() for when in ({}, {"epoch": 1}, {"seed": 4})]
    assert len(set(drawn)) == 3
    same = pipeline.Cache(*(np.repeat(part[5:6], 10, axis=0) for part in (cache.images, cache.masks, cache.shapes)))
    assert len({image.tobytes() for image in epoch(same)[0]}) == 10


def test_truth_stays_binary_under_augmentation(cache):
    assert set(np.unique(epoch(cache)[1])) <= {0.0, 1.0}


def test_two_classes_are_background_and_lesion(cache):
    truth = epoch(cache, classes=2)[1]
    assert truth.shape[-1] == 2
    assert np.array_equal(truth.sum(-1), np.ones(truth.shape[:-1]))


def test_structures_are_the_truths_channels(organs):
    images, truth = epoch(organs, classes=3, augment=[])
    assert truth.shape == (10, 32, 32, 3)
    assert truth.dtype == np.float32
    assert np.array_equal(truth[..., :1] * 255, images)
    order = np.argsort([image.sum() for image in images])  # image k shows a bar of 6 + k rows
    assert np.array_equal(truth[order] * 255, organs.masks)


def test_structures_move_with_their_image(organs):
    """The first structure is the image itself, so it is the image after every flip; the third is nowhere."""
    images, truth = epoch(organs, classes=3, augment=[{"flip": {"horizontal": 0.5, "vertical": 0.5}}])
    assert np.array_equal(truth[..., :1] * 255, images)
    corners = {tuple(np.argwhere(mask)[0] < 16) for mask in truth[..., 0]}
    assert len(corners) > 1  # some were mirrored
    assert truth[..., 1].any(axis=(1, 2)).all()
    assert not truth[..., 2].any()
    turned = epoch(organs, classes=3, augment=STEPS)[1]
    assert set(np.unique(turned)) == {0.0, 1.0}
    assert not turned[..., 2].any()


def test_evaluation_keeps_the_order(cache):
    batches = pipeline.evaluation(cache, [7, 2, 5], classes=1, batch=2)
    images = np.concatenate([images.numpy() for images, _ in batches])
    assert np.array_equal(images, cache.images[[7, 2, 5]])


@pytest.mark.parametrize(
    ("policy", "rows"),
    [
        ("stretch", "XX.. XX.. XX.. XX.."),  # 4x8 pixels to 4x4: every second column
        ("letterbox", ".... XX.. XX.. ...."),  # the whole image is two rows high
        ("crop", "XX.. XX.. XX.. XX.."),  # its middle: columns 2 to 5, of which 2 and 3 are marked
    ],
)
def test_policies_frame_image_and_mask_alike(tmp_path, policy, rows):
    left = np.zeros((4, 8), np.uint8)
    left[:, :4] = 1
    found = decoded(drawn(tmp_path / "set", left, left), tmp_path, [4, 4], policy=policy)
    want = np.array([[pixel == "X" for pixel in row] for row in rows.split()]) * 255
    assert np.array_equal(found.images[0, ..., 0], want)
    assert np.array_equal(found.masks[0], want)
    assert found.shapes.tolist() == [[4, 8]]


def test_policies_have_caches_of_their_own(tmp_path):
    """The crop's corner is bright and the letterbox's is margin, whichever came first."""
    collection = drawn(tmp_path / "set", np.ones((4, 8)), np.ones((4, 8)))
    corners = [
        decoded(collection, tmp_path, [4, 4], policy=policy).images[0, 0, 0, 0]
        for policy in ("crop", "letterbox", "crop")
    ]
    assert corners == [255, 0, 255]


def test_structures_are_cached_channel_by_channel(tmp_path):
    """The second structure is absent, which no file says."""
    first, third = np.eye(4), np.tri(4)
    collection = drawn(tmp_path / "set", np.ones((4, 4)), first, None, third, structures=("a", "b", "c"))
    found = decoded(collection, tmp_path, [4, 4])
    assert found.masks.shape == (1, 4, 4, 3)
    assert np.array_equal(found.masks[0], np.stack([first, np.zeros((4, 4)), third], axis=-1) * 255)


def test_only_the_part_that_counts_is_cached(tmp_path):
    """A box of 2x4 pixels, whose left half is bright and marked; its size is what the way back is made for."""
    mask = np.zeros((6, 8), np.uint8)
    mask[3:5, 2:4] = 1
    found = decoded(drawn(tmp_path / "set", mask, mask, box=(3, 2, 2, 4)), tmp_path, [2, 4])
    assert found.images[0, ..., 0].tolist() == [[255, 255, 0, 0]] * 2
    assert found.masks[0].tolist() == [[255, 255, 0, 0]] * 2
    assert found.shapes.tolist() == [[2, 4]]


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


def test_policy_is_that_of_the_resize_among_the_steps():
    steps = [{"denoise": {}}, {"resize": {"size": [8, 8], "policy": "letterbox"}}, {"scale": {}}]
    assert pipeline.policy(steps) == "letterbox"
