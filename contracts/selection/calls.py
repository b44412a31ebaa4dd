"""What may be asked of selection: the roster, appointments, candidacies and bars."""

from __future__ import annotations

from bole.calls import Call
from bole.jobs import JobSchema
from bole.workbook import Column, Sheet
from contracts.selection import schemas

DECIDE = frozenset({"selection.officer", "department.head"})
READ = DECIDE | {"auditor"}

ROSTER = Sheet(
    name="roster",
    columns=(
        Column(
            field="number",
            required=True,
            unique=True,
            heads=("工作证号", "工号", "学工号", "职工号", "人员编号"),
        ),
        Column(field="name", required=True, heads=("姓名", "干部姓名")),
        Column(field="sex", heads=("性别",)),
        Column(field="born_on", kind="date", heads=("出生年月", "出生日期", "出生时间", "出生年月日")),
        Column(field="work_since", kind="date", heads=("参加工作时间", "参加工作日期", "工作时间")),
        Column(field="party_since", kind="date", heads=("入党时间", "入党日期", "加入中共时间")),
        Column(field="unit", required=True, heads=("单位", "所在单位", "单位名称", "任职单位", "工作单位")),
        Column(field="post", heads=("职务", "现任职务", "岗位名称")),
        Column(field="is_leader", kind="yes_no", heads=("是否领导职务", "是否领导", "领导职务")),
        Column(field="rank", heads=("职级", "现任职级", "职务职级")),
        Column(field="appointed_on", kind="date", heads=("任职日期", "任职时间", "任现职时间")),
        Column(
            field="level_since",
            kind="date",
            heads=("始任日期", "任职始任日期", "始任时间", "任现职级时间", "任同级时间"),
        ),
        Column(field="education", heads=("学历", "最高学历", "文化程度")),
        Column(field="identity", heads=("身份类别", "干部类别", "人员类别", "身份")),
    ),
)

IMPORT_ROSTER = Call(
    name="selection.import_roster",
    http="POST /api/v1/selection/roster/imports",
    may=DECIDE,
    takes=schemas.RosterRow,
    asks=schemas.ImportAsked,
    gives=JobSchema,
    sheet=ROSTER,
    zh="导入干部名册",
    en="import the roster",
)
ROSTER_IMPORT = Call(
    name="selection.roster_import",
    http="GET /api/v1/selection/roster/imports/{job_id}",
    may=READ,
    gives=JobSchema,
    zh="名册导入的进度与结果",
    en="how an import of the roster went",
)
RECORD_APPOINTMENT = Call(
    name="selection.record_appointment",
    http="POST /api/v1/selection/appointments",
    may=DECIDE,
    takes=schemas.AppointmentEntry,
    gives=schemas.AppointmentView,
    status=201,
    zh="登记职务变动",
    en="record an appointment",
)
GET_APPOINTMENT = Call(
    name="selection.get_appointment",
    http="GET /api/v1/selection/appointments/{appointment_id}",
    may=READ,
    gives=schemas.AppointmentView,
    zh="查看职务变动",
    en="read an appointment",
)
DECIDE_PROBATION = Call(
    name="selection.decide_probation",
    http="POST /api/v1/selection/appointments/{appointment_id}/probation",
    may=DECIDE,
    takes=schemas.ProbationDecision,
    gives=schemas.AppointmentView,
    zh="登记试用期考核决定",
    en="record how a probation ended",
)
NOMINATE = Call(
    name="selection.nominate",
    http="POST /api/v1/selection/candidacies",
    may=DECIDE,
    takes=schemas.Nomination,
    gives=schemas.CandidacyView,
    status=201,
    zh="提名人选",
    en="nominate a candidate",
)
BEGIN_INSPECTION = Call(
    name="selection.begin_inspection",
    http="POST /api/v1/selection/candidacies/{candidacy_id}/inspection",
    may=DECIDE,
    gives=schemas.CandidacyView,
    zh="列为考察对象",
    en="make a candidate an inspection object",
)
WITHDRAW_CANDIDACY = Call(
    name="selection.withdraw_candidacy",
    http="POST /api/v1/selection/candidacies/{candidacy_id}/withdrawal",
    may=DECIDE,
    gives=schemas.CandidacyView,
    zh="撤回人选",
    en="withdraw a candidacy",
)
LIST_CANDIDACIES = Call(
    name="selection.list_candidacies",
    http="GET /api/v1/selection/candidacies",
    may=READ,
    asks=schemas.CandidaciesAsked,
    gives=schemas.CandidacyView,
    paged=True,
    zh="人选列表",
    en="list candidacies",
)
BARS_OF_PERSON = Call(
    name="selection.bars_of_person",
    http="GET /api/v1/selection/people/{person_id}/bars",
    may=READ,
    gives=schemas.BarsOfPerson,
    zh="不得列为考察对象的情形",
    en="what bars a person from being an inspection object",
)
LIST_UNITS = Call(
    name="selection.list_units",
    http="GET /api/v1/selection/units",
    may=READ,
    gives=schemas.UnitView,
    paged=True,
    zh="单位列表",
    en="list units",
)
