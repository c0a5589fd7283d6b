"""Answers with a body: JSON, or XML where a 7.x client did not ask for JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aiohttp import web

from bot.demo.orchestrator.refusals import ErrorAnswer
from bot.demo.orchestrator.state import SERVER_STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.typedefs import LooseHeaders

_JSON = "application/json"


def answer(
    request: web.Request, body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """The body in the format the Accept header leads to."""
    if not _wants_json(request):
        xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{_element("answer", body)}'
        return _response(xml.encode(), status=status, kind="application/xml", headers=headers)
    return _response(dumped(body), status=status, kind=_JSON, headers=headers)


def dumped(body: object) -> bytes:
    """JSON as the server writes it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def nothing(status: int = 204, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status, headers=headers)


def _wants_json(request: web.Request) -> bool:
    accept = request.headers.get("Accept", "*/*")
    if _JSON in accept:
        return True
    if "*/*" not in accept and "application/*" not in accept and "xml" not in accept:
        raise ErrorAnswer(406, "Not Acceptable")
    return not request.app[SERVER_STATE].habits.xml_unless_asked and "xml" not in accept


def _response(body: bytes, *, status: int, kind: str, headers: LooseHeaders | None) -> web.Response:
    return web.Response(body=body, status=status, content_type=kind, charset="utf-8", headers=headers)


def _element(name: str, body: object) -> str:
    if isinstance(body, dict):
        inner = "".join(_element(str(key), value) for key, value in body.items())
    elif isinstance(body, list):
        inner = "".join(_element("item", value) for value in body)
    else:
        inner = escape(json.dumps(body) if isinstance(body, bool) else str("" if body is None else body))
    return f"<{name.lstrip('@')}>{inner}</{name.lstrip('@')}>"
