"""A trial's model as a SavedModel: the same answers, any size, any channels, nothing but TensorFlow to open it."""

import json
import os
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
import tensorflow as tf

from ultraseg import pixels
from ultraseg.convention import lesion, probability
from ultraseg.export import saved_model
from ultraseg.framing import restored
from ultraseg.preprocess import resize

ALONE = """
import sys
sys.modules.update(dict.fromkeys(["ultraseg", "keras", "cv2"]))  # whoever imports one of them now fails
import tensorflow as tf
for path in sys.argv[1:]:
    serve = tf.saved_model.load(path).signatures["serving_default"]
    for shape in [(1, 47, 61, 1), (2, 64, 20, 3), (1, 1, 1, 3)]:
        answer = serve(image=tf.cast(tf.random.uniform(shape, 0, 256, tf.int32, seed=1), tf.uint8))
        assert set(answer) == {"probability", "mask"}
        assert answer["probability"].shape == answer["mask"].shape == shape[:3]
        assert answer["probability"].dtype == tf.float32 and answer["mask"].dtype == tf.uint8
    print("served")
"""


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """Makes a trial and exports it; gives the program and the loaded model."""

    def make(*arguments, **options):
        folder, program = finished(*arguments, **options)
        path = saved_model(folder, tmp_path_factory.mktemp("exported") / "model")
        return program, tf.saved_model.load(str(path))

    return make


@pytest.fixture(scope="module")
def grey(exported):
    return exported()


def by_hand(program, image, *, size=(32, 32), interpolation="area", policy="stretch"):
    """What evaluation makes of an image with the trained program: OpenCV's resize, logits, probability, and back."""
    small = resize(image, size=size, interpolation=interpolation, policy=policy)[None]
    p = lesion(np.asarray(probability(program.logits(small))))[0]
    return restored(p, image.shape, policy=policy)


def served(model, images):
    answer = model.signatures["serving_default"](image=tf.constant(images))
    return answer["probability"].numpy(), answer["mask"].numpy()


def agrees(found, mask, wanted, *, tolerance=1e-4):
    np.testing.assert_allclose(found, wanted, atol=tolerance, rtol=0)
    assert found.dtype == np.float32 and mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, found > 0.5)


def picture(*shape):
    noise = np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)
    return cv2.GaussianBlur(noise, (3, 3), 1).reshape(shape) if min(shape[:2]) > 3 else noise


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (31, 33), (32, 32), (64, 64), (47, 61), (200, 17), (301, 401)])
def test_answers_as_the_program_does_at_every_size(grey, size):
    program, model = grey
    image = picture(*size, 1)
    found, mask = served(model, image[None])
    assert found.shape == (1, *size)
    agrees(found[0], mask[0], by_hand(program, image))


def test_the_network_under_test_answers_both_ways(grey):
    found, mask = served(grey[1], picture(64, 64, 1)[None])
    assert 0.05 < mask.mean() < 0.95 and np.ptp(found) > 0.5


@pytest.mark.parametrize("interpolation", ["area", "bilinear", "nearest"])
@pytest.mark.parametrize("size", [(32, 32), (16, 48)])
def test_carries_the_trials_resize(exported, interpolation, size):
    program, model = exported(size=size, interpolation=interpolation)
    for shape in [(61, 77, 1), (9, 11, 1), (40, 24, 1)]:
        image = picture(*shape)
        found, mask = served(model, image[None])
        agrees(found[0], mask[0], by_hand(program, image, size=size, interpolation=interpolation))


@pytest.mark.parametrize("policy", ["letterbox", "crop"])
def test_carries_the_policy_and_undoes_it(exported, policy):
    program, model = exported(size=(16, 48), policy=policy)
    for shape in [(61, 77, 1), (9, 40, 1), (64, 16, 1)]:
        image = picture(*shape)
        found, mask = served(model, image[None])
        agrees(found[0], mask[0], by_hand(program, image, size=(16, 48), policy=policy))
        # a letterbox sees the whole image; a crop leaves 0 where it did not look
        assert (found.min() == 0) == (policy == "crop")


def test_structures_are_the_last_axis_each_by_its_own_sigmoid(exported):
    program, model = exported(classes=2, independent=True)
    images = np.stack([picture(50, 41, 1), picture(50, 41, 1)[::-1]])
    found, mask = served(model, images)
    assert found.shape == mask.shape == (2, 50, 41, 2)
    for image, p, marked in zip(images, found, mask, strict=True):
        logits = program.logits(resize(image, size=(32, 32))[None])
        for k in range(2):
            wanted = restored(1 / (1 + np.exp(-logits[0, ..., k])), (50, 41))
            agrees(p[..., k], marked[..., k], wanted)
            assert 0.05 < marked[..., k].mean() < 0.95


def test_shows_a_grey_network_the_luma_of_colour(grey, tmp_path):
    program, model = grey
    colour = picture(47, 61, 3)
    pixels.write(tmp_path / "colour.png", colour)
    found, mask = served(model, colour[None])
    agrees(found[0], mask[0], by_hand(program, pixels.read_image(tmp_path / "colour.png", 1)))


def test_shows_a_colour_network_grey_three_times(exported):
    program, model = exported(channels=3)
    image = picture(47, 61, 1)
    for shown in (image, np.repeat(image, 3, -1)):
        found, mask = served(model, shown[None])
        agrees(found[0], mask[0], by_hand(program, np.repeat(image, 3, -1)))
    colour = picture(47, 61, 3)
    agrees(*(part[0] for part in served(model, colour[None])), by_hand(program, colour))


def test_a_batch_is_its_images_one_by_one(grey):
    images = np.stack([picture(50, 41, 1), picture(50, 41, 1)[::-1], np.zeros((50, 41, 1), np.uint8)])
    together = served(grey[1], images)[0]
    alone = np.concatenate([served(grey[1], image[None])[0] for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 32, 32, 2), (1, 32, 32, 4), (1, 32, 32, 0), (1, 0, 32, 1)])
def test_refuses_other_shapes_by_name(grey, shape):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"ultraseg: image must be uint8 \[batch, height, width"):
        served(grey[1], np.zeros(shape, np.uint8))


def test_two_classes_are_a_softmax(exported):
    program, model = exported(classes=2)
    image = picture(47, 61, 1)
    found, mask = served(model, image[None])
    agrees(found[0], mask[0], by_hand(program, image))
    assert 0 < mask.mean() < 1


@pytest.mark.parametrize("model", ["normed", "transposed"])
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_network_of_mixed_precision_runs_on_a_processor(exported, precision, model):
    program, model = exported(model, precision=precision)
    image = picture(47, 61, 1)
    found, mask = served(model, image[None])
    agrees(found[0], mask[0], by_hand(program, image))


@pytest.mark.slow
def test_report_003s_net_is_stretched_over_the_whole_image(exported):
    program, model = exported("ValidUNet", classes=2, size=(188, 204), mask_size=(4, 20), interpolation="bilinear")
    image = picture(60, 80, 1)
    found, mask = served(model, image[None])
    wanted = by_hand(program, image, size=(188, 204), interpolation="bilinear")
    agrees(found[0], mask[0], wanted)


def test_opens_with_nothing_but_tensorflow(finished, tmp_path):
    """And on a processor without oneDNN, whose kernels know fewer types; the tests above run with it."""
    made = [finished("transposed", precision=precision)[0] for precision in ("mixed_bfloat16", "mixed_float16")]
    paths = [str(saved_model(folder, tmp_path / f"model{number}")) for number, folder in enumerate(made)]
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-W", "error", "-c", ALONE, *paths]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert answer.returncode == 0 and answer.stdout == "served\nserved\n", answer.stderr


def test_says_where_it_comes_from(finished, tmp_path):
    folder, _ = finished()
    card = json.loads((saved_model(folder, tmp_path / "a" / "model") / "ultraseg.json").read_text())
    assert card["id"] == folder.name and card["trained_on"] == "phantom (synthetic)"
    assert card["threshold"] == 0.5 and card["measured_at"] == "each image's own size"
    assert "not a medical device" in card["notice"]
    written = {"encoder": "plain", "decoder": "upsample", "width": 2, "depth": 2, "dropout": 0.0}
    assert card["trial"]["model"] == {"UNet": {**written, "decoder_channels": None, "batch_norm": None}}


def test_holds_every_weight_once(model, finished):
    weights = finished()[1].network().count_params() * 4
    stored = sum(path.stat().st_size for path in (model / "variables").glob("*data*"))
    assert weights <= stored < 1.5 * weights + 10_000


def test_refuses_a_destination_that_exists(finished, tmp_path):
    folder, _ = finished()
    (tmp_path / "model").mkdir()
    with pytest.raises(ValueError, match="model: exists already; name another place"):
        saved_model(folder, tmp_path / "model")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: shutil.rmtree(folder), "no such folder"),
        (lambda folder: (folder / "trial.json").unlink(), "not the folder of a finished trial, trial.json is missing"),
        (lambda folder: (folder / "model.keras").unlink(), "kept no model, as one that diverged does"),
        (lambda folder: (folder / "model.keras").write_bytes(b"PK\x03\x04"), "model.keras: the file is damaged"),
    ],
)
def test_refuses_a_folder_without_a_model(finished, tmp_path, damage, message):
    folder = shutil.copytree(finished()[0], tmp_path / "trial")
    damage(folder)
    with pytest.raises(ValueError, match=message):
        saved_model(folder, tmp_path / "out" / "model")
    assert not (tmp_path / "out").exists()


def test_says_which_steps_come_before_the_network_and_after_it(finished, tmp_path):
    folder, _ = finished(before=("median", "clahe"), channels=3, steps=("fill_holes",))
    card = json.loads((saved_model(folder, tmp_path / "model") / "ultraseg.json").read_text())
    assert card["before"] == [{"median": {"size": 5}}, {"clahe": {"clip": 2.0, "tiles": 8}}]
    assert card["postprocess"] == [{"fill_holes": {}}] and card["channels"] == 3 and card["structures"] == []


def test_says_which_structures_it_marks(finished, tmp_path):
    folder, _ = finished(classes=2, independent=True)
    card = json.loads((saved_model(folder, tmp_path / "model") / "ultraseg.json").read_text())
    assert card["structures"] == ["one", "two"] and "[batch, height, width, structures]" in card["output"]["mask"]


def test_a_full_disk_leaves_nothing(finished, tmp_path, files_below):
    folder, _ = finished()
    with files_below(10_000), pytest.raises(OSError, match="model: cannot be written; is the disk full"):
        saved_model(folder, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []
