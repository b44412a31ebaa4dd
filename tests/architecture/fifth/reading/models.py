"""The tables of reading."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.model import ServiceBase


class Base(ServiceBase):
    """The tables of reading."""


class Reader(Base):
    """A person of the roster."""

    __tablename__ = "reader"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))


class Note(Base):
    """One note."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(String(128))
