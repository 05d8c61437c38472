"""A weight file: given, fetched and checked, or said to be missing in one sentence."""

from http.client import IncompleteRead

import pytest

from ultraseg.weight_file import first_line, weight_file

ADDRESS = "https://example.org/releases/tiny_notop.h5"


def test_none_is_none():
    assert weight_file("Tiny", None, ADDRESS, "00") is None


@pytest.mark.parametrize("weights", ["nowhere.h5", "imagnet", "", 3, True, "."])
def test_what_is_no_file_is_refused(weights):
    with pytest.raises(ValueError) as refused:
        weight_file("Tiny", weights, ADDRESS, "00")
    assert str(refused.value) == (
        f"Tiny: weights must be imagenet or the path of an .h5 file such as {ADDRESS}, "
        f"got {weights!r}, which is no such file"
    )


def test_only_h5_files_are_taken(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="Tiny: weights must be imagenet or the path of an .h5 file"):
        weight_file("Tiny", str(path), ADDRESS, "00")


def test_imagenet_is_taken_from_kerass_cache_where_the_hash_fits(monkeypatch, tmp_path):
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny_notop.h5").write_bytes(b"abc")
    assert weight_file("Tiny", "imagenet", ADDRESS, "900150983cd24fb0d6963f7d28e17f72").read_bytes() == b"abc"


@pytest.mark.parametrize(
    "fault", [OSError("timed out"), Exception("URL fetch failure"), ValueError("Incomplete."), IncompleteRead(b"")]
)
def test_where_nothing_can_be_fetched_it_says_what_and_how(monkeypatch, fault):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr("keras.utils.get_file", fail)
    with pytest.raises(ValueError) as refused:
        weight_file("Tiny", "imagenet", ADDRESS, "00")
    assert str(refused.value) == (
        f"Tiny: cannot fetch {ADDRESS} ({str(fault).rstrip('.')}); "
        "fetch it elsewhere and give the file by hand as weights: PATH"
    )


def test_other_faults_are_left_as_they_are(monkeypatch):
    monkeypatch.setattr("keras.utils.get_file", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        weight_file("Tiny", "imagenet", ADDRESS, "00")


def test_what_cannot_be_checked_is_not_fetched(monkeypatch):
    monkeypatch.setattr("keras.utils.get_file", None)
    with pytest.raises(ValueError, match=f"Tiny: nobody published a hash to check {ADDRESS} by; .* weights: PATH"):
        weight_file("Tiny", "imagenet", ADDRESS, None)


def test_first_lines():
    assert first_line(ValueError("one.\ntwo")) == "one" and first_line(OSError()) == "OSError"
