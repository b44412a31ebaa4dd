"""One fact per line: a constant message in lower case, past tense; the facts as fields, units in the key.

    log = get_log(__name__)
    log.info("batch applied", source="training", events=200, took_ms=31)

Fields bound with `bound(...)` are on every line of that worker (a green thread starts with an empty
context, so they are bound inside it). Names, identity numbers, marks and payloads never appear:
fields known to hold them are dropped, and of an exception only those messages are printed that
speak about the code rather than about its data.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

import structlog
from sqlalchemy.exc import OperationalError, ProgrammingError

from bole.errors import BoleError

PERSONAL = frozenset(
    {"name", "full_name", "person_name", "pinyin", "card_number", "id_number", "identity_number", "birth"}
    | {"born_on", "phone", "email", "address", "score", "scores", "mark", "marks", "ballots", "grade"}
    | {"reason", "content", "password", "token", "principal", "authorization", "secret", "body", "payload"}
    | {"row", "values", "extra", "data"}
)
# Their messages are about the code or the machine, not about a person.
SPEAKING = (
    *(BoleError, OSError, ImportError, AttributeError, TypeError, NameError),
    *(OperationalError, ProgrammingError),
)
Event = MutableMapping[str, Any]


def get_log(module: str) -> Any:
    """The log of a module: `log = get_log(__name__)`."""
    return structlog.stdlib.get_logger(module)


def bound(**fields: object) -> AbstractContextManager[None]:
    """Fields for every line written inside the block."""
    return cast("AbstractContextManager[None]", structlog.contextvars.bound_contextvars(**fields))


def configure(role: str, level: str = "info", *, terminal: bool | None = None) -> None:
    """Write lines to standard error: JSON, or readable ones when that is a terminal."""
    terminal = sys.stderr.isatty() if terminal is None else terminal

    def add_role(_: object, __: str, event: Event) -> Event:
        event.setdefault("role", role)
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        add_role,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        drop_personal_fields,
        traceback_without_data,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(timestamp_key="time")
        if terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[add_logger, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            use_get_message=False,  # of a library's line the constant part: its arguments may hold anything
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # what other people's libraries say
    for ours in ("bole", "services", "gateway"):
        logging.getLogger(ours).setLevel(level.upper())
    # Reconnecting is said by us, once, and not by them at every try.
    for chatty in ("amqp", "kombu", "nameko"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


class _StandardError(logging.Handler):
    """Writes to what standard error is at that moment, also after somebody replaced it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def drop_personal_fields(_: object, __: str, event: Event) -> Event:
    """Leave out fields that are known to hold personal data, also inside a field that is a mapping."""
    for key in [key for key in event if key.lower() in PERSONAL]:
        del event[key]
    for key, value in event.items():
        if isinstance(value, dict):
            event[key] = {inner: kept for inner, kept in value.items() if str(inner).lower() not in PERSONAL}
    return event


def add_logger(_: object, __: str, event: Event) -> Event:
    """Say which library wrote a line that is not ours."""
    record = event.get("_record")
    if record is not None:
        event["logger"] = record.name
    return event


def traceback_without_data(_: object, __: str, event: Event) -> Event:
    """Turn `exc_info` into `error` (its class, and its message when that holds no data) and `traceback`."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    elif isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if not info or info[1] is None:
        return event
    problem = info[1]
    event["error"] = described(problem)
    event["traceback"] = "".join(_frames(problem)).rstrip()
    return event


def described(problem: BaseException) -> str:
    """The class of an exception, with its message when that speaks about the code."""
    kind = f"{type(problem).__module__}.{type(problem).__qualname__}".removeprefix("builtins.")
    if isinstance(problem, (OperationalError, ProgrammingError)):
        return f"{kind}: {problem.orig}"
    return f"{kind}: {problem}" if isinstance(problem, SPEAKING) else kind


def _frames(problem: BaseException) -> Iterator[str]:
    before = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    if before is not None:
        yield from _frames(before)
        yield "which led to\n"
    yield from traceback.format_tb(problem.__traceback__)
    yield described(problem) + "\n"


@contextmanager
def nothing_escapes(log: Any, message: str, **fields: object) -> Iterator[None]:
    """For the body of a thread: an exception is logged and ends the block, not the process."""
    try:
        yield
    except Exception:
        log.error(message, exc_info=True, **fields)
