"""A change of post, and what becomes due in the other services."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.journeys.office import Office, refused

APPOINTMENTS = "/api/v1/selection/appointments"


def a_promotion(office: Office, person_id: str, **changed: Any) -> dict[str, Any]:
    day = str(office.today)
    return {
        "kind": "promotion",
        "person_id": person_id,
        "post": "副局长",
        "is_leader": True,
        "decided_on": day,
        "effective_on": day,
        "document": "组任〔2026〕7号",
    } | changed


def test_a_promotion_makes_talk_training_return_visit_and_probation_due(office: Office):
    official, day = office.employ(), office.today
    officer = office.by("selection.officer.1")
    made = officer.post(APPOINTMENTS, a_promotion(office, official))

    talk = office.sees(official, "care", "talks", trigger="post_change", state="due")
    training = office.sees(official, "training", "remedials", kind="appointment", state="assigned")
    visit = office.sees(official, "supervision", "return_visits", state="due")

    year_later = _same_day_next_year(day)
    assert made["probation_until"] == str(year_later - timedelta(days=1))  # SEL-16: one year
    assert training["due_on"] == str(year_later)  # TRN-09: within one year
    assert visit["not_before"] < visit["due_on"]
    assert all(one["source"] and one["mark"] for one in (talk, training, visit))
    assert office.sees(official, "selection", "appointments")["post"] == "副局长"
    office.waits(lambda: office.dossier(official)["identity"]["post"] == "副局长")


def _same_day_next_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 2, 28)


def test_an_exchange_is_talked_about_and_brings_neither_training_nor_probation(office: Office):
    official, _ = office.employ(), office.employ(unit="交流去的单位")
    officer = office.by("selection.officer.1")
    exchange = a_promotion(office, official, kind="exchange", unit="交流去的单位", is_leader=False)
    made = officer.post(APPOINTMENTS, exchange)

    assert office.sees(official, "care", "talks", trigger="post_change")
    assert made["probation_until"] is None
    auditor = office.by("auditor")
    path = "/api/v1/training/remedials"
    assert auditor.get_at_least(made["position"], path, person_id=official)["items"] == []
    auditor.get_at_least(made["position"], "/api/v1/supervision/cycles")
    assert office.items(official, "supervision", "return_visits") == []


def test_who_leaves_is_talked_to_before_the_last_day(office: Office):
    official, last_day = office.employ(), office.today + timedelta(days=20)
    leaving = {
        "kind": "leaving",
        "person_id": official,
        "decided_on": str(office.today),
        "effective_on": str(last_day),
        "document": "组免〔2026〕3号",
    }
    office.by("selection.officer.1").post(APPOINTMENTS, leaving)

    talk = office.sees(official, "care", "talks", trigger="leaving", state="due")

    assert talk["due_on"] < str(last_day)


def test_nobody_but_selection_appoints(office: Office):
    official = office.employ()

    with refused(403, "forbidden") as problem:
        office.by("care.officer.1").post(APPOINTMENTS, a_promotion(office, official))

    assert problem["permission"] == "selection.record_appointment"
