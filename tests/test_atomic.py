"""Whole or absent: what a failed block leaves behind, and what it leaves alone."""

import errno
import os

import pytest

from ultraseg import atomic


def test_a_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with atomic.file(path) as temporary:
        temporary.write_text("whole")
        assert temporary.suffix == ".txt" and not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_block_leaves_the_older_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    atomic.text(path, "older")
    with pytest.raises(RuntimeError), atomic.file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(OSError), atomic.file(tmp_path / "a.txt"):
        pass
    assert not list(tmp_path.iterdir())


def test_text_is_utf_8_and_replaces(tmp_path):
    atomic.text(tmp_path / "a.txt", "first")
    atomic.text(tmp_path / "a.txt", "µm")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc2\xb5m"


def test_a_folder_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "new" / "set"
    with atomic.folder(path) as temporary:
        (temporary / "one").write_text("1")
        assert not path.exists() and temporary.parent == path.parent
    assert [entry.name for entry in path.iterdir()] == ["one"]
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o755


def test_a_failed_folder_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), atomic.folder(tmp_path / "set") as temporary:
        (temporary / "one").write_text("1")
        raise RuntimeError
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [[], ["older"]])
def test_a_folder_that_is_there_is_not_replaced(tmp_path, content):
    path = tmp_path / "set"
    path.mkdir()
    for name in content:
        (path / name).write_text(name)
    with pytest.raises(OSError), atomic.folder(path) as temporary:
        (temporary / "one").write_text("1")
    assert [entry.name for entry in path.iterdir()] == content
    assert list(tmp_path.iterdir()) == [path]


def no_links(*_):
    raise OSError(errno.EOPNOTSUPP, "no hard links here")


@pytest.mark.parametrize("links", [True, False])
def test_a_second_name_outlives_the_first(tmp_path, monkeypatch, links):
    best, backup = tmp_path / "best", tmp_path / "backup"
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    atomic.text(backup, "older")
    atomic.text(best, "first")
    atomic.again(best, backup)
    assert backup.read_text() == "first" and backup.samefile(best) == links
    atomic.text(backup, "second")
    assert best.read_text() == "first" and backup.read_text() == "second"
    assert sorted(tmp_path.iterdir()) == [backup, best]


@pytest.mark.parametrize("write", [atomic.file, atomic.folder])
def test_folders_made_for_what_failed_are_gone_and_others_stay(tmp_path, write):
    (tmp_path / "older").mkdir()
    for path in (tmp_path / "new" / "newer" / "a", tmp_path / "older" / "a"):
        with pytest.raises(RuntimeError), write(path):
            raise RuntimeError
    assert list(tmp_path.rglob("*")) == [tmp_path / "older"]
    with pytest.raises(RuntimeError), write(tmp_path / "new" / "a"):
        (tmp_path / "new" / "of another process").touch()
        raise RuntimeError
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "of another process"]


@pytest.mark.parametrize("write", [atomic.file, atomic.folder])
def test_what_cannot_be_written_is_named_as_the_caller_named_it(tmp_path, write):
    with pytest.raises(PermissionError) as refused, write(tmp_path / "a") as temporary:
        raise PermissionError(errno.EACCES, "Permission denied", str(temporary / "inside"))
    assert refused.value.filename == str(tmp_path / "a")
    with pytest.raises(FileNotFoundError) as refused, write(tmp_path / "a"):
        (tmp_path / "another").read_text()
    assert refused.value.filename == str(tmp_path / "another")


def not_here(*_, **__):
    """What a folder that cannot be written does; root's tests could write into any."""
    raise PermissionError(errno.EACCES, "Permission denied", f"{_[0]}")


def test_a_name_where_nothing_can_be_written_is_refused_before(tmp_path, monkeypatch):
    atomic.refuse_unwritable(tmp_path / "new" / "a")
    assert not list(tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)
    atomic.refuse_unwritable("a")
    monkeypatch.setattr(os, "mkdir", not_here)
    with pytest.raises(PermissionError) as refused:
        atomic.refuse_unwritable("a")
    assert refused.value.filename == "a"
    for write in (atomic.file, atomic.folder):
        with pytest.raises(PermissionError) as refused, write("a"):
            pass
        assert refused.value.filename == "a"
