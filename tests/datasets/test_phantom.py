"""Phantoms: the same everywhere, in BUSI's layout and mixture, with the signs that the physics promises."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from ultraseg.datasets import busi
from ultraseg.datasets import phantom as listed
from ultraseg.datasets._imaging import Scanner, envelope
from ultraseg.datasets._tissue import Outline, breast, with_lesion
from ultraseg.datasets.phantom import draw, phantom, write

SMALL = {"images": 9, "size": (48, 64), "seed": 3}


@pytest.fixture(scope="module")
def drawn():
    return [draw(index, size=(256, 256), seed=0) for index in range(60)]


def test_a_picture_is_the_same_in_any_order_and_process():
    backwards = [draw(index, size=(64, 64), seed=5) for index in (3, 2)][::-1]
    code = (
        "from ultraseg.datasets.phantom import draw; import hashlib;"
        "print(*(hashlib.sha256(draw(i, size=(64, 64), seed=5)[0].tobytes()).hexdigest() for i in (2, 3)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [hashlib.sha256(image.tobytes()).hexdigest() for image, _, _ in backwards]


def test_seed_and_index_both_change_the_picture():
    first, other_index, other_seed = (
        draw(index, size=(64, 64), seed=seed)[0] for index, seed in ((0, 0), (780, 0), (0, 1))
    )
    assert (first != other_index).any() and (first != other_seed).any()


def test_types_and_values(drawn):
    for image, mask, label in drawn:
        assert image.dtype == mask.dtype == np.uint8
        assert image.shape == mask.shape == (256, 256)
        assert set(np.unique(mask)) <= {0, 1}
        assert mask.any() == (label != "normal")


def test_grey_levels_are_those_of_busi(drawn):
    # BUSI at 256 x 256: median grey 75 (5 to 95 % of images: 32 to 115), standard deviation 52, dark below
    medians = [np.median(image) for image, _, _ in drawn]
    assert 60 < np.median(medians) < 90
    assert 38 < np.median([image.std() for image, _, _ in drawn]) < 62
    rows = np.mean([image.mean(1) for image, _, _ in drawn], axis=0)
    assert rows[:80].mean() > rows[-80:].mean() + 40


def test_lesions_are_darker_than_what_is_around_them(drawn):
    gaps = []
    for image, mask, label in drawn:
        if label != "normal":
            ring = cv2.dilate(mask, np.ones((25, 25), np.uint8)) > mask
            gaps.append(np.median(image[ring]) - np.median(image[mask > 0]))
    assert np.median(gaps) > 25
    assert np.mean(np.array(gaps) > 0) > 0.85


def test_malignant_lesions_cast_shadows_and_benign_ones_do_not(drawn):
    def below_against_beside(label):
        found = []
        for image, mask, name in drawn:
            rows, columns = np.nonzero(mask)
            if name != label or len(rows) == 0 or rows.max() > 200:
                continue
            below = slice(rows.max() + 8, rows.max() + 48)
            middle = slice(*np.percentile(columns, [25, 75]).astype(int) + [0, 1])
            beside = np.ones(256, bool)
            beside[max(columns.min() - 8, 0) : columns.max() + 8] = False
            if beside.sum() > 30:
                found.append(float(image[below, middle].mean()) - float(image[below][:, beside].mean()))
        return np.mean(found)

    assert below_against_beside("malignant") < -8
    assert below_against_beside("benign") > below_against_beside("malignant") + 10


@pytest.mark.parametrize(("kind", "sign"), [("cyst", 1), ("malignant", -1)])
def test_enhancement_and_shadow_come_from_the_lesion_in_front(kind, sign):
    angle = np.linspace(0, 2 * np.pi, 256, endpoint=False)
    points = np.stack([128 + 40 * np.cos(angle), 100 + 30 * np.sin(angle)], 1)
    mask = cv2.fillPoly(np.zeros((256, 256), np.uint8), [np.round(points).astype(np.int32)], 1)
    changes_db = []
    for seed in range(8):
        healthy = breast(np.random.default_rng(seed), size=(256, 256), depth_mm=36, gland_to_mm=30)
        ill = with_lesion(np.random.default_rng(seed), healthy, Outline(kind, points, mask), depth_mm=36)
        without, behind = (
            envelope(np.random.default_rng(seed), tissue, Scanner(noise_db=-200.0), depth_mm=36)
            for tissue in (healthy, ill)
        )
        below = (slice(150, 200), slice(108, 148))
        changes_db.append(20 * np.log10(behind[below].mean() / without[below].mean()))
    # a cyst 8.4 mm thick spares 0.6 dB/cm/MHz * 0.84 cm * 2 * 9.5 MHz = 9.6 dB; the gain takes back a part
    assert 2 < sign * np.mean(changes_db) < 15


def test_every_small_set_has_every_class_and_a_full_one_busis_mixture():
    assert {draw(index, size=(32, 32), seed=0)[2] for index in range(3)} == {"benign", "malignant", "normal"}
    labels = [draw(index, size=(32, 32), seed=0)[2] for index in range(78)]
    counts = [labels.count(label) for label in ("benign", "malignant", "normal")]
    assert counts == pytest.approx([43.7, 21, 13.3], abs=1)  # a tenth of 437, 210 and 133


def test_the_folder_is_in_busis_layout(tmp_path):
    write(tmp_path / "set", **SMALL)
    read = busi(tmp_path / "set", complete=False)
    made = phantom(tmp_path, **SMALL)
    assert [sample.id for sample in read] == [sample.id for sample in made]
    for sample in made:
        image = cv2.imread(str(sample.image), cv2.IMREAD_UNCHANGED)
        mask = cv2.imread(str(sample.image)[:-4] + "_mask.png", cv2.IMREAD_UNCHANGED)
        assert image.shape == mask.shape == (48, 64) and image.dtype == mask.dtype == np.uint8
        assert set(np.unique(mask)) <= {0, 255}
        assert mask.any() == (sample.label != "normal")
        assert sample.source == "phantom (synthetic)" and sample.group == sample.id
        assert len(sample.masks) == (0 if sample.label == "normal" else 1)


def test_samples_are_sorted_and_a_complete_folder_is_used_again(tmp_path):
    first = listed(tmp_path, **SMALL)
    assert first == sorted(first, key=lambda sample: (sample.label, int(sample.id.split("-")[1])))
    stamp = first[0].image.stat().st_mtime_ns
    assert phantom(tmp_path, **SMALL) == first and first[0].image.stat().st_mtime_ns == stamp
    assert {s.label for s in phantom(tmp_path, **SMALL, classes=("malignant",))} == {"malignant"}
    phantom(tmp_path, **{**SMALL, "seed": 4})
    assert len(list(tmp_path.iterdir())) == 2


def test_two_that_draw_at_once_end_with_one_folder(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: phantom(tmp_path, **SMALL), range(2))
    assert first == second
    assert len(list(tmp_path.iterdir())) == 1


def test_a_killed_writer_leaves_no_half_folder(tmp_path):
    code = (
        "import os, sys; import ultraseg.datasets\n"
        "module = sys.modules['ultraseg.datasets.phantom']; whole = module.draw\n"
        "def fail(index, **options):\n"
        "    if index == 5: os._exit(9)\n"
        "    return whole(index, **options)\n"
        "module.draw = fail\n"
        f"module.phantom({str(tmp_path)!r}, images=9, size=(48, 64), seed=3)"
    )
    assert subprocess.run([sys.executable, "-c", code], env=dict(os.environ)).returncode == 9
    assert not list(tmp_path.glob("phantom-*"))
    assert len(phantom(tmp_path, **SMALL)) == 9


def test_an_error_while_drawing_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        phantom(tmp_path, **SMALL)
    assert not list(tmp_path.iterdir())


def test_a_file_that_went_missing_is_named(tmp_path):
    gone = phantom(tmp_path, **SMALL)[1].image
    gone.unlink()
    with pytest.raises(ValueError, match=r"benign \(2\)\.png is missing; remove .* drawn again"):
        phantom(tmp_path, **SMALL)


def test_an_existing_folder_is_not_written_into(tmp_path):
    with pytest.raises(OSError, match="this one exists"):
        write(tmp_path, **SMALL)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": 0}, "images must be 1 or more, got 0"),
        ({"size": (16, 64)}, r"size must be a height and a width of 32 pixels or more, got \[16, 64\]"),
        ({"size": (64.5, 64)}, "size must be a height and a width"),
        ({"size": (64,)}, "size must be a height and a width"),
        ({"seed": -1}, "seed must be 0 or more, got -1"),
        ({"classes": ("benine",)}, r"classes must be among benign, malignant, normal, got \['benine'\]"),
        ({"classes": ()}, "classes must be among"),
    ],
)
def test_a_bad_option_is_refused_in_one_sentence(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        phantom(tmp_path, **options)
    assert not list(tmp_path.iterdir())
