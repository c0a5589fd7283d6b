"""The page's files and the world it draws."""

from dataclasses import asdict, dataclass
from pathlib import Path

from aiohttp import web

from bot.demo.slack.browser.live import Live
from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.state.directory import Cast, Member
from bot.demo.slack.wire import Json

PAGE_FOLDER = Path(__file__).parent.with_name("page")
_PERSON = ("id", "name", "real_name", "title", "color", "note")


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a browser asks for by plain HTTP."""

    gestures: Gestures
    live: Live
    cast: Cast
    folder: Path = PAGE_FOLDER

    def add_routes(self, app: web.Application) -> None:
        """Put the page's addresses into a server."""
        app.router.add_get("/", self.index)
        app.router.add_get("/page/world", self.world)
        app.router.add_get("/page/live", self.live.serve)
        app.router.add_get("/page/files/{file_id}", self.file)
        app.router.add_get(r"/page/{name:[\w-]+\.\w+}", self.static)

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """Give the page itself."""
        return self._from_folder("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """Give one of the page's files."""
        return self._from_folder(request.match_info["name"])

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Give a file that was put into the workspace."""
        stored = self.gestures.workspace.files.find(request.match_info["file_id"])
        if stored is None or stored.content is None:
            raise web.HTTPNotFound
        return web.Response(body=stored.content, content_type=stored.mimetype)

    async def world(self, _request: web.Request) -> web.StreamResponse:
        """Tell who and what there is."""
        directory = self.gestures.workspace.directory
        team, app = directory.team, directory.app
        return web.json_response(
            {
                "team": {"id": team.id, "name": team.name, "domain": team.domain},
                "bot": {"user_id": app.user_id, "bot_id": app.bot_id, "name": app.name},
                "people": [_person(member) for member in directory.members.values()],
                "channels": self._channels(),
                "user_groups": [
                    {"id": group.id, "handle": group.handle, "name": group.name}
                    for group in directory.user_groups.values()
                ],
                "commands": [_command(asdict(each)) for each in self.gestures.commands.values()],
                "shortcuts": [asdict(each) for each in self.gestures.shortcuts.values()],
                "has_home_tab": self.gestures.workspace.has_home_tab,
                "start_as": self.cast.start_as,
                "start_in": self.cast.start_in,
            }
        )

    def _channels(self) -> list[Json]:
        return [
            {
                "id": channel.id,
                "name": channel.name,
                "is_private": channel.is_private,
                "members": sorted(channel.members),
                "topic": channel.topic,
            }
            for channel in self.gestures.workspace.directory.channels.values()
            if not channel.is_im
        ]

    def _from_folder(self, name: str) -> web.FileResponse:
        path = self.folder / name
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


def _person(member: Member) -> Json:
    told = {name: getattr(member, name) for name in _PERSON}
    return {**told, "is_guest": member.is_restricted or member.is_ultra_restricted or member.is_stranger}


def _command(declared: Json) -> Json:
    return {name: declared[name] for name in ("command", "description", "usage_hint")}
