"""A PostgreSQL and a RabbitMQ of the tests' own: private folders, free ports, loopback only.

    with PostgresServer() as postgres, RabbitServer() as rabbit:
        postgres.new_database()   # postgresql+psycopg://bole@127.0.0.1:40123/bole_1
        rabbit.new_vhost()        # amqp://guest:guest@127.0.0.1:40124/bole_1
        rabbit.kill(); rabbit.wipe(); rabbit.start()

Tests never touch a server they did not start. Run as a program, this module installs what is missing with
apt when it may, and otherwise says what to install and fails; with a command, it then starts both servers
and runs the command beside them, told where they are by its environment:

    python -m tests.servers
    python -m tests.servers bole up --deployed
"""

from __future__ import annotations

import base64
import itertools
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

LOOPBACK = "127.0.0.1"
OLDEST_POSTGRESQL = 15
START_WITHIN_SECONDS = 120  # a cold start on two busy cores; a warm one takes 2 to 6 s
RABBITMQ_PROGRAMS = Path("/usr/lib/rabbitmq/bin")
PACKAGES = {"PostgreSQL": "postgresql", "RabbitMQ": "rabbitmq-server"}


class ServerMissing(RuntimeError):
    """A server program the tests need is not installed; says which package brings it."""

    def __init__(self, program: str) -> None:
        super().__init__(
            f"The tests need {program}, which is not installed. On Debian or Ubuntu: "
            f"apt-get install {' '.join(PACKAGES.values())}"
        )


def postgresql_programs() -> Path:
    """The folder of the newest installed PostgreSQL, 15 or later. Raises ServerMissing."""
    installed = [folder.parent for folder in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        installed.append(Path(on_path).resolve().parent)
    for folder in sorted(installed, key=_major_version, reverse=True):
        if _major_version(folder) >= OLDEST_POSTGRESQL and (folder / "postgres").exists():
            return folder
    raise ServerMissing(f"PostgreSQL {OLDEST_POSTGRESQL} or later")


def _major_version(programs: Path) -> int:
    said = subprocess.run(
        [programs / "initdb", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", said)
    return int(found.group(1)) if found else 0


def rabbitmq_program() -> Path:
    """Path of `rabbitmq-server` itself, below the wrapper that insists on root. Raises ServerMissing."""
    program = RABBITMQ_PROGRAMS / "rabbitmq-server"
    if not program.exists() or shutil.which("erl") is None:
        raise ServerMissing("RabbitMQ")
    return program


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Server:
    """One server process in a folder of its own: `stop` is clean, `kill` is kill -9, `wipe` forgets all."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp(prefix=f"bole-{kind}-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Start, with the data as they are, and come back when clients can connect."""
        raise NotImplementedError

    def wipe(self) -> None:
        """Forget all data, as after a lost disk. The server must be down; the next start begins empty."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait for the end."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(with_signal)
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """kill -9: no goodbye to anybody."""
        self.stop(signal.SIGKILL)

    def remove(self) -> None:
        """End it and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()

    @property
    def log_file(self) -> Path:
        return self.folder / "server.log"

    def _launch(
        self, command: Sequence[object], user: str | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        log: IO[bytes]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                dying_with_us(command, user),
                env=env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        for _ in range(START_WITHIN_SECONDS * 10):
            if self._answers():
                return
            try:
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        said = self.log_file.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"The {self.kind} server of the tests did not start:\n{said}")

    def _answers(self) -> bool:
        raise NotImplementedError


def dying_with_us(command: Sequence[object], user: str | None) -> list[str]:
    """The command line that ends when the tests end, however they end, and runs as `user` when given."""
    became = ["--reuid", user, "--regid", user, "--init-groups"] if user else []
    return ["setpriv", "--pdeathsig", "KILL", *became, "--", *map(str, command)]


class PostgresServer(Server):
    """A private PostgreSQL cluster. Refuses to run as root, so root starts it as `postgres`."""

    USER = "bole"

    def __init__(self) -> None:
        self.programs = postgresql_programs()
        super().__init__("postgres")
        self._owner = "postgres" if os.geteuid() == 0 else None
        self._give_away(self.folder)

    def start(self) -> None:
        if not self._data.exists():
            initdb = [
                self.programs / "initdb",
                "-D",
                self._data,
                "-U",
                self.USER,
                "-A",
                "trust",
                "-E",
                "UTF8",
            ]
            initdb += ["--locale=C.UTF-8", "--no-sync"]
            subprocess.run(
                dying_with_us(initdb, self._owner), cwd=self.folder, check=True, capture_output=True
            )
        settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "300",
            "fsync": "off",  # kill -9 of the server loses nothing without it; only a power cut would
            "shared_buffers": "64MB",
        }
        options = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in settings.items())
        self._launch([self.programs / "postgres", "-D", self._data, "-p", self.port, *options], self._owner)
        self._wait_until_ready()

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> None:
        """Fast shutdown by default: sessions are cut, data are written."""
        super().stop(with_signal)

    def wipe(self) -> None:
        shutil.rmtree(self._data)

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{self.USER}@{LOOPBACK}:{self.port}/{database}"

    def new_database(self, name: str | None = None) -> str:
        """Make an empty database and give its URL. Without a name it gets one of its own."""
        import psycopg  # here, since green sessions set its wait function before its first import

        name = name or f"bole_{next(self._numbers)}"
        with psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True) as session:
            session.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _give_away(self, folder: Path) -> None:
        if self._owner:
            shutil.chown(folder, self._owner)

    def _answers(self) -> bool:
        asked = [
            str(self.programs / "pg_isready"),
            "-q",
            "-h",
            LOOPBACK,
            "-p",
            str(self.port),
            "-U",
            self.USER,
        ]
        return subprocess.run(asked, check=False).returncode == 0


class RabbitServer(Server):
    """A private RabbitMQ node with an epmd, a cookie and ports of its own.

    The management plug-in is on, since a virtual host made over HTTP takes 30 ms and one made with
    `rabbitmqctl` two seconds; tests use it to look at queues and to take bindings away.
    """

    def __init__(self) -> None:
        self._program = rabbitmq_program()
        super().__init__("rabbit")
        self.management_port = free_port()
        self._epmd_port = free_port()
        self._epmd: subprocess.Popen[bytes] | None = None
        self._name = f"bole-{secrets.token_hex(4)}@localhost"
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {LOOPBACK}:{self.port}\n"
            f"management.tcp.ip = {LOOPBACK}\n"
            f"management.tcp.port = {self.management_port}\n"
            "management_agent.disable_metrics_collector = true\n"
            "log.file = false\nlog.console = true\nlog.console.level = warning\n"
            "vm_memory_high_watermark.absolute = 512MB\ndisk_free_limit.absolute = 50MB\n"
        )
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")

    def start(self) -> None:
        if self._epmd is None:
            command = ["epmd", "-port", self._epmd_port, "-address", LOOPBACK]
            self._epmd = subprocess.Popen(dying_with_us(command, None), stdin=subprocess.DEVNULL)
        self._launch([self._program], env=self._env)
        self._wait_until_ready()

    def wipe(self) -> None:
        shutil.rmtree(self.folder / "mnesia")

    def remove(self) -> None:
        super().remove()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(60)

    def url(self, vhost: str = "%2F") -> str:
        """AMQP URL of one virtual host."""
        return f"amqp://guest:guest@{LOOPBACK}:{self.port}/{vhost}"

    def new_vhost(self, name: str | None = None) -> str:
        """Make an empty virtual host and give its URL. Without a name it gets one of its own."""
        name = name or f"bole_{next(self._numbers)}"
        self.manage("PUT", f"/vhosts/{name}")
        return self.url(name)

    def manage(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Ask the management API: `manage("DELETE", "/bindings/vhost/e/exchange/q/queue/key")`."""
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.management_port}/api{path}",
            method=method,
            data=body or None,
            headers={
                "Authorization": "Basic " + base64.b64encode(b"guest:guest").decode(),
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said: bytes = answer.read()
            return said

    @property
    def _env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),  # of the Erlang cookie
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the server instead of watching over it
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
        }

    def _answers(self) -> bool:
        try:
            self.manage("GET", "/health/checks/port-listener/" + str(self.port))
        except (urllib.error.URLError, OSError):
            return False
        return True


def install_what_is_missing() -> int:
    """Install absent server programs with apt when we may, else say what to install. Gives an exit code."""
    missing = []
    for look, package in ((postgresql_programs, "postgresql"), (rabbitmq_program, "rabbitmq-server")):
        try:
            look()
        except ServerMissing as reason:
            print(reason, file=sys.stderr)
            missing.append(package)
    if not missing:
        return 0
    become_root: list[str] | None = None
    if os.geteuid() == 0:
        become_root = []
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        become_root = ["sudo", "-n"]
    if become_root is None or shutil.which("apt-get") is None:
        print(
            f"Nothing was installed, since that needs apt and root. Please install: {' '.join(missing)}",
            file=sys.stderr,
        )
        return 1
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    install = [*apt, "install", "-y", "--no-install-recommends", *missing]
    for command in ([*apt, "update"], install):
        print("+", " ".join(command), file=sys.stderr)
        if subprocess.run(command, check=False).returncode != 0:
            print(
                f"Could not install {' '.join(missing)} with apt. Please install them by hand.",
                file=sys.stderr,
            )
            return 1
    postgresql_programs()
    rabbitmq_program()
    return 0


def run_beside(command: Sequence[str]) -> int:
    """Run a command with a RabbitMQ and a PostgreSQL of its own. Gives its exit code."""
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        process = subprocess.Popen(command, env=os.environ | deployment(postgres, rabbit))
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the terminal told it too: let it end, then end the servers
                continue


def deployment(postgres: PostgresServer, rabbit: RabbitServer) -> dict[str, str]:
    """Settings of a deployed suite on new databases, one for each installed service and the gateway."""
    from bole.run.building import owners  # here, since this file also runs where only the servers matter

    databases = {f"BOLE_{owner.upper()}_DATABASE_URL": postgres.new_database() for owner in owners()}
    return databases | {"BOLE_AMQP_URL": rabbit.new_vhost()}


if __name__ == "__main__":
    sys.exit(install_what_is_missing() or (run_beside(sys.argv[1:]) if sys.argv[1:] else 0))
