"""The one HTTP session to Slack: Web API, WebSocket, response URLs and files, all through one proxy."""

from __future__ import annotations

import logging

import aiohttp
from pydantic_core import to_json
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env

_PER_CALL = aiohttp.ClientTimeout(total=6, sock_connect=2)

log = logging.getLogger(__name__)


def proxy_of(named: str | None) -> str | None:
    """The proxy named in the settings, else HTTPS_PROXY or HTTP_PROXY, as the SDK has it for the Web API."""
    return named or load_http_proxy_from_env(log)


def open_session(*, proxy: str | None) -> aiohttp.ClientSession:
    """A session whose every connection goes through the proxy; `ws_connect` as well.

    The SDK's clients have a proxy of their own, from the environment, which goes before the session's: give
    them the same.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=55),
        timeout=_PER_CALL,
        json_serialize=_to_json,
        proxy=proxy,
    )


def _to_json(held: object) -> str:
    return to_json(held).decode()
