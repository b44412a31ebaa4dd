"""One cell as people type it, read as what its column means. What is unclear is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal

from bole.sheets.grid import Cell

Kind = Literal["text", "date", "whole", "number", "yes_no"]
Value = str | int | float | bool | None

FULL_WIDTH = {
    code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
}
INVISIBLE = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD, *range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20)]
)
NARROW = {**FULL_WIDTH, **INVISIBLE, 0x3000: 0x20, 0x00A0: 0x20}
PUNCTUATION = str.maketrans("．。－—–／，", "..---/,")
DAY = re.compile(r"^(\d{4})(?:年|[.\-/])(\d{1,2})(?:(?:月|[.\-/])(\d{1,2})?日?号?)?(?: 0{1,2}:00(?::00)?)?$")
DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})?$")
OPEN_END = frozenset({"至今", "现在", "今", "-", "--", "—", "无"})
YES = frozenset({"是", "√", "✓", "✔", "y", "yes", "true", "1", "有"})
NO = frozenset({"否", "×", "x", "n", "no", "false", "0", "无", "不是", "-"})
EXACT_BELOW = 10**15  # a larger number has lost digits in the spreadsheet already
FIRST_YEAR, LAST_YEAR = 1900, 2100
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(ValueError):
    """The cell does not say what its column asks for; the message says what was expected."""


def as_text(cell: Cell, *, digits: int = 0) -> str:
    """A cell as text: trimmed, full-width letters and digits narrowed, whole numbers without a point.

    Args:
        cell: what the file holds.
        digits: how many digits a numeric cell shows; fewer are filled up with leading zeros.
    Raises:
        Unreadable: a number too long to be exact.

    >>> as_text(" ００１２３ "), as_text(123.0, digits=5), as_text(87.5)
    ('00123', '00123', '87.5')
    """
    if isinstance(cell, str):
        text = (
            cell.translate(NARROW).strip()
            if not cell.isascii() or cell[:1] <= " " or cell[-1:] <= " "
            else cell
        )
        if "\n" in text or "\r" in text:
            text = " ".join(text.split())
        return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        if abs(cell) >= EXACT_BELOW:
            raise Unreadable("is a number too long to be exact; format the column as text and type it again")
        return str(int(cell)).zfill(digits) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat()
            if (cell.hour, cell.minute, cell.second) == (0, 0, 0)
            else cell.isoformat(" ")
        )
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def as_date(cell: Cell) -> str | None:
    """A day as ISO text; the first of the month when only the month is written; None for an open end.

    Raises:
        Unreadable: no date, an impossible one, or one that could be read two ways.

    >>> as_date("2019.02.05"), as_date("199403"), as_date("1994年3月"), as_date("至今")
    ('2019-02-05', '1994-03-01', '1994-03-01', None)
    """
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, bool):
        raise Unreadable("is not a date")
    if isinstance(cell, int | float):
        return _typed_as_number(cell)
    text = as_text(cell)
    if not text or text in OPEN_END:
        return None
    text = text.translate(PUNCTUATION)
    if " " in text:
        text = re.sub(r"\s*([年月日.\-/])\s*", r"\1", text)
    found = DAY.match(text) or DIGITS.match(text)
    if found is None:
        raise Unreadable(f"{text[:20]!r} is not a date; write 2019-02-05, 2019-02 or 2019年2月5日")
    year, month, day = found.groups()
    return _day(int(year), int(month), int(day or 1))


def _typed_as_number(number: float) -> str:
    """199403 and 20190205 are clear, 2011.05 too; but 2011.1 may have been typed as 2011.10."""
    text = repr(int(number)) if number == int(number) else repr(number)
    found = DIGITS.match(text)
    if found is None and (with_point := re.match(r"^(\d{4})\.(\d{1,2})$", text)):
        year, month = with_point.groups()
        if month == "1":
            raise Unreadable(
                f"{text} may be January or October; format it as text and write {year}-01 or {year}-10"
            )
        return _day(int(year), int(month), 1)
    if found is None:
        raise Unreadable(f"the number {text} is not a date; write 2019-02-05 or format the cell as a date")
    year, month, day = found.groups()
    return _day(int(year), int(month), int(day or 1))


def _day(year: int, month: int, day: int) -> str:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable(f"the year {year} cannot be meant")
    if not 1 <= month <= 12:
        raise Unreadable(f"there is no month {month}")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise Unreadable(f"{year}-{month:02d} has no day {day}") from None


def as_number(cell: Cell) -> int | float | None:
    """A number, also when it was stored as text. Raises Unreadable."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        text = as_text(cell).translate(PUNCTUATION).replace("。", ".")
        if not text:
            return None
        try:
            if not re.fullmatch(r"[+-]?\d{1,15}(?:,\d{3})*(?:\.\d{1,10})?", text):
                raise ValueError
            cell = float(text.replace(",", ""))
        except ValueError:
            raise Unreadable(f"{text[:20]!r} is not a number") from None
    return int(cell) if cell == int(cell) else cell


def as_whole(cell: Cell) -> int | None:
    """A whole number. Raises Unreadable."""
    number = as_number(cell)
    if isinstance(number, float):
        raise Unreadable(f"{number} is not a whole number")
    return number


def as_yes_no(cell: Cell) -> bool:
    """是 or 否 in their usual spellings; a blank cell says no. Raises Unreadable."""
    text = as_text(cell).casefold()
    if not text or text in NO:
        return False
    if text in YES:
        return True
    raise Unreadable(f"{text[:20]!r} is neither 是 nor 否")


def read_cell(cell: Cell, kind: Kind, *, digits: int = 0) -> Value:
    """The value of a cell in a column of this kind; None for a blank one (of yes_no: False).

    Raises:
        Unreadable: it does not say what the column asks for.
    """
    if kind == "text":
        return as_text(cell, digits=digits) or None
    if kind == "date":
        return as_date(cell)
    if kind == "yes_no":
        return as_yes_no(cell)
    return as_whole(cell) if kind == "whole" else as_number(cell)
