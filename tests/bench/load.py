"""Requests sent at a server, one after the other or by a timetable, and how long each ack took."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.payloads import sign
from tests.bench.raw_http import connect, post

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.payloads import Request
    from tests.bench.raw_http import Answer, Queue


@dataclass(frozen=True, kw_only=True)
class Acked:
    """One request, what was answered, and after how many seconds."""

    request: Request
    answer: Answer
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Everything one phase of load gave."""

    acks: tuple[Acked, ...]
    seconds: float  # from the first request to the last ack


async def closed_loop(requests: Sequence[Request], *, port: int, connections: int) -> Burst:
    """Send as fast as acks come, on so many connections."""
    ready = _signed(requests, port=port)
    lines = [await connect(port) for _ in range(connections)]
    waiting = iter(ready)
    acks: list[Acked] = []

    async def keep_asking(line: Queue) -> None:
        for request, raw in waiting:
            sent = time.perf_counter()
            answer = await line.ask(raw)
            acks.append(Acked(request=request, answer=answer, seconds=answer.at - sent))

    with _no_pauses():
        began = time.perf_counter()
        await asyncio.gather(*(keep_asking(line) for line in lines))
        ended = time.perf_counter()
    for line in lines:
        line.close()
    return Burst(acks=tuple(acks), seconds=ended - began)


async def open_loop(requests: Sequence[Request], *, port: int, rate: float) -> Burst:
    """Send so many a second whether acks come or not; each ack counts from the moment it was due to leave."""
    ready = _signed(requests, port=port)
    idle = [await connect(port) for _ in range(16)]
    acks: list[Acked] = []

    async def ask(due: float, request: Request, raw: bytes) -> None:
        line = idle.pop() if idle else await connect(port)
        answer = await line.ask(raw)
        idle.append(line)
        acks.append(Acked(request=request, answer=answer, seconds=answer.at - due))

    with _no_pauses():
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, (request, raw) in enumerate(ready):
                due = began + number / rate
                await asyncio.sleep(due - time.perf_counter())
                group.create_task(ask(due, request, raw))
        ended = time.perf_counter()
    for line in idle:
        line.close()
    return Burst(acks=tuple(acks), seconds=ended - began)


def _signed(requests: Sequence[Request], *, port: int) -> list[tuple[Request, bytes]]:
    return [(request, post(request.body, sign(request.body), port=port)) for request in requests]


@contextmanager
def _no_pauses() -> Iterator[None]:
    """Keep the generator's own garbage collection out of the figures."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
