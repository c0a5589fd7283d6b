"""Log set-up: one line an event, as text or JSON. Secrets and parameter values are never logged."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_VERBOSE = ("httpx", "httpcore", "aiohttp.access", "slack_sdk", "slack_bolt", "alembic")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message and, where there is one, the traceback."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(*, level: str, style: str) -> None:
    """Log to standard error; libraries that log payloads at DEBUG and INFO are kept at WARNING."""
    handler = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if style == "json" else plain)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _VERBOSE:
        logging.getLogger(name).setLevel(logging.WARNING)
