"""files.*: uploads in three steps, and what a file is."""

from collections.abc import Mapping

from bot.demo.slack.api.methods import TIER_4, Arguments, Desk, Method
from bot.demo.slack.api.posting import Content, bot_message, destination, thread_of
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.files import StoredFile, file_object
from bot.demo.slack.wire import Json


def get_upload_url(desk: Desk, arguments: Arguments) -> Json:
    """An address to send a file's bytes to."""
    length = arguments.number("length", default=0, most=1_000_000_000)
    user = desk.workspace.directory.app.user_id
    stored = desk.workspace.files.begin(name=arguments.need("filename"), length=length, user=user)
    return {"upload_url": f"{desk.address()}/upload/v1/{stored.id}", "file_id": stored.id}


def complete_upload(desk: Desk, arguments: Arguments) -> Json:
    """Finish uploads and share them, if a channel is given."""
    wanted = arguments.data("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackRefusalError("invalid_arguments", messages=("[ERROR] missing required field: files",))
    chosen = [_uploaded(desk, item) for item in wanted]
    where = arguments.text("channel_id")
    if where:
        _share(desk, arguments, chosen, where)
    for stored in chosen:
        stored.is_complete = True
    return {"files": [described(desk, stored) for stored in chosen]}


def info(desk: Desk, arguments: Arguments) -> Json:
    """One file."""
    stored = desk.workspace.files.find(arguments.need("file"))
    if stored is None or not stored.is_complete:
        raise SlackRefusalError("file_not_found")
    return {"file": described(desk, stored)}


def described(desk: Desk, stored: StoredFile) -> Json:
    """Slack's file object."""
    return file_object(stored, base_url=desk.address(), team_id=desk.workspace.directory.team.id)


def _uploaded(desk: Desk, item: object) -> StoredFile:
    stored = desk.workspace.files.find(str(item.get("id"))) if isinstance(item, dict) else None
    if stored is None or stored.content is None or not isinstance(item, dict):
        raise SlackRefusalError("file_not_found")
    stored.title = str(item.get("title") or stored.name)
    return stored


def _share(desk: Desk, arguments: Arguments, chosen: list[StoredFile], where: str) -> None:
    channel = destination(desk, where)
    thread = thread_of(desk, channel, arguments, where="files.completeUploadExternal")
    for stored in chosen:
        stored.channels.append(channel.id)
    words = Content(text=arguments.text("initial_comment") or "")
    shared = {
        "files": [described(desk, stored) for stored in chosen],
        "upload": True,
        "subtype": "file_share",
    }
    desk.workspace.messages.post(channel.id, {**bot_message(desk, words), **shared, **thread})


METHODS: Mapping[str, Method] = {
    "files.getUploadURLExternal": Method(
        run=get_upload_url,
        takes="filename length alt_txt snippet_type",
        scope="files:write",
        per_minute=TIER_4,
    ),
    "files.completeUploadExternal": Method(
        run=complete_upload,
        takes="files channel_id channels initial_comment thread_ts blocks",
        scope="files:write",
        per_minute=TIER_4,
    ),
    "files.info": Method(
        run=info, takes="file cursor limit count page", scope="files:read", per_minute=TIER_4
    ),
}
