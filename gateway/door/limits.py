"""How much one request may bring. Documented by openapi.py, enforced by asking.py and jobs.py."""

from __future__ import annotations

JSON_BYTES = 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024
PAGE = 50  # items, unless told
MOST_PER_PAGE = 200
LONGEST_KEY = 128  # characters of an Idempotency-Key
WITHIN_MS = 10_000  # for one call, unless `Prefer: wait=seconds` says otherwise
LONGEST_WAIT_SECONDS = 60
AT_LEAST_MS = 2_000  # how long a GET waits for a position
FILE_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/csv",
)
