"""`bole doctor` finds what is wrong and says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from bole.cli.main import cli
from bole.run.building import owners


def doctor(folder: Path, **environment: str) -> tuple[Result, dict[str, Any]]:
    ended = CliRunner().invoke(cli, ["doctor", "--json", "--var", str(folder)], env=environment)
    return ended, {finding["check"]: finding for finding in json.loads(ended.stdout)}


def test_a_fresh_machine_is_well_and_nothing_is_changed(tmp_path: Path) -> None:
    ended, findings = doctor(tmp_path / "var")
    assert ended.exit_code == 0
    assert all(finding["well"] for finding in findings.values())
    assert "first start makes it" in findings["database of care"]["says"]
    assert not (tmp_path / "var").exists()


def test_a_broker_that_is_away_and_missing_urls_are_named(tmp_path: Path) -> None:
    ended, findings = doctor(tmp_path, BOLE_AMQP_URL="amqp://127.0.0.1:1")
    assert ended.exit_code == 1
    assert "Check BOLE_AMQP_URL" in findings["broker"]["says"]
    assert "BOLE_CARE_DATABASE_URL" in findings["database of care"]["says"]


def test_a_private_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli, ["migrate", "--var", str(tmp_path)]).exit_code == 0
    private = tmp_path / "keys" / "door.pem"
    assert doctor(tmp_path)[0].exit_code == 0
    private.chmod(0o644)
    ended, findings = doctor(tmp_path)
    assert ended.exit_code == 1
    assert f"chmod 600 {private}" in findings["keys"]["says"]


def test_a_county_without_a_pack_is_named(tmp_path: Path) -> None:
    ended, findings = doctor(tmp_path, BOLE_COUNTY="nowhere")
    assert ended.exit_code == 1
    assert "'nowhere'" in findings["packs"]["says"]


def test_postgresql_is_asked_whether_it_is_migrated_and_whether_green_threads_wait_for_it(
    tmp_path: Path, new_database: Callable[..., str], rabbit_url: str
) -> None:
    urls = {f"BOLE_{owner.upper()}_DATABASE_URL": new_database() for owner in owners()}
    deployed = urls | {"BOLE_AMQP_URL": rabbit_url}
    ended, findings = doctor(tmp_path, **deployed)
    assert ended.exit_code == 1
    assert "Run 'bole migrate'" in findings["database of care"]["says"]
    migrated = CliRunner().invoke(cli, ["migrate", "--json", "--var", str(tmp_path)], env=deployed)
    assert json.loads(migrated.stdout) == {"migrated": list(owners())}
    ended, findings = doctor(tmp_path, **deployed)
    assert [finding["check"] for finding in findings.values() if not finding["well"]] == []
    assert "RabbitMQ" in findings["broker"]["says"]
    assert "8 queries of 0.5 s at once" in findings["waiting for PostgreSQL"]["says"]


def test_every_command_says_what_it_is_for() -> None:
    names = cli.list_commands(None)  # type: ignore[arg-type]
    assert {"up", "run", "migrate", "doctor"} <= set(names)
    for name in ("up", "run", "migrate", "doctor"):
        text = CliRunner().invoke(cli, [name, "--help"]).stdout
        assert f"bole {name}" in text, "help has an example"


def test_a_mistake_in_the_command_line_ends_with_two() -> None:
    assert CliRunner().invoke(cli, ["fly"]).exit_code == 2
    assert CliRunner().invoke(cli, ["migrate", "catering"]).exit_code == 2
