"""What is kept of an exception: enough to find the mistake, nothing of a person."""

from __future__ import annotations

import pytest

from bole.delivery.failure import describe, judge
from bole.errors import Conflict, NotYet, Transient, Unavailable


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def raised_elsewhere(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NotYet("p1"), "not_yet"),
        (Transient("busy"), "transient"),
        (Unavailable("away"), "transient"),
        (Conflict("closed"), "failed"),
        (KeyError("p1"), "failed"),
    ],
)
def test_the_kind_of_an_error_says_who_tries_again(error: Exception, state: str) -> None:
    assert judge(raised(error)).state == state


def test_only_errors_raised_on_purpose_keep_their_wording() -> None:
    assert judge(raised(Conflict("The cycle is closed."))).message == "The cycle is closed."
    assert judge(raised(ValueError("Zhang San, 62 points"))).message == ""


def test_failures_of_one_kind_at_one_place_are_one_group() -> None:
    first, second = judge(raised(ValueError("a"))), judge(raised(ValueError("b")))
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != judge(raised(KeyError("a"))).fingerprint
    assert first.fingerprint != judge(raised_elsewhere(ValueError("a"))).fingerprint


def test_it_says_where_without_naming_the_folder_of_the_installation() -> None:
    assert describe(raised(ValueError("x"))).startswith("ValueError at bole/delivery/test_failure.py:raised:")


def test_not_yet_keeps_what_it_waits_for() -> None:
    assert judge(raised(NotYet("p1"))).awaits == "p1"
