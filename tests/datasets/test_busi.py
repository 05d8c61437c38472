"""BUSI's reader: the published counts on the real folder, and a folder that is not whole refused by name."""

import shutil
from collections import Counter

import pytest

from ultraseg.datasets import busi
from ultraseg.datasets.busi import PUBLISHED
from ultraseg.datasets.phantom import write
from ultraseg.samples import Faulty


def read(root, **options):
    return busi(root, complete=False, **options)


def test_the_real_folder_holds_what_was_published(busi_root):
    samples = busi(busi_root)
    assert Counter(sample.label for sample in samples) == {"benign": 437, "malignant": 210, "normal": 133}
    masks = [len(sample.masks) for sample in samples]
    # 798 mask files, an empty one for each normal among them: 16 images have two and one has three
    assert sum(masks) == 798
    assert Counter(masks) == {1: 763, 2: 16, 3: 1}
    assert len({sample.id for sample in samples}) == len({sample.group for sample in samples}) == 780
    assert all(path.is_file() for sample in samples for path in (sample.image, *sample.masks))


def test_the_first_mask_alone(busi_root):
    samples = busi(busi_root, masks="first", classes=("benign", "malignant"))
    assert len(samples) == 647
    assert all(len(s.masks) == 1 and s.masks[0].name == f"{s.image.stem}_mask.png" for s in samples)


def test_samples_are_sorted_by_label_and_number(tiny_busi):
    assert [sample.id for sample in read(tiny_busi)] == [
        *("benign-1", "benign-2", "benign-3", "benign-10"),
        *("malignant-1", "malignant-2", "malignant-3"),
        *("normal-1", "normal-2"),
    ]


def test_one_sample(tiny_busi):
    first, second, *_, last = read(tiny_busi)
    folder = tiny_busi / "benign"
    assert (first.label, first.group, first.source, first.pitch_mm) == ("benign", "benign-1", "BUSI", None)
    assert (first.image, first.masks) == (folder / "benign (1).png", (folder / "benign (1)_mask.png",))
    assert second.masks == (folder / "benign (2)_mask.png", folder / "benign (2)_mask_1.png")
    assert last.masks == (tiny_busi / "normal" / "normal (2)_mask.png",)


def test_drawn_phantoms_do_not_pass_for_busi(tmp_path):
    write(tmp_path / "drawn", images=6, size=(32, 32), seed=0)
    assert {sample.source for sample in read(tmp_path / "drawn")} == {"phantom (synthetic)"}


def test_options_choose(tiny_busi):
    assert {s.label for s in read(tiny_busi, classes=["malignant"])} == {"malignant"}
    assert [len(s.masks) for s in read(tiny_busi, masks="first", classes=["benign"])] == [1, 1, 1, 1]


def test_the_folder_is_found_where_the_download_puts_it(tiny_busi, tmp_path):
    above = tmp_path / "data"
    (above / "busi").mkdir(parents=True)
    whole = tiny_busi.rename(above / "busi" / "Dataset_BUSI_with_GT")
    for place in (above, above / "busi", whole):
        assert {sample.image.parents[1] for sample in read(str(place))} == {whole.resolve()}
    assert len(read(str(above))) == 9


def test_no_such_folder(tmp_path):
    with pytest.raises(ValueError, match="none: no such folder; name the one that holds benign, malignant, normal"):
        busi(tmp_path / "none")


def test_another_folder_is_refused_with_what_it_holds(tmp_path):
    with pytest.raises(ValueError, match="benign, malignant, normal wanted here; found nothing"):
        busi(tmp_path)
    for name in "abcdefg":
        (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match="normal wanted here; found a, b, c, d, e and 2 more"):
        busi(tmp_path)


def test_a_short_folder_says_how_many_there_are(tiny_busi):
    with pytest.raises(Faulty) as refused:
        busi(tiny_busi)
    assert refused.value.faults == tuple(
        f"{tiny_busi}: {wanted} {label} images are published, found {found}; complete the folder, or set "
        "`complete: false` (on the command line --set '{READER: {complete: false}}') to use what is there"
        for label, wanted, found in (("benign", 437, 4), ("malignant", 210, 3), ("normal", 133, 2))
    )
    assert len(refused.value.samples) == 9


def test_classes_are_left_out_only_after_the_folder_was_checked(tiny_busi):
    with pytest.raises(Faulty, match="133 normal images are published, found 2") as refused:
        busi(tiny_busi, classes=["benign"])
    assert {sample.label for sample in refused.value.samples} == {"benign"}


def test_empty_class_folders_are_refused(tmp_path):
    for label in PUBLISHED:
        (tmp_path / label).mkdir()
    with pytest.raises(Faulty, match="no image; name the folder that holds the data set"):
        read(tmp_path)


def test_all_that_is_wrong_is_named_at_once_and_the_rest_is_there(tiny_busi):
    (tiny_busi / "benign" / "benign (1)_mask.png").unlink()
    (tiny_busi / "malignant" / "malignant (1).png").write_bytes(b"")
    (tiny_busi / "normal" / "normal (1).png").rename(tiny_busi / "normal" / "other.png")
    with pytest.raises(Faulty) as refused:
        read(tiny_busi)
    assert [fault.removeprefix(f"{tiny_busi}/").partition(";")[0] for fault in refused.value.faults] == [
        "benign/benign (1).png: its mask 'benign (1)_mask.png' is missing",
        "malignant/malignant (1).png: the file is empty",
        "malignant/malignant (1)_mask.png: its image 'malignant (1).png' is missing",
        "normal/other.png: not a file of BUSI, whose names read 'normal (1).png' and 'normal (1)_mask.png'",
        "normal/normal (1)_mask.png: its image 'normal (1).png' is missing",
    ]
    assert [sample.id for sample in refused.value.samples] == [
        *("benign-2", "benign-3", "benign-10"),
        *("malignant-2", "malignant-3"),
        "normal-2",
    ]


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("benign (1)_mask.png", r"benign \(1\)\.png: its mask 'benign \(1\)_mask\.png' is missing; restore it"),
        ("benign (1).png", r"benign \(1\)_mask\.png: its image 'benign \(1\)\.png' is missing; restore it"),
        (
            "benign (2)_mask.png",
            r"\(2\)_mask_1\.png: the mask that comes before it, 'benign \(2\)_mask\.png', is missing",
        ),
    ],
)
def test_an_image_and_its_masks_belong_together(tiny_busi, gone, message):
    (tiny_busi / "benign" / gone).unlink()
    with pytest.raises(ValueError, match=message):
        read(tiny_busi)


@pytest.mark.parametrize(
    "name", ["benign (1).PNG", "malignant (9).png", "benign (01).png", "benign (1)_mask_0.png", "benign.png"]
)
def test_a_foreign_file_is_refused_by_name(tiny_busi, name):
    shutil.copy(tiny_busi / "benign" / "benign (1).png", tiny_busi / "benign" / name)
    with pytest.raises(ValueError, match="not a file of BUSI, whose names read 'benign ") as refused:
        read(tiny_busi)
    assert name in str(refused.value)


def test_a_file_of_another_kind_is_refused_by_name(tiny_busi):
    (tiny_busi / "benign" / "notes.txt").write_text("notes")
    with pytest.raises(Faulty, match=r"notes\.txt: a file ending in \.png is wanted here"):
        read(tiny_busi)


def test_hidden_files_are_passed_over(tiny_busi):
    (tiny_busi / "benign" / ".DS_Store").write_text("")
    assert len(read(tiny_busi)) == 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["benine"]}, r"classes must be among benign, malignant, normal, got \['benine'\]"),
        ({"classes": []}, r"classes must be among .*, got \[\]"),
        ({"masks": "last"}, "masks must be 'all' or 'first', got 'last'"),
    ],
)
def test_a_wrong_option_is_refused(tiny_busi, options, message):
    with pytest.raises(ValueError, match=f"busi: {message}"):
        read(tiny_busi, **options)
