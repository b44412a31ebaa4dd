"""What a row makes of a person, and what cannot be true of anybody."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from services.selection.domain.doubt import doubt
from services.selection.domain.hold import CandidacyState, hold
from services.selection.domain.identify import plain_name, unit_key
from services.selection.domain.merge import Particulars, merge

UNIT, OTHER_UNIT = UUID(int=1), UUID(int=2)
KNOWN = Particulars(number="0012", name="张三", unit_id=UNIT, post="科员", born_on=date(1980, 5, 1))


def test_what_a_row_says_replaces_and_what_it_leaves_out_stays() -> None:
    told = merge(KNOWN, {"number": "0012", "name": "张　三", "post": "主任"}, unit_id=OTHER_UNIT)
    assert told == Particulars(
        number="0012", name="张三", unit_id=OTHER_UNIT, post="主任", born_on=date(1980, 5, 1)
    )


def test_a_new_person_is_what_the_row_says() -> None:
    told = merge(None, {"number": "0013", "name": "李四", "is_leader": True}, unit_id=UNIT)
    assert told == Particulars(number="0013", name="李四", unit_id=UNIT, is_leader=True)


@pytest.mark.parametrize(
    ("field", "day"),
    [
        ("born_on", date(2026, 3, 11)),
        ("work_since", date(1980, 4, 30)),
        ("party_since", date(1979, 1, 1)),
        ("appointed_on", date(1979, 1, 1)),
        ("level_since", date(1979, 1, 1)),
    ],
)
def test_a_contradiction_names_its_field(field: str, day: date) -> None:
    told = Particulars(**{"number": "1", "name": "甲", "born_on": date(1980, 5, 1)} | {field: day})  # type: ignore[arg-type]
    assert [found.field for found in doubt(told, today=date(2026, 3, 10))] == [field]


def test_without_a_birthday_nothing_is_doubted() -> None:
    told = Particulars(number="1", name="甲", work_since=date(1850, 1, 1))
    assert doubt(told, today=date(2026, 3, 10)) == []


@pytest.mark.parametrize("spelling", ["县委组织部(本级)", "县委 组织部（本级）", "县委组织部（本级） "])
def test_blanks_and_width_do_not_make_another_unit(spelling: str) -> None:
    assert unit_key(spelling) == unit_key("县委组织部（本级）")


def test_names_lose_only_the_blanks_that_set_them_wide() -> None:
    assert plain_name(" 张　三 ") == "张三"
    assert plain_name("Anna  Maria") == "Anna Maria"
    assert plain_name("买买提·艾力") == "买买提·艾力"


@pytest.mark.parametrize(
    ("state", "barred", "then"),
    [
        ("inspection", True, "held"),
        ("nominated", True, "nominated"),
        ("held", True, "held"),
        ("withdrawn", True, "withdrawn"),
        ("held", False, "nominated"),
        ("inspection", False, "inspection"),
        ("withdrawn", False, "withdrawn"),
    ],
)
def test_bars_hold_inspections_and_nothing_else(
    state: CandidacyState, barred: bool, then: CandidacyState
) -> None:
    assert hold(state, barred=barred) == then
