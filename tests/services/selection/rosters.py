"""Rosters as a department sends them, and the way they take into selection."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from bole.jobs import Job, RowDone, add_rows, get_job, open_job, run_next, start_job
from bole.principal import Principal
from bole.run.reading import read_row
from bole.store.database import Work
from bole.workbook import read_sheet
from contracts.selection.calls import IMPORT_ROSTER, ROSTER
from services.selection.service import SelectionService
from services.selection.store import SelectionStore
from tests.services.alone import Alone, account

OFFICER = account("wang", "selection.officer")
HEADS = (
    "工作证号", "姓名", "性别", "出生年月", "参加工作时间", "入党时间", "单位", "职务", "是否领导职务",
    "职级", "任职日期", "始任日期", "学历", "身份类别",
)  # fmt: skip
SOMEBODY = dict(
    zip(
        HEADS,
        ("0012", "张三", "男", "1980.05", "200207", "2005-06-30", "县委办公室", "副主任", "是",
         "四级主任科员", "2019.02.05", "2017年3月", "大学本科", "公务员"),
        strict=True,
    )
)  # fmt: skip


def a_roster(*people: dict[str, Any], heads: tuple[str, ...] = HEADS) -> bytes:
    """An .xlsx with a title; each person states what differs from SOMEBODY."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["古县干部名册"])
    sheet.append(list(heads))
    for person in people:
        said = SOMEBODY | person
        sheet.append([said.get(head) for head in heads])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def take(selection: Alone, data: bytes, *, by: Principal = OFFICER, dry_run: bool = False) -> dict[str, Any]:
    """Import a file to its end, as the door and the job's worker do; gives the job."""
    rows: list[Any] = list(read_sheet(data, ROSTER).rows)
    database = selection.database
    service: Any = SelectionService()

    def take_row(row: dict[str, Any], work: Work, job: Job) -> RowDone:
        done: RowDone = service.import_roster(
            read_row(IMPORT_ROSTER, row), SelectionStore(work, work.session, database), job
        )
        return done

    def begin(work: Work) -> Any:
        job_id = open_job(
            work,
            call=IMPORT_ROSTER.name,
            path={},
            query={},
            by=by,
            dry_run=dry_run,
            total=len(rows),
            digest=b"",
        )
        add_rows(work, job_id, rows)
        start_job(work, job_id)
        return job_id

    job_id = database.transact(begin, actor=by.account).value
    while run_next(database, take_row):
        pass
    with database.reading() as session:
        return get_job(session, database, job_id)
