"""The way of a data set onto this machine, from a real server: good, resumed, wrong, refused, killed, by hand."""

import fcntl
import hashlib
import io
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ultraseg import sources
from ultraseg.sources import _published
from ultraseg.sources._source import Download, Kaggle, Source
from ultraseg.sources.get import get

TODAY = datetime.now(UTC).date().isoformat
ROOT = Path(__file__).parents[2]


@pytest.fixture
def offer(monkeypatch, shop, zipped):
    """Let the server offer a data set of two archives and a table, and name it `tiny`."""
    shop.files["a.zip"] = zipped({"Tiny/one.png": b"1", "Tiny/two.png": b"2"})
    shop.files["b.zip"] = zipped({"Masks/one.png": b"3"})
    shop.files["table.csv"] = b"id,label\n1,benign\n"

    def made(**changes):
        parts = (
            Download(f"{shop.address}/a.zip", "a.zip", f"sha256:{_sha(shop.files['a.zip'])}", "its makers"),
            Download(f"{shop.address}/b.zip", "b.zip", f"md5:{hashlib.md5(shop.files['b.zip']).hexdigest()}", "Zenodo"),
            Download(f"{shop.address}/table.csv", "table.csv", into="Tables"),
        )
        source = replace(Source("tiny", "Tiny set", "CC0", "Nobody, 2026", "https://example.org", parts), **changes)
        monkeypatch.setattr(_published, "SOURCES", (source,))
        return source

    return made


def _sha(content):
    return hashlib.sha256(content).hexdigest()


def held(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


WHOLE = {
    "Tiny/one.png": b"1",
    "Tiny/two.png": b"2",
    "Masks/one.png": b"3",
    "Tables/table.csv": b"id,label\n1,benign\n",
}


def test_a_data_set_comes_with_its_receipt(offer, shop, tmp_path):
    source = offer()
    seen = []

    def watch(work, total, what):
        seen.append(what)
        return work

    fetched = get("tiny", tmp_path, watch=watch)
    assert fetched.source == source and fetched.fresh
    assert fetched.root == tmp_path / "tiny" / "files" and held(fetched.root) == WHOLE
    assert sorted(path.name for path in (tmp_path / "tiny").iterdir()) == [".lock", "files", "receipt.json"]
    receipt = json.loads((tmp_path / "tiny" / "receipt.json").read_text())
    assert (receipt["licence"], receipt["citation"]) == ("CC0", "Nobody, 2026")
    assert receipt["parts"][2] == {
        "file": "table.csv",
        "url": f"{shop.address}/table.csv",
        "bytes": 18,
        "sha256": _sha(shop.files["table.csv"]),
        "compared": "compared with nothing: nobody states a checksum of it, so this one is kept",
        "fetched": TODAY(),
    }
    compared = [entry.compared for entry in fetched.entries]
    assert compared[:2] == ["equal to the SHA-256 stated by its makers", "equal to the MD5 stated by Zenodo"]
    assert seen == [
        *(f"downloading {name}" for name in ("a.zip", "b.zip", "table.csv")),
        *(f"unpacking {name}" for name in ("a.zip", "b.zip")),
    ]


def test_a_second_time_nothing_is_fetched(offer, shop, tmp_path):
    offer()
    first = get("tiny", tmp_path)
    asked = len(shop.asked)
    second = get("tiny", tmp_path)
    assert len(shop.asked) == asked and not second.fresh
    assert (second.root, second.entries) == (first.root, first.entries)


def test_what_comes_later_is_compared_with_the_receipt(offer, shop, tmp_path):
    offer()
    get("tiny", tmp_path)
    (tmp_path / "tiny" / "files").rename(tmp_path / "away")
    assert get("tiny", tmp_path).entries[2].compared == f"equal to what came on {TODAY()}"

    (tmp_path / "tiny" / "files").rename(tmp_path / "away again")
    shop.files["table.csv"] = b"id,label\n1,malignant\n"
    with pytest.raises(ValueError, match=f"is not what came from .*/table.csv on {TODAY()}: SHA-256 was") as fault:
        get("tiny", tmp_path)
    assert _sha(shop.files["table.csv"]) in str(fault.value) and "it was removed" in str(fault.value)
    assert not (tmp_path / "tiny" / "files").exists()
    (tmp_path / "tiny" / "receipt.json").unlink()
    assert held(get("tiny", tmp_path).root)["Tables/table.csv"] == b"id,label\n1,malignant\n"


@pytest.mark.parametrize("part", [0, 1])
def test_a_wrong_checksum_is_named_and_the_file_removed(offer, shop, tmp_path, part):
    wrong = [b"not the file"] * 2
    source = offer()
    shop.files["a.zip"], shop.files["b.zip"] = [
        wrong[0] if part == 0 else shop.files["a.zip"],
        wrong[1] if part == 1 else shop.files["b.zip"],
    ]
    algorithm, _, wanted = source.parts[part].digest.partition(":")
    with pytest.raises(ValueError) as fault:
        get("tiny", tmp_path)
    told = str(fault.value)
    assert wanted in told and hashlib.new(algorithm, wrong[0]).hexdigest() in told
    assert source.parts[part].url in told and source.parts[part].stated_by in told
    assert not (tmp_path / "tiny" / "files").exists()
    assert not (tmp_path / "tiny" / "downloads" / source.parts[part].file).exists()
    assert (tmp_path / "tiny" / "downloads" / "a.zip").exists() == (part == 1)


def test_a_file_put_there_by_hand_is_taken_when_it_is_the_right_one(offer, shop, tmp_path):
    offer()
    downloads = tmp_path / "tiny" / "downloads"
    downloads.mkdir(parents=True)
    (downloads / "a.zip").write_bytes(shop.files["a.zip"])
    (downloads / "note.txt").write_text("mine")
    get("tiny", tmp_path)
    assert "a.zip" not in [path for path, _ in shop.asked]
    assert [path.name for path in downloads.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("entry", ["../evil.png", "/evil.png"])
def test_an_archive_that_is_refused_leaves_no_files(offer, shop, zipped, tmp_path, entry):
    shop.files["b.zip"] = zipped({"Masks/one.png": b"3", entry: b"4"})
    offer()
    with pytest.raises(ValueError, match="b.zip: refused, nothing was unpacked: '.*evil.png'"):
        get("tiny", tmp_path)
    left = sorted(path.name for path in (tmp_path / "tiny").iterdir())
    assert left == [".lock", "downloads"]
    assert not list(tmp_path.rglob("evil.png"))


def test_a_run_that_is_killed_leaves_nothing_under_the_name_and_goes_on(offer, shop, tmp_path):
    source = offer()
    code = f"""
        import os
        from ultraseg.sources import _published
        from ultraseg.sources._source import Download, Source
        from ultraseg.sources.get import get

        _published.SOURCES = ({source!r},)

        def die(work, total, what):
            for number, one in enumerate(work):
                if what == "unpacking b.zip":
                    os._exit(9)
                yield one

        get("tiny", {str(tmp_path)!r}, watch=die)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (9, "")
    place = tmp_path / "tiny"
    [half] = place.glob(".files.*")
    assert held(half) and not (place / "files").exists() and not (place / "receipt.json").exists()
    asked = len(shop.asked)
    assert held(get("tiny", tmp_path).root) == WHOLE
    assert len(shop.asked) == asked, "what was downloaded is not asked for again"
    assert not list(place.glob(".files.*"))


def test_two_runs_at_once_do_not_meet(offer, tmp_path):
    offer()
    (tmp_path / "tiny").mkdir()
    with (tmp_path / "tiny" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ValueError, match="tiny: another run is fetching it"):
            get("tiny", tmp_path)
    assert get("tiny", tmp_path).fresh


def test_offline_tells_what_to_fetch_by_hand_and_where_it_goes(offer, shop, tmp_path):
    offer(by_hand="It is also on the shelf.")
    shop.status = 503
    with pytest.raises(OSError) as fault:
        get("tiny", tmp_path)
    told = str(fault.value)
    assert f"put it at {tmp_path / 'tiny' / 'downloads' / 'a.zip'}" in told
    assert told.startswith(f"tiny: cannot fetch {shop.address}/a.zip (") and told.endswith("It is also on the shelf")


def test_an_unknown_name_lists_what_there_is(tmp_path):
    with pytest.raises(ValueError, match="unknown data set 'busy'; did you mean 'busi'"):
        get("busy", tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_only_a_person_can_fetch_is_explained_and_then_unpacked(offer, zipped, tmp_path):
    offer(parts=(), by_hand="Write to them.", licence="on request")
    downloads = tmp_path / "tiny" / "downloads"
    with pytest.raises(ValueError) as fault:
        get("tiny", tmp_path)
    told = str(fault.value)
    for word in (
        "Write to them.",
        "https://example.org",
        "on request",
        str(downloads),
        str(tmp_path / "tiny" / "files"),
    ):
        assert word in told
    (downloads / "sent.zip").write_bytes(zipped({"BUS/000001.png": b"1"}))
    fetched = get("tiny", tmp_path)
    assert held(fetched.root) == {"BUS/000001.png": b"1"}
    assert fetched.entries[0].url == "https://example.org"
    assert (downloads / "sent.zip").exists(), "what a person had to ask for is kept"


@pytest.mark.parametrize("where", ["tiny", "tiny/files"])
def test_a_folder_that_somebody_put_there_is_left_alone(offer, shop, tmp_path, where):
    offer()
    (tmp_path / where / "Tiny").mkdir(parents=True)
    fetched = get("tiny", tmp_path)
    assert (fetched.root, fetched.entries, fetched.fresh) == (tmp_path / where, (), False)
    assert not shop.asked


def test_a_damaged_receipt_is_named(offer, tmp_path):
    offer()
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "receipt.json").write_text('{"parts": [{"file": "a"}]}')
    with pytest.raises(ValueError, match=r"receipt.json: not a receipt .*; remove it"):
        get("tiny", tmp_path)


class Hub:
    """Kaggle's client as far as it is called: it gives a folder of its cache, or raises."""

    class exceptions:  # noqa: N801  the name of the client's module
        UnauthenticatedError = type("UnauthenticatedError", (Exception,), {})
        CredentialError = type("CredentialError", (Exception,), {})
        BackendError = type("BackendError", (Exception,), {})
        DataCorruptionError = type("DataCorruptionError", (Exception,), {})

    def __init__(self, cache, fault=None):
        self.cache, self.fault, self.asked = cache, fault, []

    def dataset_download(self, handle):
        self.asked.append(("dataset", handle))
        if self.fault:
            raise self.fault
        return str(self.cache)

    def competition_download(self, handle):
        self.asked.append(("competition", handle))
        if self.fault:
            raise self.fault
        return str(self.cache)


@pytest.fixture
def hub(monkeypatch, tmp_path):
    cache = tmp_path / "cache" / "versions" / "1"
    (cache / "mask").mkdir(parents=True)
    (cache / "mask" / "one.png").write_bytes(b"1")
    (cache / "two.csv").write_bytes(b"22")
    made = Hub(cache)
    monkeypatch.setitem(sys.modules, "kagglehub", made)
    return made


@pytest.mark.parametrize("competition", [False, True])
def test_a_set_of_kaggle_comes_through_its_client(offer, hub, tmp_path, competition):
    offer(parts=(Kaggle("them/their-set", competition=competition, into="K"),))
    fetched = get("tiny", tmp_path / "raw")
    assert hub.asked == [("competition" if competition else "dataset", "them/their-set")]
    assert held(fetched.root) == {"K/mask/one.png": b"1", "K/two.csv": b"22"}
    assert held(hub.cache) == {"mask/one.png": b"1", "two.csv": b"22"}, "the client's cache stays whole"
    [entry] = fetched.entries
    listing = f"mask/one.png\0{_sha(b'1')}\ntwo.csv\0{_sha(b'22')}\n".encode()
    assert (entry.bytes, entry.sha256) == (3, _sha(listing))
    (tmp_path / "raw" / "tiny" / "files").rename(tmp_path / "away")
    (hub.cache / "two.csv").unlink()
    (hub.cache / "two.csv").write_bytes(b"23")
    with pytest.raises(ValueError, match="is not what came from https://www.kaggle.com/.*/them/their-set on"):
        get("tiny", tmp_path / "raw")


def test_a_copy_is_made_where_files_cannot_be_linked(offer, hub, tmp_path, monkeypatch):
    def refuse(*paths):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    offer(parts=(Kaggle("them/their-set"),))
    assert held(get("tiny", tmp_path / "raw").root) == {"mask/one.png": b"1", "two.csv": b"22"}


def test_a_link_in_the_clients_folder_is_refused(offer, hub, tmp_path):
    (hub.cache / "out").symlink_to(tmp_path)
    offer(parts=(Kaggle("them/their-set"),))
    with pytest.raises(ValueError, match="out: a link"):
        get("tiny", tmp_path / "raw")
    assert not (tmp_path / "raw" / "tiny" / "files").exists()


def test_kaggles_zip_fetched_in_a_browser_is_taken(offer, hub, zipped, tmp_path):
    offer(parts=(Kaggle("them/their-set"),))
    downloads = tmp_path / "raw" / "tiny" / "downloads"
    downloads.mkdir(parents=True)
    (downloads / "their-set.zip").write_bytes(zipped({"a.png": b"1"}))
    assert held(get("tiny", tmp_path / "raw").root) == {"a.png": b"1"}
    assert not hub.asked


@pytest.mark.parametrize("kind", ["UnauthenticatedError", "CredentialError", "403", "401"])
@pytest.mark.parametrize("competition", [False, True])
def test_missing_credentials_tell_what_to_do(offer, hub, tmp_path, kind, competition):
    import requests

    if kind.isdigit():
        answer = requests.Response()
        answer.status_code = int(kind)
        hub.fault = requests.HTTPError(f"{kind} Client Error.\n\nmore", response=answer)
    else:
        hub.fault = getattr(hub.exceptions, kind)("User is not authenticated")
    offer(parts=(Kaggle("their-set", competition=competition),))
    with pytest.raises(ValueError) as fault:
        get("tiny", tmp_path / "raw")
    told = str(fault.value)
    assert "KAGGLE_USERNAME and KAGGLE_KEY" in told and "~/.kaggle/kaggle.json" in told and "\n" not in told
    assert ("accept the rules at https://www.kaggle.com/competitions/their-set/rules" in told) == competition
    assert str(tmp_path / "raw" / "tiny" / "downloads" / "their-set.zip") in told


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (ConnectionError("HTTPSConnectionPool\nand more"), "no connection"),
        (ValueError("Unsupported archive type.\nand more"), "Unsupported archive type"),
        (Hub.exceptions.DataCorruptionError("The checksum differs.\nand more"), "The checksum differs"),
        (Hub.exceptions.BackendError(), "BackendError"),
    ],
)
def test_kaggle_out_of_reach_is_one_sentence(offer, hub, tmp_path, fault, reason):
    hub.fault = fault
    offer(parts=(Kaggle("them/their-set"),))
    page = "https://www.kaggle.com/datasets/them/their-set"
    with pytest.raises(OSError) as told:
        get("tiny", tmp_path / "raw")
    assert str(told.value).startswith(f"tiny: cannot fetch {page} ({reason}); fetch it by hand in a browser at {page}")


def test_a_full_disk_under_kaggles_client_stays_a_full_disk(offer, hub, tmp_path):
    hub.fault = OSError(28, "No space left on device")
    offer(parts=(Kaggle("them/their-set"),))
    with pytest.raises(OSError) as fault:
        get("tiny", tmp_path / "raw")
    assert fault.value.errno == 28


def test_kaggles_client_that_is_missing_is_named(offer, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    offer(parts=(Kaggle("them/their-set"),))
    with pytest.raises(
        ValueError, match=r"tiny: fetching wants the package kagglehub: pip install 'ultraseg\[fetch\]'"
    ):
        get("tiny", tmp_path / "raw")


def test_the_faults_that_are_told_apart_are_the_clients_own():
    real = pytest.importorskip("kagglehub", reason="wants the extra fetch")
    names = [name for name in vars(Hub.exceptions) if name.endswith("Error")]
    assert len(names) == 4 and all(issubclass(getattr(real.exceptions, name), Exception) for name in names)
    assert callable(real.dataset_download) and callable(real.competition_download)


def test_nothing_is_imported_before_it_is_wanted():
    code = (
        "import sys, ultraseg.sources; print(*sorted({'pooch', 'kagglehub', 'requests', 'keras'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_a_tar_comes_as_a_zip_does(offer, shop, tmp_path):
    import tarfile

    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as archive:
        info = tarfile.TarInfo("Tiny/one.png")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"1"))
    shop.files["a.tar.gz"] = memory.getvalue()
    offer(parts=(Download(f"{shop.address}/a.tar.gz", "a.tar.gz"),))
    assert held(sources.get("tiny", tmp_path).root) == {"Tiny/one.png": b"1"}
