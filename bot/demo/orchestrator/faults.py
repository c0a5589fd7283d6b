"""Faults a test or a stress run arms: which requests they hit, how often, and how they hurt."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase

_API = "/vco/api"


class ArmedFault(Enum):
    """What goes wrong. Kinds named "after" execute the request first and lose its answer."""

    RESET = "reset"  # the connection is reset, nothing executed
    SILENCE = "silence"  # never answered, nothing executed
    SILENCE_AFTER = "silence-after"
    DROP_BEFORE = "drop-before"  # the connection is closed, nothing executed
    DROP_AFTER = "drop-after"
    ERROR = "error"  # `status` (500) with a stack trace as JSON, nothing executed
    ERROR_AFTER = "error-after"
    HTML_OK = "html-ok"  # 200 and an HTML page, nothing executed
    LOGIN_REDIRECT = "login-redirect"  # 302, nothing executed
    CUT_JSON = "cut-json"  # executed; half of the JSON, as if it were whole
    HALF_CHARACTER = "half-character"  # executed; a text of the answer ends in half a surrogate pair
    PLAIN_TEXT = "plain-text"  # executed; the JSON is called text/plain
    OCTETS = "octets"  # executed; the JSON is called application/octet-stream
    LATIN_1 = "latin-1"  # executed; the JSON comes in Latin-1, as its label says
    UTF_16 = "utf-16"  # executed; the JSON comes in UTF-16, as its mark says
    COMPLAINT_OK = "complaint-ok"  # 200 and a gateway's {"message": …, "statusCode": 503}, nothing executed
    NULL_OK = "null-ok"  # 200 and `null`, nothing executed
    ARRAY_OK = "array-ok"  # 200 and `[]`, nothing executed
    EMPTY_OK = "empty-ok"  # 200 and `{}`, nothing executed
    CUT_STREAM = "cut-stream"  # executed; the connection breaks within the body
    HUGE = "huge"  # executed; five megabytes in place of the answer
    TOO_MANY = "too-many"  # 429 with Retry-After, nothing executed
    UNAVAILABLE = "unavailable"  # 503, nothing executed
    UNAUTHORIZED = "unauthorized"  # 401 in the dialect's manner, nothing executed
    FORBIDDEN = "forbidden"  # 403, a matter of rights
    TOKEN_EXPIRED = "token-expired"  # 403 with a challenge
    NOT_FOUND = "not-found"  # 404, as from a node that has not heard yet
    BAD_REQUEST = "bad-request"  # 400 in the dialect's manner for a malformed body
    ECHO = "echo"  # 400 that repeats the values it was sent, nothing executed
    NOT_ALLOWED = "not-allowed"  # 405, Tomcat's page
    CONFLICT = "conflict"  # 409
    SLOW = "slow"  # executed at once, answered after `delay` seconds or on `release`
    SLOW_BEFORE = "slow-before"  # executed only after `delay` seconds or on `release`


@dataclass(kw_only=True, eq=False)
class Armed:
    """One armed fault."""

    match: str  # "POST */executions": method and path pattern, with or without /vco/api; "*" for any method
    kind: ArmedFault
    left: int | None = 1  # None: for ever
    rate: float = 1.0  # the share of matching requests it hits
    delay: float | None = None  # seconds, for the slow kinds; None: until released
    status: int = 500  # for the error kinds
    retry_after: str = "1"  # seconds or an HTTP date, for TOO_MANY and UNAVAILABLE
    seen: int = 0  # requests it has hit
    _released: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _holding: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is of the kind it hits; a trailing slash makes no difference."""
        verb, _, pattern = self.match.partition(" ")
        bare = path.rstrip("/") or "/"
        paths = (bare, bare.removeprefix(_API))
        return verb in ("*", method) and any(fnmatchcase(each, pattern) for each in paths)

    def disarm(self) -> None:
        """Hit nothing any more; requests already held stay held."""
        self.left = 0

    def release(self) -> None:
        """Let held requests go on: slow ones are answered, silent ones lose their connection."""
        self._released.set()

    async def holding(self) -> None:
        """Wait until it holds a request: silent, or slow."""
        await self._holding.wait()

    async def held(self) -> None:
        """Wait out the delay, or until released."""
        self._holding.set()
        try:
            await asyncio.wait_for(self._released.wait(), timeout=self.delay)
        except TimeoutError:
            return


class ArmedFaults:
    """The armed faults, first armed first hit."""

    def __init__(self, *, seed: int = 0) -> None:
        self._armed: list[Armed] = []
        self._chance = random.Random(seed)

    def arm(self, armed: Armed) -> Armed:
        """Have it hit what it matches."""
        self._armed.append(armed)
        return armed

    def clear(self) -> None:
        """Disarm and release all."""
        for armed in self._armed:
            armed.disarm()
            armed.release()
        self._armed.clear()

    def take(self, method: str, path: str) -> Armed | None:
        """The fault that hits this request, counted down, or None."""
        for armed in self._armed:
            if armed.left != 0 and armed.matches(method, path) and self._chance.random() < armed.rate:
                armed.seen += 1
                if armed.left is not None:
                    armed.left -= 1
                return armed
        return None
