"""Rosters taken row by row: what is new, what changed, what is refused and why."""

from __future__ import annotations

from datetime import date

from bole.run.reading import other_faults
from bole.workbook import read_sheet
from contracts.selection.calls import IMPORT_ROSTER, LIST_UNITS, ROSTER
from contracts.selection.events import PersonRecorded, UnitRecorded
from tests.services.alone import Alone, account
from tests.services.selection.rosters import OFFICER, SOMEBODY, a_roster, take


def counts(job: dict) -> tuple[int, int, int, int]:  # type: ignore[type-arg]
    found = job["counts"]
    return found["new"], found["updated"], found["unchanged"], found["error"]


def test_a_new_person_is_announced_with_the_whole_state(selection: Alone) -> None:
    assert counts(take(selection, a_roster({}))) == (1, 0, 0, 0)
    unit, person = selection.said()
    assert unit == UnitRecorded(unit_id=unit.unit_id, name="县委办公室")
    assert person == PersonRecorded(
        person_id=person.person_id,
        number="0012",
        name="张三",
        sex="male",
        born_on=date(1980, 5, 1),
        work_since=date(2002, 7, 1),
        party_since=date(2005, 6, 30),
        unit_id=unit.unit_id,
        unit="县委办公室",
        post="副主任",
        is_leader=True,
        rank="四级主任科员",
        appointed_on=date(2019, 2, 5),
        level_since=date(2017, 3, 1),
        education="大学本科",
        identity="公务员",
    )


def test_the_same_file_twice_changes_and_announces_nothing(selection: Alone) -> None:
    data = a_roster({}, {"工作证号": "0013", "姓名": "李四", "备注": "x"})
    take(selection, data)
    said = len(selection.said())
    assert counts(take(selection, data)) == (0, 0, 2, 0)
    assert len(selection.said()) == said


def test_a_changed_cell_updates_and_a_blank_one_leaves_what_is_known(selection: Alone) -> None:
    take(selection, a_roster({}))
    job = take(selection, a_roster({"职务": "主任", "入党时间": None}))
    assert counts(job) == (0, 1, 0, 0)
    person = selection.said(PersonRecorded)[-1]
    assert (person.post, person.party_since) == ("主任", date(2005, 6, 30))


def test_columns_may_be_missing_and_in_any_order(selection: Alone) -> None:
    take(selection, a_roster({}))
    job = take(selection, "姓名;所在单位;工号\n张　三;县委 办公室;0012\n".encode("gb18030"))
    assert counts(job) == (0, 0, 1, 0)


def test_good_rows_go_in_and_bad_ones_say_row_column_and_reason(selection: Alone) -> None:
    job = take(
        selection,
        a_roster(
            {},
            {"工作证号": "0013", "出生年月": "2019.13.05"},
            {"工作证号": "0014", "性别": "未知"},
            {"工作证号": "0015", "姓名": None},
            {"工作证号": "0016", "参加工作时间": "1979.01"},
            {"工作证号": "0017", "出生年月": "2027.01", "参加工作时间": None, "入党时间": None},
            {"工作证号": "0018", "姓名": "李四"},
        ),
    )
    assert counts(job) == (2, 0, 0, 5)
    assert [(error["row"], error["column"]) for error in job["errors"]] == [
        (4, "出生年月"),
        (5, "性别"),
        (6, "姓名"),
        (7, "参加工作时间"),
        (8, "出生年月"),
    ]
    assert job["errors"][0]["reason"] == "there is no month 13"
    assert [person.number for person in selection.said(PersonRecorded)] == ["0012", "0018"]


def test_a_row_with_a_cell_nobody_can_read_is_told_its_other_faults_too() -> None:
    heads = tuple("干部姓名" if head == "姓名" else head for head in SOMEBODY)
    faulty = {"出生年月": "2019.13.05", "性别": "未知", "干部姓名": None}
    sheet = read_sheet(a_roster(faulty, heads=heads), ROSTER)
    [row] = sheet.rows
    assert [error["column"] for error in row["errors"]] == ["出生年月"]
    others = other_faults(IMPORT_ROSTER, row, sheet.heads)
    assert {error["column"] for error in others} == {"性别", "干部姓名"}


def test_every_contradiction_of_a_row_is_told(selection: Alone) -> None:
    job = take(selection, a_roster({"参加工作时间": "1979.01", "任职日期": "1970.01"}))
    assert counts(job) == (0, 0, 0, 1)
    assert [(error["row"], error["column"]) for error in job["errors"]] == [
        (3, "参加工作时间"),
        (3, "任职日期"),
    ]


def test_the_same_person_twice_is_an_error_that_names_the_first_row(selection: Alone) -> None:
    others = [{"工作证号": f"1{number:04}"} for number in range(400)]  # farther apart than one transaction
    data = a_roster({}, *others, {"职务": "主任"})
    for dry_run in (True, False):
        job = take(selection, data, dry_run=dry_run)
        assert counts(job) == (401, 0, 0, 1)
        [error] = job["errors"]
        assert (error["row"], error["column"]) == (404, "工作证号")
        assert "row 3" in error["reason"]


def test_a_dry_run_judges_and_changes_nothing(selection: Alone) -> None:
    assert counts(take(selection, a_roster({}, {"工作证号": None}), dry_run=True)) == (1, 0, 0, 1)
    assert selection.said() == []
    assert counts(take(selection, a_roster({}))) == (1, 0, 0, 0)


def test_spellings_of_one_unit_make_one_unit(selection: Alone) -> None:
    take(
        selection,
        a_roster(
            {"单位": "县委办公室（本级）"},
            {"工作证号": "2", "单位": "县委 办公室(本级)"},
            {"工作证号": "3", "单位": "县医院"},
        ),
    )
    page = selection.call(LIST_UNITS, OFFICER)
    assert [unit["name"] for unit in page["items"]] == ["县委办公室（本级）", "县医院"]


def test_an_officer_takes_in_only_what_lies_in_scope(selection: Alone) -> None:
    take(selection, a_roster({}, {"工作证号": "2", "单位": "县医院"}))
    first, second = selection.said(UnitRecorded)
    narrow = account("he", "selection.officer", units=frozenset({first.unit_id}))
    job = take(
        selection,
        a_roster(
            {"职务": "主任"},
            {"工作证号": "2", "职务": "院长"},  # moves somebody of another unit
            {"工作证号": "3", "单位": "县医院"},
            {"工作证号": "4", "单位": "新单位"},
            {"工作证号": "5"},
        ),
        by=narrow,
    )
    assert counts(job) == (1, 1, 0, 3)
    assert {error["column"] for error in job["errors"]} == {"单位"}
    assert [unit["unit_id"] for unit in selection.call(LIST_UNITS, narrow)["items"]] == [str(first.unit_id)]
    assert second.unit_id != first.unit_id


def test_units_come_in_pages(selection: Alone) -> None:
    take(selection, a_roster(*({"工作证号": str(n), "单位": f"单位{n}"} for n in range(5))))
    names, cursor = [], None
    while True:
        page = selection.call(
            LIST_UNITS, OFFICER, query={"limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        names += [unit["name"] for unit in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert names == [f"单位{n}" for n in range(5)]


def test_columns_nobody_knows_are_kept_aside(selection: Alone) -> None:
    heads = (*SOMEBODY, "单位及职务")
    job = take(selection, a_roster({"单位及职务": "县委办公室副主任"}, heads=heads))
    assert counts(job) == (1, 0, 0, 0)
    assert counts(take(selection, a_roster({"单位及职务": "县委办公室副主任"}, heads=heads))) == (0, 0, 1, 0)
    said = len(selection.said())
    assert counts(take(selection, a_roster({"单位及职务": "县医院院长"}, heads=heads))) == (0, 1, 0, 0)
    assert len(selection.said()) == said  # nobody else keeps it
