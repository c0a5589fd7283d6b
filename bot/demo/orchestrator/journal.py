"""A file that gains one JSON line for every start executed, so that another process can count them."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.orchestrator.executions import PretendRun


class Journal:
    """Appends, a line at a time; a line that is there was executed."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("a", encoding="utf-8", buffering=1)

    def note(self, execution: PretendRun) -> None:
        """Write one start down; secrets as the server shows them, encrypted."""
        line = {
            "execution": execution.id,
            "workflow": execution.workflow.id,
            "name": execution.workflow.name,
            "at": execution.started_at.isoformat(),
            "by": execution.started_by,
            "inputs": execution.inputs,
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
