"""A door in front of a world, with services that are only pretended."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bole.config import Settings
from bole.errors import Unavailable
from bole.principal import Principal, Signer, Verifier, make_key_pair
from bole.run.installation import Installation, Keys
from gateway.door.app import create_app
from gateway.door.tokens import Tokens
from tests.gateway.world import World

CONTRACTS = (
    "contracts.care",
    "contracts.selection",
    "contracts.supervision",
    "contracts.training",
    "tests.gateway.toy",
    "contracts.gateway",
)


class FakeRpc:
    """Answers calls with functions of its test and keeps what was asked."""

    amqp_url = "inproc://"
    connected = True

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.answers: dict[str, Callable[..., dict[str, Any]]] = {}

    def call(self, service: str, method: str, payload: dict[str, Any], **options: Any) -> dict[str, Any]:
        name = f"{service}.{method}"
        self.asked.append((name, payload, options))
        if name not in self.answers:
            raise Unavailable(f"The {service} service is away. Try again shortly.", retry_after=2)
        return self.answers[name](**payload)


class House:
    """The door with its client; `as_(...)` gives the headers of a caller."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rpc = FakeRpc()
        self.settings = Settings(
            var=world.folder,
            environment="test",
            accounts_file=world.folder / "accounts.txt",
            private_key_file=world.folder / "door.pem",
            public_key_file=world.folder / "door.pub.pem",
        )
        make_key_pair(self.settings.private_key_file, self.settings.public_key_file)
        self.verifier = Verifier(self.settings.public_key_file.read_bytes())
        signer = Signer(self.settings.private_key_file.read_bytes())
        self.tokens = Tokens(self.settings.private_key_file.read_bytes())
        self.installation = Installation(
            role="door",
            settings=self.settings,
            clock=world.clock,
            policies=None,  # type: ignore[arg-type]  # the door asks no packs
            databases={"gateway": world.gateway},
            keys=Keys(self.verifier, signer),
            rpc=self.rpc,  # type: ignore[arg-type]
            contracts=CONTRACTS,
        )
        self.app = create_app(self.installation)
        self.client: FlaskClient = self.app.test_client()

    def as_(self, principal: Principal) -> dict[str, str]:
        token, _ = self.tokens.issue(principal, self.world.clock.now())
        return {"Authorization": f"Bearer {token}"}

    def get(self, address: str, by: Principal, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(address, headers={**self.as_(by), **given})

    def post(self, address: str, by: Principal | None, body: Any, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        who = {} if by is None else self.as_(by)
        return self.client.post(address, json=body, headers={**who, **given})

    @property
    def accounts(self) -> dict[str, str]:
        """Passwords of the first accounts, by name."""
        written = json.loads(self.settings.accounts_file.read_text("utf-8"))
        return {one["account"]: one["password"] for one in written["accounts"]}


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer is, and must be."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.get_data())
    assert {"type", "title", "status", "detail", "code"} <= set(told)
    assert (told["status"], told["code"]) == (status, code)
    assert "Traceback" not in answer.get_data(as_text=True)
    return told
