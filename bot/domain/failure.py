"""Why a run failed, in plain words: the script's own message, without the engine's wrapping.

Orchestrator's `content-exception` is often `java.lang.X: Y (Workflow: Name / Item (item3)#12)`: a class of
Java, perhaps several, and the place in the workflow's scheme. People need neither to know what to do.
"""

from __future__ import annotations

import re

_ITEM = re.compile(
    r"\s*\((?:Dynamic Script Module name|Workflow)\s*:\s*[^()]*(?:\([^()]*\)[^()]*)*\)(?:#\d+)?"
)
_CLASS = re.compile(r"(?:[a-z_][\w$]*\.){2,}[A-Z][\w$]*:?\s*")  # com.vmware.o11n.SomeException:
_WRAPPING = re.compile(
    r"^(?:Caused by:\s*|(?:Internal|Script|Type|Reference|Range|Syntax)?(?:Error|Exception):\s*)+",
    re.IGNORECASE,
)
_TRACE = re.compile(r"^\s*(?:at\s+[\w.$<>]+\(.*|\.\.\. \d+ more)$", re.MULTILINE)


def plain_reason(detail: str) -> str:
    """The message alone; what is left where that would be nothing is the text as it came."""
    text = _CLASS.sub("", _ITEM.sub("", _TRACE.sub("", detail)))
    lines = [_WRAPPING.sub("", line.strip()) for line in text.splitlines()]
    return "\n".join(dict.fromkeys(line for line in lines if line)) or detail.strip()
