"""The deployment files name what there is: every role, its settings, its database."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from bole.config import read_settings
from bole.run.building import owners
from bole.run.installation import service_points
from tests.architecture import tree

DEPLOY = tree.ROOT / "deploy"
CONTAINERS: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))[
    "services"
]
ROLES = {
    name: container for name, container in CONTAINERS.items() if container.get("command", [""])[0] == "run"
}


def test_every_role_has_a_container_of_its_own() -> None:
    assert {container["command"][1] for container in ROLES.values()} == {*service_points(), "door"}


@pytest.mark.parametrize("name", [*ROLES, "migrate"])
def test_every_setting_of_a_container_is_one_that_exists(name: str) -> None:
    environment = {
        key: "1" if "$" in value else value for key, value in CONTAINERS[name]["environment"].items()
    }
    assert read_settings(environment).deployed


@pytest.mark.parametrize("name", ROLES)
def test_a_role_knows_its_own_database_and_no_other(name: str) -> None:
    given = {key for key in ROLES[name]["environment"] if key.endswith("_DATABASE_URL")}
    owner = "gateway" if name in ("projector", "door") else name
    assert given == {f"BOLE_{owner.upper()}_DATABASE_URL"}


def test_every_owner_has_a_database() -> None:
    made = re.findall(r"CREATE DATABASE (\w+);", (DEPLOY / "databases.sql").read_text("utf-8"))
    assert sorted(made) == sorted(owners())


def test_only_the_door_and_whoever_makes_it_hold_the_private_key() -> None:
    holding = {
        name
        for name, one in CONTAINERS.items()
        if any("private" in volume for volume in one.get("volumes", []))
    }
    assert holding == {"door", "migrate"}


def test_no_password_is_written_down() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{\w+PASSWORD(.{2})", text)) == {":?"}
    assert not re.search(r"PASS\w*: (?!\$\{)", text)
