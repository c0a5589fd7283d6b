"""The store: transactions for the service, claims for the tracker and the announcer, listings for people."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from sqlalchemy import delete, insert, select

from bot.domain.errors import CommitLost, DatabaseLost, UnreadableRow
from bot.store import audit, claims, copies, inbox, leases, listings, outbox, presets, quarantine
from bot.store.database import Clock, Database, Haste
from bot.store.opening import open_database, open_unlocked
from bot.store.postgresql import ADMINISTERING
from bot.store.schema import sealed
from bot.store.sealing import Sealer
from bot.store.sqlite import SqliteDatabase
from bot.store.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from bot.domain.audit import Anchor, Record
    from bot.domain.launch import Launch
    from bot.domain.people import Person
    from bot.domain.preset import Preset
    from bot.store.cards import CardKind

log = logging.getLogger(__name__)

Result = TypeVar("Result")

WAITED = 8.0  # seconds for which background work waits for a database that is away; less than a lease
CLOCK_SECONDS = 5  # until the database's clock is read again; less than a lease
_AGAIN = 0.5
_FRESH = 2.0  # seconds after which what was read proves nothing any more
_PAGE = 10  # launches of a listing in one transaction: others wait for it


class Store:
    """All that is durable."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._ping: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """The database's time."""
        return self._database.now()

    async def ping(self) -> None:
        """Prove that a write is taken; DatabaseLost if not.

        Anybody may ask, so whoever asks meanwhile gets the same answer.
        """
        if self._ping is None or self._ping.done():
            self._ping = asyncio.create_task(self._database.run(_write_and_undo))
        await asyncio.shield(self._ping)

    async def read_clock(self) -> None:
        """Learn the database's time anew, and shorten leases that a clock set back left far ahead."""
        asked_at = time.monotonic()
        now = await self._database.run(lambda sql: sql.scalars(select(self._database.now_sql())).one())
        if self._database.note_clock(now, asked_at=asked_at):
            log.warning("the clock of the database was set back")
            await self._background(lambda sql: leases.shorten(sql, self._database))

    async def prove(self, claimed: Launch) -> leases.Proof:
        """What the database says of a claim at this moment; DatabaseLost.

        DatabaseLost also if this process stood still meanwhile: then the answer is old.
        """
        asked_at = time.monotonic()
        proof = await self._database.run(lambda sql: leases.prove(sql, self._database, claimed))
        if time.monotonic() - asked_at > _FRESH:
            raise DatabaseLost
        self._database.note_clock(proof.now, asked_at=asked_at)
        return proof

    async def transact(self, work: Callable[[Transaction], Result], *, background: bool = False) -> Result:
        """Run `work` in one transaction; what it raises rolls everything back.

        DatabaseLost if the database does not answer, which background work waits out for a while: what it has
        to write was often learnt outside and cannot be learnt twice.
        """

        def whole(connection: Connection) -> Result:
            transaction = Transaction(connection, self._database, self._sealer)
            result = work(transaction)
            transaction.end()
            return result

        return await (self._background(whole) if background else self._database.run(whole))

    async def note(self, interactions: Sequence[inbox.Interaction]) -> None:
        """Write down what is about to be acknowledged, with a lease to carry it out."""
        await self._database.run(lambda sql: inbox.note(sql, self._database, interactions), Haste.ACK)

    async def claim_noted(self, *, limit: int) -> tuple[inbox.Interaction, ...]:
        """Claim what was acknowledged and not carried out in its lease."""
        return await self._background(lambda sql: inbox.claim(sql, self._database, limit=limit))

    async def forget_noted(self, interaction_id: str) -> None:
        """Drop what is not to be carried out."""
        await self._background(lambda sql: inbox.forget(sql, interaction_id))

    async def claim_due(self, *, limit: int) -> tuple[Launch, ...]:
        """Claim launches that are due and not yet in Orchestrator."""
        return await self._background(lambda sql: claims.claim_due(sql, self._database, limit=limit))

    async def claim_runs(self, *, limit: int) -> tuple[claims.RunClaim, ...]:
        """Claim launches whose run is to be looked at."""
        return await self._background(lambda sql: claims.claim_runs(sql, self._database, limit=limit))

    async def release_runs(self, rows: Sequence[tuple[claims.RunClaim, datetime]]) -> None:
        """Release claims with the time of the next look."""
        await self._background(lambda sql: claims.release_runs(sql, rows))

    async def claim_undelivered(self, *, limit: int) -> tuple[outbox.Telling, ...]:
        """Claim launches that have something to tell."""
        return await self._background(lambda sql: outbox.claim_undelivered(sql, self._database, limit=limit))

    async def remember_home(self, telling: outbox.Telling, *, channel: str, ts: str, version: int) -> bool:
        """Note where the home card is, and what it shows; False if the claim no longer holds."""
        return await self._background(
            lambda sql: outbox.remember_home(sql, telling, channel=channel, ts=ts, version=version)
        )

    async def remember_told(self, telling: outbox.Telling, *, up_to: int) -> bool:
        """Note what the thread tells by now; False if the claim no longer holds."""
        return await self._background(lambda sql: outbox.remember_told(sql, telling, up_to=up_to))

    async def told(self, telling: outbox.Telling, *, up_to: int, card: int) -> bool:
        """Note what the thread and the card tell now, and release the claim."""
        return await self._background(
            lambda sql: outbox.told(sql, self._database, telling, up_to=up_to, card=card)
        )

    async def redraw(self, launch_id: str) -> None:
        """Have the home card drawn and the thread read anew: Slack took what the database would not note."""
        await self._background(lambda sql: outbox.redraw(sql, self._database, launch_id))

    async def tell_later(self, telling: outbox.Telling, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while; `in_doubt`: something may have been posted that was not noted."""
        return await self._background(
            lambda sql: outbox.tell_later(sql, self._database, telling, after=after, in_doubt=in_doubt)
        )

    async def want_copies(
        self, telling: outbox.Telling, targets: Mapping[str, CardKind], *, after: int
    ) -> bool:
        """Have a card at each target, untold what came up to `after`; False if the claim no longer holds."""
        return await self._background(
            lambda sql: copies.want(sql, self._database, telling, targets, after=after)
        )

    async def claim_copies(self, *, limit: int) -> tuple[copies.Copying, ...]:
        """Claim copies that are not up to date."""
        return await self._background(lambda sql: copies.claim(sql, self._database, limit=limit))

    async def remember_copy(self, copying: copies.Copying, *, channel: str, ts: str) -> bool:
        """Note where the copy is; False if the claim no longer holds."""
        return await self._background(lambda sql: copies.remember(sql, copying, channel=channel, ts=ts))

    async def copy_shown(self, copying: copies.Copying, *, up_to: int) -> bool:
        """Note that the copy is up to date, and release the claim."""
        return await self._background(lambda sql: copies.shown(sql, self._database, copying, up_to=up_to))

    async def copy_later(self, copying: copies.Copying, *, after: timedelta, in_doubt: bool = False) -> bool:
        """Release the claim for a while; `in_doubt`: something may have been posted that was not noted."""
        return await self._background(
            lambda sql: copies.later(sql, self._database, copying, after=after, in_doubt=in_doubt)
        )

    async def forget_copy(self, copying: copies.Copying) -> bool:
        """Drop a copy that was never posted; False if the claim no longer holds."""
        return await self._background(lambda sql: copies.forget(sql, copying))

    async def find(self, *, person: Person, channel: str, only_open: bool, limit: int) -> listings.Listing:
        """The newest launches of this person or told in this channel, read a few at a time."""
        found: dict[str, listings.Listed] = {}
        unreadable: frozenset[str] = frozenset()
        for after in range(0, limit, _PAGE):
            page = await self._database.run(
                lambda sql, after=after: listings.find(  # type: ignore[misc]
                    sql, person=person, channel=channel, only_open=only_open, after=after, limit=_PAGE
                )
            )
            found |= {each.launch.id: each for each in page.launches}  # what came meanwhile moved the rest on
            unreadable |= page.unreadable
            if len(page.launches) + len(page.unreadable) < _PAGE:
                break
        return listings.Listing(launches=tuple(found.values()), unreadable=unreadable)

    async def by_short_id(self, text: str) -> tuple[str, ...]:
        """The ids of launches that begin with `text`, two at most."""
        return await self._database.run(lambda sql: listings.by_short_id(sql, text))

    async def last_success(self, *, person: Person, workflow_id: str) -> Launch | None:
        """This person's newest launch of the workflow that went well."""
        return await self._database.run(
            lambda sql: listings.last_success(sql, person=person, workflow_id=workflow_id)
        )

    async def last_run(self, *, person: Person, workflow_id: str) -> Launch | None:
        """This person's newest launch of the workflow that did start."""
        return await self._database.run(
            lambda sql: listings.last_run(sql, person=person, workflow_id=workflow_id)
        )

    async def presets(
        self, *, person: Person, channel_id: str, workflow_id: str | None = None
    ) -> tuple[Preset, ...]:
        """This person's presets, then those shared with the channel; of all workflows for None."""
        return await self._database.run(
            lambda sql: presets.find(
                sql, self._database, person=person, channel_id=channel_id, workflow_id=workflow_id
            )
        )

    async def preset(self, preset_id: str) -> Preset:
        """The preset; UnknownPreset if there is none."""
        return await self._database.run(lambda sql: presets.read(sql, preset_id))

    async def keep_preset(self, preset: Preset) -> None:
        """Keep a new preset; NameTaken or TooManyPresets."""
        await self._database.run(lambda sql: presets.add(sql, preset))

    async def change_preset(self, preset_id: str, *, owner: Person, name: str, channel_id: str) -> Preset:
        """Name it and share it anew; UnknownPreset if it is not this person's, NameTaken."""
        return await self._database.run(
            lambda sql: presets.change(sql, preset_id, owner=owner, name=name, channel_id=channel_id)
        )

    async def drop_preset(self, preset_id: str, *, owner: Person) -> Preset:
        """Delete it; UnknownPreset if it is not this person's."""
        return await self._database.run(lambda sql: presets.drop(sql, preset_id, owner=owner))

    async def put_aside(self, item: quarantine.Item, *, why: str) -> None:
        """Put a row aside that cannot be read."""
        await self._background(lambda sql: quarantine.put_aside(sql, self._database, item, why=why))

    async def set_back(self, item: quarantine.Item, error: Exception) -> None:
        """Log what a row failed with, and let it rest, longer each time; put it aside after some tries.

        It raises nothing where the database is away: the row's lease ends anyway.
        """
        try:
            if isinstance(error, UnreadableRow):
                await self.put_aside(item, why=error.why)
                return
            reference = secrets.token_hex(4)
            log.error("%s failed, reference %s", item, reference, exc_info=error)
            why = f"{type(error).__name__}: {error}"[:300]
            is_aside = await self._background(
                lambda sql: quarantine.failed(sql, self._database, item, why=why, reference=reference)
            )
            if is_aside:
                log.error("%s is put aside after %d tries, reference %s", item, quarantine.TRIES, reference)
        except DatabaseLost:
            log.warning("%s is taken up again when the database is back", item)

    async def quarantined(self) -> int:
        """How many rows are put aside."""
        return await self._database.run(quarantine.count)

    async def list_quarantined(self, *, limit: int) -> tuple[quarantine.Quarantined, ...]:
        """The rows that are put aside, oldest first."""
        return await self._database.run(lambda sql: quarantine.page(sql, limit=limit))

    async def release(self, item: quarantine.Item) -> bool:
        """Let the loops take a row up again; False if it is not put aside."""
        return await self._database.run(lambda sql: quarantine.release(sql, self._database, item))

    async def audit(self, *, after: int = 0, since: datetime | None = None) -> tuple[Record, ...]:
        """The next records of the audit behind number `after`, oldest first; none is the end."""
        return await self._database.run(lambda sql: audit.page(sql, after=after, since=since))

    async def audit_head(self) -> Anchor:
        """The place of the audit's latest record."""
        return await self._database.run(audit.head)

    async def _background(self, work: Callable[[Connection], Result]) -> Result:
        until = time.monotonic() + WAITED
        while True:
            try:
                return await self._database.run(work, Haste.BACKGROUND)
            except CommitLost:  # it may have been written, so it is not written again
                raise
            except DatabaseLost as lost:
                if time.monotonic() > until:
                    raise
                log.warning("the database does not answer: %s", lost.__cause__)
            await asyncio.sleep(_AGAIN)


@asynccontextmanager
async def open_store(
    url: str, *, clock: Clock, sealing_keys: Sequence[str] = (), pool: int = 10
) -> AsyncIterator[Store]:
    """Open the store of a database URL; its tables have to be there (`bot.store.migrations`)."""
    async with open_database(url, clock, size=pool) as database:
        if isinstance(database, SqliteDatabase):
            await database.run(lambda sql: claims.release_all(sql, database))
        yield Store(database, Sealer(sealing_keys))


@asynccontextmanager
async def open_beside(url: str, *, clock: Clock) -> AsyncIterator[Store]:
    """Open the store to read in it while a bot may be running on it: takes no lock, touches no lease."""
    async with open_unlocked(url, clock, patience=ADMINISTERING) as database:
        yield Store(database, Sealer(()))


def _write_and_undo(connection: Connection) -> None:
    """A row of its own each time, so that nobody waits for another's, and none is left behind."""
    row = {"owner": "ping", "slot": uuid4().hex, "ciphertext": b""}
    connection.execute(insert(sealed), row)
    connection.execute(delete(sealed).where(sealed.c.owner == row["owner"], sealed.c.slot == row["slot"]))
