"""Imports: a file or JSON rows, parsed here, handed on in parts to the service that takes them row by row."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from flask import Request, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from bole.calls import Call
from bole.errors import Invalid
from bole.jobs import JobSchema
from bole.run.reading import other_faults
from bole.sheets.faults import TooManyRows
from bole.workbook import ROWS_AT_MOST, Row, read_sheet, refuse_repeats
from gateway.door.answering import answer
from gateway.door.asking import Asked, NotReadable, WrongContentType, parse_json, read_bytes, too_large
from gateway.door.catalogue import Catalogue
from gateway.door.forwarding import Forwarding
from gateway.door.limits import FILE_BYTES, FILE_TYPES

PART_BYTES = 512 * 1024  # of rows in one call; a call holds 1 MiB
DONE_WITHIN_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.05
MULTIPART_BESIDE_BYTES = 64 * 1024  # heads and borders around the file
ENDED = ("done", "failed")


class Jobs:
    """Runs calls that have a sheet.

    Args:
        wait: so many seconds, or less when the process is told to stop: then True.
    """

    def __init__(self, forwarding: Forwarding, catalogue: Catalogue, wait: Callable[[float], bool]) -> None:
        self.forwarding = forwarding
        self.catalogue = catalogue
        self.wait = wait

    def run(self, asked: Asked) -> Response:
        """Hand the rows on and wait a little: 200 when the job ended, else 202 and where to follow it.

        When the process stops, a job that was started goes on at the next start: 202 at once.
        """
        rows, digest = read_rows(asked.call, request)
        job_id = self._open(asked, rows, digest)
        until = time.monotonic() + DONE_WITHIN_SECONDS
        while True:
            job = self.forwarding.ask(asked, "job_get", {"job_id": job_id})
            if job["state"] in ENDED:
                return answer(job, asked.call.status)
            if time.monotonic() >= until or self.wait(LOOK_AGAIN_SECONDS):
                return answer(job, 202, {"Location": self.location(asked, job_id)})

    def _open(self, asked: Asked, rows: Sequence[Row], digest: str) -> str:
        """Open the job, add all rows, start it. The same key and file again: the same job, as it stands."""
        opened = self.forwarding.ask(
            asked,
            "job_open",
            {
                "call": asked.call.name,
                "path": asked.path,
                "query": asked.query,
                "total": len(rows),
                "digest": digest,
            },
        )
        job_id = str(opened["job_id"])
        if not opened["started"]:
            for part in parts(rows):
                self.forwarding.ask(asked, "job_add", {"job_id": job_id, "rows": part})
            self.forwarding.ask(asked, "job_start", {"job_id": job_id})
        return job_id

    def location(self, asked: Asked, job_id: str) -> str:
        """The address of the job: the service's GET that gives one, with the same path before it."""
        wanted = (*asked.call.parameters, "job_id")
        found = [
            call
            for call in self.catalogue.calls
            if call.service == asked.call.service
            and call.method == "GET"
            and issubclass(call.gives, JobSchema)
            and call.parameters in (wanted, ("job_id",))
        ]
        if not found:
            raise LookupError(f"{asked.call.service} has no GET for the jobs of {asked.call.name}")
        nearest = max(found, key=lambda call: (call.path.startswith(asked.call.path), len(call.parameters)))
        return nearest.path.format(**{**asked.path, "job_id": job_id})


def read_rows(call: Call, request: Request) -> tuple[Sequence[Row], str]:
    """The rows of a body, be it a form with a file, a file or JSON; and the SHA-256 of what was sent.

    A row with errors has all of them: the service judges only those that come without.

    Raises:
        WrongContentType, NotReadable, TooLarge, Invalid; what read_sheet raises.
    """
    assert call.sheet is not None
    heads: dict[str, str] = {}
    if request.mimetype == "application/json":
        data = read_bytes(request, FILE_BYTES)
        rows = rows_of_json(parse_json(request, data))
        refuse_repeats(rows, call.sheet, heads)
    else:
        data = _file(request)
        sheet = read_sheet(data, call.sheet)
        rows, heads = sheet.rows, sheet.heads
    for row in rows:
        if row["errors"]:
            row["errors"] += other_faults(call, row, heads)
    return rows, hashlib.sha256(data).hexdigest()


def _file(request: Request) -> bytes:
    if request.mimetype == "multipart/form-data":
        return _file_of_form(request)
    if request.mimetype in FILE_TYPES:
        return read_bytes(request, FILE_BYTES)
    takes = ["application/json", "multipart/form-data", *FILE_TYPES]
    raise WrongContentType(f"Send the rows as one of {', '.join(takes)}.", takes=takes)


def rows_of_json(body: dict[str, Any]) -> list[Row]:
    """`{"rows": [{...}, ...]}` as rows; each is judged by the service, by itself.

    Raises:
        Invalid: no rows, or something else beside them.
    """
    places = [{"at": f"body.{name}", "says": "Unknown field."} for name in body if name != "rows"]
    rows = body.get("rows")
    if not isinstance(rows, list) or not rows:
        places.append({"at": "body.rows", "says": "A list with at least one row."})
    else:
        wrong = [number for number, row in enumerate(rows) if not isinstance(row, dict)]
        places += [{"at": f"body.rows.{number}", "says": "Must be an object."} for number in wrong[:100]]
    if places or not isinstance(rows, list):
        raise Invalid("The body is not as this call takes it; see `errors`.", errors=places)
    if len(rows) > ROWS_AT_MOST:
        raise TooManyRows(f"At most {ROWS_AT_MOST} rows at once; send them in parts.", limit=ROWS_AT_MOST)
    return [Row(n=number, values=row, extra={}, errors=[]) for number, row in enumerate(rows, start=1)]


def parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in runs that fit into one call."""
    part: list[Row] = []
    size = 0
    for row in rows:
        weight = len(msgspec.json.encode(row))
        if part and size + weight > PART_BYTES:
            yield part
            part, size = [], 0
        part.append(row)
        size += weight
    yield part


def _file_of_form(request: Request) -> bytes:
    limit = FILE_BYTES + MULTIPART_BESIDE_BYTES
    request.max_content_length = limit
    if request.content_length is not None and request.content_length > limit:
        raise too_large(FILE_BYTES)
    try:
        files = request.files
        beside = [name for name in (*files, *request.form) if name != "file"]
        uploads = files.getlist("file")
    except RequestEntityTooLarge:
        raise too_large(FILE_BYTES) from None
    except (BadRequest, ValueError):
        raise NotReadable("The form cannot be read.") from None
    if len(uploads) != 1 or beside:
        says = "A form with exactly one part, 'file'."
        raise Invalid(says, errors=[{"at": "body.file", "says": says}])
    data: bytes = uploads[0].read()
    return data
