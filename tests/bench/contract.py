"""What an answer has to be: a fast wrong answer does not count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bench.payloads import sign
from tests.bench.raw_http import connect, post

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.bench.children import Child
    from tests.bench.load import Acked
    from tests.bench.payloads import Request
    from tests.bench.raw_http import Answer

_STALE = 301.0  # seconds
_SAYS_SOMETHING = {"help"}


class Broken(Exception):
    """A server answered what it must not."""


async def check_door(child: Child, requests: Iterable[Request]) -> None:
    """Each request is refused unsigned by Slack's key and when it is old, and else answered as it has to be."""
    for request in requests:
        for headers in (sign(request.body, secret="another"), sign(request.body, age=_STALE)):
            refused = await _ask(child, request, headers)
            if refused.status != 401:
                raise Broken(f"{child.name}: {request.name}, badly signed, got {refused.status}")
        answer = await _ask(child, request, sign(request.body))
        check_answer(child.name, request, answer)


async def _ask(child: Child, request: Request, headers: dict[str, str]) -> Answer:
    line = await connect(child.port)
    try:
        return await line.ask(post(request.body, headers, port=child.port))
    finally:
        line.close()


def check_acks(server: str, acks: Iterable[Acked]) -> None:
    """Every ack of a phase."""
    for ack in acks:
        check_answer(server, ack.request, ack.answer)


def check_answer(server: str, request: Request, answer: Answer) -> None:
    """One answer: the floor only says 200, stock Bolt gives some options, the bot says what is true."""
    if answer.status != 200 or not (server == "floor" or _is_right(server, request, answer.body)):
        raise Broken(f"{server}: {request.kind} {request.name} got {answer.status} {answer.body[:300]!r}")


def _is_right(server: str, request: Request, body: bytes) -> bool:
    if request.kind == "options":
        return bool(json.loads(body)["options"])
    if request.kind == "command" and (server == "stock" or request.name in _SAYS_SOMETHING):
        return b'"text"' in body or body.startswith(b"Nothing")
    return body == b""
