"""Files as departments send them, and what is read from them."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from bole.sheets.faults import HeadsMissing, HeadsTwice, NotAWorkbook, SheetEmpty, TooManyRows
from bole.workbook import Column, Sheet, as_text_cell, read_sheet

PEOPLE = Sheet(
    name="people",
    columns=(
        Column(field="number", required=True, heads=("工作证号", "工号", "学工号")),
        Column(field="name", required=True, heads=("姓名",)),
        Column(field="unit", heads=("单位", "所在单位")),
        Column(field="since", kind="date", heads=("任职日期",)),
        Column(field="until", kind="date", heads=("结束时间",)),
        Column(field="leads", kind="yes_no", heads=("是否领导职务",)),
        Column(field="score", kind="number", heads=("成绩",)),
        Column(field="places", kind="whole", heads=("应到",)),
    ),
)
HEADS = ["工作证号", "姓名"]


def a_workbook(*rows: list[Any], merge: tuple[str, ...] = (), widths: dict[str, str] | None = None) -> bytes:
    """An .xlsx of these rows; `widths` gives number formats by cell."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cells in merge:
        sheet.merge_cells(cells)
    for cell, number_format in (widths or {}).items():
        sheet[cell].number_format = number_format
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def a_csv(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


def values(data: bytes) -> list[dict[str, Any]]:
    rows = read_sheet(data, PEOPLE).rows
    assert [row for row in rows if row["errors"]] == []
    return [row["values"] for row in rows]


def test_heads_are_found_in_any_order_under_any_of_their_names() -> None:
    data = a_workbook(["所在单位", " 姓 名 ", "学工号（必填）"], ["县委办", "张三", "0012"])
    assert values(data) == [{"unit": "县委办", "name": "张三", "number": "0012"}]


def test_full_width_heads_and_digits_are_the_same_as_narrow_ones() -> None:
    sheet = Sheet(name="x", columns=(Column(field="a", required=True, heads=("A1",)),))
    assert read_sheet(a_workbook(["Ａ１"], ["００７　"]), sheet).rows[0]["values"] == {"a": "007"}


def test_titles_above_the_heads_are_passed_over() -> None:
    data = a_workbook(
        ["古县干部名册", None], ["2026年度", None], HEADS, ["0012", "张三"], merge=("A1:B1", "A2:B2")
    )
    [row] = read_sheet(data, PEOPLE).rows
    assert row == {"n": 4, "values": {"number": "0012", "name": "张三"}, "extra": {}, "errors": []}


def test_heads_on_two_levels_are_read_from_the_lower_one() -> None:
    data = a_workbook(
        ["工作证号", "姓名", "任职情况", None],
        [None, None, "单位", "任职日期"],
        ["1", "张三", "县委办", "2011.05"],
        merge=("A1:A2", "B1:B2", "C1:D1"),
    )
    assert values(data) == [{"number": "1", "name": "张三", "unit": "县委办", "since": "2011-05-01"}]


def test_a_first_row_that_explains_is_no_data() -> None:
    data = a_workbook(HEADS, ["必填", "必填，与系统内一致"], ["0012", "张三"])
    assert values(data) == [{"number": "0012", "name": "张三"}]


def test_heads_printed_again_on_a_later_page_are_no_data() -> None:
    assert len(values(a_workbook(HEADS, ["1", "张三"], HEADS, ["2", "李四"]))) == 2


def test_blank_rows_and_blank_columns_are_ignored() -> None:
    data = a_workbook(["工作证号", None, "姓名"], [None, None, None], ["1", None, "张三"], ["  ", None, None])
    [row] = read_sheet(data, PEOPLE).rows
    assert (row["n"], row["extra"]) == (3, {})


def test_rows_that_are_only_formatted_far_below_are_ignored() -> None:
    data = a_workbook(HEADS, ["1", "张三"], widths={"A900000": "0.00"})
    assert len(values(data)) == 1


def test_a_value_merged_over_several_rows_belongs_to_each_of_them() -> None:
    data = a_workbook(
        ["工作证号", "姓名", "单位"], ["1", "张三", "县委办"], ["2", "李四", None], merge=("C2:C3",)
    )
    assert [row["unit"] for row in values(data)] == ["县委办", "县委办"]


def test_extra_columns_are_kept_aside_under_their_heads() -> None:
    data = a_workbook(
        ["工作证号", "姓名", "备注", "备注", "单位及职务"], ["1", "张三", "x", 12.0, "县委办主任"]
    )
    assert read_sheet(data, PEOPLE).rows[0]["extra"] == {
        "备注": "x",
        "备注 (4)": "12",
        "单位及职务": "县委办主任",
    }


def test_of_two_heads_for_one_field_the_preferred_name_wins() -> None:
    data = a_workbook(["学工号", "工作证号", "姓名"], ["S1", "0012", "张三"])
    [row] = read_sheet(data, PEOPLE).rows
    assert (row["values"]["number"], row["extra"]) == ("0012", {"学工号": "S1"})


@pytest.mark.parametrize("first", ["工作证号", "工作证号（必填）"])
def test_two_columns_under_one_head_are_refused_and_both_named(first: str) -> None:
    with pytest.raises(HeadsTwice) as caught:
        read_sheet(a_workbook([first, "工作证号", "姓名"], ["S1", "0012", "张三"]), PEOPLE)
    assert caught.value.details["heads"] == [[f"{first} (column 1)", "工作证号 (column 2)"]]
    assert f"{first} (column 1)、工作证号 (column 2)" in caught.value.message


def test_numbers_stay_text_in_text_columns_with_the_zeros_their_format_shows() -> None:
    data = a_workbook(HEADS, [12, "张三"], [20180001234, "李四"], [7, "王五"], widths={"A2": "000000"})
    assert [row["number"] for row in values(data)] == ["000012", "20180001234", "7"]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(2019, 2, 5), "2019-02-05"),
        (datetime(2019, 2, 5), "2019-02-05"),  # noqa: DTZ001 - spreadsheets know no zone
        ("2019.02.05", "2019-02-05"),
        ("2019.2.5", "2019-02-05"),
        ("2011.05", "2011-05-01"),
        (2011.05, "2011-05-01"),
        ("2018-04-26", "2018-04-26"),
        ("2018-04-26 00:00:00", "2018-04-26"),
        ("199403", "1994-03-01"),
        (199403, "1994-03-01"),
        (20190205, "2019-02-05"),
        ("1994年3月", "1994-03-01"),
        ("1994 年 3 月 8 日", "1994-03-08"),
        ("1994/3/5", "1994-03-05"),
        ("１９９４．０３", "1994-03-01"),
        ("2011.1", "2011-01-01"),
        ("2020.02.29", "2020-02-29"),
    ],
)
def test_dates_are_read_however_they_are_written(cell: object, day: str) -> None:
    data = a_workbook([*HEADS, "任职日期"], ["1", "张三", cell])
    assert values(data)[0]["since"] == day


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2019.13.05", "there is no month 13"),
        ("2019.02.30", "2019-02 has no day 30"),
        ("2019-02-29", "2019-02 has no day 29"),
        ("201913", "there is no month 13"),
        ("1994", "is not a date"),
        ("94.3", "is not a date"),
        ("去年", "is not a date"),
        (2011.1, "may be January or October"),
        (43500, "is not a date"),
        ("0199-03-01", "cannot be meant"),
        (True, "is not a date"),
    ],
)
def test_an_impossible_or_doubtful_date_is_refused_with_its_place(cell: object, reason: str) -> None:
    [row] = read_sheet(a_workbook([*HEADS, "任职日期"], ["1", "张三", cell]), PEOPLE).rows
    [fault] = row["errors"]
    assert fault["column"] == "任职日期"
    assert reason in fault["reason"]
    assert row["values"]["since"] is None


def test_an_open_end_is_no_value() -> None:
    assert "until" not in values(a_workbook([*HEADS, "结束时间(至今 留空)"], ["1", "张三", "至今"]))[0]


@pytest.mark.parametrize(
    ("cell", "leads"), [("是", True), ("否", False), (None, False), ("√", True), ("Ｙ", True), (1, True)]
)
def test_yes_and_no_are_read_and_blank_is_no(cell: object, leads: bool) -> None:
    assert values(a_workbook([*HEADS, "是否领导职务"], ["1", "张三", cell]))[0]["leads"] is leads


def test_a_column_the_file_does_not_have_says_nothing() -> None:
    assert "leads" not in values(a_workbook(HEADS, ["1", "张三"]))[0]


def test_numbers_stored_as_text_are_numbers() -> None:
    data = a_workbook([*HEADS, "成绩", "应到"], ["1", "张三", "８７.5", "１２"], ["2", "李四", 90, 3.0])
    assert [(row["score"], row["places"]) for row in values(data)] == [(87.5, 12), (90, 3)]


@pytest.mark.parametrize(
    ("head", "cell"), [("成绩", "优"), ("成绩", "1e3"), ("应到", 1.5), ("是否领导职务", "大概")]
)
def test_what_is_no_number_or_answer_is_refused(head: str, cell: object) -> None:
    [row] = read_sheet(a_workbook([*HEADS, head], ["1", "张三", cell]), PEOPLE).rows
    assert [fault["column"] for fault in row["errors"]] == [head]


def test_a_number_that_lost_its_last_digits_is_not_taken_for_text() -> None:
    [row] = read_sheet(a_workbook(HEADS, [1420000001234567890, "张三"]), PEOPLE).rows
    assert row["values"]["number"] is None
    assert "too long" in row["errors"][0]["reason"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_tables_are_read_in_every_usual_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = '名册\r\n\r\n姓名{d}工作证号{d}备注\r\n张三{d}0012{d}"一,二;三\r\n四"\r\n李四{d}0013{d}\r\n'
    read = read_sheet(a_csv(text.format(d=delimiter), encoding), PEOPLE)
    assert [(row["n"], row["values"]["number"]) for row in read.rows] == [(4, "0012"), (6, "0013")]
    assert read.rows[0]["extra"] == {"备注": "一,二;三 四"}


def test_the_sheet_with_the_heads_is_found_among_others() -> None:
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(["填写说明"])
    for row in (HEADS, ["1", "张三"]):
        workbook.create_sheet("名册") if "名册" not in workbook.sheetnames else None
        workbook["名册"].append(row)
    file = io.BytesIO()
    workbook.save(file)
    read = read_sheet(file.getvalue(), PEOPLE)
    assert (read.table, len(read.rows)) == ("名册", 1)


def test_missing_heads_are_named_beside_those_found() -> None:
    with pytest.raises(HeadsMissing) as caught:
        read_sheet(a_workbook(["工号", "名字"], ["1", "张三"]), PEOPLE)
    assert caught.value.details["missing"] == ["姓名"]
    assert caught.value.details["found"] == ["工号", "名字"]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", a_workbook(), a_workbook(HEADS), a_workbook(HEADS, ["必填", "必填"])]
)
def test_a_file_without_rows_is_said_to_be_empty(data: bytes) -> None:
    with pytest.raises(SheetEmpty):
        read_sheet(data, PEOPLE)


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\0\0",
        b"PK\x03\x04 not really",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x89PNG\r\n\x1a\n\0\0",
    ],
)
def test_what_is_no_workbook_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotAWorkbook) as caught:
        read_sheet(data, PEOPLE)
    assert caught.value.code == "not_a_workbook"


def test_too_many_rows_are_refused_as_a_whole() -> None:
    lines = "\n".join(f"{number},某人" for number in range(50_001))
    with pytest.raises(TooManyRows):
        read_sheet(a_csv("工号,姓名\n" + lines), PEOPLE)


def test_formulas_give_their_values_and_text_that_looks_like_one_stays_text() -> None:
    data = a_csv("工号,姓名,备注\n1,张三,=1+1\n2,李四,'=1+1")
    assert [row["extra"]["备注"] for row in read_sheet(data, PEOPLE).rows] == ["=1+1", "=1+1"]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"])
def test_text_a_spreadsheet_would_run_is_written_as_text(text: str) -> None:
    assert as_text_cell(text) == "'" + text


def test_a_value_that_may_stand_in_one_row_only_is_refused_in_the_second() -> None:
    once = Sheet(name="x", columns=(Column(field="number", required=True, unique=True, heads=("工号",)),))
    rows = read_sheet(a_csv("工号\n0012\n0013\n 0012\n"), once).rows
    assert [row["errors"] for row in rows] == [
        [],
        [],
        [{"column": "工号", "reason": "is in row 2 already; this row was left out"}],
    ]
