"""The wiring: every part of the bot, built floor by floor from the settings, and joined."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.orchestrator.client import Orchestrator
from bot.runtime.priority import Scheduler
from bot.service.denials import denials_audited
from bot.service.electorate import Electorate
from bot.service.policy_watcher import PolicyWatcher
from bot.service.refusal_counts import RefusalCounts
from bot.service.retention import Retention
from bot.service.secrets import configured
from bot.slack.approvers import Approvers
from bot.slack.people import People
from bot.store.database import Clock
from bot.store.migrating import check_tables
from bot.wiring.orchestrator import connection, login_key
from bot.wiring.retention import ages_of
from bot.wiring.service import ServiceInputs, build_services
from bot.wiring.slack import SlackInputs, audience_of, build_slack, groups_of, slack_of, teams_of
from bot.wiring.store import audit_shipping_of, store_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.domain.policy import Policy
    from bot.service.approvals import Approvals
    from bot.service.audit_shipping import AuditShipping
    from bot.service.catalogue import Catalogue
    from bot.service.drafts import Drafts, Submission
    from bot.service.launches import Launches
    from bot.service.subscriptions import Subscriptions
    from bot.service.tracker import Tracker
    from bot.settings import Settings
    from bot.slack.clients import Slack
    from bot.slack.delivery.announcer import Announcer
    from bot.slack.delivery.home_tabs import HomeTabs
    from bot.slack.delivery.run_news import RunNewsTeller
    from bot.slack.dispatcher import Dispatcher
    from bot.slack.inbox import Inbox
    from bot.slack.receivers import Receiver
    from bot.store.store import Store
    from bot.wiring.slack import SlackParts


@dataclass(frozen=True, kw_only=True)
class Bot:
    """The parts that run, and those that tests tick by hand."""

    store: Store
    policies: PolicyWatcher
    orchestrator: Orchestrator
    launches: Launches
    approvals: Approvals
    drafts: Drafts
    submission: Submission
    catalogue: Catalogue
    people: People
    tracker: Tracker
    electorate: Electorate
    retention: Retention
    announcer: Announcer
    subscriptions: Subscriptions
    run_news: RunNewsTeller
    home_tabs: HomeTabs
    inbox: Inbox
    scheduler: Scheduler
    slack: Slack
    dispatcher: Dispatcher
    receiver: Receiver
    refusal_counts: RefusalCounts
    audit_shipping: AuditShipping | None

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

    @property
    def login_refused(self) -> bool:
        """Whether Orchestrator refuses the bot's login; whoever uses the bot then hears so in Slack."""
        return self.orchestrator.is_login_refused

    async def quarantined(self) -> int | None:
        """How many rows are put aside because they cannot be read or failed; None if the database is away."""
        try:
            return await self.store.quarantine.count()
        except DatabaseLost:
            return None


@asynccontextmanager
async def build(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """Open everything, hand over the bot, close everything; BotError says what cannot be opened and why."""
    await check_tables(settings.database_url.get_secret_value())
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        store = await enter(store_of(settings, clock=clock or Clock(), pool=settings.database_pool))
        orchestrator = await enter(Orchestrator(connection(settings, store)))
        slack = await enter(slack_of(settings))
        policies = PolicyWatcher(
            file=settings.policy_file,
            store=store,
            secrets=lambda: frozenset(settings.named_secrets()),
            groups=groups_of(slack),
        )
        await policies.begin()
        yield _join(settings, store=store, orchestrator=orchestrator, slack=slack, policies=policies)


def _join(
    settings: Settings,
    *,
    store: Store,
    orchestrator: Orchestrator,
    slack: Slack,
    policies: PolicyWatcher,
) -> Bot:
    """Put the floors on each other."""

    def policy() -> Policy:
        return policies.current

    scheduler = Scheduler()
    people = _people(settings, slack, store, policy)
    approvers = Approvers(people=people)
    services = build_services(_service_inputs(settings, store, orchestrator, people, policy, scheduler))
    base = SlackInputs(
        settings=settings,
        slack=slack,
        people=people,
        services=services,
        store=store,
        policy=policy,
        scheduler=scheduler,
        refusal_counts=RefusalCounts(store=store),
        audience=audience_of(people.channels, approvers, policy=policy, now=store.now),
    )
    return _bot(base, build_slack(base), orchestrator=orchestrator, policies=policies, approvers=approvers)


def _service_inputs(
    settings: Settings,
    store: Store,
    orchestrator: Orchestrator,
    people: People,
    policy: Callable[[], Policy],
    scheduler: Scheduler,
) -> ServiceInputs:
    return ServiceInputs(
        store=store,
        orchestrator=orchestrator,
        policy=policy,
        membership=people.membership,
        membership_now=people.membership_now,
        in_channel=people.in_channel,
        secrets=configured(settings.named_secrets()),
        url=settings.orchestrator_url,
        settle=settings.settle,
        account=settings.orchestrator_username,
        scheduler=scheduler,
        login_key=login_key(settings),
    )


def _people(settings: Settings, slack: Slack, store: Store, policy: Callable[[], Policy]) -> People:
    return People(
        client=slack.client,
        policy=policy,
        teams=teams_of(settings, slack.identity.team_id),
        now=store.now,
        recording=partial(denials_audited, store, wish="use the bot"),
    )


def _bot(
    base: SlackInputs,
    parts: SlackParts,
    *,
    orchestrator: Orchestrator,
    policies: PolicyWatcher,
    approvers: Approvers,
) -> Bot:
    """The parts that run, out of all floors."""
    services = base.services
    return Bot(
        store=base.store,
        policies=policies,
        orchestrator=orchestrator,
        launches=services.launches,
        approvals=services.approvals,
        drafts=services.drafts,
        submission=services.submission,
        catalogue=services.catalogue,
        people=base.people,
        tracker=services.tracker,
        electorate=Electorate(store=base.store, left=approvers.left),
        retention=Retention(store=base.store, ages=ages_of(base.settings)),
        announcer=parts.announcer,
        subscriptions=services.subscriptions,
        run_news=parts.run_news,
        home_tabs=parts.home_tabs,
        inbox=parts.inbox,
        scheduler=base.scheduler,
        slack=base.slack,
        dispatcher=parts.dispatcher,
        receiver=parts.receiver,
        refusal_counts=base.refusal_counts,
        audit_shipping=audit_shipping_of(base.settings, base.store),
    )
