"""A process of the small world, which may die at a crash point: `python -m tests.bole.delivery.dying JSON`.

The JSON names the database URLs and, for the broker's way, `amqp_url`. It ends by itself when everything
was taken, retried and due, and with exit code 0.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import sqlalchemy as sa

from bole.delivery import parking
from bole.store.database import Work
from bole.store.deadlines import Deadline, run_due
from bole.store.tables import DEADLINE
from tests.bole.delivery.world import EFFECT, World, eventually


def finish(world: World) -> None:
    """Run until everything was taken, retried, due and relayed."""

    def remind(deadline: Deadline, work: Work) -> None:
        row = {"handler": "deadline", "source": "beta", "position": 0, "subjects": "", "n": 0}
        work.session.execute(sa.insert(EFFECT).values(row))

    def done() -> bool:
        run_due(world.beta, {"reminder": remind})
        with world.beta.reading() as session:
            still_due: Any = session.scalar(sa.select(DEADLINE.c.id).where(DEADLINE.c.state == "open"))
        relayed = not world.amqp_url or all(
            one.state.position == world.wire.direct.head(one.database.service, 0).position
            for one in world.relays
        )
        return world.taken() and not parking.parked(world.beta) and still_due is None and relayed

    world.start()
    eventually(done)
    world.stop()


if __name__ == "__main__":
    urls: dict[str, str] = json.loads(sys.argv[1])
    finish(World(urls.__getitem__, urls.get("amqp_url"), made=True))
