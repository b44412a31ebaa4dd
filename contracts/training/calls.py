"""What may be asked of training."""

from __future__ import annotations

from bole.calls import Call
from contracts.training.schemas import (
    CompletionReport,
    ConfirmationDecision,
    RemedialAsk,
    RemedialDetail,
    RemedialLine,
)

DECIDING = frozenset({"training.officer", "department.head"})
READING = DECIDING | {"auditor", "official"}

LIST_REMEDIALS = Call(
    name="training.list_remedials",
    http="GET /api/v1/training/remedials",
    may=READING,
    asks=RemedialAsk,
    gives=RemedialLine,
    paged=True,
    zh="查询补训、待岗培训和任职培训",
    en="List remedial, standby and appointment training, in order of assignment.",
)
GET_REMEDIAL = Call(
    name="training.get_remedial",
    http="GET /api/v1/training/remedials/{remedial_id}",
    may=READING,
    gives=RemedialDetail,
    zh="查看一项培训及其完成情况",
    en="One training with its terms, their sources and what was reported of it.",
)
RECORD_COMPLETION = Call(
    name="training.record_completion",
    http="POST /api/v1/training/remedials/{remedial_id}/completion",
    may=DECIDING,
    takes=CompletionReport,
    gives=RemedialDetail,
    zh="登记培训完成情况",
    en="Record attendance and exam score. The verdict is proposed; another officer confirms it.",
)
CONFIRM_COMPLETION = Call(
    name="training.confirm_completion",
    http="POST /api/v1/training/remedials/{remedial_id}/confirmation",
    may=DECIDING,
    takes=ConfirmationDecision,
    gives=RemedialDetail,
    zh="确认培训结果",
    en="Confirm the proposed verdict, or send it back with a reason. Not by whoever entered it.",
)
