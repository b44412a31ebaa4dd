"""From the bytes of a file to a grid of cells: .xlsx through calamine, text tables through csv.

Nothing is handed to calamine before it was weighed: its ranges are dense, so one stray value in the
last corner of a sheet would ask for billions of cells.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

import python_calamine
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from bole.sheets.archive import WORKSHEET, pack, unpack
from bole.sheets.faults import NotAWorkbook, WorkbookTooLarge

Cell = str | int | float | bool | date | datetime | time | timedelta | None

CELLS_AT_MOST = 2_000_000  # rows times columns of what holds values; about 150 MB as Python objects
CHARACTERS_AT_MOST = 50_000_000  # over all cells, each shared text counted wherever it is shown
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = (",", "\t", ";", "，", "；")
ZEROS_ONLY = re.compile(r"^0{2,}$")
REFERENCE = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$")


@dataclass(frozen=True, slots=True)
class Grid:
    """One table as it stands in the file. `rows[0]` is row 1; rows may differ in length.

    `padded` holds how many digits a numeric cell shows when its format adds leading zeros, by
    (row, column) counted from 0.
    """

    name: str
    rows: list[list[Cell]]
    padded: dict[tuple[int, int], int] = field(default_factory=dict)


def grids(data: bytes) -> Iterator[Grid]:
    """The tables of a file, one by one: every sheet of a workbook, or a text table read with each delimiter.

    Raises:
        NotAWorkbook, WorkbookTooLarge: the file cannot be taken.
    """
    if data.startswith(b"PK"):
        return _workbook(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotAWorkbook(
            "The file is an old .xls or protected by a password. Save it as .xlsx without a password."
        )
    return _text_tables(data)


def _text_tables(data: bytes) -> Iterator[Grid]:
    text = _decode(data)
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        yield Grid("csv", _parse(text, delimiter))
    if not any(delimiter in text for delimiter in DELIMITERS):
        yield Grid("csv", [[line] for line in text.splitlines()])


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # what Excel calls Unicode text
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in data:
        encodings = ()
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotAWorkbook("The file is no table: send an .xlsx workbook, or a .csv in UTF-8 or GB18030.")


def _parse(text: str, delimiter: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    cells = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for record in reader:
            while len(rows) + 1 < reader.line_num - _lines_within(record):
                rows.append([])  # csv leaves no trace of a blank line but its number
            cells += len(record)
            if cells > CELLS_AT_MOST:
                raise WorkbookTooLarge(f"The table has more than {CELLS_AT_MOST} cells.", limit=CELLS_AT_MOST)
            rows.append(list(record))
    except csv.Error as error:
        raise NotAWorkbook(f"The text table is broken in line {reader.line_num}: {error}.") from None
    return rows


def _lines_within(record: list[str]) -> int:
    return sum(cell.count("\n") for cell in record)


def _workbook(data: bytes) -> Iterator[Grid]:
    parts = unpack(data)
    try:
        lengths = _text_lengths(parts.get("xl/sharedStrings.xml"))
        styles = _padding_styles(parts.get("xl/styles.xml"))
        padded = {
            name: _Scan(lengths, styles).read(content)
            for name, content in parts.items()
            if WORKSHEET.match(name)
        }
        files = _sheet_files(parts)
    except (expat.ExpatError, DefusedXmlException, ParseError, UnicodeDecodeError, KeyError, ValueError):
        raise NotAWorkbook("The workbook is broken inside. Save it again as .xlsx and send that.") from None
    workbook = _open(pack(parts))
    for metadata in workbook.sheets_metadata:
        if metadata.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        yield _grid(workbook, metadata.name, padded.get(files.get(metadata.name, ""), {}))


def _open(archive: bytes) -> python_calamine.CalamineWorkbook:
    workbook: python_calamine.CalamineWorkbook = _guarded(
        lambda: python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(archive))
    )
    return workbook


def _grid(workbook: python_calamine.CalamineWorkbook, name: str, padded: dict[tuple[int, int], int]) -> Grid:
    sheet = _guarded(lambda: workbook.get_sheet_by_name(name))
    rows: list[list[Cell]] = _guarded(lambda: sheet.to_python(skip_empty_area=False))
    for (top, left), (bottom, right) in _guarded(lambda: sheet.merged_cell_ranges) or ():
        if left == right and top < len(rows) and left < len(rows[top]):  # one value for several rows
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return Grid(name, rows, padded)


def _guarded(read: Any) -> Any:
    try:
        return read()
    except BaseException as error:
        # a panic of the reader is no Exception, so that nobody catches it by chance; the file is at fault
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise NotAWorkbook("The workbook cannot be read. Save it again as .xlsx and send that.") from None
        raise


def _sheet_files(parts: dict[str, bytes]) -> dict[str, str]:
    """Which part holds which sheet."""
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in fromstring(parts.get("xl/_rels/workbook.xml.rels", b"<r/>"), forbid_dtd=True)
    }
    files = {}
    for element in fromstring(parts["xl/workbook.xml"], forbid_dtd=True).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), None)
            files[element.get("name", "")] = posixpath.normpath(
                posixpath.join("/xl", targets.get(relation, ""))
            ).lstrip("/")
    return files


def _padding_styles(styles: bytes | None) -> dict[str, int]:
    """How many digits the cell styles show that fill a number up with zeros, by the style's index."""
    if styles is None:
        return {}
    formats: dict[str, int] = {}
    padding: dict[str, int] = {}
    for element in fromstring(styles, forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmts":
            formats = {
                str(one.get("numFmtId")): len(code)
                for one in element
                if ZEROS_ONLY.match(code := one.get("formatCode", "").split(";")[0].replace("\\", ""))
            }
        elif tag == "cellXfs":
            for index, style in enumerate(element):
                if (digits := formats.get(style.get("numFmtId", ""))) is not None:
                    padding[str(index)] = digits
    return padding


def _no_doctype(*_: object) -> None:
    raise NotAWorkbook("The workbook declares entities, which no table needs.")


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.buffer_text = True
    return parser


def _text_lengths(shared: bytes | None) -> list[int]:
    """How long each shared text is."""
    if shared is None:
        return []
    lengths: list[int] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "si":
            lengths.append(0)

    def text(characters: str) -> None:
        if lengths:
            lengths[-1] += len(characters)

    parser = _parser()
    parser.StartElementHandler = begin
    parser.CharacterDataHandler = text
    parser.Parse(shared, True)
    return lengths


class _Scan:
    """One pass over a worksheet that keeps nothing but its weight and the cells that show leading zeros."""

    def __init__(self, lengths: list[int], padding: dict[str, int]) -> None:
        self.lengths = lengths
        self.padding = padding
        self.padded: dict[tuple[int, int], int] = {}
        self.columns: dict[str, int] = {}  # by letters
        self.row = self.column = -1
        self.last_row = self.last_column = -1
        self.characters = 0
        self.kind = self.style = ""
        self.value: list[str] | None = None  # while inside <v> or <t>

    def read(self, worksheet: bytes) -> dict[tuple[int, int], int]:
        parser = _parser()
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.Parse(worksheet, True)
        return self.padded

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                self.place(reference)
            self.kind = attributes.get("t", "n")
            self.style = attributes.get("s", "")
        elif tag in ("v", "t"):
            self.value = []
        elif tag == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1

    def place(self, reference: str) -> None:
        found = REFERENCE.match(reference)
        if found is None:
            raise ValueError(f"{reference!r} is no cell")
        letters, row = found.groups()
        column = self.columns.get(letters)
        if column is None:
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            self.columns[letters] = column = column - 1
        self.row, self.column = int(row) - 1, column

    def text(self, characters: str) -> None:
        if self.value is not None:
            self.value.append(characters)

    def end(self, tag: str) -> None:
        if self.value is None or tag.rpartition(":")[2] not in ("v", "t"):
            return
        value, self.value = "".join(self.value), None
        if not value:
            return
        if self.kind == "s":
            self.characters += self.lengths[int(value)] if int(value) < len(self.lengths) else 0
        else:
            self.characters += len(value)
            if self.kind == "n" and self.style in self.padding:
                self.padded[self.row, self.column] = self.padding[self.style]
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        if (self.last_row + 1) * (self.last_column + 1) > CELLS_AT_MOST:
            raise WorkbookTooLarge(
                f"A value stands far outside the table, in row {self.row + 1}, column {self.column + 1}. "
                "Delete it, or split the sheet.",
                row=self.row + 1,
                column=self.column + 1,
            )
        if self.characters > CHARACTERS_AT_MOST:
            raise WorkbookTooLarge(
                f"The sheet shows more than {CHARACTERS_AT_MOST} characters.", limit=CHARACTERS_AT_MOST
            )
