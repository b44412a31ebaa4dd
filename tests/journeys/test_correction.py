"""A grade that falls takes everything with it, wherever it went."""

from __future__ import annotations

from tests.journeys.office import BADLY, SUPERVISION, WELL, Office, refused


def test_a_correction_undoes_what_followed_in_every_service(office: Office):
    leader = office.employ(is_leader=True, post="副局长")
    result = office.assess(leader, BADLY)
    served = office.impose(leader, "standby")
    office.sees(leader, "selection", "bars", ground="standby", state="open")
    office.sees(leader, "training", "remedials", kind="standby")
    office.sees(leader, "training", "remedials", kind="remedial")
    office.sees(leader, "care", "talks", trigger="early_signs")
    office.sees(leader, "care", "talks", trigger="handled")

    office.correct(result)

    office.waits(lambda: office.bars(leader)["free"])
    corrected = office.sees(leader, "supervision", "results", state="corrected")
    assert (corrected["grade"], corrected["was_grade"]) == ("competent", "basic")
    ended = office.sees(leader, "supervision", "measures", measure_id=served["id"], state="ended")
    assert ended["ended_because"] == "reversed"
    for kind in ("standby", "remedial"):
        assert office.sees(leader, "training", "remedials", kind=kind, state="withdrawn")
    for trigger in ("early_signs", "handled"):
        assert office.sees(leader, "care", "talks", trigger=trigger, state="void")
    assert {bar["state"] for bar in office.bars(leader)["bars"]} == {"lifted"}
    measures = office.by("auditor").pages(f"{SUPERVISION}/measures", person_id=leader)
    assert {one["state"] for one in measures} == {"ended", "withdrawn"}


def test_all_of_it_stays_readable_in_the_timeline_with_its_cause(office: Office):
    official = office.employ()
    result = office.assess(official, BADLY)
    office.sees(official, "care", "talks", state="due")
    office.correct(result)
    office.sees(official, "care", "talks", state="void")
    office.sees(official, "training", "remedials", state="withdrawn")
    office.waits(lambda: office.bars(official)["free"])

    entries = office.waits(lambda: _complete(office.timeline(official)))

    confirmed = next(one for one in entries if one["type"].startswith("supervision.result_confirmed"))
    due = next(one for one in entries if one["type"].startswith("care.talk_due"))
    assert due["cause"] == confirmed["event_id"]
    assert confirmed["actor"] == "supervision.officer.2"
    assert all(one["zh"] and one["en"] for one in entries)


def _complete(entries: list[dict]) -> list[dict] | None:
    kinds = {one["type"].split(".v")[0] for one in entries}
    wanted = {
        "selection.bar_opened",
        "selection.bar_lifted",
        "care.talk_voided",
        "training.remedial_withdrawn",
    }
    return entries if kinds >= wanted else None


def test_whoever_proposes_a_correction_does_not_uphold_it(office: Office):
    official = office.employ()
    result = office.assess(official, BADLY)
    officer = office.by("supervision.officer.1")
    proposed = officer.post(
        f"{SUPERVISION}/results/{result['id']}/corrections",
        {"correction": "error", "grade": "competent", "reason": "录入错误"},
    )

    with refused(403, "same_person"):
        officer.post(
            f"{SUPERVISION}/corrections/{proposed['id']}/confirmation",
            {"decision": "uphold", "reason": "录入错误"},
        )

    assert office.sees(official, "supervision", "results")["grade"] == "basic"


def test_a_talk_that_was_held_stays_held(office: Office):
    official = office.employ()
    result = office.assess(official, BADLY)
    talk = office.sees(official, "care", "talks", state="due")
    report = {"held_on": str(office.today), "held_by": "分管领导", "content": "谈话"}
    office.by("care.officer.1").post(f"/api/v1/care/talks/{talk['talk_id']}/record", report)

    office.correct(result)
    office.sees(official, "training", "remedials", state="withdrawn")
    office.waits(lambda: office.bars(official)["free"])

    assert office.sees(official, "care", "talks", talk_id=talk["talk_id"])["state"] == "held"


def test_a_grade_corrected_to_a_failure_is_followed_from_then_on(office: Office):
    official = office.employ()
    result = office.assess(official, WELL)

    office.correct(result, grade="incompetent")

    assert office.sees(official, "selection", "bars", ground="failed_assessment", state="open")
    assert office.sees(official, "training", "remedials", kind="remedial", state="assigned")
    assert office.sees(official, "care", "talks", trigger="early_signs", state="due")
