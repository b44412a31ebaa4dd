"""Starting and stopping: a mistake is one line and exit code 2; Ctrl-C ends everything cleanly."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bole.testing.suite import Suite, embedded_suite


def bole(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in a folder of its own and with no settings but these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BOLE_")}
    return subprocess.run(
        [sys.executable, "-m", "bole.cli.main", *arguments],
        cwd=folder,
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(ended: subprocess.CompletedProcess[str], says: str) -> None:
    assert ended.returncode == 2, ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert line.startswith("Error: ")
    assert says in line


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(bole("up", "--port", port, folder=tmp_path), "Choose another with --port or BOLE_PORT")


def test_a_data_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")
    refused(bole("up", "--port", "0", folder=tmp_path), "Choose another with --var or BOLE_VAR")


def test_an_unknown_setting_is_said_in_one_line(tmp_path: Path) -> None:
    refused(bole("up", folder=tmp_path, BOLE_PROT="80"), "There is no setting 'prot'")


def test_a_broken_configuration_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "bole.yaml").write_text("port: [80\n")
    refused(bole("up", folder=tmp_path, BOLE_CONFIG="bole.yaml"), "bole.yaml is not valid YAML, line 2")


def test_a_key_file_that_holds_no_key_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var" / "keys").mkdir(parents=True)
    for name in ("door.pem", "door.pub.pem"):
        (tmp_path / "var" / "keys" / name).write_text("nothing")
    refused(bole("up", "--port", "0", folder=tmp_path), "holds no Ed25519 key")


def test_a_role_by_itself_needs_a_broker(tmp_path: Path) -> None:
    refused(bole("run", "training", folder=tmp_path), "set BOLE_AMQP_URL")


def test_an_unknown_role_is_said_with_those_there_are(tmp_path: Path) -> None:
    ended = bole("run", "catering", folder=tmp_path, BOLE_AMQP_URL="amqp://127.0.0.1:1")
    refused(ended, "Roles are: door, care, projector")


@pytest.mark.parametrize("command", [["up", "--port", "0"], ["run", "training"], ["run", "door"]])
def test_a_county_without_a_pack_is_said_with_those_there_are(tmp_path: Path, command: list[str]) -> None:
    broker = {"BOLE_AMQP_URL": "amqp://127.0.0.1:1"} if command[0] == "run" else {}
    ended = bole(*command, folder=tmp_path, BOLE_COUNTY="nosuch", **broker)
    refused(ended, "No pack of the county 'nosuch' is installed; there are guxian, national. Install it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("role", ["training", "door"])
def test_a_role_refuses_a_database_that_is_not_migrated(tmp_path: Path, role: str) -> None:
    owner = "gateway" if role == "door" else role
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    environment = {"BOLE_AMQP_URL": "amqp://127.0.0.1:1", f"BOLE_{owner.upper()}_DATABASE_URL": url}
    keys = {
        "BOLE_PRIVATE_KEY_FILE": str(tmp_path / "a" / "keys" / "door.pem"),
        "BOLE_PUBLIC_KEY_FILE": str(tmp_path / "a" / "keys" / "door.pub.pem"),
    }
    assert bole("migrate", "--var", "a", "training", folder=tmp_path).returncode == 0
    refused(bole("run", role, folder=tmp_path, **environment, **keys), "Run 'bole migrate' first")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with embedded_suite(tmp_path_factory.mktemp("suite")) as running:
        yield running


def test_what_it_writes_is_for_the_owner_only(suite: Suite) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in suite.folder.rglob("*")}
    assert modes["accounts.txt"] == modes["care.sqlite"] == modes["door.pem"] == 0o600
    assert not [name for name, mode in modes.items() if mode & 0o077]


def test_a_second_suite_on_the_same_data_folder_is_refused_in_one_line(suite: Suite) -> None:
    second = bole("up", "--port", "0", "--var", str(suite.folder), folder=suite.folder.parent)
    refused(second, "Another suite runs on the data folder")


def test_the_ready_message_says_where_to_go(suite: Suite) -> None:
    text = suite.log_file.read_text("utf-8")
    assert f"Bole is ready: {suite.base_url}" in text
    assert str(suite.accounts_file) in text


def test_it_is_alive_ready_and_counts(suite: Suite) -> None:
    assert httpx.get(f"{suite.base_url}/livez").json() == {"alive": True}
    ready = httpx.get(f"{suite.base_url}/readyz").json()
    assert ready["ready"]
    assert "calls of training" in ready["checked"]
    suite.client("training.officer").get("/api/v1/worklist")
    metrics = httpx.get(f"{suite.base_url}/metrics").text
    assert "bole_intake_lag_entries" in metrics
    assert 'bole_http_answers_total{call="gateway.read_worklist",status="200"}' in metrics


def test_the_clock_of_the_suite_can_be_moved(suite: Suite) -> None:
    officer = suite.client("training.officer")
    suite.move_clock(days=2)
    suite.wait_until(lambda: officer.get("/api/v1/me").status_code == 401)
    assert suite.client("training.officer").get("/api/v1/me").status_code == 200


def test_stopping_is_clean_and_a_second_start_finds_everything(suite: Suite) -> None:
    accounts = suite.accounts
    assert suite.stop() == 0
    assert "Traceback" not in suite.log_end()
    with embedded_suite(suite.folder.parent) as again:
        assert again.accounts == accounts
        assert again.client("auditor").get("/api/v1/me").status_code == 200
