"""Judge a reported completion: hours attended and exam score against what the training asked."""

from __future__ import annotations

from bole.policy.sources import rule
from services.training.domain.law import XIAGUAN_STANDBY


@rule(XIAGUAN_STANDBY.art("standby training: exam"))
def judge(hours_attended: int, exam_score: int | None, *, hours: int, pass_mark: int | None) -> bool:
    """Whether the training was passed: hours and mark were both reached. Reaching exactly is a pass.

    The verdict is a proposal; an officer other than the one who entered the numbers confirms it.

    Args:
        hours_attended, hours: hours of training (学时), 0 or more.
        exam_score, pass_mark: points, 0-100. Both None: the training has no exam.
    Raises:
        ValueError: out of range, a score missing where there is a pass mark, or given where there is none.
    """
    if hours_attended < 0:
        raise ValueError(f"hours attended must be 0 or more, got {hours_attended}")
    if exam_score is not None and not 0 <= exam_score <= 100:
        raise ValueError(f"score must lie within 0-100 points, got {exam_score}")
    if pass_mark is None:
        if exam_score is not None:
            raise ValueError("this training has no exam, so it takes no score")
        return hours_attended >= hours
    if exam_score is None:
        raise ValueError(f"this training has an exam with a pass mark of {pass_mark}, so a score is needed")
    return hours_attended >= hours and exam_score >= pass_mark
