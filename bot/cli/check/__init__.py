"""`python -m bot check`: proves one by one what the bot stands on, and says what to mend."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.cli.check.configuration import (
    check_audit_keys,
    check_named_secrets,
    check_policy,
    check_sealing_keys,
    check_settings,
)
from bot.cli.check.database import check_database
from bot.cli.check.orchestrator import check_orchestrator
from bot.cli.check.report import CheckReport
from bot.cli.check.slack import check_channels, check_slack
from bot.slack.tokens import read_user_groups

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

__all__ = ["add_arguments", "check", "run"]

_AFTER_SETTINGS = (
    "policy file",
    "named secrets",
    "sealing keys",
    "audit",
    "database",
    "Slack",
    "Orchestrator",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


async def run(asked: argparse.Namespace) -> int:
    """Check all with the settings that were named."""
    logging.disable(logging.CRITICAL)  # the lines of the check say it all
    return await check(file=asked.settings)


async def check(*, file: Path | None) -> int:
    """Prove everything with the settings of the environment and `file`; 0 if all of it holds, else 1.

    Asks Slack and Orchestrator for facts only, and writes nothing but, with the login `vcf`, a renewed token.
    """
    report = CheckReport()
    settings = check_settings(report, file)
    if settings is None:
        report.not_asked(*_AFTER_SETTINGS, because="the settings need attention first")
        return 1
    token, api_url = settings.slack_bot_token.get_secret_value(), settings.slack_api_url
    policy = check_policy(
        report, settings, groups=await read_user_groups(token, api_url=api_url, proxy=settings.slack_proxy)
    )
    check_named_secrets(report, settings, policy)
    check_sealing_keys(report, settings, policy)
    check_audit_keys(report, settings)
    has_tables = await check_database(report, settings)
    await check_slack(report, settings)
    await check_channels(report, settings, policy)
    await check_orchestrator(report, settings, policy, has_tables=has_tables)
    return 0 if report.all_ok else 1
