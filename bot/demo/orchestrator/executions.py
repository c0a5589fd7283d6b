"""One run of a workflow: its moments, past and already certain, and what can change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.orchestrator.scripts import TERMINAL, Declared, End, Phase, WaitingQuestion
from bot.demo.orchestrator.values import echo, parameter, plain

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bot.demo.orchestrator.contexts import PostedParameter
    from bot.demo.orchestrator.values import Obj
    from bot.demo.orchestrator.workflows import PretendWorkflow

_BY_HAND = -1  # a moment that no phase of the script made
_HANDLER = "Workflow Error System Handler"
_ACTION = "__System_Action"


@dataclass(frozen=True, kw_only=True)
class StateFrom:
    """From `at` on the run is in `state`, until the next moment."""

    at: datetime
    state: str
    item: str = ""
    says: tuple[str, ...] = ()
    question: WaitingQuestion | None = None
    phase: int = _BY_HAND


class PretendRun:
    """A run; nothing moves it but the clock it is read with and the methods below."""

    def __init__(
        self,
        *,
        identity: str,
        workflow: PretendWorkflow,
        given: tuple[PostedParameter, ...],
        started_at: datetime,
        started_by: str,
    ) -> None:
        self.id = identity
        self.workflow = workflow
        self.started_at = started_at
        self.started_by = started_by
        self.gone = False  # deleted or purged
        self.end = End()
        self._known = {each.name: plain(each.value) for each in given}
        self._given = {each.name: echo(each.value) for each in given}
        self._moments: list[StateFrom] = []
        self._plan(started_at, first=0)

    @property
    def ended_at(self) -> datetime | None:
        """When it ends, if that is certain; may lie ahead."""
        last = self._moments[-1]
        return last.at if last.state in TERMINAL else None

    @property
    def inputs(self) -> list[Obj]:
        """Every declared input; one that was not given has no value."""
        return [parameter(each.name, each.type, self._given.get(each.name)) for each in self.workflow.inputs]

    def moments(self, now: datetime) -> list[StateFrom]:
        """What has happened so far, oldest first."""
        return [moment for moment in self._moments if moment.at <= now] or self._moments[:1]

    def current(self, now: datetime) -> StateFrom:
        """The moment it is in."""
        for moment in reversed(self._moments):
            if moment.at <= now:
                return moment
        return self._moments[0]

    def question_id(self, now: datetime) -> str | None:
        """The id of the interaction it waits for, or None."""
        moment = self.current(now)
        return f"{self.id}-{len(self.moments(now))}-{moment.phase}" if moment.question else None

    def answer(self, given: tuple[PostedParameter, ...], *, now: datetime) -> None:
        """Take the answer to the current question and go on."""
        moment = self.current(now)
        told = {each.name: plain(each.value) for each in given}
        if moment.item == _HANDLER:
            self._resume(told, moment, now=now)
            return
        self._known |= told
        self._cut(now)
        self._plan(now, first=moment.phase + 1)

    def _resume(self, told: dict[str, object], moment: StateFrom, *, now: datetime) -> None:
        """The failed item runs again, or all of it ends."""
        self._cut(now)
        if told.pop(_ACTION, "") == "Resume":
            self._known |= told
            self._plan(now, first=moment.phase)
        else:
            self.end = End(state="canceled")
            self._moments.append(StateFrom(at=now, state="canceled", item=moment.item))

    @property
    def failed_so_far(self) -> bool:
        """Whether it has been in the error handler."""
        return any(each.item == _HANDLER for each in self._moments)

    def cancel(self, *, now: datetime, takes: timedelta) -> None:
        """End it as canceled once its current step gives way, unless it ends by itself before."""
        at = now + takes
        if self.ended_at is None or self.ended_at > at:
            self._cut(at)
            self._finish(End(state="canceled"), at=at)

    def finish(self, end: End, *, now: datetime) -> None:
        """End it now."""
        self._cut(now)
        self._finish(end, at=now)

    def set_state(self, state: str, *, now: datetime, item: str = "") -> None:
        """Put it into a state and leave it there."""
        self._cut(now)
        self._moments.append(StateFrom(at=now, state=state, item=item))

    def _cut(self, after: datetime) -> None:
        self._moments = [moment for moment in self._moments if moment.at <= after]

    def _finish(self, end: End, *, at: datetime) -> None:
        self.end = end
        item = self._moments[-1].item if self._moments else ""
        if end.state == "failed" and self.workflow.resumes:
            self._moments.append(self._handled(at))
            return
        self._moments.append(StateFrom(at=at, state=end.state, item=item))

    def _handled(self, at: datetime) -> StateFrom:
        """It waits in the error handler, which asks for all inputs once more and for what to do."""
        inputs = (
            *self.workflow.inputs,
            Declared(name="resume.fail.timeout.date", type="Date"),
            Declared(name=_ACTION, type="string"),
        )
        phase = max((each.phase for each in self._moments), default=0)
        question = WaitingQuestion(name=f"{self.workflow.name} : {_HANDLER}", inputs=inputs)
        return StateFrom(at=at, state="waiting", item=_HANDLER, question=question, phase=max(phase, 0))

    def _plan(self, at: datetime, *, first: int) -> None:
        for index, phase in enumerate(self.workflow.script.phases[first:], start=first):
            self._moments.append(_begin(phase, at=at, index=index))
            if phase.lasts is None:
                return
            at += phase.lasts
        self._finish(self.workflow.script.end(self._known), at=at)


def _begin(phase: Phase, *, at: datetime, index: int) -> StateFrom:
    return StateFrom(
        at=at, state=phase.state, item=phase.item, says=phase.says, question=phase.question, phase=index
    )
