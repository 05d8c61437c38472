"""Predict writes a mask for every image that it can read, and says what it could not."""

import csv

import cv2
import numpy as np
import pytest
import tensorflow as tf

from ultraseg import pixels
from ultraseg.export import predict, saved_model
from ultraseg.export.predict import COLUMNS
from ultraseg.preprocess import clahe, median


@pytest.fixture
def images(tmp_path):
    """Two folders of pictures: grey and colour, PNG and JPEG, one below the other."""
    root = tmp_path / "images"
    (root / "sub").mkdir(parents=True)
    rng = np.random.default_rng(5)
    for name, shape in {"a.png": (47, 61), "b.jpg": (30, 44, 3), "sub/c (1).png": (90, 64, 4)}.items():
        cv2.imwrite(str(root / name), cv2.GaussianBlur(rng.integers(0, 256, shape, np.uint8), (5, 5), 1.5))
    return root


def table(destination):
    with (destination / "predictions.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_writes_masks_of_the_images_own_size_and_a_table(model, images, tmp_path):
    out = tmp_path / "out"
    found = predict(model, [images], out)
    assert (found.done, found.failures, found.skipped) == (3, (), ())
    assert files(out) == ["a.png", "b.png", "predictions.csv", "sub/c (1).png"]
    serve = tf.saved_model.load(str(model))
    for line, (name, shape) in zip(
        table(out), {"a.png": (47, 61), "b.jpg": (30, 44), "sub/c (1).png": (90, 64)}.items(), strict=True
    ):
        assert tuple(line) == COLUMNS and line["file"] == str(images / name) and line["error"] == ""
        mask = cv2.imread(str((out / name).with_suffix(".png")), cv2.IMREAD_UNCHANGED)
        answer = serve.signatures["serving_default"](image=tf.constant(pixels.read_image(images / name, 3)[None]))
        np.testing.assert_array_equal(mask, answer["mask"][0] * 255)
        assert mask.shape == shape == (int(line["height"]), int(line["width"]))
        assert int(line["lesion_pixels"]) == np.count_nonzero(mask) > 0
        assert float(line["lesion_share"]) == pytest.approx(np.count_nonzero(mask) / mask.size)
        assert float(line["largest_probability"]) == pytest.approx(float(np.max(answer["probability"])))


def test_overlays_show_the_image_and_the_contour_alone(model, images, tmp_path):
    predict(model, [images / "a.png"], tmp_path / "out", overlays=True)
    assert files(tmp_path / "out") == ["a.png", "a_overlay.png", "predictions.csv"]
    image, overlay = pixels.read_image(images / "a.png", 3), pixels.read_image(tmp_path / "out" / "a_overlay.png", 3)
    mask = pixels.read_image(tmp_path / "out" / "a.png", 1)[..., 0]
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    contour = (mask > 0) & (cv2.erode(mask, cross, borderType=cv2.BORDER_CONSTANT, borderValue=0) == 0)
    np.testing.assert_array_equal((overlay != image).any(-1), contour)
    assert contour.any() and (overlay[contour] == (255, 0, 200)).all()


def test_goes_on_past_a_broken_file_and_names_it(model, images, tmp_path):
    whole = (images / "a.png").read_bytes()
    (images / "aa.png").write_bytes(whole[: len(whole) // 2])
    (images / "ab.png").write_text("no image at all")
    cv2.imwrite(str(images / "ac.tif"), np.zeros((8, 8), np.float32))
    (images / "ad.png").symlink_to(images / "nowhere.png")
    (images / "ae.png").write_bytes(b"")
    out = tmp_path / "out"
    found = predict(model, [images], out, overlays=True)
    assert found.done == 3 and len(found.failures) == 5
    for name, words, sentence in zip(
        ("aa.png", "ab.png", "ac.tif", "ad.png", "ae.png"),
        ("cut short", "not an image", "float32 pixels", "No such file", "empty"),
        found.failures,
        strict=True,
    ):
        assert words in sentence and str(images / name) in sentence
    lines = {line["file"]: line for line in table(out)}
    assert len(lines) == 8 and lines[str(images / "aa.png")]["error"] == found.failures[0]
    assert lines[str(images / "aa.png")]["lesion_pixels"] == ""
    names = ["a.png", "a_overlay.png", "b.png", "b_overlay.png", "predictions.csv"]
    assert files(out) == [*names, "sub/c (1).png", "sub/c (1)_overlay.png"]


def test_an_image_that_broke_since_leaves_no_old_mask(model, images, tmp_path):
    predict(model, [images], tmp_path / "out")
    (images / "a.png").write_bytes(b"")
    predict(model, [images], tmp_path / "out")
    assert files(tmp_path / "out") == ["b.png", "predictions.csv", "sub/c (1).png"]


def test_passes_over_masks_hidden_files_and_others_and_says_so(model, images, tmp_path):
    for name in ("a_mask.png", "a_mask_1.png", "alone_mask.png", ".hidden.png"):
        cv2.imwrite(str(images / name), np.full((8, 9), 255, np.uint8))
    (images / "notes.txt").write_text("read me")
    found = predict(model, [images], tmp_path / "out")
    assert {(path.name, reason) for path, reason in found.skipped} == {
        ("a_mask.png", "a mask"),
        ("a_mask_1.png", "a mask"),
        (".hidden.png", "hidden"),
        ("notes.txt", "not named like an image"),
    }
    assert found.done == 4 and "alone_mask.png" in files(tmp_path / "out")
    assert predict(model, [images / "a_mask.png"], tmp_path / "named").done == 1


@pytest.mark.parametrize("names", [["a.png", "sub/a.jpg"], ["a.png", "a_overlay.png"]])
def test_refuses_two_images_that_would_be_one_file(model, images, tmp_path, names):
    for name in names:
        cv2.imwrite(str(images / name), np.zeros((8, 9), np.uint8))
    with pytest.raises(ValueError, match=r"a(_overlay)?\.\w+ and .* would be written to one file"):
        predict(model, [images / name for name in names], tmp_path / "out", overlays=True)
    assert not (tmp_path / "out").exists()


def test_a_bar_sees_every_image_come_and_go(model, images, tmp_path):
    seen = []

    def bar(work):
        for number, item in enumerate(work, start=1):
            yield item
            seen.append((number, len(work), len(files(tmp_path / "out"))))

    predict(model, [images], tmp_path / "out", watch=bar)
    assert seen == [(1, 3, 1), (2, 3, 2), (3, 3, 3)]


def test_an_image_named_twice_is_done_once(model, images, tmp_path):
    assert predict(model, [images / "a.png", images / "a.png"], tmp_path / "out").done == 1


def test_never_writes_over_an_image(model, images):
    before = (images / "a.png").read_bytes()
    with pytest.raises(ValueError, match="would replace the image"):
        predict(model, [images / "a.png"], images)
    for inside in (images, images / "sub", images / "new"):
        with pytest.raises(ValueError, match="lies in the folder of images"):
            predict(model, [images], inside)
    assert (images / "a.png").read_bytes() == before and not (images / "new").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda tmp: [tmp / "nowhere.png"], "nowhere.png: no such file or folder"),
        (lambda tmp: [tmp / "empty"], r"empty: no image in there, whose name would end in \.png"),
        (lambda tmp: [], "nothing: no image in there"),
    ],
)
def test_refuses_to_predict_nothing(model, tmp_path, given, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=message):
        predict(model, given(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_refuses_a_file_where_the_masks_should_go(model, images, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ValueError, match="out: a folder is wanted"):
        predict(model, [images], tmp_path / "out")


def test_refuses_what_is_no_model_of_ultrasegs(model, images, tmp_path):
    with pytest.raises(ValueError, match="images: not a SavedModel, which holds saved_model.pb"):
        predict(images, [images], tmp_path / "out")
    tf.saved_model.save(tf.Module(), str(tmp_path / "other"))
    with pytest.raises(ValueError, match="other: wants nothing and gives nothing where ultraseg's models want image"):
        predict(tmp_path / "other", [images], tmp_path / "out")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "saved_model.pb").write_bytes((model / "saved_model.pb").read_bytes()[:1000])
    with pytest.raises(ValueError, match="damaged: the SavedModel is damaged; export it again"):
        predict(tmp_path / "damaged", [images], tmp_path / "out")
    (tmp_path / "damaged" / "saved_model.pb").write_bytes((model / "saved_model.pb").read_bytes())
    with pytest.raises(ValueError, match="damaged: the SavedModel is damaged; export it again"):
        predict(tmp_path / "damaged", [images], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_ends_it_with_nothing_half_written(model, images, tmp_path, files_below):
    with files_below(40), pytest.raises(OSError):
        predict(model, [images], tmp_path / "out")
    assert files(tmp_path / "out") == []


def test_steps_before_the_network_are_taken_on_the_channels_that_it_takes(finished, images, tmp_path):
    folder, _ = finished(before=("median", "clahe"))
    model = saved_model(folder, tmp_path / "model")
    predict(model, [images], tmp_path / "out")
    serve = tf.saved_model.load(str(model)).signatures["serving_default"]
    for name, mask in {"a.png": "a.png", "b.jpg": "b.png"}.items():
        shown = clahe(median(pixels.read_image(images / name, 1)))
        wanted = serve(image=tf.constant(shown[None]))["mask"][0]
        np.testing.assert_array_equal(pixels.read_image(tmp_path / "out" / mask, 1)[..., 0], wanted * 255)


@pytest.fixture(scope="module")
def organs_model(finished, tmp_path_factory):
    folder, _ = finished(classes=2, independent=True)
    return saved_model(folder, tmp_path_factory.mktemp("organs") / "model")


def test_every_structure_has_a_mask_and_a_line(organs_model, images, tmp_path):
    (images / "broken.png").write_text("broken")
    out = tmp_path / "out"
    found = predict(organs_model, [images], out, overlays=True)
    assert found.done == 3 and len(found.failures) == 1
    stems = [f"{name}_{organ}{part}.png" for name in "ab" for organ in ("one", "two") for part in ("", "_overlay")]
    below = [f"sub/c (1)_{organ}{part}.png" for organ in ("one", "two") for part in ("", "_overlay")]
    assert files(out) == [*stems, "predictions.csv", *below]
    lines = {(line["file"], line["structure"]): line for line in table(out)}
    assert len(lines) == 7 and lines[str(images / "broken.png"), ""]["error"] == found.failures[0]
    answer = tf.saved_model.load(str(organs_model)).signatures["serving_default"](
        image=tf.constant(pixels.read_image(images / "a.png", 3)[None])
    )
    for k, organ in enumerate(("one", "two")):
        mask = pixels.read_image(out / f"a_{organ}.png", 1)[..., 0]
        np.testing.assert_array_equal(mask, answer["mask"][0, ..., k] * 255)
        assert int(lines[str(images / "a.png"), organ]["lesion_pixels"]) == np.count_nonzero(mask) > 0


def test_a_mask_of_a_structure_does_not_replace_an_image(organs_model, images, tmp_path):
    cv2.imwrite(str(images / "a_one.png"), np.zeros((8, 9), np.uint8))
    with pytest.raises(ValueError, match="its mask would replace the image .*a_one.png"):
        predict(organs_model, [images / "a.png", images / "a_one.png"], images)


def test_an_image_of_16_bits_is_stretched(model, images, tmp_path):
    eight = cv2.imread(str(images / "a.png"), cv2.IMREAD_GRAYSCALE)
    eight[:2, 0] = 0, 255
    cv2.imwrite(str(images / "a.png"), eight)
    cv2.imwrite(str(tmp_path / "deep.png"), eight.astype(np.uint16) * 100)
    predict(model, [images / "a.png", tmp_path / "deep.png"], tmp_path / "out")
    assert (tmp_path / "out" / "a.png").read_bytes() == (tmp_path / "out" / "deep.png").read_bytes()
