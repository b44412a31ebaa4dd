"""One failed assessment, from its entry to the day on which the person may compete again."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.office import (
    BADLY,
    EXCELLENTLY,
    SUPERVISION,
    VERY_BADLY,
    WELL,
    Office,
    refused,
)


def test_a_confirmed_failure_is_followed_in_every_service_with_its_source(office: Office):
    leader = office.employ(is_leader=True, post="副局长")
    office.assess(leader, BADLY)

    result = office.sees(leader, "supervision", "results", state="confirmed")
    bar = office.sees(leader, "selection", "bars", ground="failed_assessment", state="open")
    training = office.sees(leader, "training", "remedials", kind="remedial", state="assigned")
    talk = office.sees(leader, "care", "talks", state="due")

    assert (result["grade"], result["leader_class"]) == ("basic", "class_3")  # 基本称职, 三类诫勉
    assert talk["trigger"] == "early_signs"  # the second of the five talks
    assert training["due_on"] > str(office.today)
    assert all(one["source"] and one["mark"] for one in (result, bar, training, talk))
    assert not office.bars(leader)["free"]


def test_nothing_travels_before_another_officer_confirmed_it(office: Office):
    official = office.employ()
    result = office.enter(official, VERY_BADLY)

    with refused(403, "same_person"):
        office.confirm(result, account="supervision.officer.1")

    assert result["computed_grade"] == "incompetent"
    assert result["state"] == "proposed"
    assert {entry["source"] for entry in office.timeline(official)} == {"selection"}
    assert office.bars(official)["free"]


def test_the_confirming_officer_may_change_a_grade_but_says_why(office: Office):
    official = office.employ()
    result = office.enter(official, BADLY)

    with refused(422, "invalid"):
        office.confirm(result, grade="competent")
    office.confirm(result, grade="competent", reason="录入遗漏加分")

    assert office.sees(official, "supervision", "results")["grade"] == "competent"
    assert office.bars(official)["free"]


def test_a_passed_assessment_is_followed_by_nothing(office: Office):
    official = office.employ()
    office.assess(official, WELL)
    office.sees(official, "supervision", "results", grade="competent")
    failed = office.employ()
    office.assess(failed, BADLY)
    office.sees(failed, "care", "talks")  # all that followed the earlier one would be there by now

    assert {entry["source"] for entry in office.timeline(official)} == {"selection", "supervision"}


def test_a_measure_takes_effect_only_once_heard_decided_by_another_and_served(office: Office):
    leader = office.employ(is_leader=True, post="局长")
    office.assess(leader, BADLY)
    measure = office.measure(leader, "standby")
    path, day = f"{SUPERVISION}/measures/{measure['id']}", str(office.today)
    decision = {"decision": "impose", "reason": "属实", "decided_on": day}

    with refused(409, "not_heard"):
        office.by("head").post(f"{path}/decision", decision)
    with refused(409, "conflict"):
        office.by("supervision.officer.1").post(f"{path}/notice", office.notice())
    office.by("supervision.officer.1").post(
        f"{path}/hearing", {"heard_on": day, "statement": "申辩", "present": ["监督科"]}
    )
    with refused(403, "same_person"):
        office.by("supervision.officer.2").post(f"{path}/decision", decision)  # who confirmed the result
    office.by("head").post(f"{path}/decision", decision)
    assert office.items(leader, "supervision", "measures") == []
    office.by("supervision.officer.1").post(f"{path}/notice", office.notice())

    assert office.sees(leader, "supervision", "measures", kind="standby")["in_effect_on"] == day
    assert office.sees(leader, "selection", "bars", ground="standby", state="open")
    assert office.sees(leader, "training", "remedials", kind="standby", state="assigned")
    assert office.sees(leader, "care", "talks", trigger="handled")  # the fourth of the five talks


def test_a_failed_general_official_is_to_be_exchanged_not_put_on_standby(office: Office):
    official = office.employ()
    office.assess(official, BADLY)

    measures = list(office.by("auditor").pages(f"{SUPERVISION}/measures", person_id=official))

    assert {one["kind"] for one in measures} == {"admonition", "exchange"}
    assert {one["state"] for one in measures} == {"proposed"}


def test_only_the_last_ground_that_falls_frees_the_person(office: Office):
    year = office.today.year
    official = office.employ()
    office.assess(official, BADLY, year=year - 2)
    office.sees(official, "selection", "bars", ground="open_remedial", state="open")

    office.complete(office.sees(official, "training", "remedials"))
    office.sees(official, "selection", "bars", ground="open_remedial", state="lifted")
    assert not office.bars(official)["free"]
    office.assess(official, WELL, year=year - 1)
    fallen = office.sees(official, "selection", "bars", ground="failed_assessment", state="lifted")

    assert fallen["lifted_because"] == "ended"
    assert office.bars(official)["free"]


def test_a_served_standby_ends_when_its_training_is_passed(office: Office):
    leader = office.employ(is_leader=True, post="副局长")
    office.assess(leader, BADLY)
    office.impose(leader, "standby")

    office.complete(office.sees(leader, "training", "remedials", kind="standby"))

    assert office.sees(leader, "selection", "bars", ground="standby", state="lifted")
    assert office.sees(leader, "supervision", "measures", kind="standby", state="ended")


def test_a_training_failed_again_after_its_extension_is_put_before_supervision(office: Office):
    official = office.employ()
    office.assess(official, BADLY)
    training = office.sees(official, "training", "remedials", kind="remedial")

    office.complete(training, score=10)
    extended = office.sees(official, "training", "remedials", state="extended")
    assert extended["due_on"] > training["due_on"]
    office.complete(training, score=10)
    office.sees(official, "training", "remedials", state="failed")

    adjustment = office.waits(
        lambda: [
            one
            for one in office.by("auditor").pages(f"{SUPERVISION}/measures", person_id=official)
            if one["kind"] == "adjustment"
        ]
    )
    assert [one["state"] for one in adjustment] == ["proposed"]


def test_a_completion_holds_only_when_another_officer_confirmed_it(office: Office):
    official = office.employ()
    office.assess(official, BADLY)
    training = office.sees(official, "training", "remedials", kind="remedial")
    path = f"/api/v1/training/remedials/{training['remedial_id']}"
    officer = office.by("training.officer.1")
    report = {"hours_attended": training["hours"], "exam_score": 90, "completed_on": str(office.today)}
    officer.post(f"{path}/completion", report)

    with refused(403, "same_person"):
        officer.post(f"{path}/confirmation", {"decision": "confirm"})

    assert officer.get(path)["state"] == "assigned"


def test_what_was_said_in_a_talk_stays_with_care(office: Office):
    official = office.employ()
    office.assess(official, BADLY)
    talk = office.sees(official, "care", "talks", state="due")
    secret = "家中老人病重"
    path = f"/api/v1/care/talks/{talk['talk_id']}"
    report = {"held_on": str(office.today), "held_by": "分管领导", "content": secret}
    office.by("care.officer.1").post(f"{path}/record", report)
    office.sees(official, "care", "talks", state="held")

    assert office.by("care.officer.2").get(path)["content"] == secret
    assert office.by("auditor").get(path)["content"] is None
    assert secret not in str(office.dossier(official)) + str(office.timeline(official))
    with refused(403, "forbidden"):
        office.by("training.officer.1").get(path)


def test_a_talk_nobody_held_becomes_overdue_and_stands_on_top_of_the_worklist(office: Office):
    official = office.employ()
    office.assess(official, BADLY)
    talk = office.sees(official, "care", "talks", state="due")

    office.suite.move_clock(days=40)
    office.sees(official, "care", "talks", talk_id=talk["talk_id"], state="overdue")

    work = office.waits(
        lambda: [one for one in office.worklist("care.officer.1") if talk["talk_id"] in one["link"]]
    )
    assert work[0]["overdue"]
    listed = [one["overdue"] for one in office.worklist("care.officer.1")]
    assert listed == sorted(listed, reverse=True)


def test_the_person_is_told_in_writing_and_may_ask_for_review_for_thirty_days(office: Office):
    official = office.employ()
    result = office.assess(official, BADLY)

    told = office.by("supervision.officer.1").post(
        f"{SUPERVISION}/results/{result['id']}/notice", office.notice()
    )

    assert told["review_until"] == str(office.today + timedelta(days=30))  # Civil Servants Law, art. 95
    assert office.sees(official, "supervision", "results", served_on=str(office.today))


def test_the_quota_says_by_how_many_it_is_exceeded_and_never_who(office: Office):
    unit = "超额优秀的单位"
    people = [office.employ(unit=unit) for _ in range(5)]
    for person in people[:3]:
        office.assess(person, EXCELLENTLY)
    for person in people[3:]:
        office.assess(person, WELL)

    cycle = office.by("supervision.officer.1").get(f"{SUPERVISION}/cycles/{office.cycle()}")
    quota = next(one for one in cycle["quota"] if one["unit"] == unit)

    # ASM-03: at most 20 % of 5 is 1, so 3 are 2 too many
    assert (quota["graded"], quota["excellent"], quota["allowed"], quota["exceeded_by"]) == (5, 3, 1, 2)
    assert not any(person in str(cycle) for person in people)


def test_a_unit_is_shown_in_counts_and_never_in_names(office: Office):
    unit = "只数人数的单位"
    failed, well = office.employ(unit=unit, name="欧阳不第"), office.employ(unit=unit, name="欧阳及格")
    office.assess(well, WELL)
    office.assess(failed, BADLY)
    office.sees(failed, "supervision", "results")

    unit_id = office.dossier(failed)["identity"]["unit_id"]
    whole = office.waits(lambda: _with_grades(office.by("auditor").get(f"/api/v1/units/{unit_id}"), 2))

    assert whole["people"] == 2
    assert whole["grades"][str(office.today.year - 1)] == {"basic": 1, "competent": 1}
    assert failed not in str(whole)
    assert "欧阳" not in str(whole)


def _with_grades(whole: dict, graded: int) -> dict | None:
    return whole if sum(sum(grades.values()) for grades in whole["grades"].values()) == graded else None


def test_the_official_sees_the_own_file_and_no_other(office: Office):
    own, other = office.employ(), office.employ()
    result = office.assess(own, BADLY)
    office.sees(own, "supervision", "results")
    made = office.by("operator").post(
        "/api/v1/accounts", {"account": f"o-{own[-12:]}", "roles": ["official"], "person_id": own}
    )
    official = office.arrives(made["account"], made["password"])

    assert official.get(f"/api/v1/people/{own}")["parts"]["supervision"]["results"][0]["grade"] == "basic"
    assert official.get(f"{SUPERVISION}/results/{result['id']}")["grade"] == "basic"
    assert [one["person_id"] for one in official.pages("/api/v1/people")] == [own]
    with refused(404, "not_found"):
        official.get(f"/api/v1/people/{other}")
    with refused(403, "forbidden") as problem:
        official.get(f"/api/v1/supervision/measures?person_id={own}")
    assert problem["permission"] == "supervision.list_measures"


def test_an_officer_of_one_unit_finds_nobody_of_another(office: Office):
    here, there = office.employ(), office.employ()
    unit_id = office.dossier(here)["identity"]["unit_id"]
    made = office.by("operator").post(
        "/api/v1/accounts",
        {"account": f"s-{here[-12:]}", "roles": ["supervision.officer"], "units": [unit_id]},
    )
    officer = office.arrives(made["account"], made["password"])

    assert officer.get(f"/api/v1/people/{here}")["person_id"] == here
    with refused(404, "not_found"):
        officer.get(f"/api/v1/people/{there}")
    assert [one["person_id"] for one in officer.pages("/api/v1/people")] == [here]
