"""What stands in files and in the environment: settings, policy, secrets and keys."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bot.cli.check.report import count
from bot.domain.policy.rule import ConfirmBy
from bot.policy_file import PolicyError, read_policy
from bot.settings import LoginKind, SettingsError, read_settings
from bot.settings.reading import unknown_names

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from bot.cli.check.report import CheckReport
    from bot.domain.policy import Policy
    from bot.settings import NamedSecrets, Settings

_UNCHECKED_TLS = "ORCHESTRATOR_VERIFY_TLS is off: whoever stands between may read Orchestrator's login"
_MAKE_A_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


def check_settings(report: CheckReport, file: Path | None) -> Settings | None:
    """The settings, if there is nothing wrong with them."""
    try:
        settings = read_settings(file=file)
    except SettingsError as wrong:
        fix = "mend these in the environment, or in the file that --settings or BOT_SETTINGS names"
        report.no("settings", count(len(wrong.problems), "problem"), *wrong.problems, fix=fix)
        return None
    slack, login = settings.slack_transport.value, settings.orchestrator_login.value
    notes = unknown_names(os.environ)
    notes += () if settings.orchestrator_verify_tls else (_UNCHECKED_TLS,)
    report.ok("settings", f"complete; Slack by {slack}, Orchestrator's login by {login}", *notes)
    return settings


def check_policy(report: CheckReport, settings: Settings, *, groups: Collection[str] | None) -> Policy | None:
    """The policy, if it can be read; `groups` are the workspace's user groups, if Slack lists them."""
    secrets = set(settings.named_secrets())
    try:
        policy = read_policy(settings.policy_file, secrets=secrets, groups=groups)
    except PolicyError as wrong:
        fix = "mend these in the policy file; README.md shows what one looks like"
        report.no("policy file", count(len(wrong.problems), "problem"), *wrong.problems, fix=fix)
        return None
    notes = [] if policy.rules else ["without a rule nobody may run anything"]
    if groups is None and policy.groups:
        notes.append("its user groups were not compared with Slack's, which could not be listed")
    report.ok("policy file", f"{settings.policy_file}, {count(len(policy.rules), 'rule')}", *notes)
    return policy


def check_named_secrets(report: CheckReport, settings: Settings, policy: Policy | None) -> None:
    """Whether the secrets the policy names can be read; that they are configured, the policy proved."""
    if policy is None:
        report.not_asked("named secrets", because="the policy file cannot be used")
        return
    named = settings.named_secrets()
    unreadable = [name for name in sorted(policy.secrets) if not _is_readable(named, name)]
    if unreadable:
        fix = "make each a file of UTF-8 text that the account the bot runs as may read"
        report.no("named secrets", f"cannot be read: {', '.join(unreadable)}", fix=fix)
    elif policy.secrets:
        report.ok("named secrets", f"all {len(policy.secrets)} that the policy names can be read")
    else:
        report.ok("named secrets", "the policy names none")


def _is_readable(named: NamedSecrets, name: str) -> bool:
    try:
        _ = named[name]
    except (KeyError, OSError, UnicodeDecodeError):
        return False
    return True


def check_audit_keys(report: CheckReport, settings: Settings) -> None:
    """Whether the audit is sealed with a key, and where it is shipped to; it works without either."""
    keys, place = len(settings.audit_keys), settings.audit_ship_to
    shipped = f"shipped to {place}" if place else "shipped nowhere"
    if keys:
        report.ok("audit", f"{count(keys, 'key')} set, {shipped}")
        return
    note = f"whoever can write to the database can write it anew; AUDIT_KEYS helps: {_MAKE_A_KEY}"
    report.ok("audit", f"no key set, {shipped}", note)


def check_sealing_keys(report: CheckReport, settings: Settings, policy: Policy | None) -> None:
    """Whether there are keys, if typed secrets or a renewed login token have to be kept sealed."""
    rules = policy.rules if policy else ()
    uses = [f"rule “{rule.name}” lets people type secrets" for rule in rules if rule.typed_secrets]
    uses += [
        f"rule “{rule.name}” asks its approvers for one-time codes"
        for rule in rules
        if any(stage.confirmation is ConfirmBy.CODE for stage in rule.approve)
    ]
    if settings.orchestrator_login is LoginKind.VCF:
        uses.append("ORCHESTRATOR_LOGIN=vcf renews its token")
    keys = len(settings.sealing_keys)
    if keys:
        report.ok("sealing keys", f"{keys} set; {'; '.join(uses) or 'nothing needs them'}")
    elif uses:
        fix = f"set SEALING_KEYS; this makes one: {_MAKE_A_KEY}"
        report.no("sealing keys", f"none set, but {', and '.join(uses)}", fix=fix)
    elif policy is None:
        report.not_asked("sealing keys", because="only the policy file could tell whether they are needed")
    else:
        report.ok("sealing keys", "none set, and none needed")
