"""The running bot: its loops side by side until one of them ends, beside the port it listens on."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.runtime.gc_tuning import COLLECT_SECONDS, GarbageCollector
from bot.runtime.logging import log_event
from bot.runtime.loops import every, run_loops
from bot.runtime.metrics import measure_loop_lag
from bot.service.audit_shipping import SHIP_SECONDS
from bot.service.electorate import LOOKS
from bot.service.policy_watcher import LOOK_SECONDS
from bot.service.refusal_counts import RECORD_SECONDS
from bot.service.retention import SWEEP_SECONDS
from bot.slack.delivery.home_tabs import REFRESH_SECONDS
from bot.store.store import CLOCK_SECONDS
from bot.wiring.build import build
from bot.wiring.port import listening

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bot.settings import Settings
    from bot.wiring.build import Bot

log = logging.getLogger(__name__)

_SWITCH = 0.0001  # seconds until a busy thread lets the other go on; 5 ms would be most of an ack
WARM_SECONDS = 5  # an idle connection to Orchestrator is used once, and a login renewed
_DRAIN = 10.0  # seconds that running handlers get at the end


async def run(settings: Settings, *, on_ready: Callable[[Bot, int], None] | None = None) -> None:
    """Run the bot until it is cancelled or a loop dies; `on_ready` gets the bot and its port.

    The port is open before the bot is built, which takes as long as Slack is away.
    """
    sys.setswitchinterval(_SWITCH)
    built: list[Bot] = []
    async with listening(settings, lambda: built[0] if built else None) as port, build(settings) as bot:
        built.append(bot)
        collector = GarbageCollector(bot.scheduler)
        collector.freeze_loaded()
        log_event(log, "ready", port=port, workspace=bot.slack.identity.team_id)
        if on_ready is not None:
            on_ready(bot, port)
        try:
            async with asyncio.TaskGroup() as group:
                ticks = (*bot.tracker.ticks, bot.announcer.tick, bot.inbox.tick)
                group.create_task(run_loops(ticks, bot.scheduler, transient=DatabaseLost))
                for seconds, work in _periodic(bot, collector):
                    group.create_task(every(seconds, work, transient=DatabaseLost))
                group.create_task(measure_loop_lag())
                group.create_task(bot.catalogue.run())
                group.create_task(bot.people.run())
                group.create_task(bot.receiver.run())
        finally:
            await bot.dispatcher.drain(seconds=_DRAIN)
            log_event(log, "stop")
            built.clear()  # what the port still gets finds no bot whose parts are being closed


def _periodic(
    bot: Bot, collector: GarbageCollector
) -> Iterator[tuple[float, Callable[[], Awaitable[object]]]]:
    """What is done again and again, with the seconds between."""
    yield WARM_SECONDS, bot.orchestrator.keep_warm
    yield CLOCK_SECONDS, bot.store.read_clock
    yield COLLECT_SECONDS, collector.collect
    yield LOOK_SECONDS, bot.follow_policy
    yield LOOK_SECONDS, bot.subscriptions.tick
    yield LOOK_SECONDS, bot.run_news.tick
    yield SWEEP_SECONDS, bot.retention.sweep
    yield LOOKS.seconds, bot.electorate.tick
    yield REFRESH_SECONDS, bot.home_tabs.refresh
    yield RECORD_SECONDS, bot.refusal_counts.record
    if bot.audit_shipping is not None:
        yield SHIP_SECONDS, bot.audit_shipping.ship
