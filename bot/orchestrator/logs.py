"""A run's log, in whichever of the three ways this server has."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.errors import InvalidRequest, NotSupported, NotVisible, UnreadableAnswer
from bot.domain.execution import LogLine
from bot.orchestrator.reading import read
from bot.orchestrator.transport import ApiCall
from bot.orchestrator.wire import LogsAnswer

if TYPE_CHECKING:
    from bot.orchestrator.transport import Transport
    from bot.orchestrator.wire import LogEntry

_SINCE_EVER = json.dumps(
    {"severity": "debug", "older-than": 0}
).encode()  # gives what is newer, despite its name
_MARK = "__item_stack:"
# On failure the engine writes its stack into the log, with the values of all inputs and attributes.
_DUMP = ("Workflow execution stack:", "*** End of execution stack.")
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Logs:
    """Asks for the system log as servers since 7.6 have it, then as older ones do, then for the events."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ways = [_by_get, _by_post, _events]

    async def read(self, run: tuple[str, ...]) -> tuple[LogLine, ...]:
        """The lines, oldest first, without the engine's own marks; what worked is tried first next time."""
        problem: NotSupported | NotVisible | InvalidRequest | None = None
        for way in tuple(self._ways):
            try:
                answer = await read(await self._transport.send(way(run)), LogsAnswer, _entries)
            except (NotSupported, NotVisible, InvalidRequest) as exc:
                problem = exc
                continue
            self._ways.sort(key=lambda each: each is not way)
            return _told(answer, skip_server=way is _by_post)
        raise problem or NotSupported


def _entries(answer: LogsAnswer) -> list[LogEntry]:
    """The entries; a log without any may leave out the key, but then holds nothing else."""
    if answer.logs is None and answer.model_extra:
        raise UnreadableAnswer
    return answer.logs or []


def _by_get(run: tuple[str, ...]) -> ApiCall:
    return ApiCall(path=(*run, "syslogs"), large=True)


def _by_post(run: tuple[str, ...]) -> ApiCall:
    return ApiCall(path=(*run, "syslogs"), method="POST", body=_SINCE_EVER, large=True)


def _events(run: tuple[str, ...]) -> ApiCall:
    return ApiCall(path=(*run, "logs"), large=True)


def _told(entries: list[LogEntry], *, skip_server: bool) -> tuple[LogLine, ...]:
    """The entries in order of time; old servers mix in lines that are not the run's."""
    kept = [_line(entry) for entry in entries if not (skip_server and entry.origin.lower() == "server")]
    said = [line for line in kept if line.text and not _is_engines(line.text)]
    dated = [line.at for line in said if line.at is not None]
    if dated and dated[0] > dated[-1]:
        said.reverse()  # newest first: lines of the same millisecond have to turn round, too
    return tuple(sorted(said, key=lambda line: line.at or _BEGINNING))


def _is_engines(text: str) -> bool:
    """Whether the engine wrote it for itself: marks, and the dump of a failure, which may hold secrets."""
    return text.startswith(_MARK) or any(mark in text for mark in _DUMP)


def _line(entry: LogEntry) -> LogLine:
    return LogLine(
        text=(entry.long_description or entry.short_description).strip(),
        severity=entry.severity.lower() or "unknown",
        at=entry.time_stamp_val or entry.time_stamp,
        user=entry.user or entry.user_name,
    )
