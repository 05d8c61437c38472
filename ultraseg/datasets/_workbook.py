"""The first sheet of an Excel workbook as lines of text, read with the standard library alone.

Source: ECMA-376 part 1 (Office Open XML): 18.2.19 sheets, 18.3.1.4 cells, 18.4.8 shared strings.
Departure: a number stays the text that the file holds, so that a date is a count of days; of a formula, the value that
was saved with it is read.
"""

import re
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

LARGEST = 64 * 2**20
"""Bytes of a part when unpacked; the tables of data sets have thousandths of that."""
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ElementTree.ParseError, KeyError, IndexError, ValueError)
"""What the standard library says of a file that is no workbook, a missing part and a cell that points nowhere."""


def lines(path: Path) -> list[tuple[int, list[str]]]:
    """Read the first sheet.

    Args:
        path: an .xlsx file.

    Returns:
        The number of each row that holds anything, from 1, and its cells, as many as the first row has: an empty one
        is "", and those beyond the first row's are left out, since nothing names them.

    Raises:
        ValueError: it is no workbook, is damaged, encrypted or unpacks to more than `LARGEST`.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as book:
            texts = _shared(book)
            rows = _part(book, _first_sheet(book)).iterfind("{*}sheetData/{*}row")
            found = [(int(row.get("r", place)), _cells(row, texts)) for place, row in enumerate(rows, start=1)]
    except (RuntimeError, *DAMAGE) as error:  # RuntimeError: the archive is encrypted, or packed in an unknown way
        raise ValueError(f"not an Excel workbook that can be read ({error})") from None
    filled = [(place, row) for place, row in found if any(row.values())]
    width = max(filled[0][1]) + 1 if filled else 0
    return [(place, [row.get(column, "") for column in range(width)]) for place, row in filled]


def _part(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """One of the workbook's XML files, refused where it could grow without end."""
    if book.getinfo(name).file_size > LARGEST:
        raise ValueError(f"{name} unpacks to more than {LARGEST >> 20} MiB")
    text = book.read(name)
    if b"<!DOCTYPE" in text:
        raise ValueError(f"{name} declares a document type")
    return ElementTree.fromstring(text)


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Where the sheet that stands first lies within the archive."""
    sheets = _part(book, "xl/workbook.xml").findall("{*}sheets/{*}sheet")
    relations = _part(book, "xl/_rels/workbook.xml.rels").findall("{*}Relationship")
    targets = {relation.attrib["Id"]: relation.attrib["Target"] for relation in relations}
    target = targets[sheets[0].attrib[RELATION]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _shared(book: zipfile.ZipFile) -> list[str]:
    """The strings that cells name by number."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(string) for string in _part(book, "xl/sharedStrings.xml").iterfind("{*}si")]


def _text(string: ElementTree.Element) -> str:
    """A string's own text, in one piece or in runs of different type; what is read aloud beside it is left out."""
    return "".join(part.text or "" for place in ("{*}t", "{*}r/{*}t") for part in string.iterfind(place))


def _cells(row: ElementTree.Element, texts: list[str]) -> dict[int, str]:
    """A row's cells by column, counted from 0; a cell that does not say where it stands follows the one before it."""
    found: dict[int, str] = {}
    column = -1
    for cell in row.iterfind("{*}c"):
        letters = re.match("[A-Z]{1,3}", cell.get("r", ""))
        column = _number(letters[0]) if letters else column + 1
        value, inline = cell.findtext("{*}v", ""), cell.find("{*}is")
        if cell.get("t") == "s":
            value = texts[int(value)]
        elif inline is not None:
            value = _text(inline)
        found[column] = value.strip()
    return found


def _number(letters: str) -> int:
    """A column's letters as a number: A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1
