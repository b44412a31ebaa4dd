"""What passes a training."""

from __future__ import annotations

import pytest

from services.training.domain.judge import judge


def test_reaching_hours_and_mark_exactly_is_a_pass() -> None:
    assert judge(40, 60, hours=40, pass_mark=60)


def test_one_point_short_fails() -> None:
    assert not judge(40, 59, hours=40, pass_mark=60)


def test_one_hour_short_fails_whatever_the_score() -> None:
    assert not judge(39, 100, hours=40, pass_mark=60)


def test_without_an_exam_the_hours_decide() -> None:
    assert judge(120, None, hours=120, pass_mark=None)
    assert not judge(119, None, hours=120, pass_mark=None)


def test_no_hours_asked_and_none_attended_is_a_pass() -> None:
    assert judge(0, None, hours=0, pass_mark=None)


@pytest.mark.parametrize(
    ("hours_attended", "exam_score", "pass_mark", "says"),
    [
        (-1, 60, 60, "hours"),
        (40, -1, 60, "0-100"),
        (40, 101, 60, "0-100"),
        (40, None, 60, "a score is needed"),
        (40, 60, None, "no exam"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    hours_attended: int, exam_score: int | None, pass_mark: int | None, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        judge(hours_attended, exam_score, hours=40, pass_mark=pass_mark)
