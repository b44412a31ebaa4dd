"""Files made to hurt: each is refused in little memory, with a code that says why."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from bole.errors import Invalid
from bole.sheets import grid
from bole.sheets.archive import ENTRIES_AT_MOST
from bole.sheets.faults import NotAWorkbook, WorkbookTooLarge
from bole.workbook import Column, Sheet, read_sheet

PEOPLE = Sheet(name="people", columns=(Column(field="number", required=True, heads=("工号",)),))


def a_workbook() -> bytes:
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(["工号"])
    workbook.active.append(["1"])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def blown_up(xml: bytes) -> bytes:
    return xml.replace(b"<sheetData>", b"<sheetData>" + b" " * 60_000_000)


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A good workbook, one part of it changed (or added, from b"")."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(a_workbook())) as good,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.namelist():
            content = good.read(part)
            bad.writestr(part, change(content) if part == name else content)
        if name not in good.namelist():
            bad.writestr(name, change(b""))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_bomb_of_blanks_is_refused_by_its_ratio() -> None:
    bomb = with_part(SHEET, blown_up)
    with pytest.raises(WorkbookTooLarge) as caught:
        read_sheet(bomb, PEOPLE)
    assert caught.value.code == "workbook_too_large"


def test_a_bomb_that_lies_about_its_size_is_not_believed() -> None:
    bomb = bytearray(with_part(SHEET, blown_up))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.find(mark)
        while at >= 0:
            name_at = at + (30 if mark == b"PK\x03\x04" else 46)
            if bomb[name_at : name_at + len(SHEET)] == SHEET.encode():
                bomb[at + offset : at + offset + 4] = struct.pack("<I", 100)
            at = bomb.find(mark, at + 4)
    with pytest.raises(NotAWorkbook):
        read_sheet(bytes(bomb), PEOPLE)


def test_a_zip_of_thousands_of_parts_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(ENTRIES_AT_MOST + 1):
            archive.writestr(f"xl/worksheets/{number}.xml", b"")
    with pytest.raises(WorkbookTooLarge):
        read_sheet(file.getvalue(), PEOPLE)


def test_one_value_in_the_last_corner_does_not_ask_for_billions_of_cells() -> None:
    corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with pytest.raises(WorkbookTooLarge) as caught:
        read_sheet(with_part(SHEET, lambda xml: xml.replace(b"</sheetData>", corner)), PEOPLE)
    assert caught.value.details == {"errors": [], "row": 1048576, "column": 16384}


def test_one_long_text_shown_in_many_cells_is_weighed_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "CHARACTERS_AT_MOST", 1_000_000)
    shared = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    rows = b"".join(b'<row><c t="s"><v>0</v></c></row>' for _ in range(100))
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(a_workbook())) as good,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.namelist():
            content = good.read(part)
            if part == SHEET:
                content = content[: content.index(b"<sheetData>") + 11] + rows + b"</sheetData></worksheet>"
            bad.writestr(part, shared if part == "xl/sharedStrings.xml" else content)
        if "xl/sharedStrings.xml" not in good.namelist():
            bad.writestr("xl/sharedStrings.xml", shared)
    with pytest.raises(WorkbookTooLarge):
        read_sheet(file.getvalue(), PEOPLE)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize(
    "entities", [b'<!DOCTYPE x [<!ENTITY a "b">]>', b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>']
)
def test_entities_are_refused_wherever_they_are_declared(part: str, entities: bytes) -> None:
    def declare(xml: bytes) -> bytes:
        _, end, rest = xml.rpartition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return entities + (rest if end else xml)

    with pytest.raises(NotAWorkbook):
        read_sheet(with_part(part, declare), PEOPLE)


@pytest.mark.parametrize(
    "broken",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: b"",
        lambda xml: b"\0" * 1000,
        lambda xml: xml.replace(b'r="A2"', b'r="AAAA2"'),
        lambda xml: xml.replace(b'r="A2"', b'r="A99999999999999999999"'),
        lambda xml: xml.replace(b'<c r="A2"', b'<c r="A2" t="s"'),
    ],
)
def test_a_broken_sheet_is_refused_and_never_a_crash(broken: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Invalid):
        read_sheet(with_part(SHEET, broken), PEOPLE)


def test_a_zip_that_is_no_workbook_says_so() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(NotAWorkbook):
        read_sheet(file.getvalue(), PEOPLE)
