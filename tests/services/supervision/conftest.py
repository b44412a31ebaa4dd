"""The county that supervision's tests play in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.supervision.county import Supervision


@pytest.fixture
def supervision(tmp_path: Path) -> Iterator[Supervision]:
    it = Supervision(tmp_path)
    try:
        yield it
    finally:
        it.close()
