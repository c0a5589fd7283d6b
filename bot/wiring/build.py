"""The wiring: every part of the bot, built from the settings and joined."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.orchestrator.client import Orchestrator
from bot.runtime.priority import Courtesy
from bot.service.approvals import Approvals
from bot.service.catalogue import Catalogue
from bot.service.denials import denials_audited
from bot.service.drafts import Drafts, Submission
from bot.service.form_data import FormData
from bot.service.inventory import Inventory
from bot.service.launch_views import LaunchViews
from bot.service.launches import Launches
from bot.service.policy_watcher import PolicyWatcher
from bot.service.preflight import Preflight
from bot.service.presets import Presets
from bot.service.secrets import configured
from bot.service.tracker import Tracker
from bot.settings import Settings, Transport
from bot.slack.channels import Channels
from bot.slack.clients import Slack, open_dispatcher, open_slack
from bot.slack.delivery.announcer import Announcer
from bot.slack.delivery.audience import Audience
from bot.slack.files import Files
from bot.slack.groups import workspace_groups
from bot.slack.handlers.commands import Commands
from bot.slack.handlers.decisions import DecisionHandlers
from bot.slack.handlers.delegation import DelegationHandlers
from bot.slack.handlers.explain import ExplainHandlers
from bot.slack.handlers.form import FormHandlers
from bot.slack.handlers.picker import PickerHandlers
from bot.slack.handlers.presets import PresetHandlers
from bot.slack.handlers.status import StatusHandlers
from bot.slack.handlers.submission import SubmissionHandlers
from bot.slack.inbox import Inbox
from bot.slack.people import People
from bot.slack.receivers import HttpReceiver, SocketModeReceiver
from bot.slack.responder import Responder
from bot.slack.routes import Handlers, deferred_interactions, handlers_by_key, table
from bot.store.database import Clock
from bot.store.migrating import check_tables
from bot.store.store import Store, open_store
from bot.wiring.orchestrator import connection, run_link, workflow_link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.domain.policy import Policy
    from bot.slack.dispatcher import Dispatcher, DispatchingApp
    from bot.slack.receivers import Receiver


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The parts that run, and those that tests tick by hand."""

    store: Store
    policies: PolicyWatcher
    orchestrator: Orchestrator
    launches: Launches
    approvals: Approvals
    drafts: Drafts
    sending: Submission
    catalogue: Catalogue
    people: People
    tracker: Tracker
    announcer: Announcer
    inbox: Inbox
    courtesy: Courtesy
    slack: Slack
    dispatcher: Dispatcher
    receiver: Receiver

    async def follow_policy(self) -> None:
        """Take up a changed policy file, work out what it offers, and learn whom it names."""
        if await self.policies.look():
            await self.catalogue.follow_policy()
            await self.people.refresh()

    async def ready(self) -> dict[str, bool]:
        """What `/readyz` says: each part, and whether it can do its work now."""
        try:
            await self.store.ping()
            database = True
        except DatabaseLost:
            database = False
        return {
            "database": database,
            "policy": self.policies.current.is_read,
            "slack": not self.receiver.deaf_seconds,
            "workflows": self.catalogue.is_read,
        }

    async def quarantined(self) -> int | None:
        """How many rows are put aside because they cannot be read or failed; None if the database is away."""
        try:
            return await self.store.quarantined()
        except DatabaseLost:
            return None


@asynccontextmanager
async def build(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """Open everything, hand over the bot, close everything; BotError says what cannot be opened and why."""
    clock = clock or Clock()
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
            open_slack(
                token=settings.slack_bot_token.get_secret_value(),
                api_url=settings.slack_api_url,
                proxy=settings.slack_proxy,
                app_token=_app_token(settings),
            )
        )
        policies = PolicyWatcher(
            file=settings.policy_file,
            store=store,
            secrets=lambda: frozenset(settings.named_secrets()),
            groups=partial(workspace_groups, slack.client),
        )
        await policies.begin()
        yield _join(settings, store=store, orchestrator=orchestrator, slack=slack, policies=policies)


def _app_token(settings: Settings) -> str | None:
    """The token of Socket Mode; None with HTTP."""
    if settings.slack_transport is Transport.HTTP or settings.slack_app_token is None:
        return None
    return settings.slack_app_token.get_secret_value()


def _receiver(settings: Settings, slack: Slack, bolt: DispatchingApp) -> Receiver:
    """How Slack's payloads come in."""
    app_token = _app_token(settings)
    if app_token is None:
        return HttpReceiver(bolt, signing_secret=_signing_secret(settings))
    return SocketModeReceiver(bolt, app_token=app_token, client=slack.client, session=slack.session)


def _signing_secret(settings: Settings) -> str:
    return settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""


def _join(
    settings: Settings,
    *,
    store: Store,
    orchestrator: Orchestrator,
    slack: Slack,
    policies: PolicyWatcher,
) -> Bot:
    """Put the parts together."""

    def policy() -> Policy:
        return policies.current

    secrets = configured(settings.named_secrets())
    catalogue = Catalogue(orchestrator=orchestrator, policy=policy)
    teams = settings.slack_teams | {slack.identity.team_id}
    refusing = partial(denials_audited, store, wish="use the bot")
    people = People(client=slack.client, policy=policy, teams=teams, now=store.now, recording=refusing)
    approvals = Approvals(store=store, policy=policy, membership=people.membership)
    launches = Launches(
        store=store,
        orchestrator=orchestrator,
        preflight=Preflight(
            store=store,
            policy=policy,
            membership=people.membership,
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
        form_data=FormData(orchestrator=orchestrator),
        inventory=inventory,
        policy=policy,
        secrets=secrets,
    )
    sending = Submission(store=store, launches=launches, presets=presets, policy=policy)
    courtesy = Courtesy()
    responder = Responder(client=slack.client, session=slack.session, courtesy=courtesy)
    link = workflow_link(settings.orchestrator_web_url)
    filling = FormHandlers(
        drafts=drafts,
        sending=sending,
        responder=responder,
        files=Files(client=slack.client, session=slack.session, largest=settings.file_largest_kb * 1024),
        inventory=inventory,
    )
    launching = PickerHandlers(
        drafts=drafts,
        filling=filling,
        catalogue=catalogue,
        channels=Channels(client=slack.client, now=store.now),
        responder=responder,
        link=link,
    )
    keeping = PresetHandlers(
        presets=presets,
        drafts=drafts,
        sending=sending,
        launching=launching,
        responder=responder,
    )
    explaining = ExplainHandlers(catalogue=catalogue, people=people, responder=responder)
    delegating = DelegationHandlers(approvals=approvals, people=people, responder=responder)
    launch_views = LaunchViews(store=store, launches=launches, approvals=approvals)
    looking = StatusHandlers(
        launches=launches,
        launch_views=launch_views,
        approvals=approvals,
        responder=responder,
        url=slack.identity.url,
    )
    commands = Commands(
        launching=launching,
        keeping=keeping,
        looking=looking,
        explaining=explaining,
        delegating=delegating,
        responder=responder,
    )
    deciding = DecisionHandlers(
        launches=launches,
        approvals=approvals,
        launch_views=launch_views,
        responder=responder,
    )
    submitting = SubmissionHandlers(
        drafts=drafts, sending=sending, filling=filling, responder=responder, now=store.now
    )
    handlers = Handlers(
        commands=commands,
        launching=launching,
        filling=filling,
        submitting=submitting,
        keeping=keeping,
        deciding=deciding,
        explaining=explaining,
        delegating=delegating,
    )
    routes = table(settings.command, handlers)
    inbox = Inbox(deferred_interactions(routes, people), store=store, report_error=responder.report_error)
    incoming = open_dispatcher(
        slack,
        handlers_by_key(routes, people, inbox),
        responder=responder,
        teams=teams | ({slack.identity.enterprise_id} if slack.identity.enterprise_id else set()),
        signing_secret=_signing_secret(settings),
        courtesy=courtesy,
    )
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
        inbox=inbox,
        courtesy=courtesy,
        slack=slack,
        dispatcher=incoming.dispatcher,
        receiver=_receiver(settings, slack, incoming.bolt),
    )
