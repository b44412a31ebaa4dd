"""Settings: environment, then file, then defaults; a mistake stops the start with one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bole.config import CannotStart, Settings, read_settings

SERVICES = ("training", "care", "projector")


def read(environment: dict[str, str] | None = None, **given: object) -> Settings:
    return read_settings(environment or {}, SERVICES, **given)


def file(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "bole.yaml"
    path.write_text(text, "utf-8")
    return {"BOLE_CONFIG": str(path)}


def test_without_settings_the_suite_is_embedded_and_local() -> None:
    settings = read()
    assert not settings.deployed
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url("care") == "sqlite:///var/care.sqlite"


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    environment = file(tmp_path, "port: 1\nworkers: 2\nlog_level: debug\n") | {"BOLE_WORKERS": "3"}
    settings = read(environment, port=4)
    assert (settings.port, settings.workers, settings.log_level) == (4, 3, "debug")


def test_files_of_the_data_folder_move_with_it() -> None:
    settings = read({"BOLE_VAR": "/data"})
    assert settings.accounts_file == Path("/data/accounts.txt")
    assert settings.private_key_file == Path("/data/keys/door.pem")
    assert read({"BOLE_VAR": "/data", "BOLE_ACCOUNTS_FILE": "/a"}).accounts_file == Path("/a")


def test_each_service_has_a_database_of_its_own() -> None:
    settings = read({"BOLE_AMQP_URL": "amqp://", "BOLE_CARE_DATABASE_URL": "postgresql+psycopg://care"})
    assert settings.deployed
    assert settings.database_url("care") == "postgresql+psycopg://care"
    with pytest.raises(CannotStart, match="BOLE_TRAINING_DATABASE_URL"):
        settings.database_url("training")


def test_a_file_takes_variables_of_the_environment(tmp_path: Path) -> None:
    environment = file(tmp_path, "amqp_url: ${BROKER}\nhost: ${HERE:localhost}\n")
    settings = read(environment | {"BROKER": "amqp://broker"})
    assert (settings.amqp_url, settings.host) == ("amqp://broker", "localhost")
    with pytest.raises(CannotStart, match="BROKER"):
        read(environment)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"BOLE_PROT": "8080"}, "no setting 'prot'"),
        ({"BOLE_TRIANING_DATABASE_URL": "sqlite://"}, "no setting 'trianing_database_url'"),
        ({"BOLE_PORT": "eighty"}, "port must be a whole number"),
        ({"BOLE_PORT": "65536"}, "port must be a port"),
        ({"BOLE_WORKERS": "0"}, "workers must be 1 or more"),
        ({"BOLE_LOG_LEVEL": "loud"}, "log_level must be one of debug"),
        ({"BOLE_TIME_ZONE": "Mars/Olympus"}, "time_zone 'Mars/Olympus' is unknown"),
        ({"BOLE_CLOCK_FILE": "/clock"}, "production refuses"),
        ({"BOLE_CONFIG": "/nowhere/bole.yaml"}, "cannot be read"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_is_wrong(environment: dict[str, str], says: str) -> None:
    with pytest.raises(CannotStart) as refused:
        read(environment)
    assert says in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("county: guxian\nport: [1, 2\n", "not valid YAML, line 3"),
        ("- port\n", "'name: value' lines"),
        ("prot: 80\n", "no setting 'prot'"),
    ],
)
def test_a_broken_file_is_one_line_too(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CannotStart) as refused:
        read(file(tmp_path, text))
    assert says in refused.value.message
    assert "\n" not in refused.value.message


def test_a_clock_may_be_moved_in_tests() -> None:
    settings = read({"BOLE_CLOCK_FILE": "/clock", "BOLE_ENVIRONMENT": "test"})
    assert settings.clock_file == Path("/clock")
