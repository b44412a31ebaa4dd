"""Signed principals: the door vouches, everybody can check, nobody else can make one."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bole.errors import Unauthenticated
from bole.principal import Principal, Signer, Verifier, make_key_pair

NOW = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
OFFICER = Principal(account="li.ming", roles=frozenset({"care.officer"}), units=frozenset({uuid4(), uuid4()}))


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Signer, Verifier]:
    make_key_pair(tmp_path / "door.pem", tmp_path / "door.pub.pem")
    return (
        Signer((tmp_path / "door.pem").read_bytes()),
        Verifier((tmp_path / "door.pub.pem").read_bytes()),
    )


def test_a_service_reads_the_principal_that_the_door_signed(keys: tuple[Signer, Verifier]) -> None:
    signer, verifier = keys
    own_file = Principal(account="wang", roles=frozenset({"official"}), person_id=uuid4())
    for principal in (OFFICER, own_file):
        assert verifier.read(signer.sign(principal, now=NOW), now=NOW) == principal


@pytest.mark.parametrize("later", [timedelta(seconds=66), timedelta(seconds=-6)])
def test_a_principal_outside_its_minute_is_refused(keys: tuple[Signer, Verifier], later: timedelta) -> None:
    signer, verifier = keys
    with pytest.raises(Unauthenticated, match="expired"):
        verifier.read(signer.sign(OFFICER, now=NOW), now=NOW + later)


def test_a_principal_signed_by_another_key_is_refused(keys: tuple[Signer, Verifier], tmp_path: Path) -> None:
    make_key_pair(tmp_path / "other.pem", tmp_path / "other.pub.pem")
    forged = Signer((tmp_path / "other.pem").read_bytes()).sign(OFFICER, now=NOW)
    with pytest.raises(Unauthenticated):
        keys[1].read(forged, now=NOW)


def test_a_principal_changed_on_its_way_is_refused(keys: tuple[Signer, Verifier]) -> None:
    signer, verifier = keys
    head, _, signature = signer.sign(OFFICER, now=NOW).split(".")
    other = signer.sign(Principal(account="li.ming", roles=frozenset({"department.head"})), now=NOW)
    with pytest.raises(Unauthenticated):
        verifier.read(f"{head}.{other.split('.')[1]}.{signature}", now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        "张三",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJsaS5taW5nIn0.",  # alg none
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJsaS5taW5nIn0.AAAA",  # a shared secret
    ],
)
def test_what_is_no_token_of_ours_is_refused(keys: tuple[Signer, Verifier], token: str) -> None:
    with pytest.raises(Unauthenticated):
        keys[1].read(token, now=NOW)


def test_only_the_owner_can_read_the_private_key(tmp_path: Path) -> None:
    private = tmp_path / "keys" / "door.pem"
    make_key_pair(private, tmp_path / "keys" / "door.pub.pem")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


def test_a_second_start_keeps_the_keys(tmp_path: Path) -> None:
    private, public = tmp_path / "door.pem", tmp_path / "door.pub.pem"
    make_key_pair(private, public)
    before = private.read_bytes()
    make_key_pair(private, public)
    assert private.read_bytes() == before
