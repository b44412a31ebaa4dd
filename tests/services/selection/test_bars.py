"""What bars a person from being an inspection object, and how each ground falls (SEL-10)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bole import errors
from contracts.selection import questions as ask
from contracts.selection.calls import (
    BARS_OF_PERSON,
    BEGIN_INSPECTION,
    LIST_CANDIDACIES,
    NOMINATE,
    RECORD_APPOINTMENT,
    WITHDRAW_CANDIDACY,
)
from contracts.selection.events import BarLifted, BarOpened, CandidacyChanged, PersonRecorded
from contracts.training.events import RemedialAssigned, RemedialPassed, RemedialWithdrawn
from services.selection.bars import Barred
from services.selection.service import SelectionService
from tests.services import neighbours
from tests.services.alone import Alone, account, alone
from tests.services.selection.conftest import ANSWERS
from tests.services.selection.rosters import OFFICER, a_roster, take

REMEDIAL = UUID("01900000-0000-7000-8000-0000000000e1")


class Story:
    """One person, and what happens to them; facts of the neighbours are about this person."""

    def __init__(self, selection: Alone) -> None:
        self.selection = selection
        take(selection, a_roster({}))
        self.person: PersonRecorded = selection.said(PersonRecorded)[0]

    def result(self, year: int, grade: str | None, **stated: Any) -> UUID:
        failed = grade in ("basic", "incompetent")
        about = {"year": year, "grade": grade, "failed": failed, "result_id": UUID(int=year)}
        return self._hears(neighbours.a_result(**self._me | about | stated))

    def correction(self, year: int, grade: str | None, *, was_failed: bool = True) -> UUID:
        failed = grade in ("basic", "incompetent")
        about = {"year": year, "grade": grade, "failed": failed, "was_failed": was_failed}
        return self._hears(neighbours.a_correction(**self._me | about, result_id=UUID(int=year)))

    def measure(self, **stated: Any) -> UUID:
        return self._hears(neighbours.a_measure(**self._me | stated))

    def measure_ended(self, **stated: Any) -> UUID:
        return self._hears(neighbours.an_end(person_id=self.person.person_id, **stated))

    def assigned(self, cause: UUID, kind: Any = "remedial") -> UUID:
        return self._hears(
            RemedialAssigned(
                remedial_id=REMEDIAL,
                person_id=self.person.person_id,
                unit_id=self.person.unit_id,
                kind=kind,
                assigned_on=date(2026, 3, 10),
                due_on=date(2026, 6, 10),
                hours=40,
                pass_mark=60,
                cause=cause,
                source="Notice (fictional)",
                mark="V-local",
            )
        )

    def passed(self, frees_on: date, kind: Any = "remedial") -> UUID:
        return self._hears(
            RemedialPassed(
                remedial_id=REMEDIAL,
                person_id=self.person.person_id,
                kind=kind,
                passed_on=date(2026, 3, 10),
                frees_on=frees_on,
                source="Notice (fictional)",
            )
        )

    def withdrawn(self) -> UUID:
        return self._hears(
            RemedialWithdrawn(
                remedial_id=REMEDIAL,
                person_id=self.person.person_id,
                kind="remedial",
                withdrawn_on=date(2026, 3, 20),
            )
        )

    def nominated(self, post: str = "主任") -> UUID:
        body = {"person_id": str(self.person.person_id), "unit_id": str(self.person.unit_id), "post": post}
        return UUID(self.selection.call(NOMINATE, OFFICER, body=body)["candidacy_id"])

    def inspect(self, candidacy_id: UUID) -> Any:
        return self.selection.call(BEGIN_INSPECTION, OFFICER, path={"candidacy_id": candidacy_id})

    @property
    def bars(self) -> Any:
        return self.selection.call(BARS_OF_PERSON, OFFICER, path={"person_id": self.person.person_id})

    @property
    def standing(self) -> list[str]:
        assert self.bars["free"] is all(bar["state"] == "lifted" for bar in self.bars["bars"])
        return [bar["ground"] for bar in self.bars["bars"] if bar["state"] == "open"]

    @property
    def lifted(self) -> list[tuple[str, str, bool]]:
        """Why and on which day each ground fell, and whether the person was free then."""
        return [
            (fact.lifted_because, fact.lifted_on.isoformat(), fact.free)
            for fact in self.selection.said(BarLifted)
        ]

    @property
    def candidacy(self) -> list[str]:
        return [fact.state for fact in self.selection.said(CandidacyChanged)]

    @property
    def _me(self) -> dict[str, Any]:
        return {"person_id": self.person.person_id, "unit_id": self.person.unit_id}

    def _hears(self, fact: object) -> UUID:
        return self.selection.hears(fact)


@pytest.fixture
def story(selection: Alone) -> Story:
    return Story(selection)


def test_a_failed_assessment_bars_until_the_next_grade_is_confirmed(story: Story) -> None:
    event_id = story.result(2025, "basic")
    [opened] = story.selection.said(BarOpened)
    assert (opened.ground, opened.ends, opened.mark) == (
        "failed_assessment",
        "grade of 2026 confirmed",
        "V-local",
    )
    [bar] = story.bars["bars"]
    assert (bar["cause"], bar["opened_on"], bar["lifted_on"]) == (str(event_id), "2026-03-10", None)
    story.result(2026, "competent", confirmed_on=date(2027, 3, 1))
    assert story.lifted == [("ended", "2027-03-01", True)]


def test_a_good_result_opens_nothing(story: Story) -> None:
    story.result(2025, "competent")
    assert story.bars == {"person_id": str(story.person.person_id), "free": True, "bars": []}


def test_failing_again_bars_anew_without_a_free_day_between(story: Story) -> None:
    story.result(2025, "basic")
    story.result(2026, "basic", confirmed_on=date(2027, 3, 1))
    assert story.lifted == [("ended", "2027-03-01", False)]
    assert [bar["ends"] for bar in story.bars["bars"] if bar["state"] == "open"] == [
        "grade of 2027 confirmed"
    ]


def test_a_year_without_a_grade_does_not_end_the_bar(story: Story) -> None:
    story.result(2025, "basic")
    story.result(2026, None, not_graded="leave")
    assert story.standing == ["failed_assessment"]


def test_an_earlier_year_that_is_confirmed_late_bars_nobody(story: Story) -> None:
    story.result(2026, "competent")
    story.result(2025, "basic")
    assert story.standing == []


def test_a_correction_takes_the_bar_with_it(story: Story) -> None:
    story.result(2025, "basic")
    story.correction(2025, "competent")
    assert story.lifted == [("reversed", "2026-03-20", True)]


def test_a_correction_to_another_failed_grade_leaves_the_bar(story: Story) -> None:
    story.result(2025, "incompetent")
    story.correction(2025, "basic")
    assert len(story.bars["bars"]) == 1
    assert story.standing == ["failed_assessment"]


def test_a_correction_to_a_failed_grade_bars(story: Story) -> None:
    story.result(2025, "competent")
    story.correction(2025, "basic", was_failed=False)
    assert story.standing == ["failed_assessment"]


def test_when_the_freeing_grade_is_taken_back_the_bar_stands_again(story: Story) -> None:
    story.result(2025, "basic")
    story.result(2026, "competent")
    story.correction(2026, None, was_failed=False)
    assert story.standing == ["failed_assessment"]
    assert len(story.bars["bars"]) == 2


def test_open_remedial_training_bars_where_the_county_says_so(story: Story) -> None:
    story.assigned(uuid4())
    assert story.standing == ["open_remedial"]
    story.passed(date(2026, 3, 10))
    assert story.lifted == [("ended", "2026-03-10", True)]


def test_training_for_an_appointment_bars_nothing(story: Story) -> None:
    story.assigned(uuid4(), kind="appointment")
    story.passed(date(2026, 3, 10), kind="appointment")
    assert story.bars["bars"] == []


def test_passed_training_frees_from_the_day_the_rule_gives(story: Story) -> None:
    story.assigned(uuid4())
    story.passed(date(2026, 3, 20))
    story.selection.on(date(2026, 3, 19))
    assert story.standing == ["open_remedial"]
    story.selection.on(date(2026, 3, 20))
    assert story.lifted == [("ended", "2026-03-20", True)]


def test_withdrawn_training_reverses_its_ground_even_while_the_free_day_is_awaited(story: Story) -> None:
    story.assigned(uuid4())
    story.passed(date(2026, 4, 20))
    story.withdrawn()
    story.selection.on(date(2026, 5, 1))
    assert story.lifted == [("reversed", "2026-03-20", True)]


def test_standby_bars_until_its_training_is_passed(story: Story) -> None:
    in_effect = story.measure()
    story.assigned(in_effect, kind="standby")
    assert story.standing == ["standby"]
    story.passed(date(2026, 3, 10), kind="standby")
    assert story.standing == []
    story.measure_ended(ended_because="served")
    assert len(story.lifted) == 1


def test_training_that_is_heard_of_before_its_measure_frees_all_the_same(story: Story) -> None:
    in_effect = story.selection.announced(neighbours.a_measure(**story._me))
    story.assigned(in_effect, kind="standby")
    story.passed(date(2026, 3, 10), kind="standby")
    story.selection.handles(in_effect)
    assert story.standing == []


def test_a_served_standby_waits_for_the_day_its_training_frees(story: Story) -> None:
    in_effect = story.measure()
    story.assigned(in_effect, kind="standby")
    story.passed(date(2026, 4, 1), kind="standby")
    story.measure_ended(ended_because="served", ended_on=date(2026, 3, 10))
    assert story.standing == ["standby"]
    story.selection.on(date(2026, 4, 1))
    assert story.lifted == [("ended", "2026-04-01", True)]


def test_a_standby_said_to_be_served_before_its_training_is_heard_of_bars_all_the_same(story: Story) -> None:
    in_effect = story.measure()
    story.assigned(in_effect, kind="standby")
    story.measure_ended(ended_because="served", ended_on=date(2026, 3, 10))
    assert story.standing == ["standby"]
    story.passed(date(2026, 3, 10), kind="standby")
    assert story.standing == []


def test_a_reversed_standby_frees_at_once(story: Story) -> None:
    story.measure()
    story.measure_ended()
    assert story.lifted == [("reversed", "2026-03-20", True)]


def test_an_admonition_bars_to_the_last_day_of_its_effect(story: Story) -> None:
    story.measure(kind="admonition", effect_until=date(2026, 9, 1))
    [bar] = story.bars["bars"]
    assert (bar["ground"], bar["ends"]) == ("measure", "effect until 2026-09-01")
    story.selection.on(date(2026, 9, 1))
    assert story.standing == ["measure"]
    story.selection.on(date(2026, 9, 2))
    assert story.lifted == [("ended", "2026-09-02", True)]


def test_a_measure_the_text_does_not_list_bars_nothing(story: Story) -> None:
    story.measure(kind="exchange")
    assert story.bars["bars"] == []


def test_several_grounds_stand_side_by_side_and_the_last_one_frees(story: Story) -> None:
    cause = story.result(2025, "basic")
    story.assigned(cause)
    story.measure()
    assert story.standing == ["failed_assessment", "open_remedial", "standby"]
    story.passed(date(2026, 3, 10))
    story.measure_ended()
    story.correction(2025, "competent")
    assert [free for _, _, free in story.lifted] == [False, False, True]


def test_a_bar_does_not_stand_against_nomination_but_against_inspection(story: Story) -> None:
    cause = story.result(2025, "basic")
    story.assigned(cause)
    candidacy = story.nominated()
    with pytest.raises(Barred) as caught:
        story.inspect(candidacy)
    assert (caught.value.code, caught.value.status) == ("barred", 409)
    grounds = caught.value.details["bars"]
    assert [ground["ground"] for ground in grounds] == ["failed_assessment", "open_remedial"]
    assert all(ground["source"] and ground["mark"] and ground["ends"] for ground in grounds)
    story.passed(date(2026, 3, 10))
    story.correction(2025, "competent")
    assert story.inspect(candidacy)["state"] == "inspection"


@pytest.mark.parametrize("kind", ["promotion", "exchange", "adjustment", "leaving"])
def test_while_a_ground_stands_nobody_is_promoted_and_everything_else_goes_on(
    story: Story, kind: str
) -> None:
    cause = story.result(2025, "basic")
    story.assigned(cause)
    entry = {
        "kind": kind,
        "person_id": str(story.person.person_id),
        "decided_on": "2026-03-09",
        "effective_on": "2026-03-09",
        "document": "古组干〔2026〕7号",
    }
    if kind != "leaving":
        entry |= {"unit_id": str(story.person.unit_id), "post": "主任"}
    if kind != "promotion":
        story.selection.call(RECORD_APPOINTMENT, OFFICER, body=entry)
        assert story.standing == ["failed_assessment", "open_remedial"]
        return
    said = len(story.selection.said())
    with pytest.raises(Barred) as caught:
        story.selection.call(RECORD_APPOINTMENT, OFFICER, body=entry)
    assert (caught.value.code, caught.value.status) == ("barred", 409)
    grounds = caught.value.details["bars"]
    assert [ground["ground"] for ground in grounds] == ["failed_assessment", "open_remedial"]
    assert all(ground["source"] and ground["ends"] for ground in grounds)
    assert len(story.selection.said()) == said
    story.correction(2025, "competent")
    story.passed(date(2026, 3, 10))
    assert story.selection.call(RECORD_APPOINTMENT, OFFICER, body=entry)["state"] == "in_effect"


def test_an_inspection_is_held_and_begins_again_as_a_nomination(story: Story) -> None:
    candidacy = story.nominated()
    story.inspect(candidacy)
    cause = story.result(2025, "basic")
    story.assigned(cause)
    story.correction(2025, "competent")
    assert story.candidacy == ["nominated", "inspection", "held"]  # one ground still stands
    story.passed(date(2026, 3, 10))
    assert story.candidacy == ["nominated", "inspection", "held", "nominated"]


def test_a_person_is_put_forward_once_for_a_post_and_again_after_a_withdrawal(story: Story) -> None:
    candidacy = story.nominated()
    with pytest.raises(errors.Conflict):
        story.nominated()
    path = {"candidacy_id": candidacy}
    assert story.selection.call(WITHDRAW_CANDIDACY, OFFICER, path=path)["state"] == "withdrawn"
    with pytest.raises(errors.Conflict):
        story.selection.call(WITHDRAW_CANDIDACY, OFFICER, path=path)
    with pytest.raises(errors.Conflict):
        story.inspect(candidacy)
    story.nominated()


def test_candidacies_are_listed_by_person_and_state_within_scope(story: Story) -> None:
    first, second = story.nominated(), story.nominated("书记")
    story.inspect(second)
    listed = story.selection.call(LIST_CANDIDACIES, OFFICER, query={"state": "nominated"})["items"]
    assert [item["candidacy_id"] for item in listed] == [str(first)]
    nobody = {"person_id": str(uuid4())}
    assert story.selection.call(LIST_CANDIDACIES, OFFICER, query=nobody)["items"] == []
    elsewhere = account("he", "selection.officer", units=frozenset({uuid4()}))
    assert story.selection.call(LIST_CANDIDACIES, elsewhere)["items"] == []
    for call in (BEGIN_INSPECTION, WITHDRAW_CANDIDACY):
        with pytest.raises(errors.NotFound):
            story.selection.call(call, elsewhere, path={"candidacy_id": first})
    with pytest.raises(errors.NotFound):
        story.selection.call(BARS_OF_PERSON, elsewhere, path={"person_id": story.person.person_id})


def test_unknown_people_units_and_candidacies_are_not_found(story: Story) -> None:
    somebody, somewhere = str(story.person.person_id), str(story.person.unit_id)
    for body in (
        {"person_id": str(uuid4()), "unit_id": somewhere, "post": "主任"},
        {"person_id": somebody, "unit_id": str(uuid4()), "post": "主任"},
    ):
        with pytest.raises(errors.NotFound):
            story.selection.call(NOMINATE, OFFICER, body=body)
    with pytest.raises(errors.NotFound):
        story.inspect(uuid4())
    with pytest.raises(errors.NotFound):
        story.selection.call(BARS_OF_PERSON, OFFICER, path={"person_id": uuid4()})


def test_a_rule_nobody_wrote_is_not_taken_for_the_one_we_know(tmp_path: Path) -> None:
    answers = ANSWERS | {ask.FAILED_ASSESSMENT_BAR_ENDS: "after_two_years"}
    with alone(SelectionService, answers, tmp_path) as selection, pytest.raises(errors.Refused):
        Story(selection).result(2025, "basic")
