"""Why a whole file cannot be taken. What is wrong in single cells is told row by row instead."""

from __future__ import annotations

from bole.errors import Invalid


class NotAWorkbook(Invalid):
    """Neither an .xlsx nor a text table, broken, or protected by a password."""

    code = "not_a_workbook"


class WorkbookTooLarge(Invalid):
    """It unpacks to more than may be read at once, or hides a bomb."""

    code = "workbook_too_large"


class HeadsMissing(Invalid):
    """Required columns are not there. `missing` and `found` name heads."""

    code = "heads_missing"


class HeadsTwice(Invalid):
    """Several columns under one head, and nobody knows which is meant. `heads` names them, head by head."""

    code = "heads_twice"


class SheetEmpty(Invalid):
    """Heads, and nothing under them; or nothing at all."""

    code = "sheet_empty"


class TooManyRows(Invalid):
    """More rows than one import takes; `rows` and `limit`."""

    code = "too_many_rows"
