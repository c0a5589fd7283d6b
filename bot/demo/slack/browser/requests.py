"""What a page asks for, done with the same gestures as the driver of the tests."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping

from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.driver.modals import Modals
from bot.demo.slack.driver.outcomes import TROUBLE, Acknowledgement
from bot.demo.slack.driver.places import OnMessage, OnView, Surface
from bot.demo.slack.driver.talk import Talk
from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.state.directory import Member
from bot.demo.slack.walk import STATEFUL, FilledElement
from bot.demo.slack.wire import Json

Doer = Callable[[Member, Json], Awaitable[Json]]


class Requests:
    """Does what pages ask for."""

    def __init__(self, *, gestures: Gestures, modals: Modals, talk: Talk) -> None:
        self._gestures = gestures
        self._modals = modals
        self._talk = talk
        self._doers: Mapping[str, Doer] = {
            "slash": self._slash,
            "shortcut": self._shortcut,
            "say": self._say,
            "act": self._act,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "open_home": self._open_home,
            "upload": self._upload,
        }

    async def do(self, member: Member, asked: Json) -> Json:
        """Do one thing for this person; the reply says `ok`, or what is wrong."""
        doer = self._doers.get(str(asked.get("do")))
        if doer is None:
            return {"ok": False, "error": f"unknown request {asked.get('do')!r}"}
        try:
            return await doer(member, asked)
        except CannotDoError as error:
            return {"ok": False, "error": str(error)}
        except (KeyError, TypeError, ValueError) as error:
            return {"ok": False, "error": f"malformed request: {error!r}"}

    async def _slash(self, member: Member, asked: Json) -> Json:
        text = str(asked.get("text", ""))
        return _told(
            await self._gestures.slash(member, channel=asked["channel"], command=asked["command"], text=text)
        )

    async def _shortcut(self, member: Member, asked: Json) -> Json:
        callback_id = asked["callback_id"]
        if "ts" not in asked:
            return _told(await self._gestures.shortcut(member, callback_id=callback_id))
        return _told(
            await self._gestures.message_shortcut(
                member, callback_id=callback_id, channel=asked["channel"], ts=asked["ts"]
            )
        )

    async def _say(self, member: Member, asked: Json) -> Json:
        thread_ts = asked.get("thread_ts")
        await self._talk.say(member, channel=asked["channel"], text=asked["text"], thread_ts=thread_ts)
        return {"ok": True}

    async def _act(self, member: Member, asked: Json) -> Json:
        surface = self._surface(member, asked)
        action = asked["action"]
        touched = surface.element(block_id=asked["block_id"], action_id=action["action_id"])
        outcome = await self._gestures.act(surface, touched, answer=_answer(touched, action))
        return {"ok": True} if outcome.ok else {"ok": False, "error": outcome.error}

    async def _suggest(self, member: Member, asked: Json) -> Json:
        surface = self._surface(member, asked)
        touched = surface.element(block_id=asked["block_id"], action_id=asked["action_id"])
        offered = await self._gestures.suggest(surface, touched, typed=str(asked.get("value", "")))
        if not offered.ok:
            return {"ok": False, "error": offered.error}
        if offered.groups:
            return {"ok": True, "option_groups": offered.groups}
        return {"ok": True, "options": offered.options}

    async def _submit(self, member: Member, asked: Json) -> Json:
        view_id = asked["view_id"]
        surface = self._gestures.surface(member, OnView(view_id=view_id))
        _adopt(surface, asked)
        outcome = await self._modals.submit(member, view_id=view_id)
        if outcome.ok:
            return {"ok": True}
        if outcome.errors:
            return {"ok": False, "errors": outcome.errors}
        return {"ok": False, "error": outcome.error or TROUBLE}

    async def _close(self, member: Member, asked: Json) -> Json:
        await self._modals.close(member, view_id=asked["view_id"], everything=bool(asked.get("all")))
        return {"ok": True}

    async def _open_home(self, member: Member, _asked: Json) -> Json:
        await self._talk.open_home(member)
        return {"ok": True}

    async def _upload(self, member: Member, asked: Json) -> Json:
        try:
            content = base64.b64decode(asked["base64"], validate=True)
        except binascii.Error:
            return {"ok": False, "error": "the file is not base64"}
        name, mimetype = str(asked["name"]), asked.get("mime_type")
        return {"ok": True, "file": self._talk.upload(member, name=name, content=content, mimetype=mimetype)}

    def _surface(self, member: Member, asked: Json) -> Surface:
        container = asked["container"]
        if container["type"] == "view":
            surface = self._gestures.surface(member, OnView(view_id=container["view_id"]))
        else:
            place = OnMessage(channel=container["channel"], ts=container["ts"])
            surface = self._gestures.surface(member, place)
        _adopt(surface, asked)
        return surface


def _adopt(surface: Surface, asked: Json) -> None:
    values = (asked.get("state") or {}).get("values") or {}
    surface.answers.adopt(surface.fields, values)


def _answer(touched: FilledElement, action: Json) -> object:
    kind = touched.element["type"]
    if kind in STATEFUL:
        return action.get(touched.holding.key)
    if kind == "overflow":
        return action["selected_option"]
    if kind == "feedback_buttons":
        return {name: action[name] for name in ("text", "value") if name in action}
    return None


def _told(answer: Acknowledgement) -> Json:
    return {"ok": True} if answer.ok else {"ok": False, "error": answer.error}
