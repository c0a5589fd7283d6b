"""What a run leaves in its logs: events of its life, and lines its script wrote."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.orchestrator.scripts import TERMINAL
from bot.demo.orchestrator.wire import epoch_ms, iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.demo.orchestrator.executions import PretendRun, StateFrom
    from bot.demo.orchestrator.values import Obj

SEVERITIES = ("debug", "info", "warning", "error")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One log entry."""

    at: datetime
    short: str
    long: str = ""
    severity: str = "info"
    origin: str = "system"  # "server" for Orchestrator's own events


def events(execution: PretendRun, *, now: datetime) -> list[Line]:
    """Started, paused, resumed, ended; oldest first."""
    moments = execution.moments(now)
    title = f"Workflow '{execution.workflow.name}'"
    lines = [_event(moments[0].at, f"{title} has started")]
    for before, moment in itertools.pairwise(moments):
        lines.extend(_turn(before, moment, title=title, error=execution.end.error))
    return lines


def system_lines(execution: PretendRun, *, now: datetime) -> list[Line]:
    """System.log's lines among the events, with the noise of the item stack; oldest first."""
    lines = events(execution, now=now)
    for number, moment in enumerate(execution.moments(now), start=1):
        if moment.state not in TERMINAL:
            lines.append(Line(at=moment.at, short=f"__item_stack:/item{number}", severity="debug"))
        lines.extend(_said(moment.at, said) for said in moment.says)
    if execution.current(now).state == "failed":
        lines.append(_dump(execution, at=execution.current(now).at))
    return sorted(lines, key=lambda line: line.at)


def _said(at: datetime, said: str) -> Line:
    """A line of System.log; `warning: …` is one of System.warn, and so on."""
    severity, colon, text = said.partition(": ")
    if colon and severity in SEVERITIES:
        return Line(at=at, short=text, severity=severity)
    return Line(at=at, short=said)


def _dump(execution: PretendRun, *, at: datetime) -> Line:
    """What the engine writes on failure: its stack, with every input's value to the letter."""
    inputs = "\n".join(
        f"input: '{each['name']}', type: '{each['type']}', value: '{json.dumps(each.get('value'))}'"
        for each in execution.inputs
    )
    stack = (
        f"Workflow execution stack:\n***\nitem: '{execution.workflow.name}/item1', state: 'failed'\n"
        f"{inputs}\n*** End of execution stack."
    )
    return Line(at=at, short="*** End of execution stack.", long=stack, severity="error")


def event_entry(line: Line, *, user: str, dated: object) -> Obj:
    """An entry of GET logs."""
    entry = {"severity": line.severity, "time-stamp": dated, "user": user}
    return {"entry": entry | {"short-description": line.short, "long-description": line.long or line.short}}


def system_entry(line: Line) -> Obj:
    """An entry of GET syslogs."""
    entry: Obj = {"origin": line.origin, "short-description": line.short}
    if line.long:
        entry["long-description"] = line.long
    dates = {"time-stamp": iso(line.at), "time-stamp-val": epoch_ms(line.at)}
    return {"entry": entry | dates | {"severity": line.severity}}


def at_least(severity: str, lines: list[Line]) -> list[Line]:
    """The lines of this severity or a graver one."""
    wanted = SEVERITIES[SEVERITIES.index(severity) :] if severity in SEVERITIES else SEVERITIES
    return [line for line in lines if line.severity in wanted]


def _turn(before: StateFrom, moment: StateFrom, *, title: str, error: str) -> Iterator[Line]:
    paused = ("waiting", "waiting-signal", "suspended")
    if before.state in paused and moment.state not in paused and moment.state != "canceled":
        yield _event(moment.at, f"{title} has resumed")
    if moment.state in paused:
        cause = "user interaction" if moment.question else "signal"
        yield Line(
            at=moment.at,
            short="Workflow is paused",
            long=f"{title} has paused while waiting on {cause}",
            origin="server",
        )
    if moment.state == "failed":
        yield Line(at=moment.at, short=f"{title} has failed", long=error, severity="error", origin="server")
    elif moment.state in TERMINAL:
        yield _event(
            moment.at, f"{title} has {'been canceled' if moment.state == 'canceled' else 'completed'}"
        )


def _event(at: datetime, short: str) -> Line:
    return Line(at=at, short=short, origin="server")
