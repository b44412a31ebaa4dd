"""The same service on PostgreSQL: a failed result from its entry to its undoing, two officers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from contracts.supervision import calls
from contracts.supervision.events import MeasureEnded, ResultConfirmed, ResultCorrected
from tests.services.alone import account
from tests.services.supervision.county import AUDITOR, OTHER_UNIT, UNIT, WANG, Supervision, scores


def test_a_failed_result_is_followed_and_undone(tmp_path: Path, new_database: Callable[..., str]):
    supervision = Supervision(tmp_path, new_database())
    try:
        result = supervision.failed(62)
        assert supervision.enter(result["cycle_id"], scores(62))["counts"]["unchanged"] == 1
        supervision.call(
            calls.SERVE_NOTICE, WANG, path={"result_id": result["id"]}, body=supervision.notice()
        )
        supervision.bring_into_effect("standby")
        supervision.correct(result, "excellent")

        quota = supervision.call(calls.READ_CYCLE, AUDITOR, path={"cycle_id": result["cycle_id"]})["quota"]
        assert [(unit["unit_id"], unit["excellent"], unit["allowed"]) for unit in quota] == [
            (str(UNIT), 1, 0)
        ]
        assert supervision.measures()["admonition"]["state"] == "withdrawn"
        assert [told.kind for told in supervision.said(MeasureEnded)] == ["standby"]
        assert len(supervision.said(ResultCorrected)) == 1
        scoped = account("sun", "supervision.officer", units=frozenset({OTHER_UNIT}))
        assert supervision.results(result["cycle_id"], by=scoped) == []
    finally:
        supervision.close()


def test_two_officers_who_confirm_at_once_confirm_each_result_once(
    tmp_path: Path, new_database: Callable[..., str]
):
    supervision = Supervision(tmp_path, new_database())
    try:
        cycle = supervision.open_cycle()
        supervision.enter(cycle, scores(62), scores(80, number="0034"))
        start = threading.Barrier(2)
        confirmed: list[int] = []

        def confirm(name: str) -> None:
            start.wait()
            done = supervision.confirm(cycle, by=account(name, "supervision.officer"))
            confirmed.append(done["confirmed"])

        officers = [threading.Thread(target=confirm, args=(name,)) for name in ("wang", "zhou")]
        for officer in officers:
            officer.start()
        for officer in officers:
            officer.join()

        assert sum(confirmed) == 2
        assert len(supervision.said(ResultConfirmed)) == 2
    finally:
        supervision.close()
