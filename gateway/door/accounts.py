"""Accounts: who may sign in, with which roles and scope. Passwords are kept as argon2id hashes only.

A wrong password and an unknown account give the same answer after the same work, and wait the same:
tries are counted by what was typed, whether or not there is such an account.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, exists, select

from bole.errors import Conflict, Invalid, Refused, Unauthenticated
from bole.identifiers import new_id
from bole.log import get_log
from bole.principal import Principal
from bole.store.database import Database, Work
from bole.store.idempotency import keep, recall
from contracts.gateway.events import AccountCreated
from gateway.door.asking import Asked
from gateway.models import Account, Person, SignInTry, Unit

# OWASP's minimum for argon2id: 19 MiB, two passes, one lane; about 25 ms. More memory would not fit beside
# the whole suite in one small process, and the tries are counted.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
FREE_TRIES = 8  # before the first wait
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike
LENGTH = 20  # letters of a made password: 116 bits
WRONG = "Account or password is wrong."
SYSTEM = "system"

log = get_log(__name__)


class TooManyTries(Refused):
    """Too many wrong passwords for what was typed as the account."""

    code = "too_many_tries"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many tries. Wait {seconds} s and try again.", retry_after=seconds)


class Accounts:
    """The accounts of one installation, in the gateway's database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._nobody = HASHER.hash(secrets.token_hex(16))  # what an unknown account is compared with

    def sign_in(self, name: str, password: str) -> Principal:
        """Whom name and password prove.

        Raises:
            TooManyTries: for the next seconds nobody signs in under this name, with whatever password.
            Unauthenticated: wrong, in whichever way.
        """
        digest = hashlib.sha256(name.encode()).hexdigest()
        self.database.transact(lambda work: _count_try(work, digest), actor=SYSTEM)  # before, so that
        with self.database.reading() as session:  # many tries at once count as many
            account = session.scalar(select(Account).where(Account.name == name))
            known = self._nobody if account is None else account.password_hash
            principal = None if account is None else _principal(account)
        if not _matches(known, password) or principal is None:
            raise Unauthenticated(WRONG)
        self.database.transact(
            lambda work: work.session.execute(delete(SignInTry).where(SignInTry.digest == digest)),
            actor=SYSTEM,
        )
        return principal

    def create(self, asked: Asked, *, roles: Iterable[str]) -> dict[str, Any]:
        """Create an account and tell its password, once: repeated with its key, the answer holds none.

        Raises:
            Conflict: there is an account of this name.
            Invalid: a role that no contract knows, an official without a person, or a person or unit that
                the read model does not know.
        """
        wanted = asked.body
        _check_roles(wanted, set(roles))
        password = make_password()
        hashed = HASHER.hash(password)
        digest = hashlib.sha256(msgspec.json.encode(wanted, order="deterministic")).digest()
        by = asked.caller.account
        asking = {"account": by, "call": asked.call.name, "key": asked.key or ""}

        def make(work: Work) -> tuple[dict[str, Any], bool]:
            told = recall(work, **asking, body_digest=digest)
            if told is not None:
                return told, False
            _check_known(work, wanted)
            work.begin(f"account:{wanted['account']}")
            if work.session.scalar(select(exists().where(Account.name == wanted["account"]))):
                raise Conflict(f"There is an account {wanted['account']!r} already.")
            account = _keep(work, wanted, hashed)
            told = {
                "account": account.name,
                "roles": account.roles,
                "units": account.units,
                "person_id": None if account.person_id is None else str(account.person_id),
                "password": None,
            }

            def remember(position: int | None) -> None:
                told["position"] = f"{work.database.service}:{position}"
                keep(work, **asking, answer=told)

            work.after_numbering(remember)
            return told, True

        told, made = self.database.transact(make, actor=by).value
        return {**told, "password": password} if made else told

    def first_start(self, services: Iterable[str], file: Path) -> bool:
        """Make the first accounts when there is none, and write them to `file`, readable by its owner only.

        Two officers for each service, since who entered does not decide.

        Raises:
            OSError: the file cannot be written. No account was made then.
        """
        with self.database.reading() as session:
            if session.scalar(select(exists(select(Account.id)))):
                return False
        wanted = [
            (f"{service}.officer.{number}", f"{service}.officer") for service in services for number in (1, 2)
        ]
        wanted += [("head", "department.head"), ("auditor", "auditor"), ("operator", "operator")]
        made: list[dict[str, Any]] = [
            {"account": name, "password": make_password(), "roles": [role]} for name, role in wanted
        ]
        hashes = [HASHER.hash(str(one["password"])) for one in made]

        def make(work: Work) -> bool:
            work.begin("accounts")
            if work.session.scalar(select(exists(select(Account.id)))):
                return False  # another door was first
            for one, hashed in zip(made, hashes, strict=True):
                _keep(work, one, hashed)
            write_privately(file, json.dumps({"accounts": made}, ensure_ascii=False, indent=2) + "\n")
            return True

        done = self.database.transact(make, actor=SYSTEM).value
        if done:
            log.info("first accounts made", accounts=len(made), file=str(file))
        return done


def _check_roles(wanted: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(wanted["roles"]) - known)
    if unknown:
        says = f"No such role: {', '.join(unknown)}. Known are {', '.join(sorted(known))}."
        raise Invalid(says, errors=[{"at": "body.roles", "says": says}])
    if "official" in wanted["roles"] and wanted.get("person_id") is None:
        says = "An official needs the own person_id."
        raise Invalid(says, errors=[{"at": "body.person_id", "says": says}])


def _check_known(work: Work, wanted: dict[str, Any]) -> None:
    """A mistyped id would make an account that sees nothing, and nobody would know why."""
    units, person_id = wanted.get("units") or [], wanted.get("person_id")
    places = [
        {"at": f"body.units.{number}", "says": "There is no such unit."}
        for number, unit in enumerate(units)
        if work.session.get(Unit, UUID(unit)) is None
    ]
    if person_id is not None and work.session.get(Person, UUID(person_id)) is None:
        places.append({"at": "body.person_id", "says": "There is no such person."})
    if places:
        raise Invalid("Not known, or recorded a moment ago; see `errors`.", errors=places)


def make_password() -> str:
    """A random password that can be read aloud."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def write_privately(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(text)
    part.replace(file)


def _keep(work: Work, wanted: dict[str, Any], hashed: str) -> Account:
    units, person_id = wanted.get("units"), wanted.get("person_id")
    account = Account(
        id=new_id(),
        county=work.database.county,
        name=wanted["account"],
        password_hash=hashed,
        roles=sorted(set(wanted["roles"])),
        units=None if units is None else sorted({str(UUID(unit)) for unit in units}),
        person_id=None if person_id is None else UUID(person_id),
        created_at=work.now,
    )
    work.session.add(account)
    principal = _principal(account)
    work.announce(
        AccountCreated(
            account_id=account.id,
            account=account.name,
            roles=tuple(account.roles),
            units=None if principal.units is None else tuple(sorted(principal.units)),
            person_id=account.person_id,
        )
    )
    return account


def _principal(account: Account) -> Principal:
    return Principal(
        account=account.name,
        roles=frozenset(account.roles),
        units=None if account.units is None else frozenset(UUID(unit) for unit in account.units),
        person_id=account.person_id,
    )


def _matches(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_try(work: Work, digest: str) -> None:
    work.begin(f"sign-in:{digest}")
    tried = work.session.get(SignInTry, digest)
    if tried is None:
        work.session.execute(delete(SignInTry).where(SignInTry.tried_at < work.now - FORGOTTEN_AFTER))
        tried = SignInTry(digest=digest, tries=0, tried_at=work.now)
        work.session.add(tried)
    free_at = tried.tried_at + wait_after(tried.tries)
    if work.now < free_at:
        raise TooManyTries(int((free_at - work.now).total_seconds()) + 1)
    tried.tries += 1
    tried.tried_at = work.now


def wait_after(tries: int) -> timedelta:
    """How long nobody signs in after so many tries in a row: none, then 1, 2, 4 ... seconds.

    >>> wait_after(7), wait_after(8), wait_after(11)
    (datetime.timedelta(0), datetime.timedelta(seconds=1), datetime.timedelta(seconds=8))
    """
    if tries < FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(tries - FREE_TRIES, 20)), LONGEST_WAIT)
