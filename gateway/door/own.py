"""The calls that the door answers itself, from its own database; one method each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Response, request

from bole.clock import Clock
from contracts.gateway import calls
from gateway.door.accounts import Accounts
from gateway.door.answering import answer, as_of
from gateway.door.asking import Asked
from gateway.door.catalogue import GATEWAY, Catalogue, holds
from gateway.door.limits import AT_LEAST_MS
from gateway.door.reading import Page, Reading
from gateway.door.stream import Streams
from gateway.door.tokens import Tokens

if TYPE_CHECKING:
    from werkzeug.datastructures import ETags


class OwnCalls:
    """What the gateway itself knows."""

    def __init__(
        self,
        catalogue: Catalogue,
        accounts: Accounts,
        tokens: Tokens,
        reading: Reading,
        streams: Streams,
        clock: Clock,
    ) -> None:
        self.catalogue = catalogue
        self.accounts = accounts
        self.tokens = tokens
        self.reading = reading
        self.streams = streams
        self.clock = clock
        self.answers: dict[str, Callable[[Asked], Response]] = {
            calls.ISSUE_TOKEN.name: self.issue_token,
            calls.READ_ME.name: self.read_me,
            calls.CREATE_ACCOUNT.name: self.create_account,
            calls.LIST_PEOPLE.name: self.list_people,
            calls.READ_PERSON.name: self.read_person,
            calls.READ_TIMELINE.name: self.read_timeline,
            calls.LIST_UNITS.name: self.list_units,
            calls.READ_UNIT.name: self.read_unit,
            calls.READ_WORKLIST.name: self.read_worklist,
            calls.READ_STREAM.name: self.read_stream,
        }

    def issue_token(self, asked: Asked) -> Response:
        principal = self.accounts.sign_in(asked.body["account"], asked.body["password"])
        token, expires_at = self.tokens.issue(principal, self.clock.now())
        return answer(
            {
                "token": token,
                "expires_at": expires_at,
                "account": principal.account,
                "roles": sorted(principal.roles),
            }
        )

    def read_me(self, asked: Asked) -> Response:
        by = asked.caller
        return answer(
            {
                "account": by.account,
                "roles": sorted(by.roles),
                "units": None if by.units is None else sorted(by.units),
                "person_id": by.person_id,
                "permissions": [call.name for call in self.catalogue.calls if holds(call, by.roles)],
            }
        )

    def create_account(self, asked: Asked) -> Response:
        made = self.accounts.create(asked, roles=self.catalogue.roles)
        return answer(made, calls.CREATE_ACCOUNT.status)

    def list_people(self, asked: Asked) -> Response:
        unit_id = asked.query.get("unit_id")
        return self._page(
            asked,
            self.reading.people,
            q=asked.query.get("q", ""),
            unit_id=None if unit_id is None else UUID(unit_id),
        )

    def read_person(self, asked: Asked) -> Response:
        status, headers = self._freshness(asked)
        body, etag = self.reading.dossier(asked.caller, UUID(asked.path["person_id"]))
        headers |= {"ETag": etag, "Cache-Control": "private, no-cache"}
        known: ETags = request.if_none_match
        if status == 200 and known.contains_weak(etag.strip('"')):
            return Response(status=304, headers=headers)
        return answer(body, status, headers)

    def read_timeline(self, asked: Asked) -> Response:
        return self._page(asked, self.reading.timeline, person_id=UUID(asked.path["person_id"]))

    def list_units(self, asked: Asked) -> Response:
        return self._page(asked, self.reading.units, q=asked.query.get("q", ""))

    def read_unit(self, asked: Asked) -> Response:
        status, headers = self._freshness(asked)
        return answer(self.reading.unit(asked.caller, UUID(asked.path["unit_id"])), status, headers)

    def read_worklist(self, asked: Asked) -> Response:
        return self._page(asked, self.reading.worklist)

    def read_stream(self, asked: Asked) -> Response:
        return self.streams.open(asked.caller, request.headers.get("Last-Event-ID"))

    def _page(self, asked: Asked, read: Callable[..., Page], **what: Any) -> Response:
        status, headers = self._freshness(asked)
        limit, cursor = asked.query["limit"], asked.query["cursor"]
        items, following = read(asked.caller, limit=limit, cursor=cursor, **what)
        return answer({"items": items, "next": following}, status, headers)

    def _freshness(self, asked: Asked) -> tuple[int, dict[str, str]]:
        """200, or 202 when the read model did not come as far as was asked; and how far it is."""
        wanted = {source: at for source, at in asked.at_least.items() if source != GATEWAY}
        reached = not wanted or self.reading.reached(wanted, AT_LEAST_MS)
        return 200 if reached else 202, as_of(self.reading.positions())
