"""Whether Slack takes the bot's tokens, and what it lets the bot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.settings import SlackTransport
from bot.slack.receivers.http import PATH
from bot.slack.tokens import (
    OPTIONAL_SCOPES,
    REQUIRED_SCOPES,
    read_bot_token,
    try_app_token,
    why_not_post,
)
from bot.slack.web_api import SlackAway, SlackRefuses

if TYPE_CHECKING:
    from bot.cli.check.report import CheckReport
    from bot.domain.policy import Policy
    from bot.settings import Settings


async def check_slack(report: CheckReport, settings: Settings) -> None:
    """The bot token, its scopes, and the way Slack's requests come in."""
    await _check_bot_token(report, settings)
    match settings.slack_transport:
        case SlackTransport.SOCKET:
            await _check_app_token(report, settings)
        case SlackTransport.HTTP:
            address = f"https://YOUR-HOST{PATH}, leading to port {settings.http_port} here"
            note = f"the request URLs in the app's settings have to be {address}"
            report.ok("Slack signing secret", "set; only a request of Slack's can prove it right", note)


async def _check_bot_token(report: CheckReport, settings: Settings) -> None:
    what = "Slack bot token"
    token = settings.slack_bot_token.get_secret_value()
    try:
        found = await read_bot_token(token, api_url=settings.slack_api_url, proxy=settings.slack_proxy)
    except SlackRefuses as no:
        fix = "copy the Bot User OAuth Token from OAuth & Permissions, or install the app there once more"
        report.no(what, no.message, fix=fix)
    except SlackAway as away:
        report.no(what, away.message, fix=_reach(settings))
    else:
        report.ok(what, f"{found.bot} in the workspace {found.workspace}, {found.team_id}")
        _check_scopes(report, found.scopes)
        return
    report.not_asked("Slack scopes", because="the bot token was not taken")


def _check_scopes(report: CheckReport, granted: frozenset[str]) -> None:
    what = "Slack scopes"
    missing = [f"{scope}: {use}" for scope, use in REQUIRED_SCOPES.items() if scope not in granted]
    lost = tuple(
        f"without {scope}, {what_then}"
        for scope, what_then in OPTIONAL_SCOPES.items()
        if scope not in granted
    )
    if missing:
        fix = "reinstall the app from manifest.yml, which asks for all of them"
        report.no(what, f"{len(missing)} missing of the {len(REQUIRED_SCOPES)} needed", *missing, fix=fix)
    else:
        report.ok(what, f"all {len(REQUIRED_SCOPES)} needed", *lost)


async def _check_app_token(report: CheckReport, settings: Settings) -> None:
    what = "Slack app token"
    token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
    try:
        await try_app_token(token, api_url=settings.slack_api_url, proxy=settings.slack_proxy)
    except SlackRefuses as no:
        fix = "switch Socket Mode on, and make an app-level token with the scope connections:write"
        report.no(what, no.message, fix=fix)
    except SlackAway as away:
        report.no(what, away.message, fix=_reach(settings))
    else:
        report.ok(what, "Slack opens Socket Mode connections for it")


async def check_channels(report: CheckReport, settings: Settings, policy: Policy | None) -> None:
    """Whether the bot is in the channels where the policy has approvers and reviewers asked."""
    what = "Slack channels"
    if policy is None:
        report.not_asked(what, because="the policy file cannot be used")
        return
    token, api_url = settings.slack_bot_token.get_secret_value(), settings.slack_api_url
    channels = sorted(policy.notified)
    try:
        found = [
            (each, await why_not_post(token, each, api_url=api_url, proxy=settings.slack_proxy))
            for each in channels
        ]
    except (SlackRefuses, SlackAway) as no:
        report.not_asked(what, because=f"that cannot be proved now. {no.message}")
        return
    wrong = [f"{channel}: {why}" for channel, why in found if why]
    if wrong:
        fix = "invite the bot to each with /invite, or name others under notify in the policy file"
        there = f"{len(wrong)} of the {len(channels)} that the policy notifies"
        report.no(what, f"the bot cannot post in {there}", *wrong, fix=fix)
    elif channels:
        note = "a channel in which only some may post can still refuse it; only a message would show"
        report.ok(what, f"the bot is in all {len(channels)} that the policy notifies", note)
    else:
        report.ok(what, "the policy notifies none")


def _reach(settings: Settings) -> str:
    return f"let this machine reach {settings.slack_api_url}, or mend SLACK_API_URL"
