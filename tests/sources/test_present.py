"""What is here: nothing, a whole set, one that its reader complains of, a download that was cut."""

import pytest

from ultraseg import sources
from ultraseg.sources._place import Entry, Place
from ultraseg.sources.present import present


@pytest.fixture
def found(tmp_path):
    def look(name):
        [one] = [one for one in present(tmp_path) if one.source.name == name]
        return one

    return look


def test_every_data_set_is_listed_though_nothing_is_here(tmp_path):
    listed = present(tmp_path / "not there")
    assert [one.source for one in listed] == list(sources.published())
    assert {(one.root, one.images, one.note, one.entries) for one in listed} == {(None, None, "", ())}


@pytest.mark.parametrize("where", ["busi", "busi/files", "busi/files/Dataset_BUSI_with_GT"])
def test_images_are_counted_by_the_reader_which_may_complain(tiny_busi, tmp_path, found, where):
    (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
    tiny_busi.rename(tmp_path / where)
    one = found("busi")
    assert one.root == tmp_path / "/".join(where.split("/")[:2])
    assert one.images == 9  # 4 benign, 3 malignant and 2 normal ones are drawn
    assert "437 benign images are published, found 4" in one.note and one.note.endswith("(and 2 more)")
    assert one.entries == ()


def test_a_folder_that_is_another_set_is_told(tmp_path, found):
    (tmp_path / "busi" / "files" / "x").mkdir(parents=True)
    one = found("busi")
    assert (one.images, one.root) == (None, tmp_path / "busi" / "files")
    assert "normal wanted here" in one.note


def test_the_receipt_is_shown(tmp_path, found):
    entry = Entry("BUSBRA.zip", "https://zenodo.org", 7, "ab" * 32, "equal to the MD5 stated by Zenodo", "2026-11-22")
    Place(tmp_path / "bus_bra").write(sources.find("bus_bra"), (entry,))
    assert found("bus_bra").entries == (entry,) and found("bus_bra").root is None


def test_a_download_that_was_cut_is_told(tmp_path, found):
    downloads = tmp_path / "bus_bra" / "downloads"
    downloads.mkdir(parents=True)
    assert found("bus_bra").note == ""
    (downloads / "BUSBRA.zip.part").write_bytes(bytes(3 * 2**20))
    assert found("bus_bra").note == "3 MiB are kept of a download that is not finished"


def test_real_busi_is_counted(busi_root, tmp_path, found):
    (tmp_path / "busi").symlink_to(busi_root)
    assert (found("busi").images, found("busi").note) == (780, "")
