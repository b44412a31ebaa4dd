"""Server-sent events: what became visible within the caller's scope, resumable after any of them.

The `id` of an event is a vector of positions, `care:12,selection:300`: everything up to there was sent
or lies outside the scope. A stream ends after 15 minutes, as its token does; clients resume with
`Last-Event-ID`. One from beyond what the read model knows (it was restored or is built anew) is of no
use: the stream then begins now, and its first event, `reset`, says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec
from flask import Response

from bole.errors import Invalid, Unavailable
from bole.principal import Principal
from gateway.door.asking import POSITION
from gateway.door.reading import Reading
from gateway.door.tokens import LIVES

LOOK_AGAIN_SECONDS = 0.5
SILENT_SECONDS = 15  # then a comment shows both sides that the other one is there
AT_ONCE = 200  # changes read in one go
LONGEST_ID = 1024  # characters
RESET = msgspec.json.encode(
    {"says": "Last-Event-ID lies beyond what is known here. The stream begins now: read anew what you show."}
)
Vector = dict[str, int]


class Streams:
    """All open streams of one door.

    Args:
        most: at a time; each holds a thread where threads are real.
        wait: so many seconds, or less when the process is told to stop: then True.
    """

    def __init__(self, reading: Reading, *, most: int, wait: Callable[[float], bool]) -> None:
        self.reading = reading
        self.wait = wait
        self._places = threading.BoundedSemaphore(most)

    def open(self, by: Principal, last_event_id: str | None) -> Response:
        """A stream that begins after `last_event_id`; or now, when there is none or one from beyond.

        Raises:
            Invalid: not an id of ours.
            Unavailable: too many streams are open.
        """
        have = self.reading.positions()
        since = have if last_event_id is None else read_vector(last_event_id)
        beyond = any(position > have.get(source, 0) for source, position in since.items())
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many streams are open. Try again shortly.", retry_after=10)
        answer = Response(
            self._follow(by, have if beyond else since, reset=beyond),
            content_type="text/event-stream; charset=utf-8",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        answer.call_on_close(self._places.release)
        return answer

    def _follow(self, by: Principal, since: Vector, *, reset: bool) -> Iterator[bytes]:
        vector = dict.fromkeys(self.reading.sources, 0) | since
        yield f"retry: 2000\nid: {write_vector(vector)}\n\n".encode()
        if reset:
            yield b"id: %b\nevent: reset\ndata: %b\n\n" % (write_vector(vector).encode(), RESET)
        ends = time.monotonic() + LIVES.total_seconds()
        silent_since = time.monotonic()
        ending = False
        while not ending and time.monotonic() < ends:
            for frame in self._news(by, vector):
                silent_since = time.monotonic()
                yield frame
            if time.monotonic() - silent_since >= SILENT_SECONDS:
                silent_since = time.monotonic()
                yield f": nothing new\nid: {write_vector(vector)}\n\n".encode()
            ending = self.wait(LOOK_AGAIN_SECONDS)

    def _news(self, by: Principal, vector: Vector) -> Iterator[bytes]:
        """The events after `vector`, which is moved on behind each of them."""
        have = self.reading.positions()
        while any(position > vector.get(source, 0) for source, position in have.items()):
            found = self.reading.changes(by, vector, AT_ONCE)
            for change in found:
                vector[change["source"]] = change["position"]
                body = msgspec.json.encode(change)
                yield b"id: %b\nevent: change\ndata: %b\n\n" % (write_vector(vector).encode(), body)
            if len(found) < AT_ONCE:  # the rest up to `have` is nothing the caller sees
                for source, position in have.items():
                    vector[source] = max(position, vector.get(source, 0))


def write_vector(vector: Mapping[str, int]) -> str:
    """`care:12,selection:300`: sorted, so that equal vectors are equal text."""
    return ",".join(f"{source}:{position}" for source, position in sorted(vector.items()))


def read_vector(text: str) -> Vector:
    """The vector behind an event's id; the empty text is the beginning of everything."""
    vector: Vector = {}
    for one in text.split(",") if text.strip() else []:
        found = POSITION.fullmatch(one.strip())
        if found is None or len(text) > LONGEST_ID:
            says = "Not an id of this stream; send the `id` of the last event as it came."
            raise Invalid(says, errors=[{"at": "header.Last-Event-ID", "says": says}])
        vector[found[1]] = int(found[2])
    return vector
