"""The proof that a launch is still this process's, right before its start leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost, NothingSent, Overtaken
from bot.store.database import LEASE

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.store.store import Store

SENT_WITHIN = timedelta(seconds=5)  # of the claim: later, the claim may be over before the start has left


async def prove_claim(store: Store, launch: Launch) -> None:
    """Ask the database whether the launch is still this process's, and still may start.

    Only the database knows: a process that stood still for a minute, or a machine that was paused, takes
    its own clock for right. One statement for each start. Overtaken if another has the launch by now;
    NothingSent if its claim may be over before the start has left, or if it was paused.
    """
    try:
        proof = await store.launches.prove(launch)
    except DatabaseLost as lost:
        raise NothingSent(
            "The bot's database did not answer right before the start, so it was not sent."
        ) from lost
    if not proof.holds:
        raise Overtaken
    if proof.is_paused:
        raise NothingSent("This was paused right before the start, so it was not sent.")
    if not proof.leaves(LEASE - SENT_WITHIN):
        raise NothingSent("The bot itself was held up, so the start was not sent.")
