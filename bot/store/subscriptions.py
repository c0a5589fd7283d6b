"""Subscriptions in the database: whose they are, when they look next, and what they tell, each thing once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, null, select

from bot.domain.errors import AlreadySubscribed, TooManySubscriptions, UnknownSubscription
from bot.domain.execution import ExecutionState
from bot.domain.people import Person
from bot.domain.subscription import Happened, Interest, RunNews, Subscription
from bot.store.claims import LOOKS, NEWS
from bot.store.database import Part, for_person, in_background
from bot.store.schema import launches, subscription_news, subscriptions
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

MOST, MOST_OF_TARGET = 200, 20  # subscriptions in all, and in one place
_KEPT = timedelta(days=14)  # news that was told, so that it is not told again: more than any look goes back


@dataclass(frozen=True, kw_only=True)
class Look:
    """A subscription whose workflows are to be looked at, under a claim."""

    subscription: Subscription
    fence: int


@dataclass(frozen=True, kw_only=True)
class UntoldNews:
    """News to tell, under a claim."""

    subscription: Subscription
    news: RunNews
    launch_id: str  # of the bot's own launch that this run is; empty: it was started elsewhere
    seen_at: datetime
    fence: int
    tried_before: bool  # a former claim ended without a word: look before posting again

    @property
    def key(self) -> tuple[str, str, str]:
        """By what it is told once."""
        return self.subscription.id, self.news.execution_id, self.news.happened.value


class SubscriptionTable(Part):
    """Subscriptions, and their news."""

    @for_person
    def add(self, sql: Connection, made: Subscription) -> None:
        """Keep a new one; AlreadySubscribed or TooManySubscriptions."""
        here = [each for each in _of(sql, made.target) if each.owner == made.owner or not _is_own(made)]
        same = (made.workflow_id, made.name if made.is_of_folder else "", made.interest)
        if same in {
            (each.workflow_id, each.name if each.is_of_folder else "", each.interest) for each in here
        }:
            raise AlreadySubscribed
        in_all = sql.scalar(select(func.count()).select_from(subscriptions)) or 0
        if len(here) >= MOST_OF_TARGET or in_all >= MOST:
            raise TooManySubscriptions
        sql.execute(insert(subscriptions), {**_columns(made), "due_at": self.database.now(), "fence": 0})

    @for_person
    def of(self, sql: Connection, target: str) -> tuple[Subscription, ...]:
        """Those of a channel or person, oldest first."""
        return _of(sql, target)

    @for_person
    def drop(self, sql: Connection, short: str, *, target: str) -> Subscription:
        """End the one whose id begins so; UnknownSubscription if none, or several, are there."""
        found = [each for each in _of(sql, target) if each.id.startswith(short)]
        if len(found) != 1 or not short:
            raise UnknownSubscription
        _drop(sql, found[0].id)
        return found[0]

    @in_background
    def claim_looks(self, sql: Connection, *, limit: int) -> tuple[Look, ...]:
        """Claim those whose workflows are to be looked at, longest waiting first."""
        rows = LOOKS.claim(sql, self.database, limit=limit, returning=[subscriptions])
        found = ((_subscription(row), row.fence) for row in rows)
        return tuple(Look(subscription=each, fence=fence) for each, fence in found if each is not None)

    @in_background
    def looked(self, sql: Connection, look: Look, news: Sequence[RunNews], *, after: timedelta) -> bool:
        """Keep what was seen and when to look next; False, and nothing kept, if the claim no longer holds."""
        values = {"due_at": self.database.now_sql(after)}
        if not LOOKS.write(sql, look.subscription.id, fence=look.fence, values=values):
            return False
        if news:
            _note(sql, look.subscription, news, now=self.database.now())
        kept = subscription_news.c.at > self.database.now() - _KEPT
        old = (subscription_news.c.subscription_id == look.subscription.id) & ~kept
        sql.execute(delete(subscription_news).where(old, subscription_news.c.due_at.is_(None)))
        return True

    @in_background
    def lapse(self, sql: Connection, look: Look) -> bool:
        """Let it end because its owner's right did, and have that told; it is dropped once it was."""
        if not LOOKS.write(sql, look.subscription.id, fence=look.fence, values={"due_at": null()}):
            return False
        said = RunNews(happened=Happened.LAPSED, workflow_name=look.subscription.name)
        _note(sql, look.subscription, [said], now=self.database.now())
        return True

    @in_background
    def claim_news(self, sql: Connection, *, limit: int) -> tuple[UntoldNews, ...]:
        """Claim news that was not told, oldest first."""
        rows = NEWS.claim(sql, self.database, limit=limit, returning=[subscription_news])
        if not rows:
            return ()
        wanted = {row.subscription_id for row in rows}
        listed = sql.execute(select(subscriptions).where(subscriptions.c.id.in_(wanted)))
        known = {each.id: each for each in map(_subscription, listed) if each is not None}
        ours = _launches_of(sql, {row.execution_id for row in rows})
        found = [
            _untold(row, known[row.subscription_id], ours)
            for row in rows
            if row.subscription_id in known and row.happened in Happened._value2member_map_
        ]
        return tuple(sorted(found, key=lambda each: each.seen_at))

    @in_background
    def told(self, sql: Connection, untold: UntoldNews) -> bool:
        """Note that Slack has it; False if the claim no longer holds."""
        noted = NEWS.write(sql, *untold.key, fence=untold.fence, values={"due_at": null(), "tries": 0})
        if noted and untold.news.happened is Happened.LAPSED:
            _drop(sql, untold.subscription.id)
        return noted

    @in_background
    def tell_later(
        self, sql: Connection, untold: UntoldNews, *, after: timedelta, in_doubt: bool = False
    ) -> bool:
        """Release the claim for a while; `in_doubt`: it may have been posted."""
        values: dict[str, Any] = {"due_at": self.database.now_sql(after)}
        if not in_doubt and not untold.tried_before:
            values["tries"] = 0
        return NEWS.write(sql, *untold.key, fence=untold.fence, values=values)

    @in_background
    def drop_unheard(self, sql: Connection, untold: UntoldNews) -> None:
        """End a subscription that nobody can hear: its channel is gone, or the bot was put out of it."""
        _drop(sql, untold.subscription.id)


def _note(sql: Connection, subscription: Subscription, news: Sequence[RunNews], *, now: datetime) -> None:
    """Add what is not known yet; what is known stays as it is, told or not."""
    rows = [
        {
            "subscription_id": subscription.id,
            "execution_id": each.execution_id,
            "happened": each.happened.value,
            "at": now,
            "workflow_id": each.workflow_id,
            "workflow_name": each.workflow_name,
            "state": each.state.value,
            "started_by": each.started_by,
            "started_at": each.started_at,
            "ended_at": each.ended_at,
            "due_at": now,
            "fence": 0,
            "tries": 0,
        }
        for each in news
    ]
    upsert(sql, subscription_news, *rows, keep=rows[0].keys())


def _drop(sql: Connection, subscription_id: str) -> None:
    sql.execute(delete(subscription_news).where(subscription_news.c.subscription_id == subscription_id))
    sql.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id))


def _of(sql: Connection, target: str) -> tuple[Subscription, ...]:
    query = select(subscriptions).where(
        and_(subscriptions.c.target == target, subscriptions.c.due_at.is_not(None))
    )
    found = map(_subscription, sql.execute(query.order_by(subscriptions.c.since)))
    return tuple(each for each in found if each is not None)


def _is_own(subscription: Subscription) -> bool:
    return subscription.target == subscription.owner.user_id


def _launches_of(sql: Connection, execution_ids: set[str]) -> dict[str, str]:
    """The bot's own launches among the runs, by the run's id."""
    query = select(launches.c.execution_id, launches.c.id).where(launches.c.execution_id.in_(execution_ids))
    return {row.execution_id: row.id for row in sql.execute(query)}


def _columns(made: Subscription) -> dict[str, Any]:
    return {
        "id": made.id,
        "owner_team": made.owner.team_id,
        "owner_user": made.owner.user_id,
        "target": made.target,
        "workflow_id": made.workflow_id,
        "name": made.name,
        "interest": made.interest.value,
        "since": made.since,
    }


def _subscription(row: Any) -> Subscription | None:  # noqa: ANN401 - a row of subscriptions
    """None where a newer release wrote an interest that this one does not know: it is left alone."""
    if row.interest not in Interest._value2member_map_:
        return None
    return Subscription(
        id=row.id,
        owner=Person(team_id=row.owner_team, user_id=row.owner_user),
        target=row.target,
        workflow_id=row.workflow_id,
        name=row.name,
        interest=Interest(row.interest),
        since=row.since,
    )


def _untold(row: Any, subscription: Subscription, ours: dict[str, str]) -> UntoldNews:  # noqa: ANN401 - a row
    news = RunNews(
        happened=Happened(row.happened),
        workflow_id=row.workflow_id,
        workflow_name=row.workflow_name,
        execution_id=row.execution_id,
        state=ExecutionState.read(row.state),
        started_by=row.started_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
    return UntoldNews(
        subscription=subscription,
        news=news,
        launch_id=ours.get(row.execution_id, ""),
        seen_at=row.at,
        fence=row.fence,
        tried_before=row.tries > 1,
    )
