"""The one HTTP session to Slack: Web API, WebSocket, response URLs and files, all through one proxy."""

from __future__ import annotations

import logging

import aiohttp
from pydantic_core import to_json
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env

_PER_CALL = aiohttp.ClientTimeout(total=6, sock_connect=2)

log = logging.getLogger(__name__)


def open_session(*, proxy: str | None) -> aiohttp.ClientSession:
    """A session whose every connection goes through the proxy; `ws_connect` as well.

    Without one named, HTTPS_PROXY or HTTP_PROXY of the environment counts, as the SDK has it for the Web API.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=55),
        timeout=_PER_CALL,
        json_serialize=_to_json,
        proxy=proxy or load_http_proxy_from_env(log),
    )


def _to_json(held: object) -> str:
    return to_json(held).decode()
