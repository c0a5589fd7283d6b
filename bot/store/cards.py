"""The cards of a launch: where each is in Slack, and which version of the launch it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.errors import UnreadableRow
from bot.store.schema import cards

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Connection


class CardKind(Enum):
    """Why a card is where it is."""

    HOME = "home"  # where the launch was asked for; its thread tells the story
    CHANNEL = "channel"  # a channel of approvers
    DIRECT = "direct"  # the direct messages of an approver
    THREAD = "thread"  # of the message that the launch is about


_KINDS = {each.value: each for each in CardKind}


@dataclass(frozen=True, kw_only=True)
class Card:
    """One card of a launch, as it was posted."""

    launch_id: str
    target: str  # the channel or person it is for
    kind: CardKind
    channel: str  # the conversation it is in: not its target where that is a person
    ts: str  # Slack's id of it there
    version: int  # the launch's version it shows


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What Slack refuses of a card or its thread, for as long as it does."""

    since: datetime | None = None  # None: it takes all
    direct_seq: int = 0  # the last event told to the requester directly


def home_rows(connection: Connection, launch_ids: Iterable[str]) -> dict[str, Any]:
    """The rows of the home cards of these launches; there is none before the first try to post it."""
    wanted = list(launch_ids)
    if not wanted:
        return {}
    query = select(cards).where(cards.c.launch_id.in_(wanted), cards.c.kind == CardKind.HOME.value)
    return {row.launch_id: row for row in connection.execute(query)}


def homes(connection: Connection, launch_ids: Iterable[str]) -> dict[str, Card]:
    """The home cards of these launches, of those that have been posted."""
    rows = home_rows(connection, launch_ids)
    return {launch_id: card_of(row) for launch_id, row in rows.items() if row.ts}


def home_of(launch_id: str) -> ColumnElement[bool]:
    """The row of a launch's home card."""
    return (cards.c.launch_id == launch_id) & (cards.c.kind == CardKind.HOME.value)


def card_of(row: Any) -> Card:  # noqa: ANN401 - a row of cards
    """The card of a row that says where it is; UnreadableRow if its kind is not known."""
    if row.kind not in _KINDS:
        raise UnreadableRow(why=f"this release does not know a card of kind {row.kind!r}")
    return Card(
        launch_id=row.launch_id,
        target=row.target,
        kind=_KINDS[row.kind],
        channel=row.channel,
        ts=row.ts,
        version=row.version,
    )


def new_row(launch_id: str, target: str, kind: CardKind) -> dict[str, Any]:
    """The row of a card that is not posted yet, with nothing due."""
    empty: dict[str, Any] = {"channel": None, "ts": None, "version": 0, "due_at": None}
    empty |= {"lost_since": None, "direct_seq": 0}
    row = {"launch_id": launch_id, "target": target, "kind": kind.value, **empty}
    return row | {"fence": 0, "tries": 0, "delivered_seq": 0}
