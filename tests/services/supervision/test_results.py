"""Results: entered, proposed, confirmed by somebody else, told in writing, corrected."""

from __future__ import annotations

from datetime import date

import pytest

from bole import errors
from contracts.supervision import calls
from contracts.supervision.events import (
    NoticeServed,
    ResultConfirmed,
    ResultCorrected,
    SupervisionWorkClosed,
    SupervisionWorkOpened,
    TeamResultConfirmed,
)
from services.supervision import service
from services.supervision.entering import DecidedAlready
from tests.services.alone import account
from tests.services.neighbours import a_person
from tests.services.supervision.county import (
    AUDITOR,
    HEAD,
    LEADER,
    LI,
    OFFICIAL,
    OTHER_UNIT,
    UNIT,
    WANG,
    Supervision,
    scores,
)


def test_a_year_is_opened_once(supervision: Supervision):
    supervision.open_cycle(2025)

    with pytest.raises(errors.Conflict, match="2025 was opened already"):
        supervision.open_cycle(2025)


def test_a_year_that_has_not_begun_is_not_opened(supervision: Supervision):
    supervision.on(date(2026, 12, 31))

    with pytest.raises(errors.Invalid, match="lies in the future; today is 2026-12-31") as wrong:
        supervision.open_cycle(2027)

    assert (wrong.value.status, wrong.value.details["errors"][0]["at"]) == (422, "body.year")
    supervision.open_cycle(2026)
    supervision.on(date(2027, 1, 1))
    supervision.open_cycle(2027)


def test_scores_become_a_proposed_grade_with_rule_source_and_conditions(supervision: Supervision):
    cycle = supervision.open_cycle()
    job = supervision.enter(cycle, scores(62, achievement=67))

    (result,) = supervision.results(cycle)
    detail = supervision.detail(result)
    assert job["counts"] == {"new": 1, "updated": 0, "unchanged": 0, "error": 0}
    assert (result["state"], result["grade"]) == ("proposed", "basic")  # (4 * 62 + 67) / 5 = 63
    assert (result["leader_class"], result["class_label"]) == ("class_3", "三类诫勉")
    assert detail["average"] == 63.0
    assert [(check["required"], check["held"]) for check in detail["checks"]] == [
        ("90", False),
        ("75", False),
        ("60", True),
    ]
    assert "63.00" in result["rule"]
    assert result["source"].startswith("Sample setting of this pack")
    assert result["mark"] == "K"


def test_a_proposed_grade_never_leaves_the_service(supervision: Supervision):
    supervision.enter(supervision.open_cycle(), scores(62))

    assert supervision.said(ResultConfirmed) == []
    (line,) = supervision.said(SupervisionWorkOpened)
    assert (line.kind, line.count, line.person_id, line.not_by) == ("confirm_results", 1, None, ("li",))


def test_the_same_results_twice_change_nothing(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), scores(80, number="0034"))

    again = supervision.enter(cycle, scores(62), scores(80, number="0034"))

    assert again["counts"] == {"new": 0, "updated": 0, "unchanged": 2, "error": 0}


def test_a_changed_result_is_updated_until_it_is_confirmed(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62))

    changed = supervision.enter(cycle, scores(91))
    supervision.confirm(cycle)
    too_late = supervision.enter(cycle, scores(50))
    still_the_same = supervision.enter(cycle, scores(91))

    assert changed["counts"]["updated"] == 1
    assert too_late["errors"][0]["reason"].startswith("This result was confirmed already")
    assert still_the_same["counts"]["unchanged"] == 1
    assert supervision.results(cycle)[0]["grade"] == "excellent"
    assert DecidedAlready.code == "confirmed_already"


def test_a_person_who_moved_meanwhile_stays_in_the_unit_that_was_assessed(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(80))
    supervision.hears(a_person(person_id=LEADER, unit_id=OTHER_UNIT, post="调研员"))

    again = supervision.enter(cycle, scores(80))

    assert again["counts"]["unchanged"] == 1
    (result,) = supervision.results(cycle)
    assert (result["unit_id"], result["post"], result["is_leader"]) == (str(UNIT), "局长", True)


def test_ballots_are_judged_and_never_come_out(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(
        cycle,
        {"number": "0012", "ballots_competent": 19, "ballots_incompetent": 11, "ballots_invalid": 7},
    )

    (result,) = supervision.results(cycle)
    detail = supervision.detail(result)
    assert result["grade"] == "incompetent"
    assert result["mark"] == "V-local"
    assert all(check["found"] is None for check in detail["checks"])
    assert not any(field.startswith("ballots") for field in detail)
    assert detail["scores"] is None


def test_nobody_on_probation_is_graded(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, {"number": "0012", "not_graded": "新录用试用期内"})
    supervision.confirm(cycle)

    (confirmed,) = supervision.said(ResultConfirmed)
    assert (confirmed.grade, confirmed.failed, confirmed.not_graded) == (None, False, "probation")
    assert confirmed.source == "公务员考核规定 (2020-12-28), art. 25-28"
    assert supervision.measures() == {}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (scores(62, number="9999"), "工作证号"),
        (scores(101), "德"),
        (scores(62, unit="没有的单位"), "单位"),
        ({"number": "0012", "virtue": 60}, "能"),
        ({"number": "0012", "not_graded": "because"}, "不定等次原因"),
        ({"number": "0012", "ballots_invalid": 3}, "优秀票"),
        ({"kind": "班子", "unit": "教育局", **scores(80)}, "优秀票"),
    ],
)
def test_a_bad_row_is_told_with_its_column_and_leaves_the_others_alone(supervision, row, column):
    cycle = supervision.open_cycle()

    job = supervision.enter(cycle, row, scores(80, number="0034"))

    assert (job["errors"][0]["row"], job["errors"][0]["column"]) == (2, column)
    assert job["counts"]["error"] == 1
    assert [result["person_id"] for result in supervision.results(cycle)] == [str(OFFICIAL)]


@pytest.mark.parametrize("row", [{"number": "0012"}, {**scores(80), "ballots_excellent": 3}])
def test_a_row_has_exactly_one_ground_for_a_grade(supervision: Supervision, row):
    job = supervision.enter(supervision.open_cycle(), row)

    assert "either the five item scores, or ballots" in job["errors"][0]["reason"]


def test_a_dry_run_changes_nothing(supervision: Supervision):
    cycle = supervision.open_cycle()

    job = supervision.enter(cycle, scores(62), dry_run=True)

    assert job["counts"]["new"] == 1
    assert supervision.results(cycle) == []
    assert supervision.said(SupervisionWorkOpened) == []


def test_a_closed_cycle_takes_no_results(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.call(calls.CLOSE_CYCLE, HEAD, path={"cycle_id": cycle})

    with pytest.raises(errors.Conflict, match="is closed"):
        supervision.enter(cycle, scores(62))


def test_a_cycle_takes_results_up_to_its_last_day(supervision: Supervision):
    cycle = supervision.open_cycle(results_until="2026-03-20")
    supervision.on(date(2026, 3, 20))
    supervision.enter(cycle, scores(62))

    supervision.on(date(2026, 3, 21))
    with pytest.raises(errors.Conflict, match="until 2026-03-20"):
        supervision.enter(cycle, scores(70))


def test_a_cycle_is_not_closed_while_results_wait(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62))

    with pytest.raises(errors.Conflict, match="1 results still wait"):
        supervision.call(calls.CLOSE_CYCLE, HEAD, path={"cycle_id": cycle})


def test_another_officer_confirms_and_only_then_it_travels(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), scores(95, number="0034"))

    own = supervision.confirm(cycle, by=LI)
    done = supervision.confirm(cycle, by=WANG)

    assert own == {"confirmed": 0, "remaining": 0, "skipped": 2}
    assert done == {"confirmed": 2, "remaining": 0, "skipped": 0}
    leader, official = sorted(supervision.said(ResultConfirmed), key=lambda told: told.person_id)
    assert (leader.grade, leader.failed, leader.leader_class) == ("basic", True, "class_3")
    assert (leader.unit_id, leader.year, leader.post) == (UNIT, 2025, "局长")
    assert (official.grade, official.failed, official.leader_class) == ("excellent", False, None)


def test_who_entered_a_result_may_not_name_it_for_confirmation(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62))
    (result,) = supervision.results(cycle)

    with pytest.raises(errors.SamePerson):
        supervision.confirm(cycle, by=LI, results=[{"result_id": result["id"]}])
    assert supervision.said(ResultConfirmed) == []


def test_a_grade_is_changed_with_a_reason_when_it_is_confirmed(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62))
    (result,) = supervision.results(cycle)

    with pytest.raises(errors.Invalid):
        supervision.confirm(cycle, results=[{"result_id": result["id"], "grade": "competent"}])
    supervision.confirm(
        cycle, results=[{"result_id": result["id"], "grade": "competent", "reason": "a year of floods"}]
    )

    (told,) = supervision.said(ResultConfirmed)
    (kept,) = supervision.results(cycle)
    assert (told.grade, told.failed, told.leader_class) == ("competent", False, "class_2")
    assert (kept["computed_grade"], kept["change_reason"]) == ("basic", "a year of floods")
    assert "公务员考核规定" in told.source


def test_a_result_is_confirmed_once(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62))
    (result,) = supervision.results(cycle)
    supervision.confirm(cycle)

    with pytest.raises(errors.Conflict, match="confirmed already"):
        supervision.confirm(cycle, results=[{"result_id": result["id"]}])


def test_a_result_of_another_cycle_is_not_found(supervision: Supervision):
    one, other = supervision.open_cycle(2024), supervision.open_cycle(2025)
    supervision.enter(one, scores(62))
    (result,) = supervision.results(one)

    with pytest.raises(errors.NotFound):
        supervision.confirm(other, results=[{"result_id": result["id"]}])


def test_a_team_is_classed_by_ballots(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(
        cycle,
        {
            "kind": "班子",
            "unit": "教育局",
            "ballots_excellent": 10,
            "ballots_competent": 5,
            "ballots_basic": 5,
        },
    )
    supervision.confirm(cycle)

    (told,) = supervision.said(TeamResultConfirmed)
    assert (told.unit_id, told.team_class) == (UNIT, "class_2")  # 15/20 = 0.75
    assert supervision.results(cycle)[0]["class_label"] == "二类提高"


def test_the_quota_says_by_how_many_it_is_exceeded_and_not_who(supervision: Supervision):
    for n in range(12):
        person = LEADER if n == 0 else None
        fields = {"person_id": person} if person else {"person_id": _numbered(n)}
        supervision.hears(a_person(number=f"1{n:03}", unit_id=UNIT, **fields))
    cycle = supervision.open_cycle()
    supervision.enter(cycle, *(scores(95 if n < 4 else 80, number=f"1{n:03}") for n in range(12)))

    answer = supervision.call(calls.READ_CYCLE, AUDITOR, path={"cycle_id": cycle})

    # a fifth of 12 is 2.4, rounded half up to 2
    assert answer["quota"] == [
        {"unit_id": str(UNIT), "unit": "教育局", "graded": 12, "excellent": 4, "allowed": 2, "exceeded_by": 2}
    ]
    assert (answer["proposed"], answer["confirmed"], answer["quota_mark"]) == (12, 0, "V2")


def _numbered(n: int):
    return type(LEADER)(int=LEADER.int + 0x1000 + n)


def test_a_notice_starts_the_term_of_review(supervision: Supervision):
    result = supervision.failed()

    served = supervision.call(
        calls.SERVE_NOTICE, LI, path={"result_id": result["id"]}, body=supervision.notice(manner="post")
    )

    (told,) = supervision.said(NoticeServed)
    assert (told.served_on, told.review_until) == (date(2026, 3, 10), date(2026, 4, 9))  # 30 days, art. 95
    assert told.source == "中华人民共和国公务员法 (2018-12-29), art. 95"
    assert served["review_until"] == "2026-04-09"


def test_a_refusal_to_sign_is_attested(supervision: Supervision):
    result = supervision.failed()
    refusal = {"witnesses": ["one", "two"], "reason": "did not agree"}

    supervision.call(
        calls.SERVE_NOTICE,
        LI,
        path={"result_id": result["id"]},
        body=supervision.notice(signed=False, refusal=refusal, manner="left_at_home"),
    )

    assert supervision.said(NoticeServed)[0].manner == "left_at_home"


@pytest.mark.parametrize(
    "stated",
    [
        {"signed": False},
        {"refusal": {"witnesses": ["one"], "reason": "why"}},
        {"signed": False, "refusal": {"witnesses": [" "], "reason": "why"}},
        {"signed": False, "refusal": {"witnesses": ["one"], "reason": " "}},
        {"served_on": "2026-03-11"},
        {"served_on": "2026-03-09"},
        {"manner": "by rumour"},
    ],
)
def test_a_notice_that_does_not_hold_is_refused(supervision: Supervision, stated):
    result = supervision.failed()

    with pytest.raises(errors.Invalid):
        supervision.call(
            calls.SERVE_NOTICE, LI, path={"result_id": result["id"]}, body=supervision.notice(**stated)
        )


def test_only_a_confirmed_result_is_served_and_only_once(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62))
    (result,) = supervision.results(cycle)
    path = {"result_id": result["id"]}

    with pytest.raises(errors.Conflict):
        supervision.call(calls.SERVE_NOTICE, LI, path=path, body=supervision.notice())
    supervision.confirm(cycle)
    supervision.call(calls.SERVE_NOTICE, LI, path=path, body=supervision.notice())
    with pytest.raises(errors.Conflict, match="served already"):
        supervision.call(calls.SERVE_NOTICE, LI, path=path, body=supervision.notice())


def test_an_upheld_objection_corrects_the_result_and_names_what_it_undoes(supervision: Supervision):
    result = supervision.failed()
    supervision.call(calls.SERVE_NOTICE, LI, path={"result_id": result["id"]}, body=supervision.notice())

    decided = supervision.correct(result, "competent")

    (told,) = supervision.said(ResultCorrected)
    assert decided["state"] == "upheld"
    assert (told.was_grade, told.was_failed, told.grade, told.failed) == ("basic", True, "competent", False)
    assert told.correction == "objection"
    assert told.reverses == supervision.event_of(ResultConfirmed)
    corrected = supervision.detail(result)
    assert (corrected["state"], corrected["grade"], corrected["leader_class"]) == (
        "corrected",
        "competent",
        "class_2",
    )
    assert corrected["served_on"] is None  # told anew


def test_who_proposed_a_correction_does_not_decide_on_it(supervision: Supervision):
    result = supervision.failed()
    body = {"correction": "error", "grade": "competent", "reason": "wrong column"}
    proposed = supervision.call(calls.PROPOSE_CORRECTION, LI, path={"result_id": result["id"]}, body=body)
    path = {"correction_id": proposed["id"]}
    decision = {"decision": "uphold", "reason": "seen"}

    with pytest.raises(errors.SamePerson):
        supervision.call(calls.CONFIRM_CORRECTION, LI, path=path, body=decision)
    with pytest.raises(errors.Conflict, match="waits for a decision already"):
        supervision.call(calls.PROPOSE_CORRECTION, LI, path={"result_id": result["id"]}, body=body)
    supervision.call(calls.CONFIRM_CORRECTION, WANG, path=path, body=decision)
    with pytest.raises(errors.Conflict, match="was upheld already"):
        supervision.call(calls.CONFIRM_CORRECTION, WANG, path=path, body=decision)


def test_whoever_decides_on_a_correction_reads_its_reason_first(supervision: Supervision):
    result = supervision.failed()
    body = {"correction": "error", "grade": "competent", "reason": "wrong column"}
    proposed = supervision.call(calls.PROPOSE_CORRECTION, LI, path={"result_id": result["id"]}, body=body)

    line = supervision.said(SupervisionWorkOpened)[-1]
    assert line.link == f"/api/v1/supervision/corrections/{proposed['id']}"
    read = supervision.call(calls.READ_CORRECTION, WANG, path={"correction_id": proposed["id"]})
    assert (read["state"], read["reason"]) == ("proposed", "wrong column")


def test_a_rejected_correction_leaves_the_result_as_it_is(supervision: Supervision):
    result = supervision.failed()

    supervision.correct(result, "competent", decision="reject")

    assert supervision.said(ResultCorrected) == []
    assert supervision.detail(result)["grade"] == "basic"


def test_a_correction_needs_another_grade_and_a_decided_result(supervision: Supervision):
    result = supervision.failed()
    body = {"correction": "error", "grade": "basic", "reason": "none"}

    with pytest.raises(errors.Invalid):
        supervision.call(calls.PROPOSE_CORRECTION, LI, path={"result_id": result["id"]}, body=body)


def test_an_official_sees_only_the_own_decided_result(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), scores(80, number="0034"))
    own = account("zhao", "official", own=OFFICIAL)
    mine, other = sorted(supervision.results(cycle), key=lambda one: one["person_id"] != str(OFFICIAL))

    assert supervision.results(cycle, by=own) == []
    with pytest.raises(errors.NotFound):
        supervision.detail(mine, by=own)
    supervision.confirm(cycle)
    assert [result["id"] for result in supervision.results(cycle, by=own)] == [mine["id"]]
    assert supervision.detail(mine, by=own)["scores"]["virtue"] == 80
    with pytest.raises(errors.NotFound):
        supervision.detail(other, by=own)


def test_an_officer_of_one_unit_knows_nothing_of_another(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), scores(80, number="0034"))
    sun = account("sun", "supervision.officer", units=frozenset({OTHER_UNIT}))
    outside = next(one for one in supervision.results(cycle) if one["unit_id"] == str(UNIT))

    assert [result["person_id"] for result in supervision.results(cycle, by=sun)] == [str(OFFICIAL)]
    with pytest.raises(errors.NotFound):
        supervision.detail(outside, by=sun)
    with pytest.raises(errors.NotFound):
        supervision.confirm(cycle, by=sun, results=[{"result_id": outside["id"]}])
    assert supervision.enter(cycle, scores(70), by=sun)["errors"][0]["column"] == "工作证号"
    assert supervision.confirm(cycle, by=sun) == {"confirmed": 1, "remaining": 0, "skipped": 0}


def test_the_worklist_counts_what_waits_and_is_cleared(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(80), scores(80, number="0034"))
    supervision.confirm(cycle)
    for result in supervision.results(cycle):
        supervision.call(calls.SERVE_NOTICE, LI, path={"result_id": result["id"]}, body=supervision.notice())

    opened = [(line.kind, line.count) for line in supervision.said(SupervisionWorkOpened)]
    assert opened == [("confirm_results", 2), ("serve_notice", 2), ("serve_notice", 1)]
    assert len(supervision.said(SupervisionWorkClosed)) == 2


def test_results_come_in_pages(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), scores(80, number="0034"))
    path = {"cycle_id": cycle}

    first = supervision.call(calls.LIST_RESULTS, LI, path=path, query={"limit": 1})
    second = supervision.call(calls.LIST_RESULTS, LI, path=path, query={"limit": 1, "cursor": first["next"]})

    assert second["next"] is None
    assert {page["items"][0]["person_id"] for page in (first, second)} == {str(LEADER), str(OFFICIAL)}
    with pytest.raises(errors.Invalid):
        supervision.call(calls.LIST_RESULTS, LI, path=path, query={"cursor": "x"})


def test_a_year_without_rules_is_refused_by_the_questions_name(supervision: Supervision):
    cycle = supervision.open_cycle(2005)

    job = supervision.enter(cycle, scores(62))

    assert "supervision.item_weights" in job["errors"][0]["reason"]


def test_own_results_do_not_stand_in_the_way_of_what_others_entered(
    supervision: Supervision, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "AT_ONCE", 1)
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), by=WANG)
    supervision.enter(cycle, scores(80, number="0034"), by=LI)

    assert supervision.confirm(cycle, by=WANG) == {"confirmed": 1, "remaining": 0, "skipped": 1}


def test_an_average_is_shown_as_it_was_judged(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(90, virtue=89.975))

    (result,) = supervision.results(cycle)
    assert (result["grade"], supervision.detail(result)["average"]) == ("competent", 89.995)
    assert "89.995" in result["rule"]


@pytest.mark.parametrize("blank", [" ", "\n"])
def test_a_correction_has_a_reason_that_is_not_blank(supervision: Supervision, blank: str):
    result = supervision.failed()
    path, body = {"result_id": result["id"]}, {"correction": "error", "grade": "competent"}

    with pytest.raises(errors.Invalid):
        supervision.call(calls.PROPOSE_CORRECTION, LI, path=path, body=body | {"reason": blank})
    proposed = supervision.call(calls.PROPOSE_CORRECTION, LI, path=path, body=body | {"reason": "seen"})
    decided = {"path": {"correction_id": proposed["id"]}, "body": {"decision": "uphold", "reason": blank}}
    with pytest.raises(errors.Invalid):
        supervision.call(calls.CONFIRM_CORRECTION, WANG, **decided)


def test_nobody_confirms_or_changes_the_own_result(supervision: Supervision):
    cycle = supervision.open_cycle()
    supervision.enter(cycle, scores(62), scores(80, number="0034"))
    own = account("sun", "supervision.officer", own=LEADER)
    mine = next(one for one in supervision.results(cycle) if one["person_id"] == str(LEADER))

    for change in ({}, {"grade": "competent", "reason": "a year of floods"}):
        with pytest.raises(errors.SamePerson, match="own case") as refused:
            supervision.confirm(cycle, by=own, results=[{"result_id": mine["id"]} | change])
        assert refused.value.status == 403
    assert supervision.confirm(cycle, by=own) == {"confirmed": 1, "remaining": 0, "skipped": 1}
    assert [told.person_id for told in supervision.said(ResultConfirmed)] == [OFFICIAL]
    assert supervision.confirm(cycle, by=WANG) == {"confirmed": 1, "remaining": 0, "skipped": 0}


def test_nobody_serves_or_corrects_the_own_result(supervision: Supervision):
    result = supervision.failed()
    path, own = {"result_id": result["id"]}, account("sun", "supervision.officer", own=LEADER)
    body = {"correction": "objection", "grade": "competent", "reason": "one score was copied wrongly"}

    with pytest.raises(errors.SamePerson, match="own case"):
        supervision.call(calls.SERVE_NOTICE, own, path=path, body=supervision.notice())
    with pytest.raises(errors.SamePerson, match="own case"):
        supervision.call(calls.PROPOSE_CORRECTION, own, path=path, body=body)
    proposed = supervision.call(calls.PROPOSE_CORRECTION, LI, path=path, body=body)
    with pytest.raises(errors.SamePerson, match="own case"):
        supervision.call(
            calls.CONFIRM_CORRECTION,
            own,
            path={"correction_id": proposed["id"]},
            body={"decision": "uphold", "reason": "seen"},
        )
    assert supervision.detail(result)["grade"] == "basic"
