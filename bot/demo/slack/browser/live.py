"""The live connection of a page: tells one person what they may see, and hears what they do."""

import asyncio
import json
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.demo.slack.browser.requests import Requests
from bot.demo.slack.state.directory import Member
from bot.demo.slack.state.feed import Change
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json

_MOST_FRAME = 16 * 1024 * 1024  # bytes: a file of 10 MB arrives as base64


class Live:
    """Serves the pages that are open."""

    def __init__(self, *, workspace: Workspace, requests: Requests) -> None:
        self._workspace = workspace
        self._requests = requests
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one page until it goes away."""
        member = self._workspace.directory.members.get(request.query.get("user", ""))
        if member is None:
            raise web.HTTPNotFound(text="nobody has this id")
        socket = web.WebSocketResponse(max_msg_size=_MOST_FRAME)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await self._talk_with(socket, member)
        finally:
            self._open.discard(socket)
        return socket

    async def close(self) -> None:
        """End every page's connection."""
        for socket in list(self._open):
            await socket.close()

    async def _talk_with(self, socket: web.WebSocketResponse, member: Member) -> None:
        with self._workspace.feed.subscribed() as changes:
            await socket.send_json(self._snapshot(member))
            telling = asyncio.create_task(self._tell(socket, member, changes))
            doing: set[asyncio.Task[None]] = set()
            try:
                async for message in socket:
                    if message.type is WSMsgType.TEXT:
                        task = asyncio.create_task(self._do(socket, member, message.data))
                        doing.add(task)
                        task.add_done_callback(doing.discard)
            finally:
                for task in (telling, *doing):
                    task.cancel()
                await asyncio.gather(telling, *doing, return_exceptions=True)

    async def _tell(
        self, socket: web.WebSocketResponse, member: Member, changes: asyncio.Queue[Change]
    ) -> None:
        while True:
            frame = self._frame(member, await changes.get())
            if frame is not None:
                with suppress(ConnectionError):
                    await socket.send_json(frame)

    async def _do(self, socket: web.WebSocketResponse, member: Member, raw: str) -> None:
        try:
            asked = json.loads(raw)
        except ValueError:
            return
        current = self._workspace.directory.members[member.id]
        reply = await self._requests.do(current, asked)
        with suppress(ConnectionError):
            await socket.send_json({"reply": asked.get("id"), **reply})

    def _snapshot(self, member: Member) -> Json:
        channels = [channel.id for channel in self._workspace.directory.channels_of(member.id)]
        messages = self._workspace.messages
        home = self._workspace.views.home(member.id)
        return {
            "type": "snapshot",
            "messages": {channel: messages.flat(channel) for channel in channels},
            "ephemerals": {channel: messages.whispers(channel, member.id) for channel in channels},
            "views": self._stack(member),
            "home": home.live if home else None,
        }

    def _stack(self, member: Member) -> list[Json]:
        return [sheet.live for sheet in self._workspace.views.stack(member.id)]

    def _frame(self, member: Member, change: Change) -> Json | None:
        if change.user is not None and change.user != member.id:
            return None
        if change.channel is not None:
            channel = self._workspace.directory.channels[change.channel]
            if member.id not in channel.members:
                return None
        match change.kind:
            case "views":
                return {"type": "views", "stack": self._stack(member)}
            case "home":
                home = self._workspace.views.home(member.id)
                return {"type": "home", "view": home.live if home else None}
            case "message" | "ephemeral":
                return {"type": change.kind, "channel": change.channel, "message": change.message}
            case "message_deleted" | "ephemeral_deleted":
                return {"type": change.kind, "channel": change.channel, "ts": change.ts}
