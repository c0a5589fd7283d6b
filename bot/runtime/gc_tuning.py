"""When Python looks for garbage: the young often and shortly, all of it in a calm moment."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.runtime.priority import Courtesy

TIDY_SECONDS = 60
_YOUNG = (2_000, 5, 1_000_000)  # objects, then rounds; a collection of all of them is not left to chance


def leave_what_is_loaded() -> None:
    """Keep what is loaded by now out of collections, and let none but `tidy` walk through everything."""
    gc.set_threshold(*_YOUNG)
    gc.collect()
    gc.freeze()


async def tidy(courtesy: Courtesy) -> None:
    """Collect what is old: up to 50 ms in which nothing else happens."""
    await courtesy.calm(at_most=TIDY_SECONDS)
    gc.collect()
