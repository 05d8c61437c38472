"""Excel workbooks and pictures, drawn for the tests of readers."""

import zipfile
from xml.sax.saxutils import escape

import cv2
import numpy as np

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def parts(rows, *, target="worksheets/sheet1.xml"):
    """A workbook's files: texts are shared, numbers stand in their cells, None leaves a cell out."""
    texts = sorted({value for row in rows for value in row if isinstance(value, str)})
    lines = "".join(f'<row r="{number}">{_cells(number, row, texts)}</row>' for number, row in enumerate(rows, start=1))
    return {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="data" sheetId="7" r:id="rId3"/><sheet name="notes" sheetId="1" r:id="rId9"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId9" Target="none.xml"/>'
        f'<Relationship Id="rId3" Target="{target}"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si><t>{escape(t)}</t></si>" for t in texts)
        + "</sst>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>',
    }


def pack(path, files):
    """Write a workbook's files as one archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in files.items():
            book.writestr(name, text)


def workbook(path, rows):
    """Write rows as a workbook."""
    pack(path, parts(rows))


def picture(path, value=128, *, mode="grey"):
    """A picture of 6x8 pixels whose left half has a value: grey, or blue, green, red with or without alpha."""
    pixels = np.zeros((6, 8) if mode == "grey" else (6, 8, len(value)), np.uint8)
    pixels[:, :4] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels)


def _cells(number, row, texts):
    cells = []
    for column, value in enumerate(row):
        place = f"{chr(ord('A') + column)}{number}"
        if isinstance(value, str):
            cells.append(f'<c r="{place}" t="s"><v>{texts.index(value)}</v></c>')
        elif value is not None:
            cells.append(f'<c r="{place}"><v>{value}</v></c>')
    return "".join(cells)
