"""What may be asked of care."""

from __future__ import annotations

from bole.calls import Call
from contracts.care.schemas import OpeningReport, TalkAsk, TalkDetail, TalkLine, TalkReport

CARE_CHAIN = frozenset({"care.officer", "department.head"})  # who may know what was said
READING = CARE_CHAIN | {"auditor", "official"}

LIST_TALKS = Call(
    name="care.list_talks",
    http="GET /api/v1/care/talks",
    may=READING,
    asks=TalkAsk,
    gives=TalkLine,
    paged=True,
    zh="查询谈话",
    en="List talks that are due, overdue, held or void, in the order they became due.",
)
GET_TALK = Call(
    name="care.get_talk",
    http="GET /api/v1/care/talks/{talk_id}",
    may=READING,
    gives=TalkDetail,
    zh="查看一次谈话",
    en="One talk. What was said and why it was opened by hand is shown to the care chain only.",
)
OPEN_TALK = Call(
    name="care.open_talk",
    http="POST /api/v1/care/talks",
    may=CARE_CHAIN,
    takes=OpeningReport,
    gives=TalkDetail,
    status=201,
    zh="提出应谈话事项",
    en="Open a talk by hand: early signs of a problem, or a major hardship.",
)
RECORD_TALK = Call(
    name="care.record_talk",
    http="POST /api/v1/care/talks/{talk_id}/record",
    may=CARE_CHAIN,
    takes=TalkReport,
    gives=TalkDetail,
    zh="登记谈话",
    en="Record a talk that was held. Its content never leaves care.",
)
