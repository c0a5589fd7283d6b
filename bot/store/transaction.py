"""What one transaction can do to drafts, launches, their events and their sealed secrets."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.audit import Entry
from bot.domain.errors import AlreadySubmitted, Overtaken, UnknownLaunch, UnreadableRow
from bot.domain.launch import OCCUPYING, Happening, Launch, State
from bot.domain.steps import Due
from bot.store import audit, codec, delegations, drafts, inbox, locks
from bot.store.database import LEASE
from bot.store.schema import Moment, events, launches, sealed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, Update

    from bot.domain.approval import Delegation
    from bot.domain.draft import AbandonedDraft, Draft
    from bot.domain.people import Person
    from bot.domain.queueing import Queue
    from bot.domain.steps import NewEvent, Step
    from bot.store.claims import RunClaim
    from bot.store.database import Database
    from bot.store.sealing import Sealer

# the statements of every click, made once: making one costs as much as running it
_ID: BindParameter[str] = bindparam("b_id")
_READ = select(launches.c.body, launches.c.version, launches.c.fence).where(launches.c.id == _ID)
_READ_LOCKED = _READ.with_for_update()
_ADD, _ADD_EVENTS = insert(launches), insert(events)
_WIPE = delete(sealed).where(sealed.c.owner == bindparam("b_owner"))
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
    """One transaction; the time stands still in it."""

    def __init__(self, connection: Connection, database: Database, sealer: Sealer) -> None:
        self._sql = connection
        self._database = database
        self._sealer = sealer
        self._recorded: list[Entry] = []
        self.now = database.now()

    def end(self) -> None:
        """Write what is written last: the audit, whose one chain every transaction that adds to it locks."""
        if self._recorded:
            audit.append(self._sql, self._recorded, now=self.now)

    # drafts

    def keep_draft(self, draft: Draft) -> None:
        """Write a new draft, and forget those that expired."""
        drafts.keep(self._sql, draft, now=self.now)

    def draft(self, draft_id: str, *, person: Person) -> Draft:
        """The draft this person was shown; DraftGone if there is none, AlreadySubmitted if it was used."""
        return drafts.read(self._sql, draft_id, person=person, now=self.now)

    def change_draft(self, draft: Draft) -> Draft:
        """Write a changed draft; Overtaken unless it is as it was when it was read."""
        return drafts.change(self._sql, draft, now=self.now)

    def take_over(self, draft_id: str, *, by: str) -> None:
        """Forget a draft whose typed secrets go over to another."""
        drafts.take_over(self._sql, draft_id, by=by)

    def left_draft(self, *, person: Person, workflow_id: str) -> AbandonedDraft | None:
        """The form of this workflow that this person changed last and never sent."""
        return drafts.left(self._sql, person=person, workflow_id=workflow_id, now=self.now)

    # what was acknowledged

    def complete(self, interaction_id: str) -> None:
        """Forget the interaction whose effect this transaction writes; CarriedOut if it had its effect.

        Nothing happens for an empty id: what was not noted before its ack has its effect before it.
        """
        if interaction_id:
            inbox.complete(self._sql, interaction_id)

    # launches

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
            "told_seq": 0,
        }
        try:
            self._sql.execute(_ADD, row)
        except IntegrityError as twice:
            raise AlreadySubmitted from twice
        self._tell(launch, step.told, after=0)
        drafts.drop(self._sql, launch.id)
        return launch

    def launch(self, launch_id: str) -> Launch:
        """The launch, locked until commit; UnknownLaunch if there is none, or UnreadableRow."""
        query = _READ_LOCKED if self._database.locks_rows else _READ
        row = self._sql.execute(query, {"b_id": launch_id}).first()
        if row is None:
            raise UnknownLaunch
        try:
            return launch_of(row)
        except UnreadableRow as wrong:
            raise UnreadableRow(_UNREADABLE.format(launch_id), why=wrong.why) from wrong

    def held(self, claimed: Launch | RunClaim) -> Launch:
        """The launch as it is now, locked; Overtaken unless `claimed`'s claim still holds."""
        fresh = self.launch(claimed.id)
        if fresh.fence != claimed.fence:
            raise Overtaken
        return fresh

    def save(self, step: Step) -> Launch:
        """Write a step taken on a launch read in this transaction; Overtaken if it moved on.

        What happened is told at once; or, where the launch stays claimed, with the step that follows: telling
        it meanwhile would lock the launch's row when that step needs it.
        """
        launch, told = step.launch, step.told
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
        if launch.state not in OCCUPYING and launch.starting_at is not None:
            locks.release(self._sql, launch, locks_rows=self._database.locks_rows, now=self.now)
        if launch.state.is_end:
            self._sql.execute(_WIPE, {"b_owner": launch.id})
        return saved

    def put_off(self, held: Launch, *, until: datetime | None) -> None:
        """Let a claimed launch that stays as it is rest until then; nothing of it is told."""
        self._sql.execute(
            update(launches)
            .where(launches.c.id == held.id, launches.c.fence == held.fence)
            .values(due_at=until)
        )

    # locks and places

    def take_turn(self) -> None:
        """Let nobody else take a lock or a place until this transaction ends; the first thing in it."""
        locks.take_turn(self._sql, self._database)

    def line(self, launch: Launch) -> Queue:
        """Who has what this launch locks, and who waits for it."""
        return locks.of_lock(self._sql, launch)

    def open_runs(self) -> Queue:
        """All that may be running, and who waits for a place among them."""
        return locks.of_runs(self._sql)

    def take_place(self, launch: Launch) -> None:
        """Note that this launch has what it locks, and its requester a turn."""
        locks.take_place(self._sql, launch, now=self.now)

    # delegations

    def delegate(self, delegation: Delegation) -> None:
        """Write a delegation in place of a former one of the same person."""
        delegations.keep(self._sql, delegation, now=self.now)

    def end_delegation(self, *, by: Person) -> bool:
        """Forget this person's delegation; False if there was none."""
        return delegations.drop(self._sql, by=by)

    def delegations(self) -> tuple[Delegation, ...]:
        """All that hold now."""
        return delegations.in_force(self._sql, now=self.now)

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
            self._recorded += [_entry(launch, each) for each in told]

    def record(self, entry: Entry) -> None:
        """Add to the audit what moves no launch: a refusal, a policy that was read."""
        self._recorded.append(entry)

    def last_recorded(self, what: str) -> Entry | None:
        """The newest entry of that kind in the audit, as it was before this transaction."""
        return audit.last(self._sql, what)

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

    # sealed secrets

    def seal(self, *, owner: str, slot: str, text: str) -> None:
        """Keep a secret, encrypted, in place of a former one; CannotSeal without a key."""
        self._sql.execute(delete(sealed).where(sealed.c.owner == owner, sealed.c.slot == slot))
        self._sql.execute(
            insert(sealed), {"owner": owner, "slot": slot, "ciphertext": self._sealer.seal(text)}
        )

    def mac(self, *, owner: str, slot: str) -> str:
        """The keyed hash of a sealed secret; empty if it was wiped."""
        text = self.unseal(owner=owner, slot=slot)
        return "" if text is None else self._sealer.mac(text, of=f"{owner}/{slot}")

    def unseal_same(self, *, owner: str, slot: str, mac: str) -> str | None:
        """Read a secret back; None if it was wiped, or does not fit the hash, where there is one."""
        text = self.unseal(owner=owner, slot=slot)
        if text is None or (mac and not self._sealer.fits(mac, text, of=f"{owner}/{slot}")):
            return None
        return text

    def unseal(self, *, owner: str, slot: str) -> str | None:
        """Read a secret back; None if it was wiped."""
        query = select(sealed.c.ciphertext).where(sealed.c.owner == owner, sealed.c.slot == slot)
        ciphertext = self._sql.scalar(query)
        return None if ciphertext is None else self._sealer.unseal(ciphertext)


def _moving(launch: Launch) -> dict[str, Any]:
    """The columns a step may change."""
    return {
        "state": launch.state.value,
        "execution_id": launch.execution_id,
        "started_at": launch.started_at,
        "cancel_asked": launch.cancel_asked_by is not None,
        **locks.waits_in(launch),
        "body": codec.dump(launch),
        "version": launch.version,
        "fence": launch.fence,
    }


def launch_of(row: Any) -> Launch:  # noqa: ANN401 - a row with body, version and fence
    """The launch of a row; UnreadableRow if this release cannot read it."""
    return codec.read(Launch, row.body, version=row.version, fence=row.fence)


def _readable(row: Any) -> Launch | None:  # noqa: ANN401 - the same
    try:
        return launch_of(row)
    except UnreadableRow:
        return None


def _entry(launch: Launch, told: NewEvent) -> Entry:
    detail: dict[str, Any] = {"state": launch.state.value, **told.detail}
    if told.note:
        detail["note"] = told.note
    if told.what is Happening.REQUESTED:
        detail |= asdict(launch.workflow) | {"rule": launch.rule, "channel": launch.place.channel_id}
        detail["digest"] = launch.digest
        if launch.editors:
            detail["filled_in_with"] = [asdict(each) for each in launch.editors]
        detail["arguments"] = audit.arguments_as(launch.audited, launch.arguments)
    if launch.execution_id is not None:
        detail["execution"] = launch.execution_id
    return Entry(
        what=told.what.value,
        launch_id=launch.id,
        team_id=told.by.team_id if told.by else "",
        user_id=told.by.user_id if told.by else "",
        email=told.email,
        detail=detail,
    )
