"""The Slack floor: the way out to Slack, who its people are, the handlers, and what receives and tells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.settings import SlackTransport
from bot.slack.channels import Channels
from bot.slack.clients import open_dispatcher, open_slack
from bot.slack.delivery.announcer import Announcer
from bot.slack.delivery.audience import CardAudience
from bot.slack.delivery.home_tabs import HomeTabs
from bot.slack.delivery.run_news import RunNewsTeller
from bot.slack.files import Files
from bot.slack.groups import workspace_groups
from bot.slack.handlers.commands import Commands
from bot.slack.handlers.decisions import DecisionHandlers
from bot.slack.handlers.delegation import DelegationHandlers
from bot.slack.handlers.explain import ExplainHandlers
from bot.slack.handlers.form import FormHandlers
from bot.slack.handlers.home import HomeHandlers
from bot.slack.handlers.pausing import PauseHandlers
from bot.slack.handlers.picker import PickerHandlers
from bot.slack.handlers.presets import PresetHandlers
from bot.slack.handlers.questions import QuestionHandlers
from bot.slack.handlers.rerun import RerunHandlers
from bot.slack.handlers.run_details import RunDetailHandlers
from bot.slack.handlers.status import StatusHandlers
from bot.slack.handlers.submission import SubmissionHandlers
from bot.slack.handlers.subscriptions import SubscriptionHandlers
from bot.slack.inbox import Inbox
from bot.slack.personal_pace import PersonalPace
from bot.slack.receivers import HttpReceiver, SocketModeReceiver
from bot.slack.responder import Responder
from bot.slack.routes import Handlers, deferred_interactions, handlers_by_key, table
from bot.slack.uploads import Uploads
from bot.wiring.orchestrator import run_link, workflow_link

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from bot.domain.policy import Policy
    from bot.runtime.priority import Scheduler
    from bot.service.refusal_counts import RefusalCounts
    from bot.settings import Settings
    from bot.slack.approvers import Approvers
    from bot.slack.channel_members import ChannelMembers
    from bot.slack.clients import Slack
    from bot.slack.dispatcher import Dispatcher, DispatchingApp
    from bot.slack.people import People
    from bot.slack.receivers import Receiver
    from bot.store.store import Store
    from bot.wiring.service import Services


@dataclass(frozen=True, kw_only=True)
class SlackInputs:
    """What the Slack floor stands on."""

    settings: Settings
    slack: Slack
    people: People
    services: Services
    store: Store
    policy: Callable[[], Policy]
    scheduler: Scheduler
    refusal_counts: RefusalCounts
    audience: CardAudience


@dataclass(frozen=True, kw_only=True)
class SlackParts:
    """What receives from Slack, and what tells it."""

    inbox: Inbox
    announcer: Announcer
    run_news: RunNewsTeller
    home_tabs: HomeTabs
    dispatcher: Dispatcher
    receiver: Receiver


def slack_of(settings: Settings) -> AbstractAsyncContextManager[Slack]:
    """The way out to Slack; opening it waits while Slack is away."""
    return open_slack(
        token=settings.slack_bot_token.get_secret_value(),
        api_url=settings.slack_api_url,
        proxy=settings.slack_proxy,
        app_token=_app_token(settings),
    )


def groups_of(slack: Slack) -> Callable[[], Awaitable[Mapping[str, str] | None]]:
    """How to read the workspace's user groups."""
    return partial(workspace_groups, slack.client)


def teams_of(settings: Settings, team_id: str) -> frozenset[str]:
    """The workspaces whose members may use the bot: its own, and those of the settings."""
    return frozenset(settings.slack_teams | {team_id})


def audience_of(
    members: ChannelMembers,
    approvers: Approvers,
    *,
    policy: Callable[[], Policy],
    now: Callable[[], datetime],
) -> CardAudience:
    """Who is told of requests, and where."""
    return CardAudience(approvers=approvers, members=members, policy=policy, now=now)


def build_slack(given: SlackInputs) -> SlackParts:
    """Join what receives and what tells."""
    settings, slack, scheduler = given.settings, given.slack, given.scheduler
    responder = Responder(client=slack.client, session=slack.session, scheduler=scheduler)
    home_tabs = _home_tabs(given)
    routes = table(settings.command, _handlers(given, responder, home_tabs))
    inbox = Inbox(
        deferred_interactions(routes, given.people), store=given.store, report_error=responder.report_error
    )
    pace = PersonalPace(per_minute=settings.commands_per_minute, now=given.store.now)
    organisation = {slack.identity.enterprise_id} if slack.identity.enterprise_id else set()
    incoming = open_dispatcher(
        slack,
        handlers_by_key(routes, given.people, inbox, pace),
        responder=responder,
        teams=teams_of(settings, slack.identity.team_id) | organisation,
        signing_secret=_signing_secret(settings),
        scheduler=scheduler,
        refused=given.refusal_counts.count,
    )
    announcer = Announcer(
        store=given.store,
        client=slack.announcing,
        audience=given.audience,
        link=run_link(workflow_link(settings.orchestrator_web_url)),
        url=slack.identity.url,
        scheduler=scheduler,
    )
    return SlackParts(
        inbox=inbox,
        announcer=announcer,
        run_news=RunNewsTeller(
            store=given.store, client=slack.announcing, link=workflow_link(settings.orchestrator_web_url)
        ),
        home_tabs=home_tabs,
        dispatcher=incoming.dispatcher,
        receiver=_receiver(given, incoming.bolt),
    )


def _home_tabs(given: SlackInputs) -> HomeTabs:
    return HomeTabs(
        client=given.slack.client,
        people=given.people,
        overviews=given.services.overviews,
        url=given.slack.identity.url,
        command=given.settings.command,
        now=given.store.now,
    )


def _handlers(given: SlackInputs, responder: Responder, home_tabs: HomeTabs) -> Handlers:
    """Where what people do is handled."""
    services = given.services
    channels = Channels(client=given.slack.client, now=given.store.now)
    form = _form(given, responder)
    picker = _picker(given, form, channels, responder)
    presets = _presets(given, picker, responder)
    people = given.people
    explain = ExplainHandlers(catalogue=services.catalogue, people=people, responder=responder)
    delegation = DelegationHandlers(approvals=services.approvals, people=people, responder=responder)
    return Handlers(
        commands=Commands(
            picker=picker,
            presets=presets,
            status=_looking(given, responder),
            explain=explain,
            delegation=delegation,
            subscriptions=_subscriptions(given, channels, responder),
            pausing=PauseHandlers(pauses=services.pauses, responder=responder),
            responder=responder,
        ),
        picker=picker,
        form=form,
        submission=_submission(given, form, responder),
        presets=presets,
        decisions=_decisions(given, responder),
        explain=explain,
        delegation=delegation,
        repeating=RerunHandlers(launch_views=services.launch_views, picker=picker),
        details=_details(given, responder),
        home=HomeHandlers(tabs=home_tabs, responder=responder),
        questions=QuestionHandlers(
            questions=services.questions,
            responder=responder,
            link=workflow_link(given.settings.orchestrator_web_url),
        ),
    )


def _presets(given: SlackInputs, picker: PickerHandlers, responder: Responder) -> PresetHandlers:
    return PresetHandlers(
        presets=given.services.presets,
        drafts=given.services.drafts,
        submission=given.services.submission,
        picker=picker,
        responder=responder,
    )


def _subscriptions(given: SlackInputs, channels: Channels, responder: Responder) -> SubscriptionHandlers:
    return SubscriptionHandlers(
        subscriptions=given.services.subscriptions, channels=channels, responder=responder
    )


def _details(given: SlackInputs, responder: Responder) -> RunDetailHandlers:
    return RunDetailHandlers(
        launch_views=given.services.launch_views,
        run_logs=given.services.run_logs,
        responder=responder,
        uploads=Uploads(client=given.slack.client),
    )


def _form(given: SlackInputs, responder: Responder) -> FormHandlers:
    client, session = given.slack.client, given.slack.session
    return FormHandlers(
        drafts=given.services.drafts,
        submission=given.services.submission,
        responder=responder,
        files=Files(client=client, session=session, largest=given.settings.file_largest_kb * 1024),
        inventory=given.services.inventory,
        audience=given.audience,
    )


def _picker(
    given: SlackInputs, form: FormHandlers, channels: Channels, responder: Responder
) -> PickerHandlers:
    return PickerHandlers(
        drafts=given.services.drafts,
        form=form,
        catalogue=given.services.catalogue,
        launch_views=given.services.launch_views,
        channels=channels,
        responder=responder,
        link=workflow_link(given.settings.orchestrator_web_url),
    )


def _looking(given: SlackInputs, responder: Responder) -> StatusHandlers:
    return StatusHandlers(
        launches=given.services.launches,
        launch_views=given.services.launch_views,
        approvals=given.services.approvals,
        responder=responder,
        url=given.slack.identity.url,
    )


def _decisions(given: SlackInputs, responder: Responder) -> DecisionHandlers:
    return DecisionHandlers(
        launches=given.services.launches,
        approvals=given.services.approvals,
        launch_views=given.services.launch_views,
        responder=responder,
    )


def _submission(given: SlackInputs, form: FormHandlers, responder: Responder) -> SubmissionHandlers:
    return SubmissionHandlers(
        drafts=given.services.drafts,
        submission=given.services.submission,
        form=form,
        responder=responder,
        audience=given.audience,
        now=given.store.now,
    )


def _receiver(given: SlackInputs, bolt: DispatchingApp) -> Receiver:
    """How Slack's payloads come in."""
    settings, slack = given.settings, given.slack
    app_token = _app_token(settings)
    if app_token is None:
        refused = given.refusal_counts.count
        return HttpReceiver(bolt, signing_secret=_signing_secret(settings), refused=refused)
    return SocketModeReceiver(bolt, app_token=app_token, client=slack.client, session=slack.session)


def _app_token(settings: Settings) -> str | None:
    """The token of Socket Mode; None with HTTP."""
    if settings.slack_transport is SlackTransport.HTTP or settings.slack_app_token is None:
        return None
    return settings.slack_app_token.get_secret_value()


def _signing_secret(settings: Settings) -> str:
    return settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
