"""Slack's refusals of messages, classified once, and how long to wait before the next try.

Source of the codes: docs.slack.dev/reference/methods, "Errors" of chat.postMessage, chat.update, chat.delete,
conversations.open and conversations.history.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from slack_sdk.errors import SlackApiError

from bot.slack.answers import error_code

if TYPE_CHECKING:
    from collections.abc import Awaitable

log = logging.getLogger(__name__)

T = TypeVar("T")


class RefusalKind(Enum):
    """What a no of Slack's is about, which says what helps."""

    PLACE = "place"  # the channel, thread or person: nothing helps until somebody changes that
    MESSAGE = "message"  # what is in it: the same would be refused again, everywhere
    GONE = "gone"  # the message to change or reply to: nothing helps any more
    BOT = "bot"  # the token, its scopes, the workspace's plan: everything is refused just now
    UNCLEAR = "unclear"  # Slack failed in the middle of it, so it may have been done
    UNKNOWN = "unknown"  # a no for a reason that this release does not know


_CODES: dict[RefusalKind, frozenset[str]] = {
    RefusalKind.PLACE: frozenset(
        {
            "not_in_channel",
            "channel_not_found",
            "is_archived",
            "is_inactive",  # of a change: the channel is archived, frozen or deleted
            "cannot_reply_to_message",
            "thread_locked",
            "restricted_action",
            "restricted_action_thread_locked",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "restricted_action_non_threadable_channel",
            "posting_to_general_channel_denied",
            "cannot_dm_bot",
            "messages_tab_disabled",
            "user_disabled",
            "user_not_found",
            "user_not_visible",
        }
    ),
    RefusalKind.MESSAGE: frozenset(
        {
            "msg_too_long",
            "msg_blocks_too_long",
            "no_text",
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_attachments",
            "too_many_attachments",
            "attachment_payload_limit_exceeded",
            "block_mismatch",
        }
    ),
    RefusalKind.GONE: frozenset(
        {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
    ),
    RefusalKind.BOT: frozenset(
        {
            "not_authed",
            "invalid_auth",
            "token_revoked",
            "token_expired",
            "account_inactive",
            "access_denied",
            "accesslimited",
            "team_access_not_granted",
            "missing_scope",
            "no_permission",
            "org_login_required",
            "ekm_access_denied",
            "two_factor_setup_required",
            "team_added_to_org",
            "message_limit_exceeded",
        }
    ),
    RefusalKind.UNCLEAR: frozenset(
        {"", "internal_error", "fatal_error", "request_timeout", "service_unavailable"}
    ),
}
_BY_CODE = {code: refusal for refusal, codes in _CODES.items() for code in codes}

_PERSISTS = timedelta(minutes=5)  # after which a no that might have passed counts as one that will not
_FIRST, _LONGEST, _LONGEST_ENDED = timedelta(seconds=30), timedelta(hours=1), timedelta(hours=6)
_LONGEST_PASSING = timedelta(minutes=1)  # what Slack mends, or is mended for all launches at once
_GIVEN_UP = timedelta(days=7)
_SILENCE, _LONGEST_SILENCE = timedelta(seconds=2), timedelta(seconds=10)
_JITTER = 0.8


def refusal_of(error: SlackApiError) -> RefusalKind:
    """What Slack's error code is about."""
    return _BY_CODE.get(error_code(error), RefusalKind.UNKNOWN)


def is_for_long(error: SlackApiError, *, lasting: timedelta) -> bool:
    """Whether a refusal that lasts for so long ends only when somebody changes something in Slack."""
    match refusal_of(error):
        case RefusalKind.PLACE | RefusalKind.MESSAGE | RefusalKind.GONE:
            return True
        case RefusalKind.UNKNOWN | RefusalKind.UNCLEAR:
            return lasting > _PERSISTS
        case RefusalKind.BOT:
            return False


class Refusals:
    """What Slack refused of one turn: each step is taken whatever was refused of the one before."""

    def __init__(self, what: str) -> None:
        self._what = what  # that is told or shown, for the log
        self._errors: list[SlackApiError] = []

    def __bool__(self) -> bool:
        return bool(self._errors)

    @property
    def last(self) -> SlackApiError:
        """The latest."""
        return self._errors[-1]

    @property
    def in_doubt(self) -> bool:
        """Whether something of it may have been done nevertheless."""
        return RefusalKind.UNCLEAR in map(refusal_of, self._errors)

    async def catch(self, step: Awaitable[T]) -> T | None:
        """A step's result; None if Slack refused it."""
        try:
            return await step
        except SlackApiError as error:
            self.note(error)
            return None

    def note(self, error: SlackApiError) -> None:
        """Add one."""
        log.error("Slack refused %s: %s %s", self._what, error.response.status_code, error_code(error))
        self._errors.append(error)

    def pause(self, *, lasting: timedelta, has_ended: bool) -> timedelta | None:
        """How long to wait, where Slack has refused for so long already: each pause doubles that.

        None if it is not worth another try by itself: the launch ended, and its place was lost for a week.
        """
        if {RefusalKind.BOT, RefusalKind.UNCLEAR}.isdisjoint(map(refusal_of, self._errors)):
            if has_ended and lasting > _GIVEN_UP:
                return None
            most = _LONGEST_ENDED if has_ended else _LONGEST
        else:
            most = _LONGEST_PASSING
        return min(max(lasting, _FIRST), most) * random.uniform(_JITTER, 1)  # noqa: S311 - jitter, not a secret


def pause_after_silence(tries: int) -> timedelta:
    """How long to wait after a call without an answer, the last of so many; never long."""
    return min(_SILENCE * (1 << min(tries - 1, 8)), _LONGEST_SILENCE)
