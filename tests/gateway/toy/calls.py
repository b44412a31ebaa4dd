"""What may be asked of the toy."""

from __future__ import annotations

from bole.calls import Call
from bole.jobs import JobSchema
from bole.workbook import Column, Sheet
from tests.gateway.toy import schemas

OFFICERS = frozenset({"toy.officer", "department.head"})

PRAISE = Call(
    name="toy.praise",
    http="POST /api/v1/toy/praises",
    may=OFFICERS,
    takes=schemas.Praise,
    gives=schemas.Praised,
    status=201,
    zh="表扬",
    en="Praise somebody",
)
FORGET = Call(
    name="toy.forget",
    http="POST /api/v1/toy/praises/{praise_id}/oblivion",
    may=OFFICERS,
    gives=schemas.Praised,
    zh="遗忘",
    en="Forget a praise",
)
LIST_PRAISES = Call(
    name="toy.list_praises",
    http="GET /api/v1/toy/praises",
    may=OFFICERS | {"auditor"},
    asks=schemas.Asked,
    gives=schemas.Line,
    paged=True,
    zh="表扬列表",
    en="List praises",
)
IMPORT_PRAISES = Call(
    name="toy.import_praises",
    http="POST /api/v1/toy/years/{year_id}/praises",
    may=OFFICERS,
    takes=schemas.Praise,
    asks=schemas.ImportAsked,
    gives=JobSchema,
    sheet=Sheet(
        name="praises",
        columns=(
            Column(field="number", heads=("工作证号",), required=True, unique=True),
            Column(field="words", heads=("表扬",), required=True),
        ),
    ),
    zh="导入表扬",
    en="Import praises",
)
PRAISE_IMPORT = Call(
    name="toy.praise_import",
    http="GET /api/v1/toy/years/{year_id}/praises/imports/{job_id}",
    may=OFFICERS,
    gives=JobSchema,
    zh="导入结果",
    en="How an import went",
)
