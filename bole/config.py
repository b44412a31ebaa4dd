"""Settings: from the environment (`BOLE_*`), then from the YAML file that `BOLE_CONFIG` names, then defaults.

Every setting is a field of `Settings`; its environment name is the field's in capitals with `BOLE_`
before it. Databases are named by service: `BOLE_TRAINING_DATABASE_URL`. In YAML, `${NAME}` and
`${NAME:default}` stand for variables of the environment. A key that nobody knows stops the start,
for a misspelt setting is one that silently does not work.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import yaml

from bole.errors import BoleError

VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::([^}]*))?\}")
DATABASE_URL = "_database_url"
# Variables that are no settings: where the file is, and the crash points of the fault tests.
BESIDE = frozenset({"BOLE_CONFIG", "BOLE_CRASHPOINT"})


class CannotStart(BoleError):
    """Something is missing or wrong before the first call is served. The message says what to do about it."""

    code = "cannot_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation may set. Times and sizes carry their unit in the name.

    Attributes:
        county: whose installation this is; the name of its policy pack.
        time_zone: days are days there.
        var: data folder: the SQLite files of the embedded mode, keys, accounts.
        host, port: where the door listens.
        amqp_url: RabbitMQ; deployed only.
        database_urls: by service, and `gateway`; empty means SQLite files under `var`.
        workers: calls handled at once, per process of a service.
        door_threads: requests handled at once by the deployed door, streams included.
        log_level: debug, info, warning or error.
        health_port: where a role other than the door answers /livez, /readyz and /metrics; 0: nowhere.
        environment: `test` allows what production refuses (a clock that can be moved).
        clock_file: file with the seconds the clock is moved by; `test` only.
        accounts_file: where the first start writes the accounts it makes, readable by the owner only.
        private_key_file: what the door signs principals with; no other role reads it.
        public_key_file: what every service checks them with.
        drain_seconds: how long a role may finish what it has begun once it was told to stop.
    """

    county: str = "guxian"
    time_zone: str = "Asia/Shanghai"
    var: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8080
    amqp_url: str | None = None
    database_urls: Mapping[str, str] = field(default_factory=dict)
    workers: int = 10
    door_threads: int = 64
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    health_port: int = 0
    environment: Literal["production", "test"] = "production"
    clock_file: Path | None = None
    accounts_file: Path = Path("accounts.txt")
    private_key_file: Path = Path("keys/door.pem")
    public_key_file: Path = Path("keys/door.pub.pem")
    drain_seconds: int = 20

    @property
    def deployed(self) -> bool:
        """Whether a broker carries events and calls; without one the suite is embedded in one process."""
        return self.amqp_url is not None

    def database_url(self, owner: str) -> str:
        """Where the tables of a service (or of the gateway) are.

        Raises:
            CannotStart: deployed, and nobody said where. The wrong database is worse than none.
        """
        if owner in self.database_urls:
            return self.database_urls[owner]
        if self.deployed:
            raise CannotStart(f"Set BOLE_{owner.upper()}_DATABASE_URL (postgresql+psycopg://...).")
        return f"sqlite:///{self.var / owner}.sqlite"


def read_settings(
    environment: Mapping[str, str] | None = None, services: Iterable[str] | None = None, **given: Any
) -> Settings:
    """The settings of this process. `given` (command line options; None is not given) wins over everything.

    Raises:
        CannotStart: an unknown key, a value of the wrong kind, a file that cannot be read.
    """
    environment = os.environ if environment is None else environment
    if services is None:
        services = {point.name for point in entry_points(group="bole.services")}
    owners = {*services, "gateway"} - {"projector"}
    raw: dict[str, Any] = {}
    if file := environment.get("BOLE_CONFIG"):
        raw.update(_from_file(Path(file), environment))
    for name, value in environment.items():
        if name.startswith("BOLE_") and name not in BESIDE and value != "":
            raw[name.removeprefix("BOLE_").lower()] = value
    raw.update({key: value for key, value in given.items() if value is not None})
    values: dict[str, Any] = {}
    database_urls: dict[str, str] = {}
    known = {known.name for known in fields(Settings)} - {"database_urls"}
    for key, value in raw.items():
        owner = key.removesuffix(DATABASE_URL)
        if key.endswith(DATABASE_URL) and owner in owners:
            database_urls[owner] = str(value)
        elif key in known:
            values[key] = _converted(key, value)
        else:
            names = sorted(known) + sorted(owner + DATABASE_URL for owner in owners)
            raise CannotStart(f"There is no setting {key!r}. Known are: {', '.join(names)}.")
    return _checked(Settings(database_urls=database_urls, **values), values)


def _checked(settings: Settings, values: Mapping[str, Any]) -> Settings:
    if settings.clock_file is not None and settings.environment == "production":
        raise CannotStart("clock_file moves the clock, which production refuses. Set environment to 'test'.")
    try:
        ZoneInfo(settings.time_zone)
    except (KeyError, ValueError, OSError):
        raise CannotStart(
            f"time_zone {settings.time_zone!r} is unknown; use a name like 'Asia/Shanghai'."
        ) from None
    for name in ("accounts_file", "private_key_file", "public_key_file"):
        if name not in values:  # the default lies in the data folder
            object.__setattr__(settings, name, settings.var / getattr(settings, name))
    return settings


def _from_file(path: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except OSError as problem:
        raise CannotStart(f"BOLE_CONFIG names {path}, which cannot be read: {problem.strerror}.") from problem

    def stand_in(match: re.Match[str]) -> str:
        name, default = match.groups()
        if name in environment:
            return environment[name]
        if default is None:
            raise CannotStart(f"{path} uses ${{{name}}}, which is not set and has no default.")
        return str(default)

    try:
        content = yaml.safe_load(VARIABLE.sub(stand_in, text))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise CannotStart(f"{path} is not valid YAML{place}.") from problem
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise CannotStart(f"{path} must hold 'name: value' lines.")
    return content


def _converted(key: str, value: Any) -> Any:
    kind = get_type_hints(Settings)[key]
    text = str(value).strip()
    if kind is int:
        if not text.isascii() or not text.isdigit():
            raise CannotStart(f"{key} must be a whole number, 0 or more, not {text!r}.")
        number = int(text)
        if key.endswith("port") and number > 65535:
            raise CannotStart(f"{key} must be a port (0-65535), not {number}.")
        if key in ("workers", "door_threads") and number == 0:
            raise CannotStart(f"{key} must be 1 or more.")
        return number
    if kind is Path or Path in get_args(kind):
        return Path(text).expanduser()
    if get_origin(kind) is Literal and text not in get_args(kind):
        raise CannotStart(f"{key} must be one of {', '.join(get_args(kind))}, not {text!r}.")
    return text
