"""Slack's Web API answers: its error codes, what asks to slow down, and what says nothing at all.

Whatever is no answer of Slack's (a gateway's HTML, cut JSON, `[]`, null where an object belongs) is one
kind of failure, `SlackDidNotSay`. It is an `aiohttp.ClientError`, so whoever retries a lost connection
retries it as well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.runtime import metrics
from bot.runtime.metrics import timed

if TYPE_CHECKING:
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from bot.runtime.metrics import Timed

_WINDOWS = {"views.open", "views.push"}
_UNTOLD = 30.0  # seconds to pause where Slack asks to slow down without saying for how long
_LONGEST = 600.0  # seconds; a gateway's Retry-After of a day must not silence the bot for one


class SlackDidNotSay(BotError, aiohttp.ClientError):
    """Slack did not answer this just now. Please try again in a minute."""


SLACK_FAILS = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)


class SlackClient(AsyncWebClient):
    """The SDK's client, whose every answer is Slack's own: an object, or an error with Slack's code.

    The SDK (3.48) raises AttributeError for a list or a string, and a SlackApiError without data for cut
    JSON.
    """

    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse:  # noqa: ANN401 - the SDK's
        """Call one method; SlackApiError is a no that Slack said, SlackDidNotSay is none."""
        with timed(metrics.SLACK, method=api_method) as call:
            answer = await self._answered(api_method, call, options)
            call.outcome = "ok"
        if api_method in _WINDOWS:
            metrics.window_opened()
        return answer

    async def _answered(self, api_method: str, call: Timed, options: dict[str, Any]) -> AsyncSlackResponse:
        try:
            return await super().api_call(api_method, **options)
        except SlackApiError as error:
            if is_limited(error):
                metrics.SLACK_LIMITED.labels(method=api_method).inc()
            if error_code(error):
                call.outcome = "rate limited" if is_limited(error) else "refused"
                raise
            raise SlackDidNotSay from error
        except (AttributeError, ValueError, RecursionError) as unreadable:
            raise SlackDidNotSay from unreadable


def error_code(error: Exception) -> str:
    """Slack's word for what went wrong; empty where Slack said nothing, as behind a proxy's page."""
    said = getattr(error.response, "data", None) if isinstance(error, SlackApiError) else None
    code = said.get("error") if isinstance(said, dict) else None
    return code if isinstance(code, str) else ""


def is_limited(error: Exception) -> bool:
    """Whether Slack asks to slow down."""
    return error_code(error) in {"ratelimited", "rate_limited"}


def retry_after(error: SlackApiError) -> timedelta:
    """How long Slack asks to pause, within reason; half a minute where it does not say."""
    headers = getattr(error.response, "headers", None) or {}
    try:
        seconds = float(headers.get("Retry-After", _UNTOLD))
    except (TypeError, ValueError):  # HTTP allows a date; Slack sends seconds
        seconds = _UNTOLD
    return timedelta(seconds=min(max(seconds, 1.0), _LONGEST) if seconds == seconds else _UNTOLD)  # noqa: PLR0124 - NaN


class SlackAnswer(BaseModel):
    """What the bot reads of an answer; the rest is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


A = TypeVar("A", bound=SlackAnswer)


def read(model: type[A], answer: Any) -> A:  # noqa: ANN401 - whatever came back
    """The answer as this model; SlackDidNotSay if it is not like that."""
    said = getattr(answer, "data", answer)
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise SlackDidNotSay from error
