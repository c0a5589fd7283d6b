"""Objects of the inventory: found by words, or looked up by their id."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.domain.errors import NotVisible, UnreadableAnswer
from bot.domain.values import SdkObject
from bot.orchestrator.reading import last_segment, lines, read
from bot.orchestrator.transport import ApiCall
from bot.orchestrator.wire import LinksAnswer, WireLine

if TYPE_CHECKING:
    from bot.orchestrator.transport import Transport

_PATHS = ("path", "folderPath", "inventoryPath")


class Objects:
    """Reads the catalogue."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def find(self, kind: str, words: str, *, limit: int) -> tuple[SdkObject, ...]:
        """At most `limit` objects of a type, by name where its plug-in heeds that: the caller looks again."""
        space, name = _place(kind)
        capped = ("maxResult", str(limit))
        query = (capped, ("conditions", f"name~{words}")) if words else (capped,)
        call = ApiCall(path=("catalog", space, name), query=query, large=True)
        links = await read(await self._transport.send(call), LinksAnswer, lines)
        return tuple(each for each in (_object(link, kind) for link in links) if each.id)

    async def one(self, kind: str, identity: str) -> SdkObject | None:
        """The object as it is now; None when there is none, or the bot's account may not see it.

        Servers quote an id twice in their own links, and a slash in it comes through in no other way.
        """
        space, name = _place(kind)
        spellings = dict.fromkeys((quote(identity, safe=""), identity))
        for spelling in spellings:
            if "/" in spelling:
                continue
            answer = await self._transport.send(ApiCall(path=("catalog", space, name, spelling)))
            try:
                return await read(answer, WireLine, lambda link: _object(link, kind, identity=identity))
            except NotVisible:
                continue
        return None


def _place(kind: str) -> tuple[str, str]:
    """Where the catalogue has a type: Orchestrator's own ones, without a colon, are below System."""
    space, colon, name = kind.partition(":")
    return (space, name) if colon else ("System", kind)


def _object(link: WireLine, kind: str, *, identity: str = "") -> SdkObject:
    told = link.attributes
    if identity and not (told or link.href):  # an answer that is no object proves none
        raise UnreadableAnswer
    key = told.get("id") or told.get("dunesId") or told.get("@id") or identity or last_segment(link.href)
    return SdkObject(
        type=kind,
        id=identity or key,
        name=told.get("displayName") or told.get("name") or told.get("@name", ""),
        href=link.href,
        path=next((told[each] for each in _PATHS if told.get(each)), ""),
    )
