"""Whether Orchestrator answers, takes the bot's login, and shows the workflows the policy speaks of."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.cli.check.report import count
from bot.domain.errors import (
    AnswerLost,
    BotError,
    Declined,
    LoginRefused,
    OrchestratorError,
    ServerFault,
    UnreadableAnswer,
)
from bot.orchestrator.answers import is_untrusted
from bot.orchestrator.client import Orchestrator
from bot.settings import LoginKind
from bot.store.database import Clock
from bot.wiring.orchestrator import connection
from bot.wiring.store import store_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.cli.check.report import CheckReport
    from bot.domain.policy import Policy, Rule
    from bot.domain.workflow import WorkflowSummary
    from bot.settings import Settings
    from bot.store.store import Store

_SERVER, _LOGIN, _WORKFLOWS = "Orchestrator", "Orchestrator login", "workflows"
_CLOCKS_AGREE = timedelta(seconds=5)  # a Date has whole seconds, and the answer takes its way
_NAMED = 5  # workflows at most that one line names
_GIVE_RIGHTS = "give the bot's account the right to view and run what the policy covers"


async def check_orchestrator(
    report: CheckReport, settings: Settings, policy: Policy | None, *, has_tables: bool
) -> None:
    """The server, the login, the list of workflows, and what the policy finds in it."""
    renews = settings.orchestrator_login is LoginKind.VCF
    if renews and not (has_tables and settings.sealing_keys):
        because = "a token renewed by the login could not be kept: that needs the tables and SEALING_KEYS"
        report.not_asked(_SERVER, _LOGIN, _WORKFLOWS, because=because)
        return
    async with _store(settings, needed=renews) as store:
        try:
            client = Orchestrator(connection(settings, store))
        except (ValueError, OSError) as wrong:  # a user name with a colon, a PEM file without a certificate
            report.no(_SERVER, str(wrong), fix="mend the settings whose names begin with ORCHESTRATOR_")
            report.not_asked(_LOGIN, _WORKFLOWS, because="with these settings there is no way to ask")
            return
        async with client as orchestrator:
            await _ask(report, settings, policy, orchestrator)


@asynccontextmanager
async def _store(settings: Settings, *, needed: bool) -> AsyncIterator[Store | None]:
    if not needed:
        yield None
        return
    async with store_of(settings, clock=Clock(), pool=2) as store:
        yield store


async def _ask(
    report: CheckReport, settings: Settings, policy: Policy | None, orchestrator: Orchestrator
) -> None:
    try:
        about = await orchestrator.about()
    except LoginRefused:
        text = f"answers at {settings.orchestrator_url}, but wants a login before all else"
        report.ok(_SERVER, text, *_clock_notes(orchestrator.clock_gap))
    except OrchestratorError as error:
        report.no(_SERVER, _in_words(error), fix=_reach(settings, error))
        report.not_asked(_LOGIN, _WORKFLOWS, because="Orchestrator does not answer")
        return
    else:
        text = f"version {about.version or 'unknown'} at {settings.orchestrator_url}"
        report.ok(_SERVER, text, *_clock_notes(orchestrator.clock_gap))
    seen = await _listed(report, settings, orchestrator)
    if seen is None:
        return
    if policy and not all(any(map(rule.covers, seen)) for rule in policy.rules):
        with suppress(OrchestratorError):  # folders that did not tell their paths in time are asked again
            seen = await orchestrator.workflows()
    _check_workflows(report, seen, policy)


def _clock_notes(gap: timedelta | None) -> tuple[str, ...]:
    """What follows from a clock that differs from this machine's, which a lost start is searched by."""
    if gap is None:
        what = "its answers bear no date, so its clock was not compared with this machine's"
        return (
            f"{what}; a start whose answer is lost is found only if the two differ by less than 2 minutes",
        )
    if abs(gap) < _CLOCKS_AGREE:
        return ()
    seconds = round(abs(gap).total_seconds())
    if gap > timedelta(0):
        follows = "a start whose answer is lost is searched for that much further back, among more runs"
        return (
            f"its clock is {seconds} s behind this machine's: {follows}. Set both by the same NTP servers",
        )
    follows = "the times of runs that it tells are that much late"
    return (f"its clock is {seconds} s ahead of this machine's: {follows}. Set both by the same NTP servers",)


async def _listed(
    report: CheckReport, settings: Settings, orchestrator: Orchestrator
) -> tuple[WorkflowSummary, ...] | None:
    """All that the account sees: the first call that needs the login, so that it proves it."""
    try:
        seen = await orchestrator.workflows()
    except Declined as no:
        report.ok(_LOGIN, "taken")
        report.no(_WORKFLOWS, f"they cannot be listed: {no.message}", fix=_GIVE_RIGHTS)
        return None
    except BotError as error:
        report.no(_LOGIN, _in_words(error), fix=_login_fix(settings, error))
        report.not_asked(_WORKFLOWS, because="nothing can be asked without the login")
        return None
    report.ok(_LOGIN, f"taken, by {settings.orchestrator_login.value}")
    return seen


def _check_workflows(report: CheckReport, seen: Sequence[WorkflowSummary], policy: Policy | None) -> None:
    if not seen:
        report.no(_WORKFLOWS, "the bot's account sees none", fix=_GIVE_RIGHTS)
        return
    if policy is None:
        note = "not compared with the policy, because the policy file cannot be used"
        report.ok(_WORKFLOWS, f"{len(seen)} seen", note)
        return
    covered = [workflow for workflow in seen if policy.rules_on(workflow)]
    closed = [workflow.name for workflow in covered if not workflow.can_execute]
    note = f"these are covered, but the bot's account may not run them: {_names(closed)}"
    text = f"{len(seen)} seen; the policy covers {len(covered)}, and the bot's account may run"
    report.ok(_WORKFLOWS, f"{text} {len(covered) - len(closed)} of them", *((note,) if closed else ()))
    for rule in policy.rules:
        _check_rule(report, seen, rule)


def _check_rule(report: CheckReport, seen: Sequence[WorkflowSummary], rule: Rule) -> None:
    """A rule under which nothing can be run is most likely a mistake."""
    covered = [workflow for workflow in seen if rule.covers(workflow)]
    if not covered:
        fix = "mend its ids, names or folders, or give the bot's account the right to view what it means"
        report.no(f"rule “{rule.name}”", f"covers none of the {count(len(seen), 'workflow')} seen", fix=fix)
    elif not any(workflow.can_execute for workflow in covered):
        names = _names([workflow.name for workflow in covered])
        text = f"the bot's account may run none of what it covers: {names}"
        report.no(f"rule “{rule.name}”", text, fix=_GIVE_RIGHTS)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def _in_words(error: BotError) -> str:
    """What a lost answer means here, where nothing was to have an effect; else the error's own words."""
    match error:
        case ServerFault():
            return "it failed while answering (5xx)"
        case UnreadableAnswer():
            return "the answer is not Orchestrator's; it may be a login page's"
        case AnswerLost():
            return "no answer came in time"
        case _:
            return error.message


def _reach(settings: Settings, error: OrchestratorError) -> str:
    if is_untrusted(error):
        return "let ORCHESTRATOR_CA_BUNDLE name a PEM file with the authorities that signed its certificate"
    return f"let this machine reach {settings.orchestrator_url}, or mend ORCHESTRATOR_URL"


def _login_fix(settings: Settings, error: BotError) -> str:
    if not isinstance(error, LoginRefused):
        return "see that the login service is up, and compare ORCHESTRATOR_AUTH_URL and ORCHESTRATOR_LOGIN"
    match settings.orchestrator_login:
        case LoginKind.BASIC:
            return (
                "compare ORCHESTRATOR_USERNAME and ORCHESTRATOR_PASSWORD; where Orchestrator is part of Aria "
                "Automation 8, use ORCHESTRATOR_LOGIN=aria"
            )
        case LoginKind.ARIA:
            return "compare ORCHESTRATOR_USERNAME, ORCHESTRATOR_PASSWORD and ORCHESTRATOR_DOMAIN"
        case LoginKind.TOKEN:
            return "put a token that has not ended into ORCHESTRATOR_TOKEN"
        case LoginKind.VCF:
            return "make a new API token for ORCHESTRATOR_REFRESH_TOKEN, and compare ORCHESTRATOR_TENANT"
