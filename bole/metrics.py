"""What a role counts, and how `/metrics` says it (Prometheus text format).

Counters are raised where things happen. Gauges are read from their owners when somebody asks, so that
nothing has to be kept up to date: `watch(read)` registers a function that gives samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bole.log import get_log

log = get_log(__name__)

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a gauge: `Sample("bole_intake_lag_entries", "how far behind", {"source": "care"}, 3)`."""

    name: str
    means: str
    labels: dict[str, str]
    value: float


class Metrics:
    """The registry of one role."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._read: list[Callable[[], Iterable[Sample]]] = []
        self.registry.register(_Gauges(self._read))
        self.calls = Counter(
            "bole_rpc_calls", "calls answered", ["service", "call", "code"], registry=self.registry
        )
        self.call_seconds = Histogram(
            "bole_rpc_call_seconds", "time to answer", ["service"], buckets=SECONDS, registry=self.registry
        )
        self.deadlines = Counter(
            "bole_deadlines_due",
            "deadlines that came due and were handled",
            ["service"],
            registry=self.registry,
        )
        self.job_rows = Counter("bole_job_rows", "rows of imports taken", ["service"], registry=self.registry)

    def watch(self, read: Callable[[], Iterable[Sample]]) -> None:
        """Ask `read` for samples whenever /metrics is asked."""
        self._read.append(read)

    def exposition(self) -> bytes:
        """The text of /metrics, of the type CONTENT_TYPE."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    def __init__(self, read: list[Callable[[], Iterable[Sample]]]) -> None:
        self._read = read

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()  # nothing is known before it is asked; also keeps registration from asking

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for read in self._read:
            try:
                samples = list(read())
            except Exception:
                log.error("gauges not read", exc_info=True)
                continue
            for sample in samples:
                family = families.setdefault(
                    sample.name, GaugeMetricFamily(sample.name, sample.means, labels=sorted(sample.labels))
                )
                family.add_metric([sample.labels[label] for label in sorted(sample.labels)], sample.value)
        yield from families.values()
