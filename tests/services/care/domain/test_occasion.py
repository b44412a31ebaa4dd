"""Which of the five occasions an appointment is."""

from __future__ import annotations

import pytest

from contracts.selection.events import AppointmentKind
from services.care.domain.occasion import occasion_of_appointment


@pytest.mark.parametrize("kind", ["promotion", "exchange", "adjustment"])
def test_a_change_of_post_is_the_first_of_the_five(kind: AppointmentKind) -> None:
    assert occasion_of_appointment(kind) == "post_change"


def test_leaving_is_the_third_of_the_five() -> None:
    assert occasion_of_appointment("leaving") == "leaving"
