"""A service as its callers see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bole import errors
from tests.green.toy import Toys, toys


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Toys]:
    with toys(tmp_path) as running:
        yield running


def test_a_command_is_done_and_says_the_position_it_made(suite: Toys) -> None:
    assert suite.greet("hello") == {"words": "hello", "position": "toy:1"}
    assert suite.greet("hello") == {"words": "hello", "position": "toy:2"}


def test_a_command_repeated_with_its_key_is_done_once(suite: Toys) -> None:
    guest = uuid4()
    first = suite.greet("hello", guest=guest, key="k1")
    assert suite.greet("hello", guest=guest, key="k1") == first
    assert suite.greet("hello")["position"] == "toy:2"
    with pytest.raises(errors.Conflict):
        suite.greet("another", guest=guest, key="k1")
