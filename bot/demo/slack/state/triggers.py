"""Trigger ids: what lets the bot open a modal, once and within three seconds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.ids import Ids

LIFETIME = timedelta(seconds=3)
_FORM = re.compile(r"\d+\.\d+\.\w+")


@dataclass(kw_only=True)
class Trigger:
    """One trigger: whose it is, where it came from, and whether it was used."""

    user: str
    issued_at: datetime
    here: str | None
    from_modal: bool
    is_used: bool = False


class Triggers:
    """Gives triggers out and takes them back.

    Source: docs.slack.dev/interactivity/handling-user-interaction, "Using trigger_id".
    """

    def __init__(self, *, ids: Ids, now: Callable[[], datetime]) -> None:
        self._ids = ids
        self._now = now
        self._given: dict[str, Trigger] = {}

    def issue(self, *, user: str, here: str | None, from_modal: bool) -> str:
        """A new trigger for something this person did."""
        trigger_id = self._ids.trigger()
        self._given[trigger_id] = Trigger(user=user, issued_at=self._now(), here=here, from_modal=from_modal)
        return trigger_id

    def check(self, trigger_id: object) -> Trigger:
        """The trigger, still unspent; raises a refusal if Slack would not take it any more."""
        if not isinstance(trigger_id, str) or not _FORM.fullmatch(trigger_id):
            raise SlackRefusalError("invalid_trigger_id")
        trigger = self._given.get(trigger_id)
        if trigger is None:
            raise SlackRefusalError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackRefusalError("exchanged_trigger_id")
        if self._now() - trigger.issued_at > LIFETIME:
            raise SlackRefusalError("expired_trigger_id")
        return trigger
