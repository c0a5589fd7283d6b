"""Metrics in Prometheus's text format: every instrument of the process, in a registry of its own.

To add one, declare it here and count where it happens; `docs/metrics.md` lists them, and a test compares.
Labels hold closed sets only (states, methods, outcomes): no name of a person, workflow, host or channel.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = "orchestrator_bot"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_CALLS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_FELT = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400)
_LAG_SECONDS = 0.25  # between two measurements of the event loop


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(name, text, labels, namespace=NAMESPACE, registry=REGISTRY)


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(name, text, labels, namespace=NAMESPACE, registry=REGISTRY)


def _histogram(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(name, text, labels, namespace=NAMESPACE, registry=REGISTRY, buckets=buckets)


# what happens to launches, counted by the process that commits it
HAPPENINGS = _counter("happenings_total", "What happened to launches, by kind.", "what")
ENDED = _counter("launches_ended_total", "Launches that came to an end, by end.", "end")
PURGED = _counter("purged_rows_total", "Rows deleted because they were too old.", "kind")
REFUSED = _counter("denials_total", "Requests of people refused for want of a right.")
LEASES_LOST = _counter("leases_lost_total", "Writes refused because another process had taken over the row.")

# what people feel
ACK = _histogram("ack_seconds", "From payload to acknowledgement.", "kind", buckets=_FAST)
WINDOW = _histogram(
    "click_to_window_seconds", "From a click or command to the window it opens.", buckets=_CALLS
)
APPROVE_TO_START = _histogram(
    "approve_to_start_seconds", "From the last vote needed to the start in Orchestrator.", buckets=_FELT
)
TOLD = _histogram("told_seconds", "From a happening to its line in the thread.", buckets=_FELT)

# what it depends on
ORCHESTRATOR = _histogram(
    "orchestrator_request_seconds", "Calls of Orchestrator, by outcome.", "method", "outcome", buckets=_CALLS
)
LOGINS_REFUSED = _counter("orchestrator_logins_refused_total", "Logins that Orchestrator refused.")
SLACK = _histogram(
    "slack_request_seconds", "Calls of Slack's Web API, by outcome.", "method", "outcome", buckets=_CALLS
)
SLACK_LIMITED = _counter("slack_rate_limited_total", "Rate limits of Slack's that were met.", "method")
DATABASE = _histogram(
    "database_transaction_seconds", "Transactions, waiting included.", "priority", "outcome", buckets=_FAST
)
LOOP_LAG = _histogram("event_loop_lag_seconds", "How late the event loop wakes a timer.", buckets=_FAST)

# what the database holds, read when it is asked for (`FROM_DATABASE`)
DATABASE_UP = _gauge("database_up", "1 if the database could be read for this answer, else 0.")
LAUNCHES = _gauge("launches", "Open launches, by state.", "state")
APPROVAL_AGE = _gauge("approval_oldest_seconds", "Age of the oldest request that waits for approval.")
QUEUED = _gauge("queued_launches", "Approved launches that wait for other launches.")
QUEUE_LAG = _gauge("queue_oldest_seconds", "How long the first of them has been waiting.")
TRACKER_LAG = _gauge("tracker_lag_seconds", "How long the most overdue launch has been due.")
OUTBOX = _gauge("outbox_launches", "Launches of which something is to be told.")
OUTBOX_LAG = _gauge("outbox_lag_seconds", "How long the most overdue of them has been due.")
INBOX = _gauge("inbox_interactions", "Acknowledged interactions not carried out yet.")
QUARANTINED = _gauge("quarantined_rows", "Rows put aside because they cannot be read or failed.")
FROM_DATABASE = (
    LAUNCHES, APPROVAL_AGE, QUEUED, QUEUE_LAG, TRACKER_LAG, OUTBOX, OUTBOX_LAG, INBOX, QUARANTINED,
)  # fmt: skip

# the process
POLICY = _gauge("policy_info", "1 for the edition of the policy in force, by its SHA-256.", "sha256")
POLICY_REFUSED = _gauge("policy_refused", "1 while the policy file holds an edition that is refused.")
SLACK_DEAF = _gauge("slack_deaf_seconds", "Seconds without a connection to Slack; 0 while there is one.")

_received_at: ContextVar[float | None] = ContextVar("received_at", default=None)


def render() -> bytes:
    """All of them in Prometheus's text format."""
    return generate_latest(REGISTRY)


def names() -> frozenset[str]:
    """The names of all series' families, as queries use them."""
    found: set[str] = set()
    for family in REGISTRY.collect():
        match family.type:
            case "counter":
                found.add(f"{family.name}_total")
            case "histogram":
                found |= {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
            case _:
                found.add(family.name)
    return frozenset(found)


class Timed:
    """How a timed call ended; what nobody sets is `failed`."""

    outcome = "failed"


@contextmanager
def timed(histogram: Histogram, **labels: str) -> Iterator[Timed]:
    """Observe how long the block takes, under the outcome it sets."""
    call, began = Timed(), time.perf_counter()
    try:
        yield call
    finally:
        seconds = time.perf_counter() - began
        histogram.labels(**labels, outcome=call.outcome).observe(seconds)


def received() -> None:
    """A payload of a person came in: what this task does from now on is its answer."""
    _received_at.set(time.perf_counter())


def window_opened() -> None:
    """The window that the payload asked for is open."""
    began = _received_at.get()
    if began is not None:
        WINDOW.observe(time.perf_counter() - began)
        _received_at.set(None)  # the first one counts


def forget_database() -> None:
    """Drop what the database last said: it is unknown, and neither zero nor as it was."""
    DATABASE_UP.set(0)
    for gauge in FROM_DATABASE:
        if gauge is LAUNCHES:
            gauge.clear()
        else:
            gauge.set(float("nan"))


async def measure_loop_lag() -> None:
    """Measure for ever how late the loop wakes a timer."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _LAG_SECONDS
        await asyncio.sleep(_LAG_SECONDS)
        LOOP_LAG.observe(max(0.0, loop.time() - due))
