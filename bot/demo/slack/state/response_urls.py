"""Response URLs: five answers within thirty minutes, without a token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.slack.errors import SlackRefusalError

LIFETIME = timedelta(minutes=30)
MOST_USES = 5


@dataclass(kw_only=True)
class ResponseUrl:
    """One response URL: who it answers, where, and which message it may replace."""

    user: str
    channel: str
    issued_at: datetime
    ts: str | None = None
    is_ephemeral: bool = False
    uses: int = 0


class ResponseUrls:
    """Gives response URLs out and counts their uses.

    Source: docs.slack.dev/interactivity/handling-user-interaction, "Message responses".
    """

    def __init__(self, *, now: Callable[[], datetime], name: Callable[[str], str]) -> None:
        self._now = now
        self._name = name
        self._given: dict[str, ResponseUrl] = {}

    def issue(self, *, user: str, channel: str, ts: str | None = None, is_ephemeral: bool = False) -> str:
        """The name of a new response URL: the last part of its path."""
        name = self._name("R")
        self._given[name] = ResponseUrl(
            user=user, channel=channel, issued_at=self._now(), ts=ts, is_ephemeral=is_ephemeral
        )
        return name

    def use(self, name: str) -> ResponseUrl:
        """Spend one use; raises `used_url` or `expired_url` when there is none left."""
        known = self._given.get(name)
        if known is None or self._now() - known.issued_at > LIFETIME:
            raise SlackRefusalError("expired_url")
        if known.uses >= MOST_USES:
            raise SlackRefusalError("used_url")
        known.uses += 1
        return known
