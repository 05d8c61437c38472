"""CBIS-DDSM's reader: masks told from cut-outs by size, whole mammograms or single masses, both releases."""

import cv2
import numpy as np
import pytest

from ultraseg import catalogue, pixels
from ultraseg.datasets import cbis_ddsm_masses
from ultraseg.samples import Faulty

HEADER = (
    "patient_id,breast_density,left or right breast,image view,abnormality id,abnormality type,mass shape,mass margins,"
    "assessment,pathology,subtlety,image file path,cropped image file path,ROI mask file path"
)
WHOLE = {"complete": False, "view": "whole"}
CUT = {"complete": False, "view": "roi"}


class Drawn:
    """A release as it is drawn: every mammogram is 20x30, every mass a square of 4x4 pixels."""

    def __init__(self, root, kaggle):
        self.root, self.kaggle, self.series, self.files = root, kaggle, 0, []
        self.lines = {"train": [], "test": []}

    def mammogram(self, name):
        """Draw one; the path that tables give it."""
        return self._put(name, [np.full((20, 30), 90, np.uint8)])[0]

    def mass(self, image, pathology, number=1, *, at=(5, 6), size=(20, 30), cut=(9, 9), swapped=False, apart=False):
        """Draw a mass with its mask and its cut-out, and write its line."""
        mask = np.zeros(size, np.uint8)
        mask[at[0] : at[0] + 4, at[1] : at[1] + 4] = 255
        parts = [np.full(cut, 120, np.uint8), mask]
        folder = f"{image.partition('/')[0]}_{number}"
        files = parts[::-1] if swapped else parts
        cut, roi = [self._put(folder, [part])[0] for part in files] if apart else self._put(folder, files)
        patient = "_".join(folder.split("_")[1:3])
        set_name = "train" if "Training" in folder else "test"
        self.lines[set_name].append(
            f'{patient},3,LEFT,CC,{number},mass,OVAL,SPICULATED,4,{pathology},4,{image},{cut},"{roi}\n"'
        )

    def write(self):
        """Write the tables, each path of a mask with the line break that was published."""
        folder = self.root / "csv" if self.kaggle else self.root
        folder.mkdir(parents=True, exist_ok=True)
        for name, lines in self.lines.items():
            (folder / f"mass_case_description_{name}_set.csv").write_text("\n".join([HEADER, *lines]) + "\n")
        return self.root

    def _put(self, folder, pictures):
        self.series += 1
        study, series = f"1.3.6.1.4.1.9590.{self.series}.1", f"1.3.6.1.4.1.9590.{self.series}.2"
        for number, picture in enumerate(pictures, start=1):
            if self.kaggle:
                path = self.root / "jpeg" / series / f"{number}-{100 + self.series}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), picture)
            else:
                below = f"07-20-2016-DDSM-NA-{self.series}/1.000000-ROI mask images-{self.series}"
                path = self.root / "manifest-1" / "CBIS-DDSM" / folder / below / f"1-{number}.dcm"
                save(path, picture)
            self.files.append(path)
        return [f"{folder}/{study}/{series}/{number:06}.dcm" for number in range(len(pictures))]


def save(path, picture):
    """Write a grey DICOM file of 8 bits."""
    pydicom = pytest.importorskip("pydicom")
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data = pydicom.Dataset()
    data.file_meta = meta
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    data.Rows, data.Columns = picture.shape
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    data.PixelData = picture.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)


@pytest.fixture(params=[True, False], ids=["kaggle", "archive"])
def drawn(request, tmp_path):
    """A mammogram with two masses, one whose mask and cut-out are swapped, and one whose files lie in two series."""
    release = Drawn(tmp_path, request.param)
    first = release.mammogram("Mass-Training_P_00001_LEFT_CC")
    release.mass(first, "BENIGN")
    release.mass(first, "MALIGNANT", 2, at=(12, 20), swapped=True)
    second = release.mammogram("Mass-Training_P_00001_LEFT_MLO")
    release.mass(second, "BENIGN_WITHOUT_CALLBACK", apart=True)
    release.mass(release.mammogram("Mass-Test_P_00016_LEFT_CC"), "BENIGN", apart=True, swapped=True)
    release.write()
    return release


def test_a_whole_mammogram_has_its_masks_united(drawn):
    test, first, second = cbis_ddsm_masses(drawn.root, **WHOLE)
    assert [(s.id, s.label, s.group, s.source, len(s.masks)) for s in (first, second, test)] == [
        ("Mass-Training_P_00001_LEFT_CC", "malignant", "P_00001", "CBIS-DDSM training", 2),
        ("Mass-Training_P_00001_LEFT_MLO", "benign", "P_00001", "CBIS-DDSM training", 1),
        ("Mass-Test_P_00016_LEFT_CC", "benign", "P_00016", "CBIS-DDSM test", 1),
    ]
    image, mask = pixels.read(first, 1)
    assert image.shape == (20, 30, 1) and abs(int(image[0, 0, 0]) - 90) <= 1
    assert mask.sum() == 32 and mask[5:9, 6:10].all() and mask[12:16, 20:24].all()


def test_a_mass_is_cut_out_around_its_own_mask(drawn):
    samples = cbis_ddsm_masses(drawn.root, part="training", margin=0.5, **CUT)
    assert [(s.id, s.label) for s in samples] == [
        ("Mass-Training_P_00001_LEFT_CC_1", "benign"),
        ("Mass-Training_P_00001_LEFT_CC_2", "malignant"),
        ("Mass-Training_P_00001_LEFT_MLO_1", "benign"),
    ]
    assert all(len(s.masks) == 1 and s.group == "P_00001" for s in samples)
    for sample in samples:
        image, mask = pixels.read(sample, 1)
        # 4 pixels and half of them on each side: 8; the mass in the middle
        assert image.shape == (8, 8, 1) and mask.sum() == 16 and mask[2:6, 2:6].all()


def test_the_tables_count_masses(drawn):
    with pytest.raises(Faulty) as refused:
        cbis_ddsm_masses(drawn.root, view="whole")
    said = [fault.partition(": ")[2].partition(";")[0] for fault in refused.value.faults]
    assert said == [
        "1318 masses of CBIS-DDSM training are published, found 3",
        "378 masses of CBIS-DDSM test are published, found 1",
    ]
    assert len(refused.value.samples) == 3


def test_misfits_are_named_or_left_out(drawn):
    image = drawn.mammogram("Mass-Test_P_00145_LEFT_CC")
    drawn.mass(image, "MALIGNANT", size=(17, 26))
    drawn.mass(image, "MALIGNANT", 2)
    drawn.write()
    with pytest.raises(
        Faulty, match="no file of its mass 1 has its size; leave it out with `misfits: drop`"
    ) as refused:
        cbis_ddsm_masses(drawn.root, part="test", **WHOLE)
    assert len(refused.value.faults) == 1
    whole = cbis_ddsm_masses(drawn.root, part="test", misfits="drop", **WHOLE)
    assert [s.id for s in whole] == ["Mass-Test_P_00016_LEFT_CC"]
    cut = cbis_ddsm_masses(drawn.root, part="test", misfits="drop", **CUT)
    assert [s.id for s in cut] == ["Mass-Test_P_00016_LEFT_CC_1", "Mass-Test_P_00145_LEFT_CC_2"]


def test_lines_without_their_mammogram_belong_to_a_partial_copy(drawn):
    drawn.mass("Mass-Test_P_00017_LEFT_CC/1.2/1.3/000000.dcm", "BENIGN")
    drawn.write()
    assert len(cbis_ddsm_masses(drawn.root, **WHOLE)) == 3
    with pytest.raises(Faulty) as refused:
        cbis_ddsm_masses(drawn.root, view="whole", part="test")
    assert "line 5: 0 files in the folder of 'Mass-Test_P_00017_LEFT_CC/1.2/1.3/000000.dcm'" in refused.value.faults[0]


def test_everything_wrong_is_named_at_once(drawn):
    names = [f"Mass-Test_P_0002{number}_LEFT_CC" for number in range(5)]
    images = [drawn.mammogram(name) for name in names]
    drawn.mass(images[0], "UNPROVEN")
    drawn.mass(images[1], "BENIGN", size=(17, 26))
    drawn.mass(images[2], "BENIGN", cut=(20, 30))
    alike = drawn.files[-1]
    drawn.mass(images[3], "BENIGN")
    drawn.files[-1].write_bytes(b"no picture")
    broken = drawn.files[-1]
    drawn.mass(images[4], "BENIGN")
    for path in drawn.files[-2:]:
        path.unlink()
    drawn.write()
    with pytest.raises(Faulty) as refused:
        cbis_ddsm_masses(drawn.root, part="test", **CUT)
    said = [fault.removeprefix(f"{drawn.root}/").removeprefix("csv/") for fault in refused.value.faults]
    table = "mass_case_description_test_set.csv"
    assert said[0].startswith(
        f"{table}: line 5: the pathology is 'UNPROVEN' where BENIGN or BENIGN_WITHOUT_CALLBACK or "
    )
    assert said[1].startswith(f"{alike.relative_to(drawn.root)}: as large as its mammogram, and ")
    assert said[2].startswith(f"{broken.relative_to(drawn.root)}: not a {'JPEG' if drawn.kaggle else 'DICOM file'}")
    assert said[3].startswith(f"{table}: line 13: no file in the folder of '{names[4]}_1/")
    assert said[4].endswith("no file of its mass 1 has its size; leave it out with `misfits: drop`")
    assert len(said) == 5
    assert [s.id for s in refused.value.samples] == ["Mass-Test_P_00016_LEFT_CC_1"]


def test_an_empty_folder_of_a_mammogram(drawn):
    drawn.files[0].unlink()
    with pytest.raises(Faulty, match="line 3: 0 files in the folder of 'Mass-Training_P_00001_LEFT_CC/"):
        cbis_ddsm_masses(drawn.root, view="roi", part="training")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"view": "crop"}, "view must be 'whole' or 'roi', got 'crop'"),
        ({"view": "roi", "margin": -0.1}, "margin must be 0 or more, got -0.1"),
        ({"view": "roi", "part": "train"}, "part must be among training, test, all, got 'train'"),
        ({"view": "roi", "misfits": "keep"}, "misfits must be 'refuse' or 'drop', got 'keep'"),
    ],
)
def test_a_wrong_option_is_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=f"cbis_ddsm_masses: {message}"):
        cbis_ddsm_masses(tmp_path, **options)


def test_the_view_must_be_chosen():
    assert catalogue.options("datasets", "cbis_ddsm_masses")["view"].required


def test_another_folder(tmp_path):
    with pytest.raises(ValueError, match="the folder jpeg or CBIS-DDSM is wanted here"):
        cbis_ddsm_masses(tmp_path, view="roi")
    (tmp_path / "jpeg").mkdir()
    with pytest.raises(Faulty, match=r"mass_case_description_train_set\.csv: no such table"):
        cbis_ddsm_masses(tmp_path, **WHOLE)
