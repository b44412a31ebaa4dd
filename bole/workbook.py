"""Sheets as they come: what columns a file may have, and how its rows are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column a sheet may have. `heads` are the names it is known by, the first one being ours."""

    field: str
    heads: tuple[str, ...]
    kind: Literal["text", "date", "whole", "number", "yes_no"] = "text"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The shape of an import: its columns in any order; others are kept aside under `extra`."""

    name: str
    columns: tuple[Column, ...]
