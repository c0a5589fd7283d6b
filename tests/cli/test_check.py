from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from sqlalchemy import Connection, make_url, text

from bot.cli.check import check
from bot.demo.orchestrator import ArmedFault, Dialect, PretendOrchestrator, PretendWorkflow
from bot.demo.slack import PretendSlack
from bot.domain.errors import UnreadableRow
from bot.settings import Settings
from bot.slack.tokens import OPTIONAL_SCOPES, REQUIRED_SCOPES
from bot.store.database import Clock
from bot.store.migrating import migrate, revision
from bot.store.opening import open_database
from bot.store.quarantine import QuarantinedRow, RowKind
from bot.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


KEY = "0lmXbLhtmVTVbLlkkpVtDUkNmdCM2zTm6zlEmKJd0VU="
SECRETS = (
    "xoxb-checked-bot-token",
    "xapp-checked-app-token",
    "checked-signing-secret",
    "checked-password",
    "checked-database-password",
    "checked-backup-password",
    KEY,
)
RULE = {"name": "machines", "workflows": {"folders": ["Machines/**"]}, "run": {"everyone": True}}


@dataclass(kw_only=True)
class Bench:
    """Both pretend servers, the files of a bot that would run with them, and what a check of it says."""

    slack: PretendSlack
    orchestrator: PretendOrchestrator
    folder: Path
    capsys: pytest.CaptureFixture[str]
    settings: dict[str, str] = field(default_factory=dict)
    said: str = ""

    def set(self, **values: str) -> None:
        self.settings |= values

    def write_policy(self, *rules: dict[str, Any]) -> None:
        (self.folder / "policy.yaml").write_text(yaml.safe_dump({"rules": list(rules)}), encoding="utf-8")

    async def check(self) -> int:
        file = self.folder / "bot.env"
        lines = [f"{name}={json.dumps(value)}" for name, value in self.settings.items()]
        file.write_text("\n".join(lines), encoding="utf-8")
        code = await check(file=file)
        captured = self.capsys.readouterr()
        self.said = captured.out
        assert not captured.err
        assert not [secret for secret in SECRETS if secret in self.said]
        return code

    def line(self, what: str) -> str:
        """The line about `what`, with what is indented below it."""
        lines = self.said.splitlines()
        (start,) = (at for at, line in enumerate(lines) if line[4:].startswith(f"{what}: "))
        below = lines[start + 1 :]
        end = next((at for at, line in enumerate(below) if not line.startswith("    ")), len(below))
        return "\n".join([lines[start], *below[:end]])

    def kinds(self) -> list[str]:
        """How each line begins: ok, no or --."""
        return [line[:3].strip() for line in self.said.splitlines() if not line.startswith("    ")]


@pytest.fixture
async def bench(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    for name in Settings.fields():
        monkeypatch.delenv(name, raising=False)
    async with (
        PretendSlack(
            bot_token="xoxb-checked-bot-token",
            app_token="xapp-checked-app-token",
            signing_secret="checked-signing-secret",
        ) as slack,
        PretendOrchestrator() as orchestrator,
    ):
        orchestrator.add_workflow(PretendWorkflow(name="Restart", folder="Machines"))
        orchestrator.add_workflow(PretendWorkflow(name="Resize", folder="Machines/Disks"))
        orchestrator.add_workflow(PretendWorkflow(name="Bill", folder="Accounts"))
        made = Bench(slack=slack, orchestrator=orchestrator, folder=tmp_path, capsys=capsys)
        account = orchestrator.logins.accounts[0]
        made.set(
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN=slack.app_token,
            SLACK_API_URL=slack.api_url,
            ORCHESTRATOR_URL=orchestrator.url,
            ORCHESTRATOR_LOGIN="basic",
            ORCHESTRATOR_USERNAME=account.username,
            ORCHESTRATOR_PASSWORD=account.password,
            DATABASE_URL=f"sqlite:///{tmp_path / 'bot.sqlite3'}",
            POLICY_FILE=str(tmp_path / "policy.yaml"),
        )
        made.write_policy(RULE)
        yield made


async def test_a_user_group_the_workspace_does_not_have_is_named_with_its_line(bench: Bench) -> None:
    bench.write_policy({**RULE, "run": {"groups": ["S0APPROVERS", "S0NOBODY"]}})
    assert await bench.check() == 1
    assert "line 6: rules[1].run.groups[2] names the user group S0NOBODY" in bench.line("policy file")


async def test_without_a_list_of_user_groups_the_policy_is_checked_as_far_as_it_goes(bench: Bench) -> None:
    bench.write_policy({**RULE, "run": {"groups": ["S0NOBODY"]}})
    bench.slack.scopes -= {"usergroups:read"}
    assert await bench.check() == 1
    assert "its user groups were not compared" in bench.line("policy file")


async def test_everything_right_is_said_line_by_line_and_ends_with_0(bench: Bench) -> None:
    await migrate(bench.settings["DATABASE_URL"])
    assert await bench.check() == 0
    assert bench.kinds() == ["ok"] * 13
    assert bench.line("Slack channels").endswith("the policy notifies none")
    assert "policy.yaml, 1 rule" in bench.line("policy file")
    assert "at this release's revision" in bench.line("database")
    assert "orchestrator in the workspace Harbour IT, T0HARBOUR" in bench.line("Slack bot token")
    assert "note" not in bench.line("Slack scopes")
    assert "version 8.18.1" in bench.line("Orchestrator")
    expected = "3 seen; the policy covers 2, and the bot's account may run 2 of them"
    assert expected in bench.line("workflows")


async def test_a_check_neither_makes_a_database_nor_starts_or_tells_anything(bench: Bench) -> None:
    assert await bench.check() == 0
    assert "when it starts" in bench.line("database")
    assert sorted(path.name for path in bench.folder.iterdir()) == ["bot.env", "policy.yaml"]
    asked = {call.method for call in bench.slack.calls}
    assert asked == {"auth.test", "apps.connections.open", "usergroups.list"}
    assert not bench.orchestrator.starts


# settings, policy, secrets


async def test_all_problems_of_the_settings_are_listed_and_nothing_else_is_asked(bench: Bench) -> None:
    bench.set(SLACK_BOT_TOKEN="", ORCHESTRATOR_PASSWORD="", HTTP_PORT="many")
    assert await bench.check() == 1
    told = bench.line("settings")
    assert told.startswith("no  settings: 3 problems")
    assert all(name in told for name in ("SLACK_BOT_TOKEN", "ORCHESTRATOR_PASSWORD", "HTTP_PORT", "fix: "))
    assert bench.kinds() == ["no"] + ["--"] * 7
    assert not bench.slack.calls


async def test_all_problems_of_the_policy_are_listed_and_the_rest_is_asked_all_the_same(
    bench: Bench,
) -> None:
    bench.write_policy(RULE | {"run": {"everyone": True, "users": ["ada"]}, "colour": "red"})
    assert await bench.check() == 1
    told = bench.line("policy file")
    assert told.startswith("no  policy file: ")
    assert "colour" in told
    assert "ada" not in bench.line("workflows")
    assert "line 2" in told
    assert "    fix: " in told
    assert bench.line("named secrets").startswith("--")
    assert "not compared" in bench.line("workflows")
    assert bench.line("Slack bot token").startswith("ok")


async def test_a_policy_file_that_is_not_there_is_named(bench: Bench) -> None:
    bench.set(POLICY_FILE=str(bench.folder / "elsewhere.yaml"))
    assert await bench.check() == 1
    assert "elsewhere.yaml: there is no such file" in bench.line("policy file")


async def test_a_named_secret_that_cannot_be_read_is_named_but_not_shown(bench: Bench) -> None:
    secrets = bench.folder / "secrets"
    secrets.mkdir()
    (secrets / "svc-backup").write_text("checked-backup-password", encoding="utf-8")
    (secrets / "svc-broken").write_bytes(b"\xff\xfe\xff")
    bench.set(SECRETS_DIR=str(secrets))
    bench.write_policy(RULE | {"secrets": ["svc-backup", "svc-broken"]})
    assert await bench.check() == 1
    assert "cannot be read: svc-broken" in bench.line("named secrets")
    (secrets / "svc-broken").write_text("checked-backup-password", encoding="utf-8")
    assert await bench.check() == 0
    assert "all 2 that the policy names" in bench.line("named secrets")


async def test_typed_secrets_need_sealing_keys(bench: Bench) -> None:
    bench.write_policy(RULE | {"typed_secrets": True})
    assert await bench.check() == 1
    told = bench.line("sealing keys")
    assert "rule “machines” lets people type secrets" in told
    assert "fix: set SEALING_KEYS" in told
    bench.set(SEALING_KEYS=KEY)
    assert await bench.check() == 0
    assert "1 set" in bench.line("sealing keys")


# database


async def test_a_sqlite_file_that_another_process_holds_is_told_apart(bench: Bench) -> None:
    url = bench.settings["DATABASE_URL"]
    await migrate(url)
    async with open_database(url, Clock()):
        assert await bench.check() == 1
    told = bench.line("database")
    assert "another process uses the SQLite file" in told
    assert "fix: stop the bot" in told


async def test_a_sqlite_file_in_a_folder_that_is_not_there_cannot_be_made(bench: Bench) -> None:
    bench.set(DATABASE_URL=f"sqlite:///{bench.folder / 'missing' / 'bot.sqlite3'}")
    assert await bench.check() == 1
    assert "fix: make the folder" in bench.line("database")


async def test_a_file_that_is_no_database_is_told_apart(bench: Bench) -> None:
    (bench.folder / "bot.sqlite3").write_text("Dear diary, " * 99, encoding="utf-8")
    assert await bench.check() == 1
    told = bench.line("database")
    assert told.startswith("no  database: file is not a database")
    assert "    fix: " in told


async def test_rows_in_quarantine_are_noted_and_are_no_fault_of_the_set_up(bench: Bench) -> None:
    url = bench.settings["DATABASE_URL"]
    await migrate(url)
    async with open_store(url, clock=Clock()) as store:
        await store.quarantine.back_off(
            QuarantinedRow(kind=RowKind.LAUNCH, key="one"), UnreadableRow(why="of a newer release")
        )
    assert await bench.check() == 0
    assert "1 row in quarantine: see python -m bot quarantine list" in bench.line("database")


async def test_a_postgresql_without_tables_is_to_be_migrated(bench: Bench, fresh_postgres: str) -> None:
    bench.set(DATABASE_URL=fresh_postgres)
    assert await bench.check() == 1
    told = bench.line("database")
    assert "without the bot's tables" in told
    assert "fix: python -m bot migrate" in told
    assert await revision(fresh_postgres) is None
    await migrate(fresh_postgres)
    assert await bench.check() == 0
    assert "PostgreSQL, at this release's revision" in bench.line("database")


def _pretend_later(connection: Connection) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


async def test_a_database_of_a_later_release_is_told_apart(bench: Bench) -> None:
    url = bench.settings["DATABASE_URL"]
    await migrate(url)
    async with open_database(url, Clock()) as database:
        await database.run(_pretend_later)
    assert await bench.check() == 1
    assert "at revision 9999, which is beyond" in bench.line("database")


async def test_a_database_server_that_is_away_is_told_without_its_password(bench: Bench) -> None:
    bench.set(DATABASE_URL="postgresql://bot:checked-database-password@127.0.0.1:1/bot")
    assert await bench.check() == 1
    assert "fix: compare host, port, user" in bench.line("database")


async def test_a_database_that_is_not_on_the_server_is_told(bench: Bench, postgres: str) -> None:
    url = make_url(postgres).set(database="nowhere").render_as_string(hide_password=False)
    bench.set(DATABASE_URL=url)
    assert await bench.check() == 1
    assert 'database "nowhere" does not exist' in bench.line("database")


# Slack


async def test_a_bot_token_slack_does_not_take_leaves_its_scopes_unasked(bench: Bench) -> None:
    bench.set(SLACK_BOT_TOKEN="xoxb-of-another-app")
    assert await bench.check() == 1
    told = bench.line("Slack bot token")
    assert "Slack refuses it: invalid_auth." in told
    assert "fix: copy the Bot User OAuth Token" in told
    assert bench.line("Slack scopes").startswith("--")
    assert bench.line("Slack app token").startswith("ok")


@pytest.mark.parametrize(
    ("drift", "words"),
    [
        (timedelta(minutes=-3), ("s behind this machine's", "searched for that much further back")),
        (timedelta(minutes=3), ("s ahead of this machine's", "that much late")),
    ],
)
async def test_a_clock_of_orchestrator_s_that_differs_is_told_with_what_follows(
    bench: Bench, drift: timedelta, words: tuple[str, str]
) -> None:
    bench.orchestrator.drift = drift
    await bench.check()
    told = bench.line("Orchestrator")
    assert told.startswith("ok")
    assert all(each in told for each in words)
    assert "NTP" in told


async def test_a_clock_that_is_a_second_off_is_no_news(bench: Bench) -> None:
    bench.orchestrator.drift = timedelta(seconds=-1)
    await bench.check()
    assert "clock" not in bench.line("Orchestrator")


async def test_missing_scopes_are_named_with_what_they_are_for(bench: Bench) -> None:
    bench.slack.scopes -= {"users:read", "groups:read"}
    assert await bench.check() == 1
    told = bench.line("Slack scopes")
    assert told.startswith("no  Slack scopes: 2 missing of the 6 needed")
    assert "users:read: " in told
    assert "groups:read: " in told
    assert "fix: reinstall the app from manifest.yml" in told


async def test_a_missing_optional_scope_only_tells_what_is_lost(bench: Bench) -> None:
    bench.slack.scopes -= {"groups:history"}
    assert await bench.check() == 0
    told = bench.line("Slack scopes")
    assert told.startswith("ok")
    assert "without groups:history" in told
    assert "twice in private channels" in told


def notifying(*channels: str) -> dict[str, Any]:
    return {**RULE, "approve": {"users": ["U0BEN"], "notify": {"channels": list(channels)}}}


async def test_channels_where_nobody_could_be_asked_are_named_with_what_to_do(bench: Bench) -> None:
    bench.write_policy(notifying("C0OPS", "C0VMCHANGES", "C0NOWHERE"))
    for channel in ("ops", "vm-changes"):
        bench.slack.directory.channel(channel).members.discard("U0BOT")
    assert await bench.check() == 1
    told = bench.line("Slack channels")
    assert told.startswith("no  Slack channels: the bot cannot post in 3 of the 3 that the policy notifies")
    assert "C0OPS: the bot is not in it" in told
    for private_or_none in ("C0NOWHERE", "C0VMCHANGES"):
        assert f"{private_or_none}: there is no such channel, or it is private" in told
    assert "fix: invite the bot to each with /invite" in told


async def test_channels_the_bot_is_in_can_be_asked_in(bench: Bench) -> None:
    bench.write_policy(notifying("C0OPS", "C0VMCHANGES"))
    assert await bench.check() == 0
    assert "the bot is in all 2 that the policy notifies" in bench.line("Slack channels")


async def test_without_the_scope_it_is_said_that_channels_cannot_be_proved(bench: Bench) -> None:
    bench.write_policy(notifying("C0OPS"))
    bench.slack.scopes -= {"channels:read"}
    assert await bench.check() == 1
    told = bench.line("Slack channels")
    assert told.startswith("--")
    assert "cannot be proved now. Slack refuses it: missing_scope." in told


async def test_an_app_token_slack_does_not_take_has_its_own_line(bench: Bench) -> None:
    bench.set(SLACK_APP_TOKEN="xapp-of-another-app")
    assert await bench.check() == 1
    told = bench.line("Slack app token")
    assert "invalid_auth" in told
    assert "connections:write" in told
    assert bench.line("Slack bot token").startswith("ok")


@pytest.mark.parametrize("status", [500, 503])
async def test_a_slack_that_fails_is_not_taken_for_a_wrong_token(bench: Bench, status: int) -> None:
    bench.slack.faults.status("*", status, times=None)
    assert await bench.check() == 1
    for what in ("Slack bot token", "Slack app token"):
        assert "Slack cannot be reached" in bench.line(what)
        assert "fix: let this machine reach" in bench.line(what)


async def test_a_slack_that_is_away_is_told(bench: Bench) -> None:
    await bench.slack.go_down()
    assert await bench.check() == 1
    assert "Slack cannot be reached" in bench.line("Slack bot token")
    assert bench.line("workflows").startswith("ok")


async def test_by_http_the_request_url_is_told_and_no_app_token_asked_for(bench: Bench) -> None:
    bench.set(SLACK_TRANSPORT="http", SLACK_SIGNING_SECRET=bench.slack.signing_secret, HTTP_PORT="8123")
    assert await bench.check() == 0
    told = bench.line("Slack signing secret")
    assert "https://YOUR-HOST/slack/events" in told
    assert "port 8123" in told
    assert not bench.slack.calls_of("apps.connections.open")


def test_the_scopes_are_those_of_the_manifest() -> None:
    text = (Path(__file__).parent.parent.parent / "manifest.yml").read_text(encoding="utf-8")
    scopes = yaml.safe_load(text)["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) == OPTIONAL_SCOPES.keys()
    assert set(scopes["bot"]) == REQUIRED_SCOPES.keys() | OPTIONAL_SCOPES.keys()


# Orchestrator


async def test_an_orchestrator_that_is_away_is_asked_for_nothing_more(bench: Bench) -> None:
    await bench.orchestrator.refuse_connections()
    assert await bench.check() == 1
    told = bench.line("Orchestrator")
    assert "cannot be reached" in told
    assert "mend ORCHESTRATOR_URL" in told
    assert bench.line("Orchestrator login").startswith("--")
    assert bench.line("workflows").startswith("--")


async def test_a_page_that_is_not_orchestrators_is_told_apart(bench: Bench) -> None:
    bench.orchestrator.fault("GET /about", ArmedFault.HTML_OK, times=None)
    assert await bench.check() == 1
    assert "the answer is not Orchestrator's" in bench.line("Orchestrator")


async def test_a_refused_login_is_tried_once_so_that_no_account_is_locked(bench: Bench) -> None:
    bench.set(ORCHESTRATOR_PASSWORD="checked-password")
    assert await bench.check() == 1
    told = bench.line("Orchestrator login")
    assert "refuses the bot's own login" in told
    assert "fix: compare ORCHESTRATOR_USERNAME and ORCHESTRATOR_PASSWORD" in told
    assert bench.line("workflows").startswith("--")
    assert bench.line("Orchestrator").startswith("ok")


async def test_an_account_without_any_right_is_told_from_a_refused_login(bench: Bench) -> None:
    bench.orchestrator.fault("GET /workflows", ArmedFault.FORBIDDEN, times=None)
    assert await bench.check() == 1
    assert bench.line("Orchestrator login").startswith("ok")
    assert "fix: give the bot's account the right" in bench.line("workflows")


async def test_a_rule_that_covers_nothing_is_named(bench: Bench) -> None:
    lost = RULE | {"name": "lost", "workflows": {"names": ["Was renamed"]}}
    bench.write_policy(RULE, lost)
    assert await bench.check() == 1
    assert "covers none of the 3 workflows seen" in bench.line("rule “lost”")
    assert "rule “machines”" not in bench.said


async def test_workflows_the_account_may_not_run_are_named(bench: Bench) -> None:
    closed = PretendWorkflow(name="Purge", folder="Machines", can_execute=False)
    bench.orchestrator.add_workflow(closed)
    assert await bench.check() == 0
    told = bench.line("workflows")
    assert "covers 3, and the bot's account may run 2 of them" in told
    assert "may not run them: Purge" in told
    bench.write_policy(RULE | {"name": "purges", "workflows": {"names": ["Purge"]}})
    assert await bench.check() == 1
    assert "may run none of what it covers: Purge" in bench.line("rule “purges”")


async def test_a_token_that_renews_itself_is_used_only_where_the_next_one_can_be_kept(
    tmp_path: Path, bench: Bench
) -> None:
    async with PretendOrchestrator(dialect=Dialect.V9) as nine:
        nine.add_workflow(PretendWorkflow(name="Restart", folder="Machines"))
        nine.logins.rotates = True
        nine.logins.life = timedelta(minutes=5)
        tenant = nine.logins.accounts[0].tenant
        token = nine.logins.refresh_token()
        bench.set(
            ORCHESTRATOR_URL=nine.url,
            ORCHESTRATOR_LOGIN="vcf",
            ORCHESTRATOR_TENANT=tenant,
            ORCHESTRATOR_REFRESH_TOKEN=token,
        )
        assert await bench.check() == 1
        assert "ORCHESTRATOR_LOGIN=vcf renews its token" in bench.line("sealing keys")
        assert bench.line("Orchestrator login").startswith("--")
        assert nine.logins.count == 0
        await migrate(f"sqlite:///{tmp_path / 'bot.sqlite3'}")
        bench.set(SEALING_KEYS=KEY)
        assert await bench.check() == 0
        assert await bench.check() == 0  # with the token the first one was given
        assert nine.logins.count == 2
        assert token not in bench.said
