"""Files that people and the bot have put into the workspace."""

import mimetypes
from dataclasses import dataclass, field

from bot.demo.slack.state.ids import Ids
from bot.demo.slack.wire import Json

MOST_FILE_BYTES = 10 * 1024 * 1024
_PREVIEW = 2000


@dataclass(kw_only=True)
class StoredFile:
    """One file; `content` is None until it was uploaded."""

    id: str
    name: str
    title: str
    user: str
    length: int
    mimetype: str
    content: bytes | None = None
    is_complete: bool = False
    channels: list[str] = field(default_factory=list)

    @property
    def preview(self) -> str:
        """The beginning of a text file; empty for any other."""
        if not self.mimetype.startswith("text/") and not self.mimetype.endswith("json"):
            return ""
        return (self.content or b"")[:_PREVIEW].decode(errors="replace")


class KeptFiles:
    """Keeps files."""

    def __init__(self, *, ids: Ids) -> None:
        self._ids = ids
        self._kept: dict[str, StoredFile] = {}

    def begin(self, *, name: str, length: int, user: str, mimetype: str | None = None) -> StoredFile:
        """Make room for a file of `length` bytes."""
        guessed = mimetype or mimetypes.guess_type(name)[0] or "application/octet-stream"
        stored = StoredFile(
            id=self._ids.new("F"), name=name, title=name, user=user, length=length, mimetype=guessed
        )
        self._kept[stored.id] = stored
        return stored

    def find(self, file_id: str) -> StoredFile | None:
        """The file with this id, or None."""
        return self._kept.get(file_id)


def file_object(stored: StoredFile, *, base_url: str, team_id: str) -> Json:
    """Slack's file object, with what the page needs to draw it."""
    return {
        "id": stored.id,
        "name": stored.name,
        "title": stored.title,
        "mimetype": stored.mimetype,
        "filetype": stored.name.rpartition(".")[2] or "binary",
        "size": len(stored.content or b""),
        "user": stored.user,
        "user_team": team_id,
        "mode": "hosted",
        "is_external": False,
        "channels": list(stored.channels),
        "preview": stored.preview,
        "url": f"/page/files/{stored.id}",
        "url_private": f"{base_url}/files-pri/{stored.id}/{stored.name}",
        "url_private_download": f"{base_url}/files-pri/{stored.id}/download/{stored.name}",
    }
