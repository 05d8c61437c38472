"""A data set's folder as readers see it: what is passed over, what is noted, what ends the scan."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.datasets.sheets import workbook
from ultraseg.datasets._tree import PUNCTUATION, Tree, identifier
from ultraseg.samples import LONGEST, Faulty, Sample


@pytest.fixture
def root(tmp_path):
    """A whole folder; its neighbour, `outside.png`, is none of it."""
    (tmp_path / "outside.png").write_bytes(b"data")
    folder = tmp_path / "set"
    for name in ("b.png", "a.png", "C.PNG", "below/deep/d.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"data")
    return folder


def sample(name):
    return Sample(name, Path(f"{name}.png"), (), "benign", name, "drawn")


def spoil(root, name):
    """Put one odd thing into a folder."""
    path = root / name
    if name == "empty.png":
        path.touch()
    elif name == "out.png":
        path.symlink_to(root.parent / "outside.png")
    elif name == "nowhere.png":
        path.symlink_to("gone.png")
    elif name == "circle.png":
        path.symlink_to(name)
    elif name == "linked":
        path.symlink_to(root / "below")
    elif name == "folder.png":
        path.mkdir()
    else:
        path.write_bytes(b"data")


ODD = {
    "empty.png": "the file is empty; restore it from the source",
    "out.png": "a link that leads out of the data set; put the file itself there",
    "nowhere.png": "a link that leads nowhere; restore its file or remove it",
    "circle.png": "a link that leads nowhere; restore its file or remove it",
    "linked": "a link to a folder; put the folder itself there",
    "folder.png": "a folder among the files; move it away",
    "notes.txt": "a file ending in .png is wanted here; move it away",
}


def test_the_root_is_a_folder_with_its_links_resolved(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert Tree(str(tmp_path / "link")).root == root
    for wrong in (tmp_path / "none", tmp_path / "outside.png"):
        with pytest.raises(ValueError, match=f"{wrong}: no such folder; name the one that holds the data set"):
            Tree(wrong)


def test_files_are_sorted_whatever_the_case_of_their_ending(root):
    tree = Tree(root)
    assert [path.name for path in tree.files(recursive=True)] == ["C.PNG", "a.png", "b.png", "d.png"]
    assert tree.files("below/deep") == [root / "below" / "deep" / "d.png"]
    assert tree.faults == []


def test_litter_is_passed_over(root):
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "README.md", "more.csv"):
        (root / name).touch()
    (root / "__MACOSX").mkdir()
    tree = Tree(root)
    assert len(tree.files(beside=r".*\.csv", recursive=True)) == 4 and tree.faults == []


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_noted_and_not_returned(root, name):
    spoil(root, name)
    tree = Tree(root)
    assert root / name not in tree.files(beside="below", recursive=name != "folder.png")
    assert tree.faults == [f"{root / name}: {ODD[name]}"]


def test_a_folder_that_is_missing_or_leads_out_is_noted(root, tmp_path):
    tree = Tree(root)
    (tmp_path / "other").mkdir()
    (root / "out").symlink_to(tmp_path / "other")
    assert tree.files("none") == tree.files("out") == []
    assert tree.faults == [
        f"{root / 'none'}: no such folder; complete the data set",
        f"{root / 'out'}: a link that leads out of the data set; put the folder itself there",
    ]


def test_a_folder_that_cannot_be_listed_is_noted(root, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    tree = Tree(root)
    monkeypatch.setattr(Path, "iterdir", refuse)
    assert tree.files() == []
    assert tree.faults == [
        f"{root}: the folder cannot be listed (Permission denied); mend its permissions or move it up"
    ]


def test_a_fault_is_one_line(root):
    tree = Tree(root)
    tree.note("two\nlines \udce9", "mend it")
    assert tree.faults == ["two\\nlines \\udce9: mend it"]


def test_a_file_that_a_table_names(root):
    tree = Tree(root)
    assert tree.file("below/deep/d.png", said="line 2") == root / "below" / "deep" / "d.png"
    assert tree.file("./a.png", said="line 2") == root / "a.png"
    assert tree.faults == []


@pytest.mark.parametrize("name", ODD)
def test_a_file_that_a_table_names_is_as_odd_as_one_that_is_found(root, name):
    spoil(root, name)
    tree = Tree(root)
    assert tree.file(name, said="t.csv, line 2") is None
    assert tree.faults == [f"t.csv, line 2: {name!r}: {ODD[name]}"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../outside.png", "leads out of the data set; name a file by its path below"),
        ("below/../../outside.png", "leads out of the data set"),
        ("/a.png", "leads out of the data set"),
        ("C:/a.png", "leads out of the data set"),
        ("none.png", "there is no such file; restore it"),
        ("n" * 300 + ".png", "no name that the disk takes (File name too long); shorten or mend it"),
        ("zero\0.png", "no name that the disk takes"),
    ],
)
def test_a_name_that_leads_to_no_file_is_noted(root, name, sentence):
    tree = Tree(root)
    assert tree.file(name, said="t.csv, line 2") is None
    [fault] = tree.faults
    assert fault.startswith("t.csv, line 2: ") and sentence in fault


def test_a_table_is_read_with_the_numbers_of_its_lines(root):
    (root / "t.csv").write_bytes('\ufeffname , size\r\n\r\n a ,1\r\n"two\nlines",2\r\nb, 3\r\n'.encode())
    tree = Tree(root)
    # line 1 names, 2 is blank, 3 is a, 4 and 5 are one value, 6 is b
    assert tree.lines("t.csv", ("name",)) == [
        (3, {"name": "a", "size": "1"}),
        (5, {"name": "two\nlines", "size": "2"}),
        (6, {"name": "b", "size": "3"}),
    ]
    assert tree.rows("t.csv", ("size", "name"))[0] == {"name": "a", "size": "1"}
    (root / "t.tsv").write_text("name;size\na;1\n")
    assert tree.rows("t.tsv", ("name",), delimiter=";") == [{"name": "a", "size": "1"}]
    workbook(root / "t.xlsx", [["name", "size"], ["a", "1"]])
    assert tree.lines("t.xlsx", ("name",)) == [(2, {"name": "a", "size": "1"})]
    assert tree.faults == []


@pytest.mark.parametrize(
    ("data", "sentences"),
    [
        (b"", ["the column name is missing; there is: nothing"]),
        (b"size,sort\n1,2\n", ["the column name is missing; there is: size, sort"]),
        (b"name,size,size\na,1,2\n", ["the column 'size' is named twice; rename one of the two"]),
        (b"name,size\na\nb,1\nc,1,2\n", ["line 2 has 1 values where 2 are named; mend it", "line 4 has 3 values"]),
        (b'name,size\na,"1\nb,2\n', ["not a table in UTF-8 (unexpected end of data); write it again as CSV"]),
        (b"name\n\xff\n", ["not a table in UTF-8 ("]),
    ],
    ids=["empty", "column", "twice", "lines", "quote", "bytes"],
)
def test_a_damaged_table_is_noted(root, data, sentences):
    (root / "t.csv").write_bytes(data)
    tree = Tree(root)
    found = tree.rows("t.csv", ("name",))
    assert found == ([{"name": "b", "size": "1"}] if len(sentences) == 2 else [])
    assert len(tree.faults) == len(sentences)
    for fault, sentence in zip(tree.faults, sentences, strict=True):
        assert fault.startswith(f"{root / 't.csv'}: {sentence}")


def test_a_table_that_is_missing_or_outside_is_noted(root, tmp_path):
    (tmp_path / "t.csv").write_text("name\na\n")
    (root / "link.csv").symlink_to(tmp_path / "t.csv")
    tree = Tree(root)
    for name in ("t.csv", "../t.csv", "link.csv", "below"):
        assert tree.rows(name, ("name",)) == []
    assert [fault.rpartition(": ")[2] for fault in tree.faults] == ["no such table; complete the data set"] * 4


def test_a_scan_without_faults_gives_its_samples(root):
    samples = [sample("a"), sample("b")]
    assert Tree(root).finish(samples, facts={"images": (2, 2)}) == samples


def test_all_faults_end_the_scan_together(root):
    tree = Tree(root)
    tree.note("a.png", "mend it")
    samples = [sample("a"), sample("a"), sample("b/c"), sample("d" * (LONGEST + 1))]
    with pytest.raises(Faulty) as refused:
        tree.finish(samples, facts={"images": (5, 4), "masks": (4, 4)})
    assert refused.value.samples == tuple(samples)
    allowed = f"take letters, digits and '{PUNCTUATION}', {LONGEST} bytes at most"
    assert refused.value.faults == (
        "a.png: mend it",
        f"{root}: 5 images are published, found 4; complete the folder, or set `complete: false` "
        "(on the command line --set '{READER: {complete: false}}') to use what is there",
        f"{root}: 2 images would be called 'a'; give them different names",
        f"{root}: 'b/c' cannot name files; {allowed}",
        f"{root}: {'d' * (LONGEST + 1)!r} cannot name files; {allowed}",
    )


def test_nothing_at_all_is_a_fault(root):
    with pytest.raises(Faulty, match="set: no image; name the folder that holds the data set"):
        Tree(root).finish([])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("benign (1)", "benign (1)"),
        ("a/b/c", "a-b-c"),
        ("e\u0301", "\u00e9"),
        ("क्षि", "क्षि"),  # vowel signs and viramas are marks, not letters
        ('it\'s "so"\n?', "it_s _so___"),
        (" .hidden", ".hidden".replace(".", "_", 1)),
        ("", "_"),
        ("\udce9", "_"),
    ],
)
def test_an_id_by_hand(text, expected):
    assert identifier(text) == expected


def test_a_long_id_keeps_its_end_and_stays_apart():
    first, second = identifier("1" + "ä" * 200 + "7"), identifier("2" + "ä" * 200 + "7")
    # eight digits and a hyphen leave 141 bytes: "7" and 70 letters of two bytes
    assert first[8:] == "-" + "ä" * 70 + "7" and len(first.encode()) == 150 == LONGEST
    assert first != second
    assert identifier("x" * 150) == "x" * 150 and identifier("x" * 151)[8:] == "-" + "x" * 141


@given(st.text(st.characters(), max_size=200))
def test_an_id_names_files_and_is_its_own(text):
    name = identifier(text)
    assert name == identifier(name) and 0 < len(name.encode()) <= LONGEST
    assert "/" not in name and not name.startswith((".", " ")) and name.isprintable()
