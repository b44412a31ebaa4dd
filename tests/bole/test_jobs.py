"""An import is taken batch by batch; every row has an outcome, and a crash loses and doubles nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from bole import jobs
from bole.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from bole.jobs import Job, JobSchema, Row, RowDone, add_rows, get_job, open_job, run_next, start_job
from bole.principal import Principal
from bole.store.database import Database, Work
from bole.store.tables import JOB_ROW
from tests.bole.toys import Noted, Tally, add_tables, entries, together

OFFICER = Principal(account="li.ming", roles=frozenset({"toy.officer"}), units=frozenset({uuid4()}))


@pytest.fixture(autouse=True)
def tables(database: Database) -> None:
    add_tables(database)


def numbered(count: int, first: int = 2) -> list[Row]:
    """Rows as the door reads them: the first line of the file is its head."""
    return [{"n": n, "values": {"person": str(uuid4())}, "extra": {}} for n in range(first, first + count)]


def opened(database: Database, rows: list[Row], *, dry_run: bool = False, start: bool = True) -> UUID:
    def story(work: Work) -> UUID:
        job_id = open_job(
            work,
            call="toy.import",
            path={},
            query={"dry_run": dry_run},
            by=OFFICER,
            dry_run=dry_run,
            total=len(rows),
            digest=b"d" * 32,
        )
        add_rows(work, job_id, rows)
        if start:
            start_job(work, job_id)
        return job_id

    return database.transact(story, actor="li.ming").value


def take(row: Row, work: Work, job: Job) -> RowDone:
    """Count the person of a row."""
    person_id = UUID(row["values"]["person"])
    tally = work.session.get(Tally, person_id)
    if tally is not None:
        return "unchanged"
    work.session.add(Tally(person_id=person_id, number=row["n"]))
    work.announce(Noted(person_id=person_id, number=row["n"]))
    return "new"


def run(database: Database, execute_row: jobs.ExecuteRow = take) -> int:
    """Run to the end; how many batches it took."""
    batches = 0
    while run_next(database, execute_row):
        batches += 1
    return batches


def state(database: Database, job_id: UUID) -> dict[str, Any]:
    with database.reading() as session:
        plain: dict[str, Any] = JobSchema().dump(get_job(session, database, job_id))
    return plain


def tallies(database: Database) -> int:
    with database.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(Tally)).scalar_one()


def test_an_import_from_its_opening_to_its_end(database: Database) -> None:
    job_id = opened(database, numbered(450))
    assert state(database, job_id)["state"] == "waiting"

    assert run_next(database, take)
    half = state(database, job_id)
    assert (half["state"], half["done"], half["position"]) == ("running", 200, "toy:200")

    assert run(database) == 2
    assert state(database, job_id) == {
        "id": str(job_id),
        "call": "toy.import",
        "state": "done",
        "dry_run": False,
        "total": 450,
        "done": 450,
        "counts": {"new": 450, "updated": 0, "unchanged": 0, "error": 0},
        "errors": [],
        "failure": None,
        "position": "toy:450",
        "created_at": "2026-08-03T02:00:00+00:00",
    }
    assert tallies(database) == 450
    assert {entry.actor for entry in entries(database)} == {"li.ming"}
    assert not run_next(database, take)


def test_the_same_rows_again_change_nothing(database: Database) -> None:
    rows = numbered(30)
    opened(database, rows)
    again = opened(database, rows)
    run(database)
    assert state(database, again)["counts"] == {"new": 0, "updated": 0, "unchanged": 30, "error": 0}
    assert len(entries(database)) == 30


def test_good_rows_go_in_and_bad_rows_say_why(database: Database) -> None:
    rows = numbered(5)

    def choosy(row: Row, work: Work, job: Job) -> RowDone:
        done = take(row, work, job)
        if row["n"] == 3:
            raise Refused("no such unit", column="unit")
        if row["n"] == 4:
            raise Invalid("bad", [{"at": "row.born_on", "says": "a date"}, {"at": "row", "says": "odd"}])
        if row["n"] == 5:
            work.session.add(Tally(person_id=UUID(rows[0]["values"]["person"]), number=1))  # a double
        return done

    job_id = opened(database, rows)
    run(database, choosy)

    result = state(database, job_id)
    assert result["counts"] == {"new": 2, "updated": 0, "unchanged": 0, "error": 3}
    assert result["errors"] == [
        {"row": 3, "column": "unit", "reason": "no such unit"},
        {"row": 4, "column": "born_on", "reason": "a date"},
        {"row": 4, "column": "row", "reason": "odd"},
        {"row": 5, "column": None, "reason": "This row could not be taken. The log says why."},
    ]
    assert [entry.fact.number for entry in entries(database)] == [2, 6]
    assert tallies(database) == 2


@pytest.mark.parametrize("bad", [{2}, {201}, {2, 3, 150}, set(range(2, 202)), set(range(3, 202, 2))])
def test_what_refused_rows_wrote_is_undone_and_the_others_stay_in_order(
    database: Database, bad: set[int]
) -> None:
    def written_then_refused(row: Row, work: Work, job: Job) -> RowDone:
        done = take(row, work, job)
        if row["n"] in bad:
            raise Refused("a doubtful date", column="born_on")
        return done

    job_id = opened(database, numbered(200))
    run(database, written_then_refused)
    errors = state(database, job_id)["errors"]
    assert [error["row"] for error in errors] == sorted(bad)
    assert {error["reason"] for error in errors} == {"a doubtful date"}
    good = [n for n in range(2, 202) if n not in bad]
    assert [entry.fact.number for entry in entries(database)] == good
    assert tallies(database) == len(good)


def test_a_constraint_that_speaks_only_when_all_is_written_blames_the_right_rows(database: Database) -> None:
    rows = numbered(200)
    for n in (40, 41, 199):  # each says again who came in the first row
        rows[n]["values"] = rows[0]["values"]

    def without_looking(row: Row, work: Work, job: Job) -> RowDone:
        person_id = UUID(row["values"]["person"])
        work.session.add(Tally(person_id=person_id, number=row["n"]))
        work.announce(Noted(person_id=person_id, number=row["n"]))
        return "new"

    job_id = opened(database, rows)
    run(database, without_looking)
    assert [error["row"] for error in state(database, job_id)["errors"]] == [42, 43, 201]
    assert tallies(database) == 197
    assert len(entries(database)) == 197


def test_of_the_rows_nothing_stays_but_the_errors(database: Database) -> None:
    def refuse_even(row: Row, work: Work, job: Job) -> RowDone:
        if row["n"] % 2 == 0:
            raise Refused("even")
        return take(row, work, job)

    opened(database, numbered(4))
    run(database, refuse_even)

    with database.reading() as session:
        left = session.execute(sa.select(JOB_ROW.c.n, JOB_ROW.c.content).order_by(JOB_ROW.c.n)).all()
    assert [tuple(row) for row in left] == [(2, None), (4, None)]


def test_rows_refused_in_one_batch_are_not_taken_again_in_the_next(database: Database) -> None:
    def refuse_the_first(row: Row, work: Work, job: Job) -> RowDone:
        if row["n"] < 10:
            raise Refused("too early")
        return take(row, work, job)

    job_id = opened(database, numbered(210))
    run(database, refuse_the_first)

    result = state(database, job_id)
    assert (result["done"], result["counts"]["new"], result["counts"]["error"]) == (210, 202, 8)
    assert [error["row"] for error in result["errors"]] == list(range(2, 10))


def test_a_dry_run_tells_the_outcome_and_changes_nothing(database: Database) -> None:
    rows = numbered(250)
    rows[7]["values"]["person"] = rows[3]["values"]["person"]
    job_id = opened(database, rows, dry_run=True)

    run(database)

    result = state(database, job_id)
    assert result["state"] == "done"
    assert result["counts"] == {"new": 249, "updated": 0, "unchanged": 1, "error": 0}
    assert result["position"] is None
    assert (tallies(database), entries(database)) == (0, [])


@pytest.mark.parametrize("crash_at", [2, 150, 201, 399])
def test_after_a_crash_in_the_middle_a_job_goes_on_where_it_was(database: Database, crash_at: int) -> None:
    class ProcessDiedError(BaseException):
        """Like SIGKILL: nobody catches it, nothing is committed."""

    died: list[int] = []

    def dies_once(row: Row, work: Work, job: Job) -> RowDone:
        if row["n"] == crash_at and not died:
            died.append(row["n"])
            raise ProcessDiedError
        return take(row, work, job)

    job_id = opened(database, numbered(400, first=1))
    with pytest.raises(ProcessDiedError):
        run(database, dies_once)
    with database.reading() as session:
        assert jobs.resumable(session) == job_id

    run(database, dies_once)

    assert state(database, job_id)["counts"]["new"] == 400
    assert [entry.fact.number for entry in entries(database)] == list(range(1, 401))


def test_a_job_whose_batch_always_fails_is_given_up_and_the_next_one_runs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ProcessDiedError(BaseException):
        """As above."""

    deadly = opened(database, numbered(1))
    harmless = opened(database, numbered(3))
    takes: dict[UUID, Callable[[], None]] = {deadly: lambda: (_ for _ in ()).throw(ProcessDiedError())}

    def execute(row: Row, work: Work, job: Job) -> RowDone:
        takes.get(job.id, lambda: None)()
        return take(row, work, job)

    for _ in range(jobs.TRIES):
        with pytest.raises(ProcessDiedError):
            run_next(database, execute)
    run(database, execute)

    assert state(database, deadly)["state"] == "failed"
    assert "5 times" in state(database, deadly)["failure"]
    assert state(database, harmless)["counts"]["new"] == 3


def test_a_row_is_not_blamed_when_the_database_is_away(database: Database) -> None:
    away = [True]

    def execute(row: Row, work: Work, job: Job) -> RowDone:
        if away.pop() if away else False:
            raise Unavailable("away")
        return take(row, work, job)

    job_id = opened(database, numbered(3))
    with pytest.raises(Unavailable):
        run_next(database, execute)
    run(database, execute)
    assert state(database, job_id)["counts"] == {"new": 3, "updated": 0, "unchanged": 0, "error": 0}


def test_two_processes_share_a_job_without_doubling_a_row(database: Database) -> None:
    job_id = opened(database, numbered(900))
    together(2, lambda _: run(database))
    assert state(database, job_id)["counts"]["new"] == 900
    assert len(entries(database)) == 900


def test_rows_may_be_sent_twice_but_none_may_be_missing(database: Database) -> None:
    rows = numbered(10)
    job_id = opened(database, rows[:4], start=False)

    def transact(do: Callable[[Work], None]) -> None:
        database.transact(do, actor="li.ming")

    transact(lambda work: add_rows(work, job_id, rows[2:4]))
    transact(lambda work: start_job(work, job_id))
    with pytest.raises(Conflict):
        transact(lambda work: add_rows(work, job_id, rows[4:]))
    with pytest.raises(Conflict):
        transact(lambda work: start_job(work, job_id))
    with pytest.raises(NotFound):
        transact(lambda work: start_job(work, uuid4()))

    empty = opened(database, [], start=False)
    transact(lambda work: add_rows(work, empty, rows))
    with pytest.raises(Conflict, match="10"):
        transact(lambda work: start_job(work, empty))


def test_an_empty_import_is_done(database: Database) -> None:
    job_id = opened(database, [])
    run(database)
    assert state(database, job_id)["state"] == "done"


def test_the_method_that_takes_rows_knows_whose_job_it_is(database: Database) -> None:
    seen: list[Job] = []

    def look(row: Row, work: Work, job: Job) -> RowDone:
        seen.append(job)
        return "unchanged"

    opened(database, numbered(1))
    run(database, look)
    assert seen[0].by == OFFICER
    assert seen[0].query == {"dry_run": False}
