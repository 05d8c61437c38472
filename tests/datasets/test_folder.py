"""The reader of one's own images: folders and tables, every kind of file, and all that is wrong named at once."""

import os
import unicodedata

import cv2
import numpy as np
import pytest

from tests.test_dicom import drawn, region
from ultraseg import catalogue, pixels
from ultraseg.datasets import folder
from ultraseg.samples import LONGEST, Faulty

GREY = np.random.default_rng(0).integers(0, 256, (12, 16), np.uint8)
DISC = cv2.circle(np.zeros((12, 16), np.uint8), (8, 6), 3, 255, -1)


def put(path, array=GREY):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, array)[1].tobytes())
    return path


def pair(root, name, ending=".png", mask=".png"):
    return put(root / "images" / f"{name}{ending}"), put(root / "masks" / f"{name}{mask}", DISC)


def listed(root, *lines):
    (root / "index.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder(root, table="index.csv")


def faults(root, **options):
    with pytest.raises(Faulty) as refused:
        folder(root, **options)
    return refused.value.faults


def table_faults(root, *lines):
    with pytest.raises(Faulty) as refused:
        listed(root, *lines)
    return refused.value.faults


def test_images_and_masks_of_equal_names(tmp_path):
    image, mask = pair(tmp_path, "b 2", ".jpg", ".bmp")
    pair(tmp_path, "a/1", ".PNG", ".tif")
    first, second = folder(tmp_path, source="ours", label="benign", pitch_mm=[0.1])
    assert (first.id, first.group) == ("a-1", "a-1")
    assert (second.id, second.image, second.masks) == ("b 2", image, (mask,))
    assert (second.label, second.source, second.pitch_mm, second.box) == ("benign", "ours", (0.1, 0.1), None)


def test_without_options_the_set_is_called_as_its_folder(tmp_path):
    pair(tmp_path / "clinic", "1")
    [sample] = folder(tmp_path / "clinic")
    assert (sample.source, sample.label, sample.pitch_mm) == ("clinic", "unlabelled", None)
    assert folder(str(tmp_path / "clinic"), pitch_mm=(0.1, 0.2))[0].pitch_mm == (0.1, 0.2)
    assert catalogue.bind("datasets", {"folder": {"pitch_mm": [0.1, 0.2]}})(tmp_path / "clinic")[0].id == "1"
    assert catalogue.bind("datasets", "folder")(tmp_path / "clinic") == [sample]


@pytest.mark.parametrize("ending", [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"])
@pytest.mark.parametrize("depth", ["8 bit", "16 bit", "colour"])
def test_every_kind_of_file_is_read(tmp_path, ending, depth):
    array = {"8 bit": GREY, "16 bit": GREY.astype(np.uint16) * 200, "colour": cv2.merge([GREY, DISC, GREY])}[depth]
    if depth == "16 bit" and ending in (".jpg", ".jpeg", ".bmp"):
        ending = ".png"
    put(tmp_path / "images" / f"1{ending}", array)
    put(tmp_path / "masks" / "1.png", DISC)
    [sample] = folder(tmp_path)
    image, mask = pixels.read(sample, 3)
    assert image.shape == (12, 16, 3) and np.ptp(image) > 200
    np.testing.assert_array_equal(mask, DISC > 0)


def test_an_image_without_a_mask_is_a_fault_unless_said_to_be_free_of_lesions(tmp_path):
    pair(tmp_path, "1")
    put(tmp_path / "images" / "2.png")
    [fault] = faults(tmp_path)
    assert fault.startswith(f"{tmp_path / 'images' / '2.png'}: its mask 'masks/2' is missing")
    assert [len(sample.masks) for sample in folder(tmp_path, lesion_free=True)] == [1, 0]


def test_a_misspelt_folder_of_masks_makes_no_lesion_free_set(tmp_path):
    put(tmp_path / "images" / "1.png")
    [fault] = faults(tmp_path, lesion_free=True)
    assert fault.startswith(f"{tmp_path / 'masks'}: no such folder")


def test_everything_that_is_wrong_is_named_at_once(tmp_path):
    root = tmp_path / "set"
    outside = put(tmp_path / "outside.png")
    pair(root, "good")
    put(root / "images" / "alone.png")
    put(root / "masks" / "lost.png", DISC)
    put(root / "masks" / "good_1.png", DISC)
    pair(root, "twice")
    put(root / "images" / "twice.bmp")
    put(root / "masks" / "twice.bmp", DISC)
    (root / "images" / "empty.png").touch()
    (root / "images" / "notes.txt").write_text("notes")
    (root / "images" / "out.png").symlink_to(outside)
    (root / "images" / "nowhere.png").symlink_to(root / "gone.png")
    (root / "images" / "circle.png").symlink_to("circle.png")
    (root / "images" / ".hidden.png").touch()
    (root / "images" / "Thumbs.db").touch()
    put(root / "images" / "no.png").rename(root / "images" / "no.dcm")
    with pytest.raises(Faulty) as refused:
        folder(root)
    told = {
        fault.removeprefix(f"{root}/").partition(": ")[0]: fault.partition(": ")[2] for fault in refused.value.faults
    }
    assert {name: sentence.split(";")[0][:34] for name, sentence in told.items()} == {
        "images/alone.png": "its mask 'masks/alone' is missing ",
        "masks/lost.png": "its image 'images/lost' is missing",
        "masks/good_1.png": "its image 'images/good_1' is missi",
        "images/twice.png": "the same name as 'twice.bmp'",
        "masks/twice.png": "the same name as 'twice.bmp'",
        "images/empty.png": "the file is empty",
        "images/notes.txt": "a file ending in .png or .jpg or .",
        "images/out.png": "a link that leads out of the data ",
        "images/nowhere.png": "a link that leads nowhere",
        "images/circle.png": "a link that leads nowhere",
        "images/no.dcm": "not a DICOM file, whatever its nam",
    }
    assert [sample.id for sample in refused.value.samples] == ["good", "twice"]
    assert str(refused.value).startswith(f"{root}: 11 faults\n  ")


NAMES = [
    "a b",
    "[1] (2)",
    "it's",
    'say "so"',
    "two\nlines",
    "Größe",
    "乳腺",
    "a.b.c",
    "x" * 250,
    "semi;colon",
    "-",
    "#1",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_letters_is_read(tmp_path, name):
    pair(tmp_path, name)
    [sample] = folder(tmp_path)
    assert pixels.read(sample, 1)[1].any()
    assert sample.id.isprintable() and len(sample.id.encode()) <= LONGEST and not set(sample.id) & set("/\"'\n;")


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_accents_may_be_composed_or_not(tmp_path, forms):
    image, mask = (unicodedata.normalize(form, "sénologie") for form in forms)
    put(tmp_path / "images" / f"{image}.png")
    put(tmp_path / "masks" / f"{mask}.png", DISC)
    [sample] = folder(tmp_path)
    assert sample.id == unicodedata.normalize("NFC", "sénologie") and sample.image.is_file()
    other = unicodedata.normalize("NFC" if forms[0] == "NFD" else "NFD", f"images/{image}.png")
    [again] = listed(tmp_path, "image,mask", f"{other},masks/{mask}.png")
    assert (again.id, again.image, again.masks) == (sample.id, sample.image, sample.masks)


def test_two_names_that_differ_in_the_form_of_an_accent_are_one(tmp_path):
    pair(tmp_path, unicodedata.normalize("NFC", "é"))
    put(tmp_path / "images" / f"{unicodedata.normalize('NFD', 'é')}.png")
    [fault] = faults(tmp_path)
    assert "the same name as" in fault


def test_names_that_become_one_id_are_named(tmp_path):
    pair(tmp_path, "a?")
    pair(tmp_path, "a*")
    [fault] = faults(tmp_path)
    assert fault == f"{tmp_path}: 2 images would be called 'a_'; give them different names"


def test_a_name_that_is_not_utf8_is_named(tmp_path):
    pair(tmp_path, "1")
    (tmp_path / "images" / "1.png").rename(tmp_path / "images" / os.fsdecode(b"\xe9.png"))
    first, second = faults(tmp_path)
    assert first == f"{tmp_path}/images/\\udce9.png: its name is not in UTF-8; rename it"
    assert second.startswith(f"{tmp_path}/masks/1.png: its image 'images/1' is missing")


def test_a_path_of_300_characters_works(tmp_path):
    deep = "/".join(f"{k}{'p' * 70}" for k in range(4)) + "/scan"
    assert len(deep) > 285
    pair(tmp_path, deep)
    pair(tmp_path, deep.replace("0ppp", "9ppp"))
    first, second = folder(tmp_path)
    assert first.id != second.id and all(s.id.endswith("-scan") and len(s.id) == LONGEST for s in (first, second))
    [sample] = listed(tmp_path, "image,mask", f"images/{deep}.png,masks/{deep}.png")
    assert sample.id == first.id and pixels.read(sample, 1)[1].any()


def test_a_table_says_what_belongs_together(tmp_path):
    pair(tmp_path, "1")
    put(tmp_path / "more" / "m.png", DISC)
    put(tmp_path / "scans" / "x.tif")
    first, second = listed(
        tmp_path,
        "\ufeffimage , mask,label,group,pitch_mm,id,remark",
        "images/1.png,masks/1.png; more/m.png,benign,case 1,0.1 x 0.2,one,kept",
        "scans/x.tif,,normal,,0.3,,",
    )
    assert (first.id, first.label, first.group, first.pitch_mm) == ("one", "benign", "case 1", (0.1, 0.2))
    assert first.masks == (tmp_path / "masks" / "1.png", tmp_path / "more" / "m.png")
    assert (second.id, second.label, second.group, second.pitch_mm) == ("scans-x", "normal", "scans-x", (0.3, 0.3))
    assert second.masks == () and second.image == tmp_path / "scans" / "x.tif"


def test_both_layouts_give_one_set_the_same_ids(tmp_path):
    pair(tmp_path, "a/1")
    assert listed(tmp_path, "image,mask", "images/a/1.png,masks/a/1.png") == folder(tmp_path)


def test_lines_of_a_table_that_cannot_be_used_are_all_named(tmp_path):
    root = tmp_path / "set"
    pair(root, "1")
    pair(root, "2")
    put(tmp_path / "outside.png")
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    (root / "empty.png").touch()
    (root / "notes.txt").write_text("notes")
    told = table_faults(
        root,
        "image,mask,label,pitch_mm,id,frame",
        "../outside.png,masks/1.png,a,,,",
        f"{tmp_path}/outside.png,masks/1.png,a,,,",
        "C:\\scans\\1.png,masks/1.png,a,,,",
        "link.png,masks/1.png,a,,,",
        "images/none.png,masks/none.png,a,,,",
        "empty.png,masks/1.png,a,,,",
        "notes.txt,masks/1.png,a,,,",
        "images,masks/1.png,a,,,",
        ",masks/1.png,a,,,",
        f"{'n' * 300}.png,masks/1.png,a,,,",
        "images/1.png,masks/1.png,,,,",
        "images/1.png,masks/1.png,a,0.1;0.2,,",
        "images/1.png,masks/1.png,a,-1,,",
        "images/1.png,masks/1.png,a,inf,,",
        "images/1.png,masks/1.png",
        "images/1.png,masks/1.png,a,0.1,,1",
        "images/1.png,masks/1.png,a,0.1 x 0.2 x 0.3,,",
        "images/2.png,masks/2.png,a,,two/2,",
        "images/2.png,masks/2.png,a,,again,",
    )
    table = root / "index.csv"
    assert [(fault.partition(": ")[0].removeprefix(f"{table}, line "), fault.partition(": ")[2]) for fault in told] == [
        (str(table), "line 16 has 2 values where 6 are named; mend it"),
        ("2", f"'../outside.png' leads out of the data set; name a file by its path below {root}"),
        ("3", f"'{tmp_path}/outside.png' leads out of the data set; name a file by its path below {root}"),
        ("4", f"'C:\\\\scans\\\\1.png' leads out of the data set; name a file by its path below {root}"),
        ("5", "'link.png': a link that leads out of the data set; put the file itself there"),
        ("6", "'images/none.png': there is no such file; restore it"),
        ("6", "'masks/none.png': there is no such file; restore it"),
        ("7", "'empty.png': the file is empty; restore it from the source"),
        ("8", f"'notes.txt': a file ending in {' or '.join(pixels.SUFFIXES)} is wanted here; move it away"),
        ("9", "'images': a folder among the files; move it away"),
        ("10", "its image is empty; name a file"),
        ("11", f"'{'n' * 300}.png': no name that the disk takes (File name too long); shorten or mend it"),
        ("12", "its label is empty; fill it in, or leave the whole column out"),
        ("13", "its pitch_mm is '0.1;0.2' where '0.1' or '0.1 x 0.2' is wanted: height x width"),
        ("14", "its pitch_mm is '-1' where '0.1' or '0.1 x 0.2' is wanted: height x width"),
        ("15", "its pitch_mm is 'inf' where '0.1' or '0.1 x 0.2' is wanted: height x width"),
        ("17", "its frame is '1' where a number from 0 to 0 is wanted"),
        ("18", "its pitch_mm is '0.1 x 0.2 x 0.3' where '0.1' or '0.1 x 0.2' is wanted: height x width"),
        ("20", "'images/2.png' stands in line 19 already; keep one of the two"),
        (str(root), f"'two/2' cannot name files; take letters, digits and ' ._-()[]', {LONGEST} bytes at most"),
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"image,label\na,b\n", "the column mask is missing; there is: image, label"),
        (b"", "the column image, mask is missing; there is: nothing"),
        (b"image,mask,mask\na,b,c\n", "the column 'mask' is named twice"),
        (b"image,mask\n\xff\xfe,b\n", "not a table in UTF-8"),
        (b"image,mask\n", "no image"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path, data, sentence):
    (tmp_path / "index.csv").write_bytes(data)
    [fault] = faults(tmp_path, table="index.csv")
    assert sentence in fault


@pytest.mark.parametrize("table", ["none.csv", "../index.csv"])
def test_a_table_that_is_not_there_is_named(tmp_path, table):
    (tmp_path / "index.csv").write_text("image,mask\n")
    (tmp_path / "set").mkdir()
    [fault] = faults(tmp_path / "set", table=table)
    assert "no such table" in fault


def dcm(root, name, values, **tags):
    (root / "images").mkdir(parents=True, exist_ok=True)
    return drawn(root / "images" / f"{name}.dcm", values, **tags)


def test_a_dicom_image_brings_its_pitch_its_region_and_its_patient(tmp_path):
    tags = {"PatientID": "Doe 1970", "SequenceOfUltrasoundRegions": [region(2, 3, 10, 14, delta=(0.01, 0.02))]}
    dcm(tmp_path, "1", GREY, **tags)
    dcm(tmp_path, "2", GREY, PatientID="Doe 1970", SeriesInstanceUID="1.2")
    for name in "12":
        put(tmp_path / "masks" / f"{name}.png", DISC)
    first, second = folder(tmp_path, pitch_mm=[0.5])
    assert first.pitch_mm == pytest.approx((0.1, 0.2)) and second.pitch_mm == (0.5, 0.5)
    assert (first.box, second.box, first.frame) == ((2, 3, 9, 12), None, None)
    assert first.group == second.group and first.group.startswith("patient-") and "Doe" not in first.group
    image, mask = pixels.read(first, 1)
    np.testing.assert_array_equal(image[..., 0], GREY[2:11, 3:15])
    np.testing.assert_array_equal(mask, DISC[2:11, 3:15] > 0)
    assert [sample.box for sample in folder(tmp_path, region=False)] == [None, None]
    [tabled] = listed(tmp_path, "image,mask,group,pitch_mm", "images/1.dcm,masks/1.png,ward 3,0.7")
    assert (tabled.group, tabled.pitch_mm, tabled.box) == ("ward 3", (0.7, 0.7), (2, 3, 9, 12))


def test_pictures_without_a_patient_share_their_series_or_their_file(tmp_path):
    dcm(tmp_path, "1", GREY, SeriesInstanceUID="1.2")
    dcm(tmp_path, "2", GREY, SeriesInstanceUID="1.2")
    dcm(tmp_path, "3", np.stack([GREY] * 2), frames=2)
    (tmp_path / "masks").mkdir()
    one, two, *clip = folder(tmp_path, lesion_free=True)
    assert one.group == two.group and one.group.startswith("series-")
    assert [sample.group for sample in clip] == ["3", "3"]


def test_the_pictures_of_a_clip_are_samples(tmp_path):
    clip = np.stack([GREY, 255 - GREY, GREY[::-1]])
    dcm(tmp_path, "clip", clip, frames=3)
    for number in (0, 2):
        put(tmp_path / "masks" / f"clip-frame-{number}.png", DISC)
    [fault] = faults(tmp_path)
    assert "clip.dcm: its mask 'masks/clip-frame-1' is missing" in fault
    samples = folder(tmp_path, lesion_free=True)
    assert [(s.id, s.frame, len(s.masks)) for s in samples] == [
        ("clip-frame-0", 0, 1),
        ("clip-frame-1", 1, 0),
        ("clip-frame-2", 2, 1),
    ]
    for sample, picture in zip(samples, clip, strict=True):
        np.testing.assert_array_equal(pixels.read(sample, 1)[0][..., 0], picture)


def test_a_table_names_the_frame(tmp_path):
    dcm(tmp_path, "clip", np.stack([GREY] * 3), frames=3)
    dcm(tmp_path, "free", np.stack([GREY] * 2), frames=2)
    put(tmp_path / "masks" / "m.png", DISC)
    samples = listed(
        tmp_path,
        "image,mask,frame,id",
        "images/clip.dcm,masks/m.png,2,named",
        "images/clip.dcm,masks/m.png,0,",
        "images/free.dcm,,,",
    )
    assert [(s.id, s.frame, s.group) for s in samples] == [
        ("named", 2, "clip"),
        ("clip-frame-0", 0, "clip"),
        ("free-frame-0", 0, "free"),
        ("free-frame-1", 1, "free"),
    ]
    told = table_faults(
        tmp_path,
        "image,mask,frame",
        "images/clip.dcm,masks/m.png,",
        "images/clip.dcm,masks/m.png,3",
        "images/clip.dcm,masks/m.png,first",
    )
    assert [fault.partition(": ")[2] for fault in told] == [
        "'images/clip.dcm' holds 3 pictures; say in a column `frame` which one is meant",
        "its frame is '3' where a number from 0 to 2 is wanted",
        "its frame is 'first' where a number from 0 to 2 is wanted",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pitch_mm": (0,)}, r"pitch_mm must be a list of one or two numbers of millimetres, got \(0,\)"),
        ({"pitch_mm": (1, 2, 3)}, "pitch_mm must be"),
        ({"pitch_mm": 0.1}, "pitch_mm must be"),
        ({"pitch_mm": ("wide",)}, "pitch_mm must be"),
        ({"label": ""}, "label must be a word"),
        ({"table": "index.csv", "lesion_free": True}, "lesion_free goes with masks/"),
    ],
)
def test_a_wrong_option_is_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=f"folder: {message}"):
        folder(tmp_path, **options)


def test_no_such_folder(tmp_path):
    with pytest.raises(ValueError, match="none: no such folder"):
        folder(tmp_path / "none")
