"""The list of data sets: whole, with addresses and checksums of the right form, and a reader for each."""

import re
from urllib.parse import urlsplit

import pytest

from ultraseg import sources
from ultraseg.sources._source import Download, Kaggle
from ultraseg.unpacking import is_archive

SOURCES = sources.published()
PARTS = [(source, part) for source in SOURCES for part in source.parts]
DOWNLOADS = [(source, part) for source, part in PARTS if isinstance(part, Download)]


def test_the_sets_of_the_reports_and_those_for_external_validation_are_there():
    names = [source.name for source in SOURCES]
    assert len(set(names)) == len(names)
    assert set(names) == {
        *("busi", "bus_bra", "breast_lesions_usg", "bus_uclm", "udiat", "stu_hospital"),
        *("isic2016", "isic2017", "isic2018", "cbis_ddsm_masses", "cxr_lungs", "uw_madison_gi"),
    }
    ways = {source.name: source.way for source in SOURCES}
    assert {ways[name] for name in ("udiat", "stu_hospital")} == {"by hand"}
    assert ways["cxr_lungs"] == "download, Kaggle" and ways["uw_madison_gi"] == "Kaggle"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_source_says_whose_it_is_and_how_it_comes(source):
    assert source.title and source.licence and re.search(r", (19|20)\d\d\b", source.citation)
    assert urlsplit(source.home).scheme == "https"
    assert source.parts or source.by_hand
    assert source.by_hand == "" or source.by_hand.endswith(".")
    files = [part.file for part in source.parts]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize(("source", "part"), DOWNLOADS, ids=lambda value: getattr(value, "file", ""))
def test_a_download_has_a_secure_address_and_a_checksum_with_its_author(source, part):
    assert urlsplit(part.url).scheme == "https" and part.file and "/" not in part.file
    assert bool(part.digest) == bool(part.stated_by)
    assert re.fullmatch(r"|md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", part.digest)
    assert is_archive(part.file) or part.file.endswith(".xlsx")


def test_no_checksum_stands_twice():
    digests = [part.digest for _, part in DOWNLOADS if part.digest]
    assert len(set(digests)) == len(digests) == 17  # 6 + 6 ISIC, 2 BrEaST, BUSI, BUS-BRA, Montgomery


@pytest.mark.parametrize(
    ("part", "url", "file"),
    [
        (Kaggle("a/b-c"), "https://www.kaggle.com/datasets/a/b-c", "b-c.zip"),
        (Kaggle("b-c", competition=True), "https://www.kaggle.com/competitions/b-c", "b-c.zip"),
    ],
)
def test_a_handle_of_kaggle_is_a_page_and_a_file(part, url, file):
    assert (part.url, part.file) == (url, file)
