"""What one process of an installation holds: its settings, databases, keys, packs and client.

Made once per process by bole.run.runtime; extensions find it as `container.config["BOLE"]`, the door
receives it: `create_app(installation)`.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from bole.calls import Call
from bole.clock import Clock
from bole.config import CannotStart, Settings
from bole.metrics import Metrics
from bole.principal import Principal, Signer, Verifier

if TYPE_CHECKING:
    from bole.policy.policies import Policies
    from bole.rpc.client import RpcClient
    from bole.store.database import Database

GATEWAY = "gateway"
GATEWAY_ROLES = frozenset({"door", "projector"})  # share one database and one journal, called `gateway`


def owner_of(role: str) -> str:
    """Whose database a role uses, and under whose name it announces: a service's own, or the gateway's."""
    return GATEWAY if role in GATEWAY_ROLES else role


@dataclass(frozen=True, slots=True)
class Keys:
    """The key pair behind signed principals. Only the door holds the signer."""

    verifier: Verifier
    signer: Signer | None = None


@dataclass(slots=True, kw_only=True)
class Installation:
    """One per process.

    Attributes:
        role: `embedded`, `door`, or the name of a service.
        databases: those this process may write to, by owner (a service's name, or `gateway`).
        contracts: packages that hold calls and events: `contracts.training`, ...
        rpc: the client to all services; threads share it.
        checks: by name, what /readyz asks; each gives None when well, else what is wrong.
        stopping: set when the process was told to stop; whatever waits or streams ends then.
    """

    role: str
    settings: Settings
    clock: Clock
    policies: Policies
    databases: dict[str, Database]
    keys: Keys
    rpc: RpcClient
    contracts: tuple[str, ...]
    metrics: Metrics = field(default_factory=Metrics)
    checks: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def county(self) -> str:
        return self.settings.county

    def database(self, role: str) -> Database:
        """The database that a role writes to."""
        return self.databases[owner_of(role)]

    def sign(self, principal: Principal) -> str:
        """A token for calls within the next minute; the door's privilege."""
        if self.keys.signer is None:
            raise RuntimeError("only the door signs principals")
        return self.keys.signer.sign(principal, now=self.clock.now())


def service_points() -> dict[str, EntryPoint]:
    """The installed services by name, `projector` included; none is imported."""
    return {point.name: point for point in sorted(entry_points(group="bole.services"), key=lambda p: p.name)}


def door_point() -> EntryPoint:
    """The entry point of the door. Raises CannotStart when none is installed."""
    for point in entry_points(group="bole.door"):
        return point
    raise CannotStart("No door is installed (entry point group bole.door).")


def contract_packages() -> tuple[str, ...]:
    """The installed contracts, by the name of their package."""
    return tuple(point.value for point in sorted(entry_points(group="bole.contracts"), key=lambda p: p.name))


def import_contracts(packages: tuple[str, ...]) -> None:
    """Import every installed contract, so that all events are declared.

    Raises:
        CannotStart: a contract is missing or broken.
    """
    for package in packages:
        for module in ("events", "calls"):
            name = f"{package}.{module}"
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as missing:
                if missing.name != name:
                    raise CannotStart(
                        f"The contract {name} needs {missing.name}, which is missing."
                    ) from missing
            except ValueError as broken:
                raise CannotStart(f"The contract {name} is broken: {broken}") from broken


def calls_of(service: str, contracts: tuple[str, ...]) -> list[Call]:
    """The calls that the contracts declare for a service (import_contracts has imported them)."""
    modules = (sys.modules.get(f"{package}.calls") for package in contracts)
    found = (value for module in modules if module is not None for value in vars(module).values())
    return [value for value in found if isinstance(value, Call) and value.service == service]


def load(point: EntryPoint) -> Any:
    """What an entry point names.

    Raises:
        CannotStart: it cannot be imported.
    """
    try:
        return point.load()
    except (ImportError, AttributeError) as missing:
        raise CannotStart(
            f"The entry point {point.name} = {point.value} ({point.group}) cannot be loaded: {missing}."
        ) from missing
