"""Files people put into a form, read with the bot's own token."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError

from bot.domain.errors import FileUnread
from bot.domain.values import Attachment
from bot.slack.answers import SLACK_FAILS, SlackAnswer, error_code, read

if TYPE_CHECKING:
    import aiohttp

    from bot.domain.people import Person
    from bot.slack.answers import SlackClient

log = logging.getLogger(__name__)

_SLACKS_OWN = ".slack.com"
_CHUNK = 64 * 1024  # bytes


class _File(SlackAnswer):
    url_private_download: str
    size: int | None = None
    user: str = ""  # who put it into Slack
    name: str | None = None
    mimetype: str | None = None


class _FileAnswer(SlackAnswer):
    file: _File


class Files:
    """Reads what Slack keeps; FileUnread says what was in the way."""

    def __init__(self, *, client: SlackClient, session: aiohttp.ClientSession, largest: int) -> None:
        self._client = client
        self._session = session
        self._largest = largest  # bytes
        self._api = urlsplit(client.base_url)

    async def read(self, file_id: str, *, owner: Person) -> Attachment:
        """The file with its name and media type; FileUnread for one that somebody else put into Slack.

        The id comes from the client of who fills in the form, and the bot may read more than they may.
        """
        try:
            described = read(_FileAnswer, await self._client.files_info(file=file_id)).file
            if described.user != owner.user_id:
                raise FileUnread("Choose a file of your own: this one was put into Slack by somebody else.")
            if (described.size or 0) > self._largest:
                raise self._too_large()
            content = await self._download(described.url_private_download)
        except SlackApiError as error:
            log.warning("Slack did not give a file: %s", error_code(error))
            if error_code(error) == "missing_scope":
                raise FileUnread("The bot may not read files: it lacks Slack's scope files:read.") from error
            raise FileUnread from error
        except SLACK_FAILS as error:
            log.warning("a file could not be read: %s", type(error).__name__)
            raise FileUnread from error
        return Attachment(
            name=described.name or file_id,
            mime_type=described.mimetype or "application/octet-stream",
            content=content,
        )

    async def _download(self, url: str) -> bytes:
        """The bytes; the token goes to Slack alone, and nowhere else if Slack sends us on."""
        if not self._is_slacks(url):
            raise FileUnread
        headers = {"Authorization": f"Bearer {self._client.token}"}
        async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200:  # noqa: PLR2004 - OK
                raise FileUnread
            content = bytearray()
            async for chunk in answer.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > self._largest:
                    raise self._too_large()
            return bytes(content)

    def _is_slacks(self, url: str) -> bool:
        at = urlsplit(url)
        if (at.scheme, at.netloc) == (self._api.scheme, self._api.netloc):
            return True
        return at.scheme == "https" and (at.hostname or "").endswith(_SLACKS_OWN)

    def _too_large(self) -> FileUnread:
        return FileUnread(f"This file is too large: {self._largest // 1024:,} KB at most.")
