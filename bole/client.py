"""Speaks to a suite over HTTP, as the commands, the demo and the tests do. Knows no call by name.

officer = Client("http://127.0.0.1:8080", "selection.officer.1", password)
job = officer.send_file("/api/v1/selection/roster/imports", Path("roster.xlsx"))
officer.get("/api/v1/people", q="wang")
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from bole.errors import BoleError
from bole.identifiers import new_id

CONTENT_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
}
ACCEPTED = 202  # to a GET: there is less than was asked for
FOLLOW_SECONDS = 0.2  # between two looks at a running job
UNFINISHED = frozenset({"waiting", "running"})


class Answered(BoleError):
    """The suite refused a request. `code` is the contract; `problem` is the whole answer (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        detail = problem.get("detail") or problem.get("title") or f"HTTP {status}"
        places = "; ".join(f"{place.get('at')}: {place.get('says')}" for place in problem.get("errors", []))
        super().__init__(f"{detail} ({places})" if places else str(detail))
        self.code = str(problem.get("code", "error"))  # type: ignore[misc]  # ours differs from answer to answer
        self.status = status  # type: ignore[misc]
        self.problem = problem


class Unreachable(BoleError):
    """Nobody answers at the address."""

    code = "unreachable"


class NotReached(BoleError):
    """A reader did not catch up with a position in time."""

    code = "not_reached"


class Client:
    """One account at one suite. Signs in by itself, and again when its token has ended."""

    def __init__(self, base_url: str, account: str, password: str, *, within_seconds: float = 30) -> None:
        self.base_url = base_url.rstrip("/")
        self.account = account
        self._password = password
        self._http = httpx.Client(base_url=self.base_url, timeout=within_seconds, trust_env=False)
        self._token = ""

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The answer to a GET. Raises Answered, Unreachable."""
        answer: dict[str, Any] = self.send("GET", path, params=query).json()
        return answer

    def get_at_least(
        self, position: str, path: str, *, within_seconds: float = 60, **query: Any
    ) -> dict[str, Any]:
        """The answer to a GET once its owner knows of `position` ("supervision:123"). Raises NotReached."""
        until = time.monotonic() + within_seconds
        while time.monotonic() < until:
            answer = self.send("GET", path, params=query | {"at_least": position})  # waits up to 2 s itself
            if answer.status_code != ACCEPTED:
                reached: dict[str, Any] = answer.json()
                return reached
        raise NotReached(f"{path} did not reach {position} within {within_seconds:g} s.")

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a paged GET."""
        page = self.get(path, **query)
        yield from page["items"]
        while page["next"]:
            page = self.get(path, **query, cursor=page["next"])
            yield from page["items"]

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None
    ) -> dict[str, Any]:
        """The answer to a POST. Repeat it with the same `key` when the outcome is unknown."""
        headers = {"Idempotency-Key": key or str(new_id())}
        answer: dict[str, Any] = self.send("POST", path, json=body or {}, headers=headers).json()
        return answer

    def post_rows(self, path: str, rows: list[dict[str, Any]], **query: Any) -> dict[str, Any]:
        """Import rows as JSON; the finished job."""
        started = self.send("POST", path, params=query, json={"rows": rows})
        return self.follow(started)

    def send_file(
        self,
        path: str,
        file: Path,
        *,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        **query: Any,
    ) -> dict[str, Any]:
        """Import an .xlsx or .csv; the finished job. `on_progress` hears how far it is."""
        content_type = CONTENT_TYPES.get(file.suffix.lower(), "application/octet-stream")
        headers = {"Content-Type": content_type, "Idempotency-Key": str(new_id())}
        started = self.send("POST", path, params=query, content=file.read_bytes(), headers=headers)
        return self.follow(started, on_progress)

    def follow(
        self, started: httpx.Response, on_progress: Callable[[dict[str, Any]], None] | None = None
    ) -> dict[str, Any]:
        """Wait for a job to end, and give it."""
        job: dict[str, Any] = started.json()
        while job["state"] in UNFINISHED:
            if on_progress is not None:
                on_progress(job)
            time.sleep(FOLLOW_SECONDS)
            job = self.get(started.headers["Location"])
        if on_progress is not None:
            on_progress(job)
        return job

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One request as this account.

        Raises:
            Answered: any answer of 400 or more.
            Unreachable: no answer.
        """
        headers = request.pop("headers", {})
        if self._token:
            try:
                return self._exchange(method, path, headers=headers | self.bearer, **request)
            except Answered as refused:
                if refused.status != 401:  # nothing was done: a new token, and once more
                    raise
        asked = {"account": self.account, "password": self._password}
        self._token = self._exchange("POST", "/api/v1/tokens", json=asked).json()["token"]
        return self._exchange(method, path, headers=headers | self.bearer, **request)

    def close(self) -> None:
        self._http.close()

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of a request as this account, once it has signed in."""
        return {"Authorization": f"Bearer {self._token}"}

    def _exchange(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as problem:
            raise Unreachable(
                f"Nobody answers at {self.base_url}: {problem or type(problem).__name__}."
            ) from problem
        if answer.status_code >= 400:
            raise Answered(answer.status_code, _problem(answer))
        return answer


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    return problem if isinstance(problem, dict) else {"detail": answer.text[:200]}


def read_accounts(file: Path) -> dict[str, str]:
    """Passwords by account, as the first start wrote them."""
    return {one["account"]: one["password"] for one in json.loads(file.read_text())["accounts"]}
