"""Reads answers of Slack's Web API through a model, so that whatever is wrong with one ends in two errors.

Slack itself, or a proxy before it, answers now and then with HTML, `null`, `[]`, half a JSON document or a
null where an object belongs, also with status 200. slack_sdk lets each of these out as another exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError
from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

Model = TypeVar("Model", bound=BaseModel)

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


async def asked(call: Awaitable[AsyncSlackResponse], model: type[Model]) -> Model:
    """What Slack answered; SlackRefuses if it said no, SlackAway if it did not say, whatever came instead."""
    return (await asked_with_headers(call, model))[0]


async def asked_with_headers(
    call: Awaitable[AsyncSlackResponse], model: type[Model]
) -> tuple[Model, dict[str, str]]:
    """The same with the answer's headers, their names in lower case."""
    try:
        answer = await call
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return model.model_validate(answer.data), headers
    except SlackApiError as error:
        raise _said(error) from None
    except ValidationError:
        raise SlackAway from None
    except (aiohttp.ClientError, OSError) as error:  # with TimeoutError
        raise SlackAway from error
    except (AttributeError, ValueError, RecursionError) as error:
        # slack_sdk reads fields of whatever came as JSON, also of a list, and decodes what is not UTF-8
        raise SlackAway from error


def retry_after(headers: object) -> float:
    """The seconds of a Retry-After header, 0 without one that can be read."""
    told = headers.get("Retry-After") if hasattr(headers, "get") else None
    text = str(told or "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0  # noqa: PLR2004 - days


def _said(error: SlackApiError) -> BotError:
    """Slack's no, or that it said nothing of the kind."""
    response = error.response
    said = getattr(response, "data", None)  # a document cut short comes with aiohttp's own response
    code = said.get("error") if isinstance(said, dict) else None
    wait = retry_after(getattr(response, "headers", None))
    if not isinstance(code, str) or not code:  # a proxy's page, or Slack in trouble
        return SlackAway(retry_after=wait)
    if code in _IN_TROUBLE:
        return SlackAway(f"Slack is in trouble: {code}.", retry_after=wait)
    return SlackRefuses(code)
