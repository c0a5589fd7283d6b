"""The wiring: build the bot from settings, then run its loops side by side until one of them ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from bot.admission import Admission
from bot.approvals import Approvals
from bot.catalogue import Catalogue
from bot.connecting import connection, run_link, workflow_link
from bot.courtesy import Courtesy
from bot.domain.errors import DatabaseLost
from bot.drafts import Drafts, Sending
from bot.evaluating import Evaluator
from bot.inspecting import Inspecting
from bot.inventory import Inventory
from bot.launches import Launches
from bot.orchestrator.client import Orchestrator
from bot.policies import LOOK_SECONDS, Policies
from bot.policy_file import read_edition
from bot.presets import Presets
from bot.refusals import recorded
from bot.rounds import every, rounds
from bot.secrets import configured
from bot.settings import Settings, Transport
from bot.slack.announcer import Announcer
from bot.slack.answering import Answering
from bot.slack.app import Slack, open_door, open_slack, table
from bot.slack.audience import Audience
from bot.slack.channels import Channels
from bot.slack.commands import Commands
from bot.slack.deciding import Deciding
from bot.slack.delegating import Delegating
from bot.slack.explaining import Explaining
from bot.slack.files import Files
from bot.slack.filling import Filling
from bot.slack.keeping import Keeping
from bot.slack.launching import Launching
from bot.slack.listening import LARGEST, PATH, HttpDoor, SocketDoor
from bot.slack.people import People, workspace_groups
from bot.store.database import Clock
from bot.store.migrating import check_tables
from bot.store.store import Store, open_store
from bot.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.domain.policy import Policy
    from bot.slack.switchboard import Switchboard

log = logging.getLogger(__name__)

_SWITCH = 0.0005  # seconds until a busy thread lets the other go on; 5 ms would be most of an ack
DRAIN = 10.0  # seconds that running handlers get at the end


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The parts that run, and those that tests tick by hand."""

    store: Store
    policies: Policies
    orchestrator: Orchestrator
    launches: Launches
    approvals: Approvals
    drafts: Drafts
    sending: Sending
    catalogue: Catalogue
    people: People
    tracker: Tracker
    announcer: Announcer
    slack: Slack
    switchboard: Switchboard
    http: HttpDoor | None
    socket: SocketDoor | None

    async def follow_policy(self) -> None:
        """Take up a changed policy file, and learn whom it names."""
        if await self.policies.look():
            await self.people.refresh()

    async def ready(self) -> dict[str, bool]:
        """What `/readyz` says: each part, and whether it can do its work now."""
        try:
            await self.store.ping()
            database = True
        except DatabaseLost:
            database = False
        socket = self.socket is None or await self.socket.is_connected()
        return {"database": database, "slack": socket, "workflows": self.catalogue.is_read}


@asynccontextmanager
async def build(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """Open everything, hand over the bot, close everything; BotError says what cannot be opened and why."""
    clock = clock or Clock()
    first = read_edition(settings.policy_file, secrets=set(settings.named_secrets()))
    await check_tables(settings.database_url.get_secret_value())
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(
                settings.database_url.get_secret_value(),
                clock=clock,
                sealing_keys=[key.get_secret_value() for key in settings.sealing_keys],
                pool=settings.database_pool,
            )
        )
        orchestrator = await stack.enter_async_context(Orchestrator(connection(settings, store)))
        slack = await stack.enter_async_context(
            open_slack(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url)
        )
        policies = Policies(
            file=settings.policy_file,
            first=first,
            store=store,
            secrets=lambda: frozenset(settings.named_secrets()),
            groups=partial(workspace_groups, slack.client),
        )
        await policies.begin()
        yield _join(settings, store=store, orchestrator=orchestrator, slack=slack, policies=policies)


def _join(
    settings: Settings,
    *,
    store: Store,
    orchestrator: Orchestrator,
    slack: Slack,
    policies: Policies,
) -> Bot:
    """Put the parts together."""

    def policy() -> Policy:
        return policies.current

    secrets = configured(settings.named_secrets())
    catalogue = Catalogue(orchestrator=orchestrator, policy=policy)
    teams = settings.slack_teams | {slack.identity.team_id}
    refusing = partial(recorded, store, wish="use the bot")
    people = People(client=slack.client, policy=policy, teams=teams, now=store.now, recording=refusing)
    approvals = Approvals(store=store, policy=policy, standing=people.standing)
    launches = Launches(
        store=store,
        orchestrator=orchestrator,
        admission=Admission(
            store=store,
            policy=policy,
            standing=people.standing,
            definition=catalogue.definition,
            url=settings.orchestrator_url,
        ),
        policy=policy,
        secrets=secrets,
        settle=settings.settle,
        account=settings.orchestrator_username,
    )
    presets = Presets(store=store)
    inventory = Inventory(orchestrator=orchestrator)
    drafts = Drafts(
        store=store,
        launches=launches,
        presets=presets,
        orchestrator=orchestrator,
        evaluator=Evaluator(orchestrator=orchestrator),
        inventory=inventory,
        policy=policy,
        secrets=secrets,
    )
    sending = Sending(store=store, launches=launches, presets=presets, policy=policy)
    answering = Answering(client=slack.client, session=slack.session)
    link = workflow_link(settings.orchestrator_web_url)
    courtesy = Courtesy()
    filling = Filling(
        drafts=drafts,
        sending=sending,
        people=people,
        answering=answering,
        files=Files(client=slack.client, session=slack.session, largest=settings.file_largest_kb * 1024),
        inventory=inventory,
    )
    launching = Launching(
        drafts=drafts,
        filling=filling,
        catalogue=catalogue,
        people=people,
        channels=Channels(client=slack.client, now=store.now),
        answering=answering,
        link=link,
        courtesy=courtesy,
    )
    keeping = Keeping(
        presets=presets,
        drafts=drafts,
        sending=sending,
        launching=launching,
        people=people,
        answering=answering,
    )
    explaining = Explaining(policy=policy, catalogue=catalogue, people=people, answering=answering)
    delegating = Delegating(approvals=approvals, people=people, answering=answering)
    commands = Commands(
        launching=launching,
        keeping=keeping,
        launches=launches,
        store=store,
        people=people,
        answering=answering,
        url=slack.identity.url,
        others={"explain": explaining.commanded, "delegate": delegating.commanded},
    )
    deciding = Deciding(
        launches=launches,
        approvals=approvals,
        inspecting=Inspecting(store=store, launches=launches, approvals=approvals),
        people=people,
        answering=answering,
        courtesy=courtesy,
    )
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
    door = open_door(
        slack,
        table(
            command=settings.command,
            commands=commands,
            launching=launching,
            filling=filling,
            keeping=keeping,
            deciding=deciding,
            explaining=explaining,
            delegating=delegating,
        ),
        answering=answering,
        teams=teams | ({slack.identity.enterprise_id} if slack.identity.enterprise_id else set()),
        signing_secret=secret,
        courtesy=courtesy,
    )
    by_http = settings.slack_transport is Transport.HTTP
    token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
    return Bot(
        store=store,
        policies=policies,
        orchestrator=orchestrator,
        launches=launches,
        approvals=approvals,
        drafts=drafts,
        sending=sending,
        catalogue=catalogue,
        people=people,
        tracker=Tracker(
            store=store,
            launches=launches,
            approvals=approvals,
            orchestrator=orchestrator,
            courtesy=courtesy,
        ),
        announcer=Announcer(
            store=store,
            client=slack.announcing,
            audience=Audience(people=people, policy=policy),
            link=run_link(link),
            url=slack.identity.url,
            courtesy=courtesy,
        ),
        slack=slack,
        switchboard=door.switchboard,
        http=HttpDoor(door.bolt, signing_secret=secret) if by_http else None,
        socket=None if by_http else SocketDoor(door.bolt, app_token=token, client=slack.client),
    )


async def run(settings: Settings, *, on_ready: Callable[[Bot, int], None] | None = None) -> None:
    """Run the bot until it is cancelled or a loop dies; `on_ready` gets the bot and its port."""
    sys.setswitchinterval(_SWITCH)
    async with build(settings) as bot, listening(settings, bot) as port:
        gc.freeze()  # what is loaded by now stays: a collection need not walk through it
        log.info("ready, listening on port %d", port)
        if on_ready is not None:
            on_ready(bot, port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(rounds(bot.tracker.tick))
                group.create_task(rounds(bot.announcer.tick))
                group.create_task(every(5, bot.orchestrator.keep_warm))
                group.create_task(every(LOOK_SECONDS, bot.follow_policy))
                group.create_task(bot.catalogue.run())
                group.create_task(bot.people.run())
                if bot.socket is not None:
                    group.create_task(bot.socket.run())
        finally:
            await bot.switchboard.drain(seconds=DRAIN)


@asynccontextmanager
async def listening(settings: Settings, bot: Bot) -> AsyncIterator[int]:
    """Serve health, and Slack's requests where they come by HTTP; yields the port."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def readiness(_: web.Request) -> web.Response:
        parts = await bot.ready()
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    served = web.Application(client_max_size=LARGEST)
    served.router.add_get("/healthz", health)
    served.router.add_get("/readyz", readiness)
    if bot.http is not None:
        served.router.add_post(PATH, bot.http.received)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
