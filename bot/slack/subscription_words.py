"""Subscriptions in words: what is typed, what is answered, and what is told of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.execution import ExecutionState
from bot.domain.subscription import Happened, Interest
from bot.slack import blocks
from bot.slack.cards import Message
from bot.slack.mrkdwn import duration, inline, mention, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.subscription import RunNews, Subscription
    from bot.service.subscriptions import Wanted
    from bot.store.subscriptions import UntoldNews

_SHORT = 8  # characters of an id that people see and type
_NAMED = 10  # workflows offered by name


@dataclass(frozen=True, kw_only=True)
class SubscribeWish:
    """What was typed behind `subscribe`."""

    words: str
    interest: Interest
    for_me: bool


def read_wish(text: str) -> SubscribeWish:
    """`delete snapshot failed me`: the workflow, what is to be told, and to whom."""
    parts = text.split()
    for_me, interest = False, Interest.ENDED
    while parts and (last := parts[-1].lower()) in {"me", *(each.value for each in Interest)}:
        parts.pop()
        if last == "me":
            for_me = True
        else:
            interest = Interest(last)
    words = " ".join(parts).strip("\"'“”")
    return SubscribeWish(words="" if words.lower() == "list" else words, interest=interest, for_me=for_me)


def _what(subscription: Subscription) -> str:
    name = f"*{inline(subscription.name)}*"
    runs = f"workflow below {name}" if subscription.is_of_folder else f"run of {name}"
    match subscription.interest:
        case Interest.STARTED:
            return f"each start of a {runs}" if subscription.is_of_folder else f"each start of {name}"
        case Interest.ENDED:
            return (
                f"the end of each run of a {runs}" if subscription.is_of_folder else f"the end of each {runs}"
            )
        case Interest.FAILED:
            return f"each failed run of a {runs}" if subscription.is_of_folder else f"each failed {runs}"


def _short(subscription: Subscription) -> str:
    return subscription.id[:_SHORT]


def _hearer(subscription: Subscription) -> str:
    return "You hear" if subscription.target == subscription.owner.user_id else "This channel hears"


def subscribed(made: Subscription, *, command: str) -> str:
    """The answer to `subscribe`."""
    me = " me" if made.target == made.owner.user_id else ""
    return (
        f"{_hearer(made)} of {_what(made)} from now on, whoever started it; within some minutes, and never "
        f"its inputs. `{command} unsubscribe {_short(made)}{me}` ends that."
    )


def unsubscribed(ended: Subscription) -> str:
    """The answer to `unsubscribe`."""
    return f"{_hearer(ended)} no more of {_what(ended)}."


def unclear(wanted: Wanted) -> str:
    """The answer to words that name no workflow, or several."""
    several = wanted.workflows or wanted.similar
    if not several:
        return "No workflow that you may run here, and no folder, is called that. Nothing was changed."
    names = "\n".join(f"• {inline(f'{each.folder}/{each.name}')}" for each in several[:_NAMED])
    begin = "Several are called that" if wanted.workflows else "Nothing is called that. Similar"
    return f"{begin}:\n{names}\nName one of them, with its folder. Nothing was changed."


def listing(found: Sequence[Subscription], *, command: str) -> Message:
    """The subscriptions of a place."""
    if not found:
        text = (
            f"Nothing is subscribed to here. `{command} subscribe <workflow or folder> failed` tells this "
            "channel of each failed run, also of those that others start in Orchestrator; `me` behind it "
            "tells you."
        )
        return Message(text=text, blocks=[blocks.section(text)])
    lines = [
        f"`{_short(each)}` · {_what(each)} · by {mention(each.owner)}, since {moment(each.since)}"
        for each in found
    ]
    end = f"`{command} unsubscribe <id>` ends one."
    made = [blocks.section("*Subscriptions*"), *(blocks.section(line) for line in lines), blocks.context(end)]
    return Message(text=f"Subscriptions: {len(found)}", blocks=made)


def told(untold: UntoldNews, *, link: str | None) -> Message:
    """The news, as the subscription's channel or person reads it."""
    news, subscription = untold.news, untold.subscription
    if news.happened is Happened.LAPSED:
        text = (
            f"Nothing more is told here of {_what(subscription)}: {mention(subscription.owner)}, who "
            "subscribed to it, may no longer run it here. Somebody who may can subscribe anew."
        )
        return Message(text=text, blocks=[blocks.section(text)])
    name = inline(news.workflow_name)
    linked = f"<{link}|{name}>" if link else f"*{name}*"
    by = f" · started by {inline(news.started_by)}" if news.started_by else ""
    ours = f" · launch `{untold.launch_id[:_SHORT]}`" if untold.launch_id else ""
    detail = f"{_when(news)}{by}{ours} · subscription `{_short(subscription)}`"
    return Message(
        text=f"{news.workflow_name} {_how(news)}",
        blocks=[blocks.section(f"{linked} {_how(news)}"), blocks.context(detail)],
    )


def _how(news: RunNews) -> str:
    if news.happened is Happened.STARTED:
        return "started"
    match news.state:
        case ExecutionState.FAILED:
            return "failed"
        case ExecutionState.CANCELED:
            return "was cancelled"
        case _:
            return "succeeded"


def _when(news: RunNews) -> str:
    started = moment(news.started_at) if news.started_at else "at an unknown time"
    if news.happened is Happened.STARTED or news.ended_at is None:
        return f"started {started}"
    if news.started_at is None:
        return f"ended {moment(news.ended_at)}"
    took = max((news.ended_at - news.started_at).total_seconds(), 0.0)
    return f"ended {moment(news.ended_at)} after {duration(took)}"
