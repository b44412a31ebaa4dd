"""Where a candidacy stands when bars open and fall."""

from __future__ import annotations

from typing import Literal

from bole.policy.sources import rule
from services.selection.domain.law import SELECTION_REGULATIONS

CandidacyState = Literal["nominated", "inspection", "held", "withdrawn"]


@rule(SELECTION_REGULATIONS.art("24"))
def hold(state: CandidacyState, *, barred: bool) -> CandidacyState:
    """The state of a candidacy once it is known whether the person is barred.

    Article 24 bars from being an inspection object, not from being nominated; so a nomination stands, an
    inspection is held, and when the last ground falls the held one begins again as a nomination.

    >>> hold("inspection", barred=True), hold("held", barred=False), hold("nominated", barred=True)
    ('held', 'nominated', 'nominated')
    """
    if barred and state == "inspection":
        return "held"
    if not barred and state == "held":
        return "nominated"
    return state
