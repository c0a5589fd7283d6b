"""What both receivers do with a payload: read its JSON, and hand it to Bolt."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

log = logging.getLogger(__name__)

_FAULT = 500


def read_json(raw: str | bytes) -> Any:  # noqa: ANN401 - what the JSON holds
    """Parse JSON, or ValueError. Half of an emoji's surrogate pair, from text cut there, becomes `?`."""
    try:
        return from_json(raw)
    except ValueError:  # also for such a half, which is valid JSON all the same
        return from_json(_without_halves(raw))


def _without_halves(raw: str | bytes) -> bytes:
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False).encode("utf-8", "replace")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


async def dispatch(bolt: AsyncApp, body: dict[str, Any]) -> BoltResponse:
    """Hand a payload to Bolt; one that trips Bolt or a matcher is logged and answered 500.

    The receiver has verified it already: "socket_mode" keeps Bolt from looking for a signature.
    """
    try:
        return await bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))
    except Exception:  # the edge: no payload may end a receiver
        log.exception("a payload could not be handled")
        return BoltResponse(status=_FAULT, body="")
