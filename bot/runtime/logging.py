"""Log set-up: one line an event, with keys, as text or JSON. Secrets and parameter values are never logged.

An event has a fixed name and keys (`log_event`); `log_keys` gives every line logged within a block its keys,
in whatever module, so that all lines about a launch bear its id.
"""

from __future__ import annotations

import json
import logging
import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERBOSE = ("httpx", "httpcore", "aiohttp.access", "slack_sdk", "slack_bolt", "alembic")
_MOST_REPEATS = 30  # lines of one call site a minute; events are bounded by what happens
_MINUTE = 60.0  # seconds
_NAMES = ("at", "level", "logger", "message", "traceback")  # of a JSON line itself

_context: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("log_context", default=())


@contextmanager
def log_keys(**keys: str) -> Iterator[None]:
    """Give every line logged by this task within the block these keys."""
    token = _context.set((*_context.get(), *keys.items()))
    try:
        yield
    finally:
        _context.reset(token)


def log_event(log: logging.Logger, what: str, *, level: int = logging.INFO, **keys: str | float) -> None:
    """Log that something happened, under a fixed name; keys without a value are left out."""
    log.log(level, "%s", what, extra={"keys": {name: value for name, value in keys.items() if value != ""}})


def keys_of(record: logging.LogRecord) -> Mapping[str, str | float]:
    """The keys of a line: those of the blocks it was logged in, and its own."""
    return dict(_context.get()) | getattr(record, "keys", {})


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, keys and, where there is one, the traceback."""
        line: dict[str, str | float] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in keys_of(record).items() if name not in _NAMES}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Formats a record as text, its keys at the end as `name=value`, quoted as JSON where there is need."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """The line without a traceback."""
        keys = (f"{name}={_shown(value)}" for name, value in keys_of(record).items())
        return " ".join((super().formatMessage(record), *keys))


def _shown(value: str | float) -> str:
    text = str(value)
    is_plain = text.isascii() and text.isprintable() and not set(' "=').intersection(text)
    return text if is_plain else json.dumps(text, ensure_ascii=False)


class Repeats(logging.Filter):
    """Lets a call site log so many lines a minute, and says with the next how many were left out."""

    def __init__(self, *, most: int = _MOST_REPEATS) -> None:
        super().__init__()
        self._most = most
        self._sites: dict[tuple[str, int], tuple[float, int]] = {}  # as many as there are lines of code

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        if hasattr(record, "keys"):
            return True
        site, now = (record.pathname, record.lineno), time.monotonic()
        since, count = self._sites.get(site, (now, 0))
        if now - since >= _MINUTE:
            if count > self._most:
                record.__dict__["keys"] = {"left_out": count - self._most}
            since, count = now, 0
        self._sites[site] = (since, count + 1)
        return count < self._most


def set_up_logs(*, level: str, style: str) -> None:
    """Log to standard error; libraries that log payloads at DEBUG and INFO are kept at WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if style == "json" else TextLines())
    handler.addFilter(Repeats())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _VERBOSE:
        logging.getLogger(name).setLevel(logging.WARNING)
