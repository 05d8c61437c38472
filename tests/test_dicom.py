"""DICOM: pictures of every kind come out as they were drawn, tags are read, what is broken is named."""

import sys

import cv2
import numpy as np
import pytest
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

from ultraseg import dicom

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 10), np.uint8)
COLOUR = RNG.integers(0, 256, (6, 10, 3), np.uint8)
SMOOTH = cv2.GaussianBlur(RNG.integers(0, 256, (40, 50, 3), np.uint8), (0, 0), 5)
LIMIT = 1_000_000


def drawn(path, values, *, frames=0, syntax=uid.ExplicitVRLittleEndian, streams=(), **tags):
    """Write a DICOM file of grey `[h, w]` or colour `[h, w, 3]`, or of `frames` of them, in red, green, blue."""
    height, width = values.shape[1:3] if frames else values.shape[:2]
    colour = values.ndim == 3 + bool(frames)
    bits = 8 * values.dtype.itemsize
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    known = {
        "SOPClassUID": uid.UltrasoundImageStorage,
        "SOPInstanceUID": "1.2.3",
        "Rows": height,
        "Columns": width,
        "SamplesPerPixel": 3 if colour else 1,
        "PhotometricInterpretation": "RGB" if colour else "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(values.dtype.kind == "i"),
    }
    if colour:
        known["PlanarConfiguration"] = 0
    if frames:
        known["NumberOfFrames"] = frames
    for name, value in (known | tags).items():
        setattr(data, name, value)
    data.PixelData = encapsulate(list(streams)) if streams else values.tobytes() + b"\0" * (values.nbytes % 2)
    data["PixelData"].VR = "OB" if streams or bits == 8 else "OW"
    data.save_as(path, enforce_file_format=True)
    return path


def region(top, left, bottom, right, *, space=1, kind=1, unit=3, delta=(0.01, 0.02)):
    """A tag of an ultrasound region; `delta` is the height and the width of a pixel."""
    part = Dataset()
    part.RegionSpatialFormat, part.RegionDataType, part.RegionFlags = space, kind, 0
    part.RegionLocationMinX0, part.RegionLocationMinY0 = left, top
    part.RegionLocationMaxX1, part.RegionLocationMaxY1 = right, bottom
    part.PhysicalUnitsXDirection = part.PhysicalUnitsYDirection = unit
    part.PhysicalDeltaY, part.PhysicalDeltaX = delta
    return part


def decoded(path, frame=None):
    return dicom.decode(path, frame, limit=LIMIT)


def test_a_file_is_recognized_by_its_letters(tmp_path):
    data = drawn(tmp_path / "a.dcm", GREY).read_bytes()
    assert dicom.recognized(data[:132]) and not dicom.recognized(data[:131])
    assert not dicom.recognized(b"DICM" + bytes(200))


@pytest.mark.parametrize(
    "syntax",
    [uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian],
    ids=["explicit", "implicit", "deflated"],
)
@pytest.mark.parametrize("values", [GREY, RNG.integers(0, 65536, (5, 8), np.uint16)], ids=["8 bit", "16 bit"])
def test_grey_is_read_to_the_last_bit(tmp_path, syntax, values):
    found = decoded(drawn(tmp_path / "a.dcm", values, syntax=syntax))
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


def test_colour_is_blue_green_red(tmp_path):
    np.testing.assert_array_equal(decoded(drawn(tmp_path / "a.dcm", COLOUR)), COLOUR[..., ::-1])


def test_luma_and_chroma_become_colour(tmp_path):
    """Y, Cb, Cr = 76, 85, 255 is pure red.

    R = 76 + 1.402 * 127 = 254.05, G = 76 - 0.3441 * (85 - 128) - 0.7141 * 127 = 0.1, B = 76 + 1.772 * (85 - 128) = -0.2
    """
    values = np.full((2, 4, 3), (76, 85, 255), np.uint8)
    found = decoded(drawn(tmp_path / "a.dcm", values, PhotometricInterpretation="YBR_FULL"))
    assert found[0, 0].tolist() == [0, 0, 254]


def test_a_palette_is_looked_up(tmp_path):
    """Entries of 16 bits: their upper half is the colour."""
    path = drawn(
        tmp_path / "a.dcm",
        np.array([[0, 1], [1, 0]], np.uint8),
        PhotometricInterpretation="PALETTE COLOR",
        **{f"{name}PaletteColorLookupTableDescriptor": [2, 0, 16] for name in ("Red", "Green", "Blue")},
        **{
            f"{name}PaletteColorLookupTableData": np.array([0, value << 8], np.uint16).tobytes()
            for name, value in (("Red", 200), ("Green", 100), ("Blue", 10))
        },
    )
    assert decoded(path).tolist() == [[[0, 0, 0], [10, 100, 200]], [[10, 100, 200], [0, 0, 0]]]


@pytest.mark.parametrize(
    ("values", "tags", "expected"),
    [
        # 8 bits inverted: 255 - v
        (np.array([[0, 10, 255]], np.uint8), {"PhotometricInterpretation": "MONOCHROME1"}, [[255, 245, 0]]),
        # 12 of 16 bits inverted: 4095 - v
        (
            np.array([[0, 4095]], np.uint16),
            {"PhotometricInterpretation": "MONOCHROME1", "BitsStored": 12, "HighBit": 11},
            [[4095, 0]],
        ),
        # signed: the least of 16 bits, -32768, is 0
        (np.array([[-32768, -5, 0, 7]], np.int16), {}, [[0, 32763, 32768, 32775]]),
        # a slope below 0 turns the order round, as MONOCHROME1 does; both leave it: 32767 - (-5) = 32772
        (np.array([[-5, 7]], np.int16), {"RescaleSlope": -2, "RescaleIntercept": 0}, [[32772, 32760]]),
        (
            np.array([[0, 10]], np.uint8),
            {"RescaleSlope": -1, "RescaleIntercept": 9, "PhotometricInterpretation": "MONOCHROME1"},
            [[0, 10]],
        ),
    ],
    ids=["inverted", "12 bits inverted", "signed", "falling", "falling and inverted"],
)
def test_larger_is_brighter_from_zero_on(tmp_path, values, tags, expected):
    assert decoded(drawn(tmp_path / "a.dcm", values, **tags)).tolist() == expected


@pytest.mark.parametrize(
    ("syntax", "ending", "model", "apart"),
    [(uid.JPEGBaseline8Bit, ".jpg", "YBR_FULL_422", 6), (uid.JPEG2000Lossless, ".jp2", "YBR_RCT", 1)],
)
def test_a_compressed_picture_is_read(tmp_path, syntax, ending, model, apart):
    stream = cv2.imencode(ending, SMOOTH[..., ::-1])[1].tobytes()
    path = drawn(tmp_path / "a.dcm", SMOOTH, syntax=syntax, streams=[stream], PhotometricInterpretation=model)
    assert np.abs(decoded(path).astype(int) - SMOOTH[..., ::-1]).max() <= apart


def test_each_frame_is_its_own_picture(tmp_path):
    clip = np.stack([GREY, GREY[::-1], 255 - GREY])
    path = drawn(tmp_path / "clip.dcm", clip, frames=3)
    for number, picture in enumerate(clip):
        np.testing.assert_array_equal(decoded(path, number), picture)
    assert dicom.describe(path).frames == 3


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (None, "it holds 3 pictures where one is wanted"),
        (3, "there is no frame 3; its 3 are counted from 0"),
        (-1, "no"),
    ],
)
def test_a_frame_that_is_not_there_is_refused(tmp_path, frame, sentence):
    path = drawn(tmp_path / "clip.dcm", np.stack([GREY] * 3), frames=3)
    with pytest.raises(ValueError, match=rf"clip\.dcm: .*{sentence}"):
        decoded(path, frame)


def test_a_large_picture_is_refused_before_it_is_decoded(tmp_path):
    """The header promises 60,000 by 60,000 pixels; the file holds 60."""
    path = drawn(tmp_path / "bomb.dcm", GREY, Rows=60_000, Columns=60_000)
    with pytest.raises(ValueError, match=r"bomb\.dcm: 60000x60000 pixels are more than the limit of 1 megapixels"):
        decoded(path)
    assert decoded(drawn(tmp_path / "edge.dcm", GREY)).shape == (6, 10)
    with pytest.raises(ValueError, match="10x6 pixels are more than the limit of 5.9e-05 megapixels"):
        dicom.decode(tmp_path / "edge.dcm", None, limit=59)


def test_tags_are_described(tmp_path):
    path = drawn(
        tmp_path / "a.dcm",
        np.zeros((60, 80), np.uint8),
        PatientID=" 0815 ",
        SeriesInstanceUID="1.2.4",
        SequenceOfUltrasoundRegions=[region(10, 5, 49, 74, delta=(-0.008, 0.009))],
    )
    # rows 10 to 49 are 40, columns 5 to 74 are 70; 0.008 cm are 0.08 mm, downwards or upwards
    assert dicom.describe(path) == dicom.Description(
        1, 60, 80, pytest.approx((0.08, 0.09)), (10, 5, 40, 70), "0815", "1.2.4"
    )


def test_a_file_without_such_tags_says_nothing(tmp_path):
    assert dicom.describe(drawn(tmp_path / "a.dcm", GREY)) == dicom.Description(1, 6, 10, None, None, "", "")


def test_the_largest_plane_picture_of_tissue_is_the_region(tmp_path):
    parts = [
        region(0, 0, 59, 79, space=2),  # M-mode, larger
        region(0, 0, 50, 79, kind=2),  # colour flow, larger
        region(0, 0, 9, 9),
        region(20, 10, 59, 39, delta=(0.02, 0.03)),
    ]
    path = drawn(tmp_path / "a.dcm", np.zeros((60, 80), np.uint8), SequenceOfUltrasoundRegions=parts)
    found = dicom.describe(path)
    assert found.box == (20, 10, 40, 30) and found.pitch_mm == pytest.approx((0.2, 0.3))
    path = drawn(tmp_path / "b.dcm", np.zeros((60, 80), np.uint8), SequenceOfUltrasoundRegions=parts[:2])
    assert dicom.describe(path).box == (0, 0, 51, 80)
    path = drawn(tmp_path / "c.dcm", np.zeros((60, 80), np.uint8), SequenceOfUltrasoundRegions=parts[:1])
    assert dicom.describe(path).box is None


def test_a_region_that_counts_its_last_pixel_twice_is_cut_at_the_border(tmp_path):
    path = drawn(tmp_path / "a.dcm", GREY, SequenceOfUltrasoundRegions=[region(0, 2, 6, 10)])
    assert dicom.describe(path).box == (0, 2, 6, 8)


@pytest.mark.parametrize("corners", [(6, 0, 9, 9), (5, 5, 2, 2)])
def test_a_region_without_a_pixel_is_refused(tmp_path, corners):
    path = drawn(tmp_path / "a.dcm", GREY, SequenceOfUltrasoundRegions=[region(*corners)])
    with pytest.raises(ValueError, match=r"a\.dcm: its ultrasound region lies outside its 10x6 pixels"):
        dicom.describe(path)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"PixelSpacing": [0.3, 0.4]}, (0.3, 0.4)),
        ({"ImagerPixelSpacing": [0.5, 0.6], "PixelSpacing": [0.3, 0.4]}, (0.3, 0.4)),
        ({"ImagerPixelSpacing": [0.5, 0.6]}, (0.5, 0.6)),
        ({"PixelSpacing": [0, 0]}, None),
        ({"SequenceOfUltrasoundRegions": [region(0, 0, 5, 9, unit=4)], "PixelSpacing": [0.3, 0.4]}, (0.3, 0.4)),
        ({"SequenceOfUltrasoundRegions": [region(0, 0, 5, 9, delta=(0, 0.1))], "PixelSpacing": [0.3, 0.4]}, (0.3, 0.4)),
        ({"SequenceOfUltrasoundRegions": [region(0, 0, 5, 9)], "PixelSpacing": [0.3, 0.4]}, (0.1, 0.2)),
    ],
)
def test_the_pixel_size_is_the_regions_or_else_the_pictures(tmp_path, tags, expected):
    found = dicom.describe(drawn(tmp_path / "a.dcm", GREY, **tags)).pitch_mm
    assert found == (expected and pytest.approx(expected))


def cut(tmp_path, left_out):
    path = drawn(tmp_path / "whole.dcm", np.zeros((60, 80), np.uint8))
    (tmp_path / "bad.dcm").write_bytes(path.read_bytes()[:-left_out])


def stream_cut(tmp_path, _):
    data = cv2.imencode(".jpg", SMOOTH)[1].tobytes()
    drawn(tmp_path / "bad.dcm", SMOOTH, syntax=uid.JPEGBaseline8Bit, streams=[data[:-40]],
          PhotometricInterpretation="YBR_FULL_422")  # fmt: skip


def made(values=GREY, **tags):
    return lambda tmp_path, _: drawn(tmp_path / "bad.dcm", values, **tags)


@pytest.mark.parametrize(
    ("spoil", "left_out", "sentence"),
    [
        (cut, 1, "cannot be read .*; copy it again from the source"),
        (cut, 2000, "cannot be read"),
        (cut, 4800, "cannot be read"),
        (cut, 4815, "cannot be read"),
        (cut, 4900, "it holds no picture"),
        (stream_cut, 0, "cannot be read"),
        (made(Rows=0), 0, "it holds no picture"),
        (made(Rows=7), 0, "cannot be read"),
        (made(GREY.astype(np.uint32)), 0, "uint32 pixels where whole numbers of 16 bits at most are wanted"),
        (made(COLOUR, PhotometricInterpretation="HSV"), 0, "its colour model HSV is not known"),
        (made(syntax=uid.JPEGLosslessSV1, streams=[b"no"]), 0, "a decoder is missing; pip install 'pylibjpeg"),
        (made(syntax=uid.MPEG2MPML, streams=[b"no"]), 0, "compressed as MPEG2 .*, which pydicom cannot decode"),
        (lambda p, _: (p / "bad.dcm").write_bytes(bytes(128) + b"DICM"), 0, "cannot be read"),
        (lambda p, _: (p / "bad.dcm").write_bytes(b"no"), 0, "not a DICOM file, whatever its name says"),
    ],
    ids=["a byte", "half", "all pixels", "pixels' header", "tags", "stream", "no rows", "rows", "32 bits", "HSV",
         "lossless JPEG", "MPEG", "letters alone", "text"],
)  # fmt: skip
def test_what_is_broken_is_refused_by_name(tmp_path, spoil, left_out, sentence):
    spoil(tmp_path, left_out)
    with pytest.raises(ValueError, match=rf"bad\.dcm: .*{sentence}"):
        decoded(tmp_path / "bad.dcm")


def test_a_missing_file_is_an_os_error(tmp_path):
    for read in (decoded, dicom.describe):
        with pytest.raises(OSError):
            read(tmp_path / "none.dcm")


def test_the_extra_is_named_when_it_is_missing(tmp_path, monkeypatch):
    path = drawn(tmp_path / "a.dcm", GREY)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    monkeypatch.setitem(sys.modules, "pydicom.pixels", None)
    for read in (decoded, dicom.describe):
        with pytest.raises(ValueError, match=r"a\.dcm: reading DICOM wants pydicom; pip install 'ultraseg\[dicom\]'"):
            read(path)
