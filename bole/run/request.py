"""One call as the method of a service sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bole.principal import Principal

PAGE, LARGEST_PAGE = 50, 200  # items

Page = tuple[list[dict[str, Any]], str | None]
"""What the method of a paged query gives: the items and the cursor of the next page, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call, already validated.

    Attributes:
        by: who calls; holds the permission already, the scope is the method's to check.
        path: parameters of the path; those ending in `_id` are UUIDs.
        query: what `Call.asks` loaded, and for a paged call `limit` (1-200, 50 unless told) and
            `cursor` (str or None).
        body: what `Call.takes` loaded; empty for a call that takes nothing, and for a sheet.
    """

    by: Principal
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
