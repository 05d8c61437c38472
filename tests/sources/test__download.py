"""One file over HTTP: whole, resumed where it was cut, begun again where it is another file, and every refusal."""

import errno
import socket
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from ultraseg.sources import _download
from ultraseg.sources._download import download

BODY = bytes(range(256)) * 12_000  # 3,072,000 bytes: two chunks of one MiB and a shorter one
HALF = 1_500_000


def unwatched(work, total, what):
    return work


def fetch(shop, path, watch=unwatched):
    download("busi", f"{shop.address}/a.zip", path, advice="", watch=watch, timeout=5)


def test_a_file_comes_whole_and_nothing_else_is_left(shop, tmp_path):
    shop.files["a.zip"] = BODY
    seen = []

    def watch(work, total, what):
        seen.append((total, what))
        return work

    fetch(shop, tmp_path / "a.zip", watch)
    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
    assert shop.asked == [("a.zip", "")]
    assert seen == [(3, "downloading a.zip")]  # 3,072,000 / 1,048,576 = 2.9


def test_a_cut_download_goes_on_by_itself_where_it_was_cut(shop, tmp_path):
    shop.files["a.zip"], shop.cuts = BODY, [HALF]
    fetch(shop, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY
    (_, whole), (_, rest) = shop.asked
    assert whole == "" and rest.startswith("bytes=")
    assert 0 < int(rest[6:-1]) <= HALF


def test_a_later_run_goes_on_where_an_earlier_one_was_stopped(shop, tmp_path):
    shop.files["a.zip"] = BODY

    def stopped(work, total, what):
        yield next(iter(work))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(shop, tmp_path / "a.zip", stopped)
    assert not (tmp_path / "a.zip").exists()
    fetch(shop, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert shop.asked[1] == ("a.zip", "bytes=1048576-")


@pytest.mark.parametrize("change", ["another file", "no ranges", "another address", "no tag", "another range"])
def test_bytes_of_another_file_are_never_joined(shop, tmp_path, change):
    shop.files["a.zip"], shop.files["b.zip"], shop.cuts = BODY, BODY, [HALF, 0]
    if change == "no tag":
        shop.tag = ""
    with pytest.raises(OSError, match="what has come is kept$"):
        fetch(shop, tmp_path / "a.zip")
    new = BODY if change == "another range" else BODY[::-1]
    shop.files["a.zip"] = shop.files["b.zip"] = new
    shop.cuts, shop.ranges = [], change != "no ranges"
    shop.shift = change == "another range"
    shop.tag = {"no tag": "", "another file": '"two"', "no ranges": '"two"'}.get(change, shop.tag)
    name = "b.zip" if change == "another address" else "a.zip"
    download("busi", f"{shop.address}/{name}", tmp_path / "a.zip", advice="", watch=unwatched, timeout=5)
    assert (tmp_path / "a.zip").read_bytes() == new


def test_a_file_that_was_whole_when_the_run_ended_is_taken(shop, tmp_path):
    shop.files["a.zip"] = BODY
    (tmp_path / "a.zip.part").write_bytes(BODY)
    (tmp_path / "a.zip.part.of").write_text(f"{shop.address}/a.zip\n{shop.tag}")
    fetch(shop, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY
    assert shop.asked == [("a.zip", f"bytes={len(BODY)}-")]


def test_more_bytes_than_the_file_has_are_thrown_away(shop, tmp_path):
    shop.files["a.zip"] = BODY
    (tmp_path / "a.zip.part").write_bytes(BODY + b"more")
    (tmp_path / "a.zip.part.of").write_text(f"{shop.address}/a.zip\n{shop.tag}")
    fetch(shop, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == BODY


@pytest.mark.parametrize(("status", "reason"), [(403, "403 Forbidden"), (404, "404 Not Found"), (503, "503 Service")])
def test_a_refusal_of_the_server_is_one_sentence(shop, tmp_path, status, reason):
    shop.status = status
    with pytest.raises(OSError, match=f"^busi: cannot fetch http://.*/a.zip .the server answers {reason}") as fault:
        fetch(shop, tmp_path / "a.zip")
    assert f"put it at {tmp_path / 'a.zip'}" in str(fault.value)
    assert not (tmp_path / "a.zip").exists()


def test_a_page_is_not_taken_for_the_file(shop, tmp_path):
    shop.files["a.zip"], shop.kind = b"<html>please log in</html>", "text/html; charset=utf-8"
    with pytest.raises(OSError, match="a page instead of the file"):
        fetch(shop, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_without_a_network_it_ends_within_seconds(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/a.zip"
    before = time.monotonic()
    with pytest.raises(OSError, match="no connection"):
        download("busi", url, tmp_path / "a.zip", advice="", watch=unwatched, timeout=5)
    assert time.monotonic() - before < 5


def test_a_server_that_says_nothing_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(OSError, match="no answer for 0.2 seconds"):
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/a.zip"
        download("busi", url, tmp_path / "a.zip", advice="", watch=unwatched, timeout=0.2)


def test_a_file_that_does_not_fit_is_not_begun(shop, tmp_path, monkeypatch):
    shop.files["a.zip"] = BODY
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(_download.shutil, "disk_usage", lambda path: usage(10, 9, 1))
    with pytest.raises(OSError) as fault:
        fetch(shop, tmp_path / "a.zip")
    assert fault.value.errno == errno.ENOSPC
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="wants a disk that is always full")
def test_a_disk_that_fills_up_is_said_so_and_leaves_no_file(shop, tmp_path):
    shop.files["a.zip"] = BODY

    def filling(work, total, what):
        (tmp_path / "a.zip.part").unlink()
        yield next(iter(work))
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(OSError) as fault:
        fetch(shop, tmp_path / "a.zip", filling)
    assert fault.value.errno == errno.ENOSPC
    assert not (tmp_path / "a.zip").exists()


def test_the_package_that_is_missing_is_named_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ValueError, match=r"busi: fetching wants the package pooch: pip install 'ultraseg\[fetch\]'"):
        download("busi", "http://127.0.0.1/a.zip", tmp_path / "a.zip", advice="", watch=unwatched, timeout=1)
