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
from bot.service.overview import Overviews
from bot.service.pauses import Pauses
from bot.service.places import Places
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
    membership_now: Callable[[Person], Awaitable[Membership]]  # of this moment, for votes and starts
    in_channel: Callable[[Person, str], Awaitable[bool | None]]  # None: Slack does not say
    secrets: Secrets
    url: str  # Orchestrator's, to which each request is sealed
    settle: timedelta  # between two looks for a start that was never answered
    account: str | None  # the bot's user name in Orchestrator, where the login tells it
    scheduler: Scheduler
    login_key: str = ""  # stands for Orchestrator and the login: what was learnt of one holds for no other


@dataclass(frozen=True, kw_only=True)
class Services:
    """The use cases of one process."""

    catalogue: Catalogue
    launches: Launches
    approvals: Approvals
    launch_views: LaunchViews
    presets: Presets
    pauses: Pauses
    inventory: Inventory
    drafts: Drafts
    submission: Submission
    subscriptions: Subscriptions
    run_logs: RunLogs
    questions: Questions
    overviews: Overviews
    tracker: Tracker


def build_services(given: ServiceInputs) -> Services:
    """Join the services."""
    store, orchestrator, policy = given.store, given.orchestrator, given.policy
    catalogue = Catalogue(orchestrator=orchestrator, policy=policy)
    places = Places(policy=policy, in_channel=given.in_channel)
    preflight = _preflight(given, catalogue, places)
    approvals = Approvals(
        store=store,
        policy=policy,
        membership=given.membership,
        membership_now=given.membership_now,
        preflight=preflight,
    )
    launches = _launches(given, preflight)
    presets = Presets(store=store, places=places)
    inventory = Inventory(orchestrator=orchestrator)
    return Services(
        catalogue=catalogue,
        launches=launches,
        approvals=approvals,
        launch_views=LaunchViews(store=store, launches=launches, approvals=approvals),
        presets=presets,
        pauses=Pauses(store=store, policy=policy, catalogue=catalogue),
        inventory=inventory,
        drafts=_drafts(given, launches, presets, inventory, places),
        submission=Submission(store=store, launches=launches, presets=presets, policy=policy),
        subscriptions=Subscriptions(
            store=store, orchestrator=orchestrator, catalogue=catalogue, membership=given.membership
        ),
        overviews=Overviews(store=store, launches=launches, presets=presets, policy=policy),
        run_logs=RunLogs(store=store, launches=launches, orchestrator=orchestrator),
        questions=Questions(store=store, orchestrator=orchestrator, policy=policy, secrets=given.secrets),
        tracker=_tracker(given, launches, approvals),
    )


def _drafts(
    given: ServiceInputs, launches: Launches, presets: Presets, inventory: Inventory, places: Places
) -> Drafts:
    """Forms while they are filled in."""
    return Drafts(
        store=given.store,
        launches=launches,
        presets=presets,
        orchestrator=given.orchestrator,
        form_data=FormData(orchestrator=given.orchestrator),
        inventory=inventory,
        secrets=given.secrets,
        places=places,
    )


def _tracker(given: ServiceInputs, launches: Launches, approvals: Approvals) -> Tracker:
    """What moves open launches on."""
    return Tracker(
        store=given.store,
        launches=launches,
        approvals=approvals,
        orchestrator=given.orchestrator,
        scheduler=given.scheduler,
    )


def _preflight(given: ServiceInputs, catalogue: Catalogue, places: Places) -> Preflight:
    """The last look before each start, at this moment's rights and workflows."""
    return Preflight(
        store=given.store,
        policy=given.policy,
        membership=given.membership_now,
        definition=catalogue.now,
        places=places,
        url=given.url,
    )


def _launches(given: ServiceInputs, preflight: Preflight) -> Launches:
    """The launches, with the last look before each start."""
    return Launches(
        store=given.store,
        orchestrator=given.orchestrator,
        preflight=preflight,
        policy=given.policy,
        secrets=given.secrets,
        settle=given.settle,
        account=given.account,
        login_key=given.login_key,
    )
