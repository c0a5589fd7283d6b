"""What follows once a form is sent: who is asked and how, what it waits for, and when it would start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.cards.words import counted
from bot.slack.mrkdwn import channel, duration, inline, moment

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.people import Place
    from bot.domain.policy import Ruling
    from bot.domain.run_history import RunHistory
    from bot.slack.delivery.audience import Reach

_UNHEARD = (
    ":warning: *Nobody who may approve this would hear of it from here*: the policy names no channel for it, "
    "and they cannot be written to one by one. Ask for it in a channel of theirs."
)


def what_follows(
    ruling: Ruling, place: Place, *, reach: Reach | None, start_at: datetime | None
) -> list[str]:
    """A line for each thing to know before it is sent; `reach` None: who is told is not known yet."""
    if not ruling.allowed and ruling.freeze is not None:
        return [f":snowflake: Nothing of this starts during the freeze “{inline(ruling.freeze.name)}”."]
    told = "your direct messages" if place.is_direct else channel(place.channel_id)
    lines = [_beginning(ruling, start_at)]
    if ruling.approve:
        lines += _asked(ruling, reach)
    return [*lines, f"You see how it goes on in {told}."]


def past(history: RunHistory | None) -> str:
    """`Usually 4 min; 3 of the last 40 runs failed.` Empty where too little is known."""
    if history is None or not history.ended:
        return ""
    usually = f"Usually {duration(history.usual)}; " if history.usual is not None else ""
    runs = f"of the last {history.ended} runs" if history.ended > 1 else "the last run"
    failed = f"{history.failed or 'none'} {runs} failed"
    if history.ended == 1:
        failed = f"{runs} {'failed' if history.failed else 'went well'}"
    told = f"{usually}{failed}."
    return told[0].upper() + told[1:]


def _beginning(ruling: Ruling, start_at: datetime | None) -> str:
    """Whether it starts, and when, as the policy stands now."""
    until = moment(ruling.until) if ruling.until else "it ends"
    if ruling.freeze is not None and start_at is not None:
        name = inline(ruling.freeze.name)
        inside = f":snowflake: {moment(start_at)} is inside the freeze “{name}”: it would start {until}"
        return f"{inside}, once approved." if ruling.approve else f"{inside}."
    if ruling.freeze is not None:
        waits = "it waits until it is approved, and then until" if ruling.approve else "it waits until"
        name = inline(ruling.freeze.name)
        return f":snowflake: Nothing starts yet: {waits} the freeze “{name}” ends, {until}."
    if ruling.approve:
        when = f" It would then start {moment(start_at)}." if start_at else ""
        return f"Nothing starts yet: somebody else has to approve it.{when}"
    turn = " If another run works on the same, it waits its turn." if ruling.lock else ""
    if start_at is not None:
        return f"Once sent, it starts {moment(start_at)}.{turn}"
    return f"Once sent, it starts as soon as it may, or at the time you choose below.{turn}"


def _asked(ruling: Ruling, reach: Reach | None) -> list[str]:
    """Who is told that they are asked, and how many that are."""
    if reach is None:
        return []
    if not reach.is_heard:
        return [_UNHEARD]
    places = [channel(each) for each in reach.channels]
    places += [f"{counted(reach.direct, 'direct message')}"] if reach.direct else []
    first = f" for stage 1 of {len(ruling.approve)}" if len(ruling.approve) > 1 else ""
    asked = f"Asked{first}: {' and '.join(places)}." if places else f"Asked{first}: in this channel."
    untold = f" {reach.untold} more are named, but get no message." if reach.untold else ""
    return [f"{asked}{untold}", *_too_few(reach)]


def _too_few(reach: Reach) -> list[str]:
    if reach.able is None or reach.able >= reach.needed:
        return []
    left = "nobody" if not reach.able else f"only {reach.able}"
    need = counted(reach.needed, "approval")
    return [f":warning: It needs {need}, but {left} of those the rule names could give one now."]
