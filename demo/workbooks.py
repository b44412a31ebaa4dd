"""Workbooks as they really come: a title above the heads, a row that explains, dates in any form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from demo.people import Official

ROSTER_HEADS = (
    *("序号", "工作证号", "姓名", "性别", "出生年月", "单位", "职务", "是否领导职务", "职级"),
    *("任职日期", "始任日期", "参加工作时间", "入党时间", "学历", "身份类别", "备注"),
)
RESULT_HEADS = ("姓名", "工作证号", "单位", "时任职务", "德", "能", "勤", "绩", "廉")


def write_roster(people: Iterable[Official], file: Path) -> Path:
    """A roster with its columns in another order than ours, and two columns we do not know."""
    rows: list[Sequence[Any]] = [("", "必填", "必填", "", "如1975.03", "与系统内一致", "", "是/否")]
    for number, one in enumerate(people, start=1):
        rows.append(
            (
                number,
                one.number,
                one.name,
                one.sex,
                f"{one.born_on:%Y.%m}",
                one.unit,
                one.post,
                "是" if one.is_leader else "否",
                one.rank,
                one.appointed_on,
                f"{one.level_since:%Y.%m}",
                f"{one.work_since:%Y-%m-%d}",
                f"{one.party_since.year}年{one.party_since.month}月" if one.party_since else "",
                one.education,
                one.identity,
                "演示数据",
            )
        )
        if number % 40 == 0:
            rows.append(())
    return _write(file, "干部名册（演示数据，人员均为虚构）", ROSTER_HEADS, rows)


def write_results(results: Iterable[tuple[Official, Sequence[float]]], file: Path) -> Path:
    """Item scores for 德能勤绩廉, points 0-100, one row per person."""
    rows = [(one.name, one.number, one.unit, one.post, *scores) for one, scores in results]
    return _write(file, "年度考核得分（演示数据）", RESULT_HEADS, rows)


def _write(file: Path, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append((title,))
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(heads))
    sheet.append(heads)
    for row in rows:
        sheet.append([_cell(value) for value in row])
    workbook.save(file)
    return file


def _cell(value: Any) -> Any:
    return value if isinstance(value, (int, float, date)) else (str(value) or None)
