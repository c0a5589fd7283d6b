"""The service floor: the use cases on a store and an Orchestrator, whoever knows the people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.service.approvals import Approvals
from bot.service.catalogue import Catalogue
from bot.service.drafts import Drafts, Submission
from bot.service.form_data import FormData
from bot.service.inventory import Inventory
from bot.service.launch_views import LaunchViews
from bot.service.launches import Launches
from bot.service.preflight import Preflight
from bot.service.presets import Presets
from bot.service.questions import Questions
from bot.service.run_logs import RunLogs
from bot.service.subscriptions import Subscriptions
from bot.service.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import timedelta

    from bot.domain.people import Membership, Person
    from bot.domain.policy import Policy
    from bot.orchestrator.client import Orchestrator
    from bot.runtime.priority import Scheduler
    from bot.service.secrets import Secrets
    from bot.store.store import Store


@dataclass(frozen=True, kw_only=True)
class ServiceInputs:
    """What the services stand on. Slack is no part of it: who somebody is, is looked up by `membership`."""

    store: Store
    orchestrator: Orchestrator
    policy: Callable[[], Policy]
    membership: Callable[[Person], Awaitable[Membership]]
    secrets: Secrets
    url: str  # Orchestrator's, to which each request is sealed
    settle: timedelta  # between two looks for a start that was never answered
    account: str | None  # the bot's user name in Orchestrator, where the login tells it
    scheduler: Scheduler


@dataclass(frozen=True, kw_only=True)
class Services:
    """The use cases of one process."""

    catalogue: Catalogue
    launches: Launches
    approvals: Approvals
    launch_views: LaunchViews
    presets: Presets
    inventory: Inventory
    drafts: Drafts
    submission: Submission
    subscriptions: Subscriptions
    run_logs: RunLogs
    questions: Questions
    tracker: Tracker


def build_services(given: ServiceInputs) -> Services:
    """Join the services."""
    store, orchestrator, policy = given.store, given.orchestrator, given.policy
    catalogue = Catalogue(orchestrator=orchestrator, policy=policy)
    approvals = Approvals(store=store, policy=policy, membership=given.membership)
    launches = _launches(given, catalogue)
    presets = Presets(store=store)
    inventory = Inventory(orchestrator=orchestrator)
    return Services(
        catalogue=catalogue,
        launches=launches,
        approvals=approvals,
        launch_views=LaunchViews(store=store, launches=launches, approvals=approvals),
        presets=presets,
        inventory=inventory,
        drafts=Drafts(
            store=store,
            launches=launches,
            presets=presets,
            orchestrator=orchestrator,
            form_data=FormData(orchestrator=orchestrator),
            inventory=inventory,
            policy=policy,
            secrets=given.secrets,
        ),
        submission=Submission(store=store, launches=launches, presets=presets, policy=policy),
        subscriptions=Subscriptions(
            store=store, orchestrator=orchestrator, catalogue=catalogue, membership=given.membership
        ),
        run_logs=RunLogs(store=store, launches=launches, orchestrator=orchestrator),
        questions=Questions(store=store, orchestrator=orchestrator, policy=policy, secrets=given.secrets),
        tracker=Tracker(
            store=store,
            launches=launches,
            approvals=approvals,
            orchestrator=orchestrator,
            scheduler=given.scheduler,
        ),
    )


def _launches(given: ServiceInputs, catalogue: Catalogue) -> Launches:
    """The launches, and the last look before each start."""
    preflight = Preflight(
        store=given.store,
        policy=given.policy,
        membership=given.membership,
        definition=catalogue.definition,
        url=given.url,
    )
    return Launches(
        store=given.store,
        orchestrator=given.orchestrator,
        preflight=preflight,
        policy=given.policy,
        secrets=given.secrets,
        settle=given.settle,
        account=given.account,
    )
