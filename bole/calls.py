"""What a call is: its RPC name (which is also its permission), its HTTP face and its schemas.

A POST is a command (idempotent by key, journalled); a GET is a query. The door documents and
routes by reading these declarations; the owning service validates with the same schemas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from marshmallow import Schema

from bole.workbook import Sheet

PATH_PARAMETER = re.compile(r"{([a-z_]+)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing that may be asked of a service.

    Attributes:
        name: `service.verb_object`; RPC name and permission in one.
        http: method and path, `POST /api/v1/care/talks/{talk_id}/record`. Parameters ending in
            `_id` are UUIDs.
        may: roles that hold the permission.
        takes: body of a POST. None for an empty body.
        asks: query parameters.
        gives: the answer.
        sheet: the POST takes rows: a workbook, or JSON `{"rows": [...]}` of `takes`; it is a job
            (202 with the job as a resource, 200 when done within 5 s).
        status: of the successful answer.
        paged: the answer is `{"items": [...], "next": cursor or null}` of `gives`;
            `limit` and `cursor` are accepted as query parameters.
    """

    name: str
    http: str
    may: frozenset[str]
    gives: type[Schema]
    zh: str
    en: str
    takes: type[Schema] | None = None
    asks: type[Schema] | None = None
    sheet: Sheet | None = None
    status: int = 200
    paged: bool = False

    @property
    def service(self) -> str:
        return self.name.split(".", 1)[0]

    @property
    def verb(self) -> str:
        """The method of the service that answers: `record_talk`."""
        return self.name.split(".", 1)[1]

    @property
    def method(self) -> Literal["GET", "POST"]:
        return "POST" if self.http.startswith("POST ") else "GET"

    @property
    def path(self) -> str:
        return self.http.split(" ", 1)[1]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(PATH_PARAMETER.findall(self.path))
