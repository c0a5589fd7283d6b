"""Files that the bot puts into a thread: what is too long for a message, whole."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.domain.errors import BotError
from bot.slack.answers import SLACK_FAILS, error_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

_SWITCHED_OFF = {"missing_scope", "file_uploads_disabled", "file_uploads_except_images_disabled"}


class NotUploaded(BotError):
    """Slack did not take the file just now, so it is not in the thread. Please try again in a minute."""


class UploadsOff(BotError):
    """The bot may not share files here: it lacks Slack's scope files:write, or files are switched off."""


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file to share; its text is never empty, because Slack refuses that."""

    name: str
    title: str
    text: str


class Uploads:
    """Shares files in a thread; what Slack's workspace has switched off is not offered again."""

    def __init__(self, *, client: SlackClient) -> None:
        self._client = client
        self.are_off = False  # known once Slack said so, until the process starts anew

    async def share(self, files: Sequence[TextFile], *, channel: str, thread_ts: str) -> None:
        """Put them into the thread as one message; NotUploaded or UploadsOff.

        No alternative text goes along: Slack silently drops a share whose file has one and is no image.
        """
        uploads = [
            {"content": each.text or " ", "filename": each.name, "title": each.title} for each in files
        ]
        try:
            await self._client.files_upload_v2(channel=channel, thread_ts=thread_ts, file_uploads=uploads)
        except SlackApiError as error:
            log.warning("Slack did not take a file: %s", error_code(error))
            if error_code(error) in _SWITCHED_OFF:
                self.are_off = True
                raise UploadsOff from error
            raise NotUploaded from error
        except (SlackRequestError, *SLACK_FAILS) as error:
            log.warning("a file could not be sent: %s", type(error).__name__)
            raise NotUploaded from error
