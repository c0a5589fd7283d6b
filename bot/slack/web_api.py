"""What Slack says of the bot's own tokens and connections: an answer, a no, or that it did not say.

For start-up, Socket Mode and `check`, where a refusal is a mistake in the settings and the rest passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError
from bot.slack.answers import SLACK_FAILS, A, error_code, read

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

_LONGEST = 80  # characters of an error code that are repeated
_IN_TROUBLE = frozenset(  # codes that say nothing about the token: docs.slack.dev/reference/methods/auth.test
    {
        "fatal_error",
        "internal_error",
        "ratelimited",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)


class SlackRefuses(BotError):
    """Slack refuses the token."""

    def __init__(self, code: str, *, setting: str = "it", fix: str = "") -> None:
        super().__init__(f"Slack refuses {setting}: {code[:_LONGEST]}. {fix}".strip())
        self.code = code


class SlackAway(BotError):
    """Slack cannot be reached, or does not answer as Slack does."""

    def __init__(self, message: str | None = None, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds that Slack asked to be left alone


async def asked(call: Awaitable[AsyncSlackResponse], model: type[A]) -> A:
    """What Slack answered; SlackRefuses if it said no, SlackAway if it did not say, whatever came instead."""
    return (await asked_with_headers(call, model))[0]


async def asked_with_headers(call: Awaitable[AsyncSlackResponse], model: type[A]) -> tuple[A, dict[str, str]]:
    """The same with the answer's headers, their names in lower case."""
    try:
        answer = await call
        return read(model, answer), {name.lower(): value for name, value in answer.headers.items()}
    except SlackApiError as error:
        raise _said(error) from None
    except SLACK_FAILS as error:
        raise SlackAway(retry_after=_wait_of(error.__cause__)) from error


def retry_after(headers: object) -> float:
    """The seconds of a Retry-After header, 0 without one that can be read."""
    told = headers.get("Retry-After") if hasattr(headers, "get") else None
    text = str(told or "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0  # noqa: PLR2004 - days


def _said(error: SlackApiError) -> BotError:
    """Slack's no, or that it is in trouble."""
    code = error_code(error)
    if code in _IN_TROUBLE:
        return SlackAway(f"Slack is in trouble: {code}.", retry_after=_wait_of(error))
    return SlackRefuses(code)


def _wait_of(error: BaseException | None) -> float:
    """The seconds that the answer behind an error asks to wait; a proxy's page has a header, too."""
    return retry_after(getattr(getattr(error, "response", None), "headers", None))
