"""Archives taken apart without trust: what is refused, with the archive's and the entry's name, and what is not."""

import errno
import gzip
import io
import stat
import tarfile
import zipfile
from collections import namedtuple

import pytest

from ultraseg import unpacking
from ultraseg.unpacking import unpack

KINDS = [".zip", ".tar", ".tar.gz", ".tgz"]


def unwatched(work, total, what):
    return work


def pack(path, entries, *, kinds=None):
    """Write an archive; `kinds` changes an entry: link, hard link, fifo, device, encrypted."""
    kinds = kinds or {}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                mode = {"link": stat.S_IFLNK, "fifo": stat.S_IFIFO, "device": stat.S_IFBLK}.get(kinds.get(name), 0)
                info.external_attr = (mode | 0o644) << 16 if mode else 0
                archive.writestr(info, content)
        return path
    with tarfile.open(path, "w" if path.suffix == ".tar" else "w:gz") as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            kind = {
                "link": tarfile.SYMTYPE,
                "hard link": tarfile.LNKTYPE,
                "fifo": tarfile.FIFOTYPE,
                "device": tarfile.BLKTYPE,
            }.get(kinds.get(name), tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE)
            info.type = kind
            if kind != tarfile.REGTYPE:
                info.size, info.linkname = 0, content.decode()
            archive.addfile(info, io.BytesIO(content))
    return path


def listed(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_is_unpacked(tmp_path, kind):
    entries = [
        ("./", b""),
        ("a/", b""),
        ("a/é (1) [x].png", b"one"),
        ("./b.csv", b"two"),
        ("empty/", b""),
        ("__MACOSX/._b", b"x"),
    ]
    seen = []

    def watch(work, total, what):
        seen.append(what)
        return work

    unpack(pack(tmp_path / f"set{kind}", entries), tmp_path / "out", watch=watch)
    assert listed(tmp_path / "out") == {"a/é (1) [x].png": b"one", "b.csv": b"two"}
    assert (tmp_path / "out" / "empty").is_dir()
    assert seen == [f"unpacking set{kind}"]
    assert (tmp_path / "out" / "b.csv").stat().st_mode & 0o111 == 0


def test_what_is_no_archive_is_copied(tmp_path):
    (tmp_path / "table.xlsx").write_bytes(b"PK\x03\x04 an xlsx begins as a zip does")
    unpack(tmp_path / "table.xlsx", tmp_path / "out", watch=unwatched)
    assert list(listed(tmp_path / "out")) == ["table.xlsx"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../evil.png", "leads out of the folder"),
        ("a/../../evil.png", "leads out of the folder"),
        ("..\\evil.png", "leads out of the folder"),
        ("/tmp/evil.png", "is an absolute path"),
        ("\\evil.png", "is an absolute path"),
        ("C:\\evil.png", "is an absolute path"),
        ("c:evil.png", "is an absolute path"),
        ("a/b\nc.png", "has a control character"),
        (f"{'é' * 128}.png", "has a name of more than 255 bytes"),  # 128 letters of 2 bytes and 4 more
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, kind, name, why):
    archive = pack(tmp_path / f"set{kind}", [("good.png", b"1"), (name, b"2")])
    with pytest.raises(ValueError) as fault:
        unpack(archive, tmp_path / "inner" / "out", watch=unwatched)
    assert str(fault.value).startswith(f"{archive}: refused, nothing was unpacked: {name!r} {why}")
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize(
    ("kind", "what", "why"),
    [
        (kind, what, "a link" if "link" in what else "a device or another special file")
        for kind in KINDS
        for what in ("link", "hard link", "fifo", "device")
        if (kind, what) != (".zip", "hard link")  # which a zip does not know
    ],
)
def test_what_is_no_file_is_refused(tmp_path, kind, what, why):
    archive = pack(tmp_path / f"set{kind}", [("good.png", b"1"), ("odd", b"../../secret")], kinds={"odd": what})
    with pytest.raises(ValueError, match=f"'odd' is {why}"):
        unpack(archive, tmp_path / "out", watch=unwatched)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "names",
    [
        ("a.png", "a.png"),
        ("a.png", "A.PNG"),
        ("é.png", "e\u0301.png"),
        ("a", "a/b.png"),
        ("a/b.png", "a"),
        ("a", "a/"),
        ("x/a.png", "x/./a.png"),
        ("x/a.png", "x\\a.png"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns while the test draws the archive
def test_names_that_would_be_one_file_are_refused(tmp_path, kind, names):
    archive = pack(tmp_path / f"set{kind}", [(name, b"1") for name in names])
    with pytest.raises(ValueError, match="would be one file|is a file"):
        unpack(archive, tmp_path / "out", watch=unwatched)


def test_an_encrypted_entry_is_refused(tmp_path):
    archive = pack(tmp_path / "set.zip", [("good.png", b"1"), ("secret.png", b"2")])
    content = bytearray(archive.read_bytes())
    entry = content.rindex(b"PK\x01\x02")  # the last line of the list at the end; its flags stand 8 bytes on
    content[entry + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(ValueError, match="'secret.png' is encrypted"):
        unpack(archive, tmp_path / "out", watch=unwatched)
    assert not listed(tmp_path / "out")


@pytest.mark.parametrize("kind", [".zip", ".tar.gz"])
def test_a_bomb_is_refused(tmp_path, kind):
    """20 MiB of zeros become about 20 KiB, a thousandth: above the hundredth, and above the 16 MiB that are free."""
    archive = pack(tmp_path / f"set{kind}", [("zeros.png", bytes(20 * 2**20))])
    with pytest.raises(ValueError, match="'zeros.png' would make 20971520 bytes of .* as a decompression bomb does"):
        unpack(archive, tmp_path / "out", watch=unwatched)
    assert not listed(tmp_path / "out")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("limit", "why"),
    [({"entries": 2}, "'c' comes after 2 others"), ({"size": 5}, "'c' would make 6 bytes of it, and 5")],
)
def test_too_many_or_too_much_is_refused(tmp_path, kind, limit, why):
    archive = pack(tmp_path / f"set{kind}", [(name, b"12") for name in "abc"])
    with pytest.raises(ValueError, match=why):
        unpack(archive, tmp_path / "out", watch=unwatched, **limit)
    unpack(archive, tmp_path / "all", watch=unwatched, **{key: value + 1 for key, value in limit.items()})
    assert len(listed(tmp_path / "all")) == 3


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        (kind, damage)
        for kind in KINDS
        for damage in ("cut", "nothing", "text", "flipped")
        if (kind, damage) != (".tar", "flipped")  # which has no checksum of what is in it
    ],
)
def test_a_damaged_archive_is_named(tmp_path, kind, damage):
    noise = bytes((7919 * number) % 251 for number in range(20_000))
    archive = pack(tmp_path / f"set{kind}", [("a.png", noise), ("b.png", noise)])
    content = bytearray(archive.read_bytes())
    if damage == "flipped":
        content[len(content) // 3] ^= 0xFF
    archive.write_bytes({"cut": content[: len(content) // 2], "nothing": b"", "text": b"<html>"}.get(damage, content))
    with pytest.raises(ValueError, match="damaged .*; remove it and fetch it again") as fault:
        unpack(archive, tmp_path / "out", watch=unwatched)
    assert str(archive) in str(fault.value)


def test_a_gzip_that_goes_on_after_its_last_entry_is_refused(tmp_path):
    archive = pack(tmp_path / "set.tar", [("a.png", b"1")])
    (tmp_path / "set.tgz").write_bytes(gzip.compress(archive.read_bytes() + bytes(20 * 2**20)))
    with pytest.raises(ValueError, match="it goes on after its last entry"):
        unpack(tmp_path / "set.tgz", tmp_path / "out", watch=unwatched)


def test_a_gzip_whose_sum_is_wrong_is_damaged(tmp_path):
    archive = pack(tmp_path / "set.tar", [("a.png", bytes(5000))])
    packed = bytearray(gzip.compress(archive.read_bytes()))
    packed[-6] ^= 0xFF  # of the checksum in the last eight bytes
    (tmp_path / "set.tgz").write_bytes(packed)
    with pytest.raises(ValueError, match="damaged"):
        unpack(tmp_path / "set.tgz", tmp_path / "out", watch=unwatched)


@pytest.mark.parametrize("name", ["set.7z", "set.rar", "set.tar.xz", "table.csv.gz"])
def test_other_archives_are_left_to_a_person(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ValueError, match="unpack it by hand"):
        unpack(tmp_path / name, tmp_path / "out", watch=unwatched)


def test_a_zip_that_does_not_fit_is_not_begun(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(unpacking.shutil, "disk_usage", lambda path: usage(10, 9, 1))
    with pytest.raises(OSError) as fault:
        unpack(pack(tmp_path / "set.zip", [("a", b"12")]), tmp_path / "out", watch=unwatched)
    assert fault.value.errno == errno.ENOSPC and not listed(tmp_path / "out")
