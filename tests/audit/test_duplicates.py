"""Copies of one scan: every way to change a picture is found and named, and different scans are never taken for one."""

import collections
import functools

import cv2
import numpy as np
import pytest

from ultraseg import pixels
from ultraseg.audit import _alignment, _search
from ultraseg.audit import duplicates as find
from ultraseg.audit._alignment import aligned
from ultraseg.audit._candidates import candidates
from ultraseg.audit._consensus import consensus
from ultraseg.audit._features import features, mirrored
from ultraseg.datasets import busi
from ultraseg.datasets.phantom import draw

SIZE = (200, 260)


@functools.cache
def scan(index=0):
    return draw(index, size=SIZE, seed=1)[0]


def saved(picture, quality=60):
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)


def sized(picture, across, down):
    way = cv2.INTER_AREA if max(across, down) <= 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, None, fx=across, fy=down, interpolation=way)


def gained(picture, gamma, gain=1.0):
    return np.clip(255 * (picture / 255.0) ** gamma * gain, 0, 255).astype(np.uint8)


def measured(picture):
    marked = picture.copy()
    for cross in ((60, 50), (150, 90)):
        cv2.drawMarker(marked, cross, 255, cv2.MARKER_CROSS, 9, 1)
    for share in np.linspace(0, 1, 25):
        marked[int(50 + 40 * share), int(60 + 90 * share)] = 255
    return marked


def worded(picture):
    return cv2.putText(picture.copy(), "RT AXILLA", (20, 170), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)


def framed(picture):
    return cv2.copyMakeBorder(picture[5:, 8:], 0, 20, 15, 0, cv2.BORDER_CONSTANT, value=0)


def mirror(picture):
    return np.ascontiguousarray(picture[:, ::-1])


def moved(picture):
    """The frame a moment later: tissue pulled by up to 3 pixels and half of the speckle's power new."""
    rng = np.random.default_rng(5)
    field = cv2.GaussianBlur(rng.standard_normal((*SIZE, 2)).astype(np.float32), (0, 0), 25)
    field *= 3 / np.abs(field).max()
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    pulled = cv2.remap(picture, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    other = cv2.GaussianBlur(rng.standard_normal(SIZE).astype(np.float32), (0, 0), 2)
    return np.clip(pulled + other / other.std() * 12, 0, 255).astype(np.uint8)


CHANGES = {
    "re-saved": (saved, "re-saved"),
    "re-saved badly": (lambda p: saved(p, 30), "re-saved"),
    "smaller": (lambda p: sized(p, 0.6, 0.6), "resized"),
    "larger": (lambda p: sized(p, 1.5, 1.5), "resized"),
    "stretched": (lambda p: sized(p, 0.75, 1.05), "resized"),
    "smaller and re-saved": (lambda p: saved(sized(p, 0.7, 0.7)), "resized"),
    "cropped": (lambda p: p[30:170, 40:222], "cropped"),
    "cropped to a fifth": (lambda p: p[60:150, 80:197], "cropped"),
    "cropped, smaller, re-saved": (lambda p: saved(sized(p[10:160, 50:250], 0.8, 0.8)), "cropped"),
    "with other borders": (framed, "cropped"),
    "brighter in the middle": (lambda p: gained(p, 0.7), "brightness"),
    "darker": (lambda p: gained(p, 1.0, 0.7), "brightness"),
    "brighter, stretched, re-saved": (lambda p: saved(sized(gained(p, 0.75), 0.85, 1.05)), "brightness"),
    "measured": (measured, "overlay"),
    "worded": (worded, "overlay"),
    "measured and cropped": (lambda p: measured(p)[20:180, 30:250], "overlay"),
    "flipped": (mirror, "flipped"),
    "flipped, cropped, darker": (lambda p: gained(mirror(p)[25:175, 20:220], 1.0, 0.8), "flipped"),
    "the next frame": (moved, "adjacent frame"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_and_named_among_other_scans(change):
    make, kind = CHANGES[change]
    pairs = find([scan(1), scan(0), make(scan(0))], ["other", "scan", "copy"])
    assert [(pair.a, pair.b, pair.kind, pair.flipped) for pair in pairs] == [
        ("scan", "copy", kind, change.startswith("flipped"))
    ]
    assert 0.65 <= pairs[0].score <= 1


def test_the_transform_takes_a_landmark_of_the_first_to_the_second():
    # rows from 30 and columns from 40 are kept, then enlarged 1.5 times: x to 1.5 (x - 40) + 0.25 = 90.25,
    # y to 1.5 (y - 30) + 0.25 = 75.25
    pictures = [scan(), sized(scan()[30:190, 40:240], 1.5, 1.5), sized(mirror(scan())[30:190, 40:240], 1.5, 1.5)]
    for end, flipped in ((1, False), (2, True)):
        (pair,) = find([pictures[0], pictures[end]], "ab")
        np.testing.assert_allclose(pair.transform @ [100, 80, 1], [90.25, 75.25], atol=0.4)
        assert pair.flipped == flipped


def test_a_pair_in_the_other_order_has_the_inverse_transform():
    whole, part = scan(), mirror(scan()[30:190, 40:240])
    (one,), (other,) = find([whole, part], "ab"), find([part, whole], "ab")
    # x of the part runs backwards, and so does x of the mirrored whole: 259 - x - (260 - 240) there
    np.testing.assert_allclose(one.transform @ [100, 80, 1], [80, 50], atol=0.3)
    np.testing.assert_allclose(other.transform @ [100, 80, 1], [140, 110], atol=0.3)
    assert one.kind == other.kind == "flipped"


def test_equal_pixels_and_equal_files():
    pictures = [scan(0), scan(1), scan(0), scan(0)]
    pairs = find(pictures, "abcd", hashes=["1", "2", "1", "3"])
    assert [(pair.a, pair.b, pair.kind, pair.score) for pair in pairs] == [
        ("a", "c", "identical file", 1.0),
        ("a", "d", "identical pixels", 1.0),
        ("c", "d", "identical pixels", 1.0),
    ]
    assert {pair.kind for pair in find(pictures, "abcd")} == {"identical pixels"}
    assert all(pair.transform is None and not pair.flipped for pair in pairs)


def test_all_pairs_of_a_cluster_stand_in_the_list():
    pictures = [scan(), saved(scan()), scan()[20:, 20:], scan(), mirror(scan())]
    pairs = find(pictures, "abcde")
    assert [pair.a + pair.b for pair in pairs] == ["ab", "ac", "ad", "ae", "bc", "bd", "be", "cd", "ce", "de"]
    assert [pair.a + pair.b for pair in pairs if pair.flipped] == ["ae", "be", "ce", "de"]


def test_two_crops_that_share_a_quarter_of_each_are_one_scan():
    # the first ends at column 179, the second begins at column 100: 80 of 180 and of 160 columns are shared
    (pair,) = find([scan()[:, :180], scan(1), scan()[:, 100:]], "abc")
    assert (pair.a, pair.b, pair.kind) == ("a", "c", "cropped")
    np.testing.assert_allclose(pair.transform, [[1, 0, -100], [0, 1, 0]], atol=0.3)


def test_two_ends_meet_through_the_picture_between_them(monkeypatch):
    pictures = [scan(), saved(scan()), saved(scan(), 40)]
    monkeypatch.setattr(_search, "candidates", lambda found: [(0, 1, False, True), (1, 2, False, True)])
    assert [pair.a + pair.b for pair in find(pictures, "abc")] == ["ab", "ac", "bc"]


def test_different_phantoms_are_different_scans():
    assert find(scan, [str(index) for index in range(16)]) == []


def test_two_round_cysts_that_fill_small_pictures_are_two_scans(monkeypatch):
    pictures = [draw(index, size=(96, 128), seed=0)[0] for index in (4308, 8624)]
    monkeypatch.setattr(_search, "candidates", lambda found: [(0, 1, False, True)])
    monkeypatch.setattr(_search, "consensus", lambda one, other: np.array([[1.0, -0.04, 3.6], [-0.03, 0.91, 8.5]]))
    assert find(pictures, "ab") == []
    monkeypatch.setattr(_search, "SAME", 0.6)
    assert find(pictures, "ab") == []
    monkeypatch.setattr(_alignment, "STILL", np.inf)  # blocks that may move by any way find the other's outline
    assert len(find(pictures, "ab")) == 1


def test_one_layout_with_other_speckle_is_another_scan():
    rng = np.random.default_rng(0)
    tissue = cv2.GaussianBlur(scan(), (0, 0), 6).astype(np.float32)
    speckled = [
        np.clip(tissue + 25 * cv2.GaussianBlur(rng.standard_normal(SIZE), (0, 0), 1.2) / 0.24, 0, 255).astype(np.uint8)
        for _ in range(3)
    ]
    assert find(speckled, "abc") == []


def test_the_same_word_does_not_make_one_scan():
    assert find([measured(worded(scan(index))) for index in range(4)], "abcd") == []


def test_one_ruler_on_smooth_skin_does_not_make_one_scan(monkeypatch):
    pictures = [np.full((240, 320), 150, np.uint8) for _ in "ab"]
    for picture, spot in zip(pictures, (90, 200), strict=True):
        cv2.ellipse(picture, (spot, 80), (30, 20), 0, 0, 360, 60, -1)
        picture[:] = cv2.GaussianBlur(picture, (0, 0), 6)
        cv2.line(picture, (20, 180), (300, 180), 40, 2)
        for tick, x in enumerate(range(20, 300, 7)):
            cv2.line(picture, (x, 180), (x, 168 - 8 * (tick % 5 == 0)), 40, 1)
        cv2.putText(picture, "0    10    20    30 mm", (20, 205), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 40, 1)
    monkeypatch.setattr(_search, "candidates", lambda found: [(0, 1, False, True)])
    assert find(pictures, "ab") == []
    monkeypatch.setattr(_alignment, "SHARE", 0)
    assert len(find(pictures, "ab")) == 1


@pytest.mark.parametrize("side", [1, 16, 40, 200])
def test_noise_black_and_white_match_nothing(side):
    rng = np.random.default_rng(side)
    noise = [rng.integers(0, 256, (side, side), np.uint8) for _ in range(4)] if side > 1 else []
    flat = [np.full((side, side), level, np.uint8) for level in (0, 0, 128, 255)]
    assert find(noise + flat, [str(index) for index in range(len(noise) + 4)]) == []


def test_nothing_and_one():
    assert find([], []) == []
    assert find([scan()], ["a"]) == []


def test_colour_is_compared_as_luma():
    coloured = cv2.merge([scan(), saved(scan()), scan()])
    (pair,) = find([coloured, scan()[..., None]], "ab")
    assert pair.kind == "re-saved"


def test_the_same_in_every_run_with_any_number_of_workers():
    pictures = [scan(0), scan(1), saved(scan(1)), mirror(scan(0)), scan(0)[20:], measured(scan(1))]
    first, second = (find(pictures, "abcdef", workers=workers) for workers in (1, 3))
    assert first == second and len(first) == 6
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.transform, other.transform)


def test_a_function_gives_the_pictures_and_progress_is_shown():
    pictures, seen = [scan(0), scan(1), saved(scan(1))], []

    def watch(work, total, what):
        seen.append((total, what))
        return work

    pairs = find(lambda index: pictures[index], ["a", "b", "c"], watch=watch)
    assert pairs == find(pictures, ["a", "b", "c"]) and seen[0] == (3, "looking for copies")


def test_opencvs_threads_are_as_they_were():
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    find([scan()], ["a"])
    assert cv2.getNumThreads() == 2
    cv2.setNumThreads(before)


@pytest.mark.parametrize(
    ("images", "names", "options", "text"),
    [
        ([scan()], ["a", "b"], {}, "one name for each of 1 pictures"),
        ([scan(), scan()], ["a", "a"], {}, "'a' stands twice"),
        ([scan()], ["a"], {"hashes": []}, "one hash for each of 1 pictures"),
        ([scan()], ["a"], {"workers": 0}, "workers must be 1 or more"),
        ([scan().astype(float)], ["a"], {}, "'a' is float64"),
        ([np.zeros((4, 4, 2), np.uint8)], ["a"], {}, r"'a' is uint8 \[4, 4, 2\]"),
    ],
)
def test_refused(images, names, options, text):
    with pytest.raises(ValueError, match=text):
        find(images, names, **options)


def test_candidates_are_few_and_hold_the_copies():
    pictures = [scan(index) for index in range(16)]
    pictures += [saved(pictures[0]), pictures[1][30:170, 40:222], mirror(pictures[2])]
    named = candidates([features(picture) for picture in pictures])
    assert {(0, 16, False, True), (2, 18, True, True)} <= set(named)
    assert (1, 17, False) in {each[:3] for each in named}
    assert len(named) < 17  # of 171 pairs, either way round


def test_mirrored_features_are_those_of_the_mirror_image():
    one, other = mirrored(features(scan())), features(mirror(scan()))
    assert (one.hash, one.mirrored_hash) == (other.hash, other.mirrored_hash)
    # SIFT places keypoints a quarter of a pixel too far right, on both sides of the mirror
    np.testing.assert_allclose(consensus(one, other) @ [130, 100, 1], [130.5, 100], atol=0.1)


def test_alignment_finds_a_third_of_a_pixel_and_a_score_by_hand():
    shift = np.array([[1.0, 0, 3.3], [0, 1, -2.4]])
    other = cv2.warpAffine(scan(), shift, SIZE[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    found = aligned(scan(), other, np.eye(3)[:2])
    np.testing.assert_allclose(found.transform @ [130, 100, 1], [133.3, 97.6], atol=0.15)
    assert found.score > 0.95 and found.coarse > 0.98
    assert aligned(scan(), scan(1), np.eye(3)[:2]) is None


@pytest.mark.slow
def test_the_real_set(busi_root):
    samples = busi(busi_root)
    by_name = {sample.id: sample for sample in samples}
    pairs = find(lambda index: pixels.read_image(samples[index].image, 3), list(by_name))
    kinds = collections.Counter(pair.kind for pair in pairs)
    assert {(pair.a, pair.b): pair.kind for pair in pairs}["benign-433", "malignant-145"] == "identical pixels"
    assert 222 <= len(pairs) <= 228
    assert 335 <= len({end for pair in pairs for end in (pair.a, pair.b)}) <= 343
    across = {(pair.a, pair.b) for pair in pairs if by_name[pair.a].label != by_name[pair.b].label}
    assert across == {
        ("benign-42", "malignant-51"),
        ("benign-85", "malignant-52"),
        ("benign-131", "malignant-51"),
        ("benign-164", "malignant-52"),
        ("benign-269", "normal-1"),
        ("benign-333", "malignant-77"),
        ("benign-333", "malignant-78"),
        ("benign-399", "malignant-93"),
        ("benign-406", "malignant-94"),
        ("benign-433", "malignant-145"),
        ("benign-437", "normal-34"),
    }
    # nothing lies near the limit of 0.65: frames of a sweep end at 0.74, copies begin at 0.98
    assert min(pair.score for pair in pairs) > 0.7
    assert min(pair.score for pair in pairs if pair.kind != "adjacent frame") > 0.97
    assert kinds["adjacent frame"] == 10 and kinds["flipped"] == 0
