"""`python -m bot serve` without its scheduler: all work runs in the order in which it became ready.

What the scheduler is worth is the difference (`ack.py --ablation`). The database's queues stay as they are.
"""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.runtime import priority

Result = TypeVar("Result")


class Unscheduled(priority.Scheduler):
    """Runs all work at once, whoever waits."""

    async def run(
        self,
        work: Coroutine[Any, Any, Result],
        priority: priority.Priority,  # noqa: ARG002
        *,
        acked: Callable[[], bool] = bool,  # noqa: ARG002
    ) -> Result:
        """Run the work as asyncio would."""
        return await work

    async def quiet(self, priority: priority.Priority, *, within: float) -> None:
        """Wait for nothing."""


if __name__ == "__main__":
    # before anything imports it from there
    priority.Scheduler = Unscheduled  # type: ignore[misc]
    from bot.cli.command_line import main

    sys.exit(main(["serve"]))
