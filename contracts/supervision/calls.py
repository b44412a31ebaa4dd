"""What may be asked of supervision: cycles, results, notices, corrections and measures."""

from __future__ import annotations

from bole.calls import Call
from bole.jobs import JobSchema
from bole.workbook import Column, Sheet
from contracts.supervision import schemas

DECIDE = frozenset({"supervision.officer", "department.head"})
READ = DECIDE | {"auditor"}

RESULTS = Sheet(
    name="results",
    columns=(
        Column(field="kind", heads=("类别", "考核类别")),
        Column(field="person_id", heads=("人员标识",)),
        Column(field="number", heads=("工作证号", "工号", "学工号", "职工号", "人员编号")),
        Column(field="unit_id", heads=("单位标识",)),
        Column(field="unit", heads=("单位", "所在单位", "单位名称", "考核单位", "工作单位")),
        Column(field="post", heads=("时任职务", "职务")),
        Column(field="virtue", kind="number", heads=("德", "德得分")),
        Column(field="ability", kind="number", heads=("能", "能得分")),
        Column(field="diligence", kind="number", heads=("勤", "勤得分")),
        Column(field="achievement", kind="number", heads=("绩", "绩得分")),
        Column(field="integrity", kind="number", heads=("廉", "廉得分")),
        Column(field="ballots_excellent", kind="whole", heads=("优秀票", "优秀票数", "好票")),
        Column(field="ballots_competent", kind="whole", heads=("称职票", "称职票数", "良好票", "较好票")),
        Column(field="ballots_basic", kind="whole", heads=("基本称职票", "基本称职票数", "一般票", "中票")),
        Column(field="ballots_incompetent", kind="whole", heads=("不称职票", "不称职票数", "较差票", "差票")),
        Column(field="ballots_abstained", kind="whole", heads=("弃权", "弃权票")),
        Column(field="ballots_invalid", kind="whole", heads=("无效", "无效票")),
        Column(field="not_graded", heads=("不定等次原因", "未定等次原因", "不定等次")),
    ),
)

OPEN_CYCLE = Call(
    name="supervision.open_cycle",
    http="POST /api/v1/supervision/cycles",
    may=DECIDE,
    takes=schemas.CycleEntry,
    gives=schemas.CycleView,
    status=201,
    zh="开启年度考核",
    en="open the assessment of a year",
)
LIST_CYCLES = Call(
    name="supervision.list_cycles",
    http="GET /api/v1/supervision/cycles",
    may=READ,
    gives=schemas.CycleView,
    paged=True,
    zh="年度考核列表",
    en="list the assessment cycles",
)
READ_CYCLE = Call(
    name="supervision.read_cycle",
    http="GET /api/v1/supervision/cycles/{cycle_id}",
    may=READ,
    gives=schemas.CycleDetail,
    zh="年度考核与优秀名额",
    en="one cycle with the quota of each unit",
)
CLOSE_CYCLE = Call(
    name="supervision.close_cycle",
    http="POST /api/v1/supervision/cycles/{cycle_id}/closing",
    may=DECIDE,
    gives=schemas.CycleView,
    zh="结束年度考核",
    en="close a cycle once all its results are confirmed",
)
RECORD_RESULTS = Call(
    name="supervision.record_results",
    http="POST /api/v1/supervision/cycles/{cycle_id}/results",
    may=DECIDE,
    takes=schemas.ResultRow,
    asks=schemas.ResultsAsked,
    gives=JobSchema,
    sheet=RESULTS,
    zh="录入考核结果",
    en="enter assessment results, one or thousands",
)
RESULTS_IMPORT = Call(
    name="supervision.results_import",
    http="GET /api/v1/supervision/cycles/{cycle_id}/results/imports/{job_id}",
    may=READ,
    gives=JobSchema,
    zh="考核结果录入的进度与结果",
    en="how an entry of results went",
)
LIST_RESULTS = Call(
    name="supervision.list_results",
    http="GET /api/v1/supervision/cycles/{cycle_id}/results",
    may=READ | {"official"},
    asks=schemas.ResultsFilter,
    gives=schemas.ResultView,
    paged=True,
    zh="考核结果列表",
    en="list the results of a cycle; an official sees only the own one",
)
READ_RESULT = Call(
    name="supervision.read_result",
    http="GET /api/v1/supervision/results/{result_id}",
    may=READ | {"official"},
    gives=schemas.ResultDetail,
    zh="考核结果及其依据",
    en="one result with the rule, the numbers and the source behind it",
)
CONFIRM_RESULTS = Call(
    name="supervision.confirm_results",
    http="POST /api/v1/supervision/cycles/{cycle_id}/confirmations",
    may=DECIDE,
    takes=schemas.Confirmation,
    gives=schemas.ConfirmationDone,
    zh="确定考核结果",
    en="confirm results that another officer entered",
)
SERVE_NOTICE = Call(
    name="supervision.serve_notice",
    http="POST /api/v1/supervision/results/{result_id}/notice",
    may=DECIDE,
    takes=schemas.Notice,
    gives=schemas.ResultView,
    zh="书面通知本人考核结果",
    en="record that the person was told the result in writing",
)
PROPOSE_CORRECTION = Call(
    name="supervision.propose_correction",
    http="POST /api/v1/supervision/results/{result_id}/corrections",
    may=DECIDE,
    takes=schemas.CorrectionEntry,
    gives=schemas.CorrectionView,
    status=201,
    zh="提出考核结果更正",
    en="propose that a confirmed result be corrected",
)
READ_CORRECTION = Call(
    name="supervision.read_correction",
    http="GET /api/v1/supervision/corrections/{correction_id}",
    may=READ,
    gives=schemas.CorrectionView,
    zh="考核结果更正详情",
    en="one correction with its reason",
)
CONFIRM_CORRECTION = Call(
    name="supervision.confirm_correction",
    http="POST /api/v1/supervision/corrections/{correction_id}/confirmation",
    may=DECIDE,
    takes=schemas.CorrectionDecision,
    gives=schemas.CorrectionView,
    zh="决定考核结果更正",
    en="uphold or reject a correction another officer proposed",
)
LIST_MEASURES = Call(
    name="supervision.list_measures",
    http="GET /api/v1/supervision/measures",
    may=READ,
    asks=schemas.MeasuresFilter,
    gives=schemas.MeasureView,
    paged=True,
    zh="措施列表",
    en="list measures",
)
READ_MEASURE = Call(
    name="supervision.read_measure",
    http="GET /api/v1/supervision/measures/{measure_id}",
    may=READ,
    gives=schemas.MeasureDetail,
    zh="措施详情",
    en="one measure",
)
HEAR_MEASURE = Call(
    name="supervision.hear_measure",
    http="POST /api/v1/supervision/measures/{measure_id}/hearing",
    may=DECIDE,
    takes=schemas.Hearing,
    gives=schemas.MeasureView,
    zh="听取本人陈述申辩",
    en="record that the person was heard on a proposed measure",
)
DECIDE_MEASURE = Call(
    name="supervision.decide_measure",
    http="POST /api/v1/supervision/measures/{measure_id}/decision",
    may=DECIDE,
    takes=schemas.MeasureDecision,
    gives=schemas.MeasureView,
    zh="决定措施",
    en="impose or drop a measure another officer proposed",
)
SERVE_MEASURE = Call(
    name="supervision.serve_measure",
    http="POST /api/v1/supervision/measures/{measure_id}/notice",
    may=DECIDE,
    takes=schemas.Notice,
    gives=schemas.MeasureView,
    zh="送达措施决定",
    en="record that a decided measure was served; it takes effect",
)
LIST_RETURN_VISITS = Call(
    name="supervision.list_return_visits",
    http="GET /api/v1/supervision/return-visits",
    may=READ,
    asks=schemas.VisitsFilter,
    gives=schemas.VisitView,
    paged=True,
    zh="回访列表",
    en="list return visits",
)
READ_RETURN_VISIT = Call(
    name="supervision.read_return_visit",
    http="GET /api/v1/supervision/return-visits/{visit_id}",
    may=READ,
    gives=schemas.VisitDetail,
    zh="回访详情",
    en="one return visit",
)
RECORD_RETURN_VISIT = Call(
    name="supervision.record_return_visit",
    http="POST /api/v1/supervision/return-visits/{visit_id}/record",
    may=DECIDE,
    takes=schemas.VisitReport,
    gives=schemas.VisitDetail,
    zh="登记回访",
    en="record a return visit that was paid; what was found stays in supervision",
)
