"""Selection alone, with what the packs ship."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.selection import questions as ask
from services.selection.service import SelectionService
from tests.services.alone import Alone, alone

ANSWERS = {
    ask.PROBATION_YEARS: 1,
    ask.FAILED_ASSESSMENT_BAR_ENDS: "next_grade_confirmed",
    ask.BARRING_MEASURES: ["admonition", "demotion", "adjustment"],
    ask.STANDBY_BARS: True,
    ask.OPEN_REMEDIAL_BARS: True,
}


@pytest.fixture
def selection(tmp_path: Path) -> Iterator[Alone]:
    with alone(SelectionService, ANSWERS, tmp_path) as it:
        yield it
