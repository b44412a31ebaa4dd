"""What the door answers itself: tokens and accounts, the whole of a person or a unit, the work to do.

Services are added without an edit here, so these roles may hold a pattern: `*.officer` is an officer
of any service, `*` whoever is signed in, `anyone` also somebody without a token.
"""

from __future__ import annotations

from bole.calls import Call
from contracts.gateway import schemas

READERS = frozenset({"*.officer", "department.head", "auditor"})
SIGNED_IN = frozenset({"*"})

ISSUE_TOKEN = Call(
    name="gateway.issue_token",
    http="POST /api/v1/tokens",
    may=frozenset({"anyone"}),
    takes=schemas.SignIn,
    gives=schemas.Token,
    zh="登录，取得令牌",
    en="Sign in and get a token for 15 minutes",
)

READ_ME = Call(
    name="gateway.read_me",
    http="GET /api/v1/me",
    may=SIGNED_IN,
    gives=schemas.Me,
    zh="当前账号",
    en="Who the caller is, and what the caller may do",
)

CREATE_ACCOUNT = Call(
    name="gateway.create_account",
    http="POST /api/v1/accounts",
    may=frozenset({"operator"}),
    takes=schemas.NewAccount,
    gives=schemas.CreatedAccount,
    zh="新建账号",
    en="Create an account; its password is told once",
    status=201,
)

LIST_PEOPLE = Call(
    name="gateway.list_people",
    http="GET /api/v1/people",
    may=READERS | {"official"},
    asks=schemas.PeopleSearch,
    gives=schemas.PersonFound,
    paged=True,
    zh="查找干部",
    en="Search people by name, pinyin, number or unit",
)

READ_PERSON = Call(
    name="gateway.read_person",
    http="GET /api/v1/people/{person_id}",
    may=READERS | {"official"},
    gives=schemas.Dossier,
    zh="干部全貌",
    en="The dossier: identity and the state in each area, with reason and source",
)

READ_TIMELINE = Call(
    name="gateway.read_timeline",
    http="GET /api/v1/people/{person_id}/timeline",
    may=READERS | {"official"},
    gives=schemas.TimelineEntry,
    paged=True,
    zh="干部时间线",
    en="What happened to the person, in order",
)

LIST_UNITS = Call(
    name="gateway.list_units",
    http="GET /api/v1/units",
    may=READERS,
    asks=schemas.UnitSearch,
    gives=schemas.UnitFound,
    paged=True,
    zh="查找单位",
    en="Search units",
)

READ_UNIT = Call(
    name="gateway.read_unit",
    http="GET /api/v1/units/{unit_id}",
    may=READERS,
    gives=schemas.UnitWhole,
    zh="单位概况",
    en="One unit in counts, never in names",
)

READ_WORKLIST = Call(
    name="gateway.read_worklist",
    http="GET /api/v1/worklist",
    may=SIGNED_IN,
    gives=schemas.Work,
    paged=True,
    zh="待办",
    en="What the caller must do: overdue first, then soonest",
)

READ_STREAM = Call(
    name="gateway.read_stream",
    http="GET /api/v1/stream",
    may=READERS | {"official"},
    gives=schemas.Change,
    zh="变动通知",
    en="Server-sent events: what changed within the caller's scope; resumes after Last-Event-ID",
)
