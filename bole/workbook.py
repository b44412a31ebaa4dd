"""Sheets as they come: what columns a file may have, and how its rows are read.

rows = read_sheet(data, ROSTER).rows     # .xlsx or .csv, heads in any order
rows[0]     # {"n": 4, "values": {"number": "0012", ...}, "extra": {"备注": "..."}, "errors": []}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from bole.sheets.cells import FORMULA_STARTS, Kind, Unreadable, Value, as_text, read_cell
from bole.sheets.faults import HeadsMissing, HeadsTwice, SheetEmpty, TooManyRows
from bole.sheets.grid import Cell, Grid, grids

ROWS_AT_MOST = 50_000
HEADS_WITHIN = 30  # rows from the top that may hold titles before the heads
NAMED_HEADS = 20  # as many of the found heads are named in an error
BRACKETED = re.compile(r"[(\[【〔{].*?[)\]】〕}]")
NOT_IN_A_HEAD = re.compile(r"[\s*:：、,，.。_\-]+")
EXPLAINS = re.compile(r"必填|选填|必须填|系统内一致|系统一致|与系统.*一致|填写说明|示例|请填|格式[:：为]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column a sheet may have.

    Attributes:
        field: its name in a row's values.
        heads: the names it is known by, the first one being ours.
        kind: what its cells say.
        required: a file without it is refused.
        unique: a value may stand in one row only; the second row with it is an error.
    """

    field: str
    heads: tuple[str, ...]
    kind: Kind = "text"
    required: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The shape of an import: its columns in any order; others are kept aside under `extra`."""

    name: str
    columns: tuple[Column, ...]


class CellError(TypedDict):
    """What is wrong with one cell, for the person who sent the file."""

    column: str  # head as the file has it; for rows that came without heads, the field
    reason: str


class Row(TypedDict):
    """One row of a file. A row with errors is not to be taken.

    A blank cell is left out of `values`, but a yes-or-no column that the file has says False. None marks a
    cell that could not be read.
    """

    n: int  # number of the row as the spreadsheet shows it
    values: dict[str, Value]  # by field; dates as ISO text
    extra: dict[str, str]  # by head, of columns the sheet does not know
    errors: list[CellError]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRows:
    """What a file holds: its rows, and which head was taken for which field."""

    table: str  # name of the sheet
    heads: dict[str, str]  # field -> head as the file has it
    rows: list[Row]


def read_sheet(data: bytes, sheet: Sheet) -> SheetRows:
    """Read a file into rows of a sheet's fields.

    The first table of the file with all required heads is read. Titles above the heads, a row below
    them that explains (必填, 与系统内一致), repeated heads and blank rows are passed over.

    Raises:
        NotAWorkbook, WorkbookTooLarge: the file cannot be taken.
        HeadsMissing: no table has all required heads.
        HeadsTwice: two columns of the table have the same head.
        SheetEmpty: nothing under the heads.
        TooManyRows: more than ROWS_AT_MOST.
    """
    best: _Heads | None = None
    blank = True
    for grid in grids(data):
        blank = blank and not any(any(_shown(cell) for cell in row) for row in grid.rows)
        heads = _find_heads(grid, sheet)
        if not heads.missing:
            _refuse_doubles(heads)
            return _read_rows(grid, heads, sheet)
        if best is None or len(heads.columns) > len(best.columns):
            best = heads
    if best is None or blank:
        raise SheetEmpty("The file holds no rows.")
    found = [text for text in best.texts if text][:NAMED_HEADS]
    raise HeadsMissing(
        f"These required columns are missing: {'、'.join(best.missing)}. "
        f"Heads found: {'、'.join(found) or 'none'}.",
        errors=[{"at": head, "says": "this column is required"} for head in best.missing],
        missing=best.missing,
        found=found,
    )


def refuse_repeats(rows: Sequence[Row], sheet: Sheet, heads: Mapping[str, str]) -> None:
    """Add an error to each row that repeats a value of a unique column; it names the first row with it.

    `heads` says what the columns are called in the file; a field not in it is called by its name.
    """
    for column in sheet.columns:
        if not column.unique:
            continue
        first: dict[Value, int] = {}
        for row in rows:
            value = row["values"].get(column.field)
            if not isinstance(value, str | int) or first.setdefault(value, row["n"]) == row["n"]:
                continue  # rows that came as JSON may hold anything; their schema will refuse it
            reason = f"is in row {first[value]} already; this row was left out"
            row["errors"].append(CellError(column=heads.get(column.field, column.field), reason=reason))


def as_text_cell(text: str) -> str:
    """Text for a cell of a file we write: what a spreadsheet would run as a formula stays text.

    >>> as_text_cell("=1+1"), as_text_cell("张三")
    ("'=1+1", '张三')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@dataclass(frozen=True, slots=True)
class _Heads:
    """The heads in one row of a grid: which column of the file holds which column of the sheet."""

    row: int  # from 0
    texts: list[str]
    columns: dict[int, Column]  # by column of the file, from 0
    missing: list[str]
    doubled: list[list[int]]  # columns of the file under one and the same head


def _plain(head: str) -> str:
    """A head as it is compared: narrow, without blanks, brackets and what is in them."""
    narrow = unicodedata.normalize("NFKC", head)
    return NOT_IN_A_HEAD.sub("", BRACKETED.sub("", narrow)).casefold()


def _find_heads(grid: Grid, sheet: Sheet) -> _Heads:
    names = {
        _plain(head): (column, rank) for column in sheet.columns for rank, head in enumerate(column.heads)
    }
    best = _Heads(0, [], {}, [column.heads[0] for column in sheet.columns if column.required], [])
    for index, row in enumerate(grid.rows[:HEADS_WITHIN]):
        heads = _match(index, [_shown(cell) for cell in row], names, sheet)
        rank, so_far = (not heads.missing, len(heads.columns)), (not best.missing, len(best.columns))
        # of two heads on two levels, the lower one stands right above the data
        if rank > so_far or (rank == so_far and heads.columns and index == best.row + 1):
            best = heads
    return best


def _match(index: int, texts: list[str], names: dict[str, tuple[Column, int]], sheet: Sheet) -> _Heads:
    """Of two heads for one field the name we prefer wins; the other column is kept aside."""
    taken: dict[str, list[tuple[int, int]]] = {}  # field -> (rank, column of the file), the best first
    for position, text in enumerate(texts):
        known = names.get(_plain(text)) if text else None
        if known is not None:
            column, rank = known
            taken[column.field] = sorted([*taken.get(column.field, []), (rank, position)])
    columns = {taken[column.field][0][1]: column for column in sheet.columns if column.field in taken}
    missing = [column.heads[0] for column in sheet.columns if column.required and column.field not in taken]
    best = [[position for rank, position in found if rank == found[0][0]] for found in taken.values()]
    return _Heads(index, texts, columns, missing, [positions for positions in best if len(positions) > 1])


def _refuse_doubles(heads: _Heads) -> None:
    """Two columns under one head may differ, and which of them is right is not ours to guess."""
    if not heads.doubled:
        return
    doubled = [[f"{heads.texts[at]} (column {at + 1})" for at in positions] for positions in heads.doubled]
    raise HeadsTwice(
        f"These columns have the same head: {'; '.join('、'.join(names) for names in doubled)}. "
        "Keep one of each, or rename the other.",
        errors=[{"at": name, "says": "another column has this head"} for names in doubled for name in names],
        heads=doubled,
    )


def _shown(cell: Cell) -> str:
    """A cell's text for comparing; never refuses."""
    if isinstance(cell, str):
        return cell.strip()
    return "" if cell is None else str(cell)


def _read_rows(grid: Grid, heads: _Heads, sheet: Sheet) -> SheetRows:
    extras = _extra_names(heads)
    known = sorted(heads.columns.items())
    required = [position for position, column in known if column.required]
    rows: list[Row] = []
    explained = False
    for index in range(heads.row + 1, len(grid.rows)):
        cells = grid.rows[index]
        if not any(cell is not None and cell != "" and _shown(cell) for cell in cells):
            continue
        if not explained:
            explained = True
            if any(EXPLAINS.search(_shown(cells[at])) for at in required if at < len(cells)):
                continue
        if _repeats_heads(cells, heads, required):
            continue
        if len(rows) == ROWS_AT_MOST:
            raise TooManyRows(
                f"The table has more than {ROWS_AT_MOST} rows; send it in parts.", limit=ROWS_AT_MOST
            )
        rows.append(_read_row(grid, index, cells, known, heads.texts, extras))
    if not rows:
        raise SheetEmpty("There is nothing under the heads.")
    fields = {column.field: heads.texts[position] for position, column in known}
    refuse_repeats(rows, sheet, fields)
    return SheetRows(table=grid.name, heads=fields, rows=rows)


def _read_row(
    grid: Grid,
    index: int,
    cells: Sequence[Cell],
    known: list[tuple[int, Column]],
    texts: list[str],
    extras: dict[int, str],
) -> Row:
    values: dict[str, Value] = {}
    errors: list[CellError] = []
    for position, column in known:
        cell = cells[position] if position < len(cells) else None
        try:
            value = read_cell(cell, column.kind, digits=grid.padded.get((index, position), 0))
        except Unreadable as fault:
            errors.append(CellError(column=texts[position], reason=str(fault)))
            values[column.field] = None
            continue
        if value is not None:
            values[column.field] = value
    extra = {}
    for position, name in extras.items():
        if position < len(cells) and (text := _extra_text(cells[position])):
            extra[name] = text
    return Row(n=index + 1, values=values, extra=extra, errors=errors)


def _extra_text(cell: Cell) -> str:
    try:
        return as_text(cell)
    except Unreadable:
        return _shown(cell)


def _extra_names(heads: _Heads) -> dict[int, str]:
    """Names of the columns kept aside; a repeated or missing head gets its column's number."""
    names: dict[int, str] = {}
    for position, text in enumerate(heads.texts):
        if text and position not in heads.columns:
            names[position] = text if text not in names.values() else f"{text} ({position + 1})"
    return names


def _repeats_heads(cells: Sequence[Cell], heads: _Heads, required: list[int]) -> bool:
    return bool(required) and all(at < len(cells) and _shown(cells[at]) == heads.texts[at] for at in required)
