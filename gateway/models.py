"""The gateway's tables: accounts (written by the door), the read model (written by the projector)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bole.store.model import ServiceBase


class Base(ServiceBase):
    """The gateway's tables."""


class Account(Base):
    """Who may sign in. `units` null: all units."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("name", name="one_account_per_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))  # argon2id, with its parameters
    roles: Mapped[list[str]]
    units: Mapped[list[str] | None]
    person_id: Mapped[UUID | None]  # who it is; an official sees this file alone
    created_at: Mapped[datetime]


class SignInTry(Base):
    """Tries to sign in since the last success, by the digest of what was typed as the account."""

    __tablename__ = "sign_in_try"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256, hex
    tries: Mapped[int]
    tried_at: Mapped[datetime]


class Section(Base):
    """What one source says in one document. Written only by that source's events, in its order."""

    __tablename__ = "section"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # person or unit
    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)  # canonical JSON
    position: Mapped[int] = mapped_column(BigInteger)  # of the last entry that touched it
    time: Mapped[datetime]  # of that entry


class Happening(Base):
    """One event in the timeline of one document."""

    __tablename__ = "happening"
    __table_args__ = (Index("ix_happening_document", "kind", "document_id", "time", "source", "position"),)

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    document_id: Mapped[UUID]
    event_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(String(128))  # wire name
    time: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128))
    cause: Mapped[UUID | None]
    fields: Mapped[bytes] = mapped_column(LargeBinary)  # canonical JSON


class Person(Base):
    """A person as the search finds them; from the event that tells their identity."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_order", "sorting_key", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    sorting_key: Mapped[str] = mapped_column(String(200))  # full pinyin
    spelled: Mapped[str] = mapped_column(String(400))  # ways to type the name, each after a blank
    unit_id: Mapped[UUID | None] = mapped_column(index=True)  # None: has left
    unit: Mapped[str] = mapped_column(String(200))
    post: Mapped[str] = mapped_column(String(200))


class Unit(Base):
    """A unit as the search finds it."""

    __tablename__ = "unit"
    __table_args__ = (Index("ix_unit_order", "sorting_key", "unit_id"),)

    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(64))
    sorting_key: Mapped[str] = mapped_column(String(200))
    spelled: Mapped[str] = mapped_column(String(400))


class OpenWork(Base):
    """One thing that somebody has to do; gone once it is closed."""

    __tablename__ = "open_work"
    __table_args__ = (Index("ix_open_work_order", "overdue", "due_on", "work_id"),)

    work_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    roles: Mapped[str] = mapped_column(Text)  # ",care.officer,department.head,"
    not_by: Mapped[str] = mapped_column(Text)  # accounts that may not: ",training.officer.1,"
    due_on: Mapped[date | None]
    overdue: Mapped[bool]
    link: Mapped[str] = mapped_column(String(300))
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    unit_id: Mapped[UUID | None]
    count: Mapped[int]
