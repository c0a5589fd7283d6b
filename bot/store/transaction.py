"""What one transaction can do to launches and their events, and the parts for what belongs to them."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.audit import AuditEntry
from bot.domain.errors import AlreadyHandled, AlreadySubmitted, Overtaken, UnknownLaunch, UnreadableRow
from bot.domain.launch import OCCUPYING, Happening, Launch, State
from bot.domain.steps import Due
from bot.domain.steps.masking import masked
from bot.store import codec
from bot.store.audit import AuditChain, arguments_as
from bot.store.audit_cut import AuditCut
from bot.store.claims import STARTS
from bot.store.codec import launch_of
from bot.store.column_types import Moment
from bot.store.committed import CommittedStep
from bot.store.database import LEASE
from bot.store.delegations import DelegationTable
from bot.store.drafts import DraftTable
from bot.store.erasure import Erasure
from bot.store.inbox import drop
from bot.store.locks import Locks, waits_in
from bot.store.masking import Masking
from bot.store.pauses import PauseTable
from bot.store.resealing import Resealing
from bot.store.schema import events, launches
from bot.store.sealed import SealedTexts
from bot.store.step_up import StepUpTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, Update

    from bot.domain.execution import Argument
    from bot.domain.steps import NewEvent, Step
    from bot.store.database import Database
    from bot.store.runs import RunClaim
    from bot.store.sealing import Sealer

# the statements of every click, made once: making one costs as much as running it
_ID: BindParameter[str] = bindparam("b_id")
_READ = select(launches.c.body, launches.c.version, launches.c.fence).where(launches.c.id == _ID)
_READ_LOCKED = _READ.with_for_update()
_ADD, _ADD_EVENTS = insert(launches), insert(events)
_MOVE = (
    update(launches)
    .where(
        launches.c.id == _ID,
        launches.c.version == bindparam("b_version"),
        launches.c.fence == bindparam("b_fence"),
    )
    .values(last_seq=launches.c.last_seq + bindparam("b_told"))
    .returning(launches.c.last_seq)
)
_TELL_AT = bindparam("b_tell_at", type_=Moment())
_UNLESS_BEFORE = func.coalesce(launches.c.tell_at, _TELL_AT)
_GO_ON = _MOVE.values(tell_at=_UNLESS_BEFORE)
_SAVE = _MOVE.values(  # what is claimed, or in doubt, keeps its time; what only waits is told at once
    tell_at=case((launches.c.tell_tries == 0, _TELL_AT), else_=_UNLESS_BEFORE)
)
_UNREADABLE = (
    "This launch cannot be read by this release of the bot. Your click started and changed nothing. "
    "Please tell the platform team this reference: launch/{}."
)
_NEXT_STEP = timedelta(seconds=1)  # until what is told with the next step is told without it


class Transaction:
    """One transaction on launches and, by its parts, on what belongs to them; the time stands still in it."""

    def __init__(
        self,
        connection: Connection,
        database: Database,
        sealer: Sealer,
        *,
        named: Callable[[str], str | None],  # reads a named secret; None: gone
        audit_key: bytes | None,
    ) -> None:
        self._sql = connection
        self._database = database
        self._read: dict[str, Launch] = {}
        self.changes: list[CommittedStep] = []  # noted once they are committed
        self.now = database.now()
        self._audit_key = audit_key
        self.audit = AuditChain(connection, now=self.now, key=audit_key)
        self.audit_cut = AuditCut(connection, self.audit)
        self.delegations = DelegationTable(connection, now=self.now)
        self.drafts = DraftTable(connection, now=self.now)
        self.erasure = Erasure(connection, self.audit)
        self.locks = Locks(connection, database, now=self.now)
        self.pauses = PauseTable(connection, now=self.now)
        self.resealing = Resealing(connection, sealer)
        self.secrets = SealedTexts(connection, sealer)
        self.masking = Masking(self.secrets, named)
        self.step_up = StepUpTable(connection, database, now=self.now)

    def complete(self, interaction_id: str) -> None:
        """Forget the interaction whose effect this transaction writes; AlreadyHandled if it had its effect.

        Nothing happens for an empty id: what was not noted before its ack has its effect before it.
        """
        if interaction_id and not drop(self._sql, interaction_id):
            raise AlreadyHandled

    def add(self, step: Step) -> Launch:
        """Insert a launch with its first events and drop its draft; AlreadySubmitted if it exists."""
        launch = step.launch
        row = _moving(launch) | {
            "id": launch.id,
            "workflow_id": launch.workflow.id,
            "requester": f"{launch.requester.team_id}/{launch.requester.user_id}",
            "channel": launch.place.channel_id,
            "requested_at": launch.requested_at,
            "due_at": self.now + LEASE if isinstance(step.due, Due) else step.due,
            "tell_at": self.now,
            "tell_fence": 0,
            "tell_tries": 0,
            "last_seq": len(step.told),
            "delivered_seq": 0,
        }
        try:
            self._sql.execute(_ADD, row)
        except IntegrityError as twice:
            raise AlreadySubmitted from twice
        self._tell(launch, step.told, after=0)
        self.changes.append(CommittedStep(before=None, launch=launch, told=tuple(step.told)))
        self.drafts.drop(launch.id)
        return launch

    def launch(self, launch_id: str) -> Launch:
        """The launch, locked until commit; UnknownLaunch if there is none, or UnreadableRow."""
        query = _READ_LOCKED if self._database.locks_rows else _READ
        row = self._sql.execute(query, {"b_id": launch_id}).first()
        if row is None:
            raise UnknownLaunch
        try:
            launch = self._read[launch_id] = launch_of(row)
        except UnreadableRow as wrong:
            raise UnreadableRow(_UNREADABLE.format(launch_id), why=wrong.why) from wrong
        return launch

    def audited(self, launch: Launch, arguments: Iterable[Argument]) -> dict[str, Any]:
        """Arguments as the audit keeps those of this launch."""
        return arguments_as(launch.audited, arguments, key=self._audit_key)

    def claimed(self, claim: Launch | RunClaim) -> Launch:
        """The launch as it is now, locked; Overtaken unless this claim still holds."""
        fresh = self.launch(claim.id)
        if fresh.fence != claim.fence:
            raise Overtaken
        return fresh

    def save(self, step: Step) -> Launch:
        """Write a step taken on a launch read in this transaction; Overtaken if it moved on.

        What happened is told at once; or, where the launch stays claimed, with the step that follows: telling
        it meanwhile would lock the launch's row when that step needs it. A step that changes nothing sets
        the time of the next look and no more, so that nothing is told of it.
        """
        step = self._masked(step)
        launch, told = step.launch, step.told
        if not told and step.due is not Due.CLAIMED and launch == self._read.get(launch.id):
            self._postpone(launch, step.due)
            return launch
        claim = step.due is Due.CLAIMED
        saved = replace(launch, version=launch.version + 1, fence=launch.fence + claim)
        row = {
            **_moving(saved),
            "b_id": launch.id,
            "b_version": launch.version,
            "b_fence": launch.fence,
            "b_tell_at": self.now + _NEXT_STEP if claim else self.now,
            "b_told": len(told),
        }
        done = self._sql.execute(*self._due_later(step.due, row)).first()
        if done is None:
            raise Overtaken
        self._tell(launch, told, after=done.last_seq - len(told))
        self.changes.append(CommittedStep(before=self._read.get(launch.id), launch=saved, told=tuple(told)))
        if launch.state not in OCCUPYING and launch.starting_at is not None:
            self.locks.release(launch)
        if launch.state.is_end:
            self.secrets.wipe(launch.id)
        return saved

    def _masked(self, step: Step) -> Step:
        """The step without its launch's secrets: here, so that no step can forget it.

        They are wiped at the end of a launch, and what is written after it comes from people alone.
        """
        before = self._read.get(step.launch.id)
        masker = None if before is not None and before.state.is_end else self.masking.of(step.launch)
        return step if masker is None else masked(step, masker)

    def _postpone(self, launch: Launch, due: datetime | Due | None) -> None:
        """Let a launch that stays as it is rest until then."""
        if due is not Due.UNCHANGED:
            STARTS.write(self._sql, launch.id, fence=launch.fence, values={"due_at": due})

    def _due_later(self, due: datetime | Due | None, row: dict[str, Any]) -> tuple[Update, dict[str, Any]]:
        """The statement that writes a step, and its values, with the time of the next look."""
        match due:
            case Due.UNCHANGED:
                return _SAVE, row
            case Due.CLAIMED if self._database.locks_rows:
                return _GO_ON.values(due_at=self._database.now_sql(LEASE)), row
            case Due.CLAIMED:
                return _GO_ON, row | {"due_at": self.now + LEASE}
            case _:
                return _SAVE, row | {"due_at": due}

    def _tell(self, launch: Launch, told: Iterable[NewEvent], *, after: int) -> None:
        rows = [
            {
                "launch_id": launch.id,
                "seq": seq,
                "what": each.what.value,
                "at": self.now,
                "by_team": each.by and each.by.team_id,
                "by_user": each.by and each.by.user_id,
                "note": each.note,
                "detail": dict(each.detail),
            }
            for seq, each in enumerate(told, start=after + 1)
        ]
        if rows:
            self._sql.execute(_ADD_EVENTS, rows)
            self.audit.record(*(_entry(launch, each, key=self.audit.key) for each in told))

    def others_claiming(self, execution_ids: Iterable[str], *, besides: str) -> frozenset[str]:
        """Those of the executions that another launch already has as its own."""
        query = select(launches.c.execution_id).where(
            launches.c.execution_id.in_(list(execution_ids)), launches.c.id != besides
        )
        return frozenset(self._sql.scalars(query).all())

    def unanswered(self, workflow_id: str, *, besides: str) -> tuple[Launch | None, ...]:
        """A workflow's other launches whose start was sent and not answered; None: it cannot be read."""
        states = [State.STARTING.value, State.UNCERTAIN.value]
        query = select(launches.c.body, launches.c.version, launches.c.fence).where(
            launches.c.workflow_id == workflow_id, launches.c.state.in_(states), launches.c.id != besides
        )
        return tuple(_readable(row) for row in self._sql.execute(query))


def _moving(launch: Launch) -> dict[str, Any]:
    """The columns a step may change."""
    return {
        "state": launch.state.value,
        "execution_id": launch.execution_id,
        "started_at": launch.started_at,
        "cancel_asked": launch.cancel_asked_by is not None,
        "is_paused": launch.is_paused,
        "goes_first": launch.goes_first,
        **waits_in(launch),
        "body": codec.dump(launch),
        "version": launch.version,
        "fence": launch.fence,
    }


def _readable(row: Any) -> Launch | None:  # noqa: ANN401 - the same
    try:
        return launch_of(row)
    except UnreadableRow:
        return None


def _entry(launch: Launch, told: NewEvent, *, key: bytes | None) -> AuditEntry:
    detail: dict[str, Any] = {"state": launch.state.value, **told.detail}
    if told.note:
        detail["note"] = told.note
    if told.what is Happening.REQUESTED:
        detail |= asdict(launch.workflow) | {"rule": launch.rule, "channel": launch.place.channel_id}
        detail["digest"] = launch.digest
        if launch.editors:
            detail["filled_in_with"] = [asdict(each) for each in launch.editors]
        detail["arguments"] = arguments_as(launch.audited, launch.arguments, key=key)
    if launch.execution_id is not None:
        detail["execution"] = launch.execution_id
    return AuditEntry(
        what=told.what.value,
        launch_id=launch.id,
        team_id=told.by.team_id if told.by else "",
        user_id=told.by.user_id if told.by else "",
        email=told.email,
        detail=detail,
    )
