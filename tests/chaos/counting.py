"""What became of every launch, counted from outside: the database, Orchestrator's starts, Slack's messages."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.demo.slack.driver.reading import words_of
from tests.chaos.arena import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.demo.slack.wire import Json
    from tests.chaos.arena import Arena

ENDED = "succeeded"  # every workflow here succeeds, so whatever ends otherwise was lost on the way
_SHOWN = "Succeeded"
_BUSY = (
    "SELECT (SELECT count(*) FROM inbox)"
    " + (SELECT count(*) FROM launches WHERE due_at IS NOT NULL OR tell_at IS NOT NULL)"
)
_ROWS = "SELECT id, state, last_seq, due_at IS NOT NULL OR tell_at IS NOT NULL, body FROM launches"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A launch as the database has it."""

    id: str
    target: str
    state: str
    last_seq: int
    is_busy: bool  # something is still to be done or told


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Targets of launches, by what went wrong with them."""

    launches: int
    starts: int
    unfinished: tuple[str, ...]  # not at rest: the bot would still do or tell something
    lost: tuple[str, ...]  # taken from a person and at rest, but no row, no end, or no start
    doubled: tuple[str, ...]  # started more than once
    undelivered: tuple[str, ...]  # no card shows the end, or no thread tells all
    told_twice: tuple[str, ...]  # more than one card, or lines told again

    @property
    def is_clean(self) -> bool:
        """Whether all has ended, nothing was lost, nothing doubled; something told twice is forgiven."""
        return not (self.unfinished or self.lost or self.doubled or self.undelivered)


async def count(arena: Arena, *, acked: Iterable[str]) -> Tally:
    """Count; what the bot is not at rest about is neither lost nor untold yet."""
    rows = {row.target: row for row in await _rows(arena)}
    starts = Counter(started_targets(arena))
    told = {target: _Told(arena, cards) for target, cards in _cards(arena, rows.values()).items()}
    known = sorted({*acked, *rows, *starts})
    busy = {each for each in known if each in rows and rows[each].is_busy}
    resting = [each for each in known if each not in busy]
    return Tally(
        launches=len(known),
        starts=starts.total(),
        unfinished=tuple(f"{each} ({rows[each].state})" for each in sorted(busy)),
        lost=tuple(
            f"{each} ({rows[each].state if each in rows else 'no row'})"
            for each in resting
            if each not in rows or rows[each].state != ENDED or not starts[each]
        ),
        doubled=tuple(each for each in known if starts[each] > 1),
        undelivered=tuple(each for each in resting if each in rows and not told[each].tells_all(rows[each])),
        told_twice=tuple(each for each in known if each in rows and told[each].repeats),
    )


async def are_at_rest(arena: Arena) -> bool:
    """Whether all that was acknowledged is carried out, and no launch has anything left to do or be told."""
    return bool((await select(arena, _BUSY))[0][0] == 0)


def started_targets(arena: Arena) -> list[str]:
    """The target of every start that Orchestrator executed, in order."""
    return [_target_of_start(start.body) for start in arena.orchestrator.starts]


def _target_of_start(body: Any) -> str:  # noqa: ANN401 - as posted
    target: str = body["parameters"][0]["value"]["string"]["value"]
    return target


async def _rows(arena: Arena) -> list[Row]:
    made = []
    for launch_id, state, last_seq, is_busy, raw in await select(arena, _ROWS):
        body = json.loads(raw) if isinstance(raw, str) else raw
        target = body["arguments"][0]["value"]
        row = Row(id=launch_id, target=target, state=state, last_seq=last_seq, is_busy=bool(is_busy))
        made.append(row)
    return made


async def select(arena: Arena, query: str) -> Sequence[Any]:
    """Read with a connection of our own, beside the bot's."""
    url = make_url(arena.database)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(f"file:{url.database}?mode=ro", uri=True, timeout=10)) as file:
            return file.execute(query).fetchall()
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"))
    try:
        async with engine.connect() as connection:
            return (await connection.execute(text(query))).all()
    finally:
        await engine.dispose()


def _cards(arena: Arena, rows: Iterable[Row]) -> dict[str, list[Json]]:
    """The cards of each launch, by its target."""
    targets = {row.id: row.target for row in rows}
    found: dict[str, list[Json]] = {target: [] for target in targets.values()}
    for operator in OPERATORS:
        for message in arena.slack.messages(arena.channel_of(operator)):
            launch_id = message.get("metadata", {}).get("event_payload", {}).get("launch")
            if launch_id in targets:
                found[targets[launch_id]].append({**message, "channel": arena.channel_of(operator)})
    return found


class _Told:
    """What Slack shows of one launch."""

    def __init__(self, arena: Arena, cards: Sequence[Json]) -> None:
        self._ended = any(_SHOWN in words_of(card) for card in cards)
        replies = [reply for card in cards for reply in arena.slack.thread(card["channel"], card["ts"])[1:]]
        # the first line of a reply's text says what it is about, for a notification that stands alone
        self._lines = [line for reply in replies for line in reply["text"].split("\n")[1:]]
        self._up_to = max((reply["metadata"]["event_payload"]["up_to"] for reply in replies), default=0)
        self._cards = len(cards)

    def tells_all(self, row: Row) -> bool:
        """Whether a card shows the end, and the thread has a line for every event and the last one last."""
        last = self._lines[-1] if self._lines else ""
        return self._ended and _SHOWN in last and self._up_to == row.last_seq <= len(self._lines)

    @property
    def repeats(self) -> bool:
        """Whether there is a second card or a line too many; each event is one line here."""
        return self._cards > 1 or len(self._lines) > self._up_to
