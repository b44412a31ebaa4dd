"""Advance a measure: heard before it is decided, decided before it is served, in effect only when served."""

from __future__ import annotations

from typing import Literal

from bole.errors import Conflict
from bole.policy.sources import rule
from services.supervision.domain.law import CIVIL_SERVANTS_LAW

State = Literal["proposed", "heard", "imposed", "in_effect", "ended", "dropped", "withdrawn"]
Step = Literal["hear", "impose", "drop", "serve", "end", "withdraw"]

STEPS: dict[tuple[State, Step], State] = {
    ("proposed", "hear"): "heard",
    ("heard", "impose"): "imposed",
    ("heard", "drop"): "dropped",
    ("imposed", "serve"): "in_effect",
    ("in_effect", "end"): "ended",
    ("proposed", "withdraw"): "withdrawn",
    ("heard", "withdraw"): "withdrawn",
    ("imposed", "withdraw"): "withdrawn",
}


class NotHeard(Conflict):
    """A measure cannot be decided before the person was heard."""

    code = "not_heard"


@rule(CIVIL_SERVANTS_LAW.art("63"))
def advance(state: State, step: Step) -> State:
    """The state after a step.

    Raises:
        NotHeard: it is to be decided and nobody was heard.
        Conflict: the step does not follow on this state.
    """
    after = STEPS.get((state, step))
    if after is None:
        if state == "proposed" and step in ("impose", "drop"):
            raise NotHeard(
                "The person must be heard before the measure is decided; record the hearing first."
            )
        raise Conflict(
            f"A measure that is {state.replace('_', ' ')} cannot take the step {step!r}.", state=state
        )
    return after
