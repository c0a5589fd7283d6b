"""SQLite behind the door of `bot.store.database`: transactions in a thread, several of them a commit.

A transaction hops to the thread once, because a hop for each statement costs four times as much.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from enum import Enum, auto
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import literal

from bot.domain.errors import DatabaseLost
from bot.runtime.priority import Priority
from bot.store.column_types import Moment
from bot.store.database import Reading, timed_transaction
from bot.store.driver_errors import lost_as

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine

    from bot.store.database import Clock

Result = TypeVar("Result")
_TOGETHER = 32  # transactions of one commit


class _Ring(Enum):
    """What the thread is woken for."""

    TURN = auto()
    END = auto()


class SqliteDatabase:
    """One file, one connection, one thread; a second process is refused by a lock beside the file.

    Transactions that wait together are committed together, each behind a savepoint of its own: a commit waits
    for the disk, and that wait is the dearest part of a small transaction.
    """

    locks_rows = False

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._reading = Reading(clock)
        self._acks: deque[_Turn] = deque()
        self._turns: deque[_Turn] = deque()
        self._bell: SimpleQueue[_Ring] = SimpleQueue()  # rung for every turn, and at the end
        self._connection: Connection | None = None  # the thread's
        self._thread = Thread(target=self._serve, name="sqlite", daemon=True)
        self._thread.start()
        self._background = asyncio.Lock()  # one background transaction at most stands before a click

    async def run(
        self, work: Callable[[Connection], Result], priority: Priority = Priority.INTERACTIVE
    ) -> Result:
        """Run `work` in one transaction, in the thread.

        In the background the wait for it is a task of its own: whoever asks may be held back between any two
        steps, and must not hold up others then.
        """
        with timed_transaction(priority):
            match priority:
                case Priority.ACK:
                    return await self._hop(work, self._acks)
                case Priority.INTERACTIVE:
                    return await self._hop(work, self._turns)
                case Priority.BACKGROUND:
                    return await asyncio.create_task(self._in_background(work))

    async def _in_background(self, work: Callable[[Connection], Result]) -> Result:
        async with self._background:
            return await self._hop(work, self._turns)

    async def _hop(self, work: Callable[[Connection], Result], line: deque[_Turn]) -> Result:
        turn = _Turn(work)
        line.append(turn)
        self._bell.put(_Ring.TURN)
        result: Result = await turn.done
        return result

    def _serve(self) -> None:
        """The thread: commit what waits and hand out the results, until the bell says that it is over."""
        while self._bell.get() is _Ring.TURN:
            while line := self._acks or self._turns:
                self._commit(line)
        self._leave()

    def _commit(self, line: deque[_Turn]) -> None:
        batch = [line.popleft() for _ in range(min(len(line), _TOGETHER))]
        try:
            with lost_as(DatabaseLost):
                connection = self._connection = self._connection or self._engine.connect()
                with connection.begin():
                    taken = self._take(batch, connection)
        except BaseException as error:  # noqa: BLE001 - handed to everybody whose commit it was
            taken = batch
            for turn in batch:
                turn.error = turn.error or error
            self._leave()
        line.extendleft(reversed(batch[len(taken) :]))
        taken[0].loop.call_soon_threadsafe(_hand_out, taken)

    def _take(self, batch: Sequence[_Turn], connection: Connection) -> Sequence[_Turn]:
        """Do one turn after the other; where an ack comes to wait meanwhile, the rest is left for later."""
        for number, turn in enumerate(batch):
            if number and self._acks:
                return batch[:number]
            turn.take(connection, alone=len(batch) == 1)
        return batch

    def _leave(self) -> None:
        """Let the connection go; the next commit makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def now(self) -> datetime:
        """This machine's time: there is no other."""
        return self._clock.now()

    def note_clock(self, moment: datetime, *, asked_at: float) -> bool:
        """Notice whether this machine's clock was set back since the last time."""
        return self._reading.note(moment, asked_at=asked_at)

    def now_sql(self, ahead: timedelta = timedelta()) -> ColumnElement[datetime]:
        """This machine's time plus `ahead`."""
        return literal(self._clock.now() + ahead, Moment())

    def close(self) -> None:
        """Let the thread end its work and close the file."""
        self._bell.put(_Ring.END)
        self._thread.join()
        self._engine.dispose()


class _Turn:
    """One transaction that waits for the thread, and what came of it."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self.loop.create_future()
        self.error: BaseException | None = None
        self._work = work
        self._result: Any = None

    def take(self, connection: Connection, *, alone: bool) -> None:
        """Do the work; an error undoes this turn only, but alone, or when the file fails, the transaction."""
        if alone:
            self._result = self._work(connection)
            return
        try:
            with lost_as(DatabaseLost), connection.begin_nested():
                self._result = self._work(connection)
        except DatabaseLost:  # SQLite may have undone the whole transaction by then
            raise
        except Exception as error:  # noqa: BLE001 - raised where the turn is awaited
            self.error = error

    def hand_out(self) -> None:
        """Let whoever awaits the turn go on."""
        if self.done.done():  # nobody awaits it any more
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self._result)


def _hand_out(turns: Sequence[_Turn]) -> None:
    for turn in turns:
        turn.hand_out()
