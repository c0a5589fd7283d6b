"""`python -m bot policy`: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING

import pytest

from bot.cli.command_line import main
from bot.demo.environment import POLICY, set_up
from bot.policy_file import SAMPLE, SAMPLE_CASES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.settings import Settings

    Policy = Callable[..., tuple[int, str]]

DEMO = ("--policy", str(POLICY))
PATCH = ("--workflow", "Patch cluster", "--folder", "Operations/Clusters", "cluster=berlin-1")


@pytest.fixture
def policy(capsys: pytest.CaptureFixture[str]) -> Policy:
    """Runs a command; its exit code, and all it printed."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["policy", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(SAMPLE, encoding="utf-8")
    file.with_name("policy.cases.yaml").write_text(SAMPLE_CASES, encoding="utf-8")
    return file


def test_check_says_what_a_good_file_holds(policy: Policy) -> None:
    code, said = policy("check", *DEMO)
    assert code == 0
    assert "is in order: 7 rules, 1 freeze, at most 50 open runs, the glass may be broken." in said


def test_check_notes_a_rule_that_lets_others_past_an_approval(policy: Policy, sample: Path) -> None:
    sample.write_text(SAMPLE.replace("      environment: [test, dev]\n", ""), encoding="utf-8")
    code, said = policy("check", "--policy", str(sample))
    assert code == 0
    assert "Note: whoever “production machines need two” does not name" in said
    assert "may run the same by “other machines” with fewer approvals." in said


def test_check_names_what_is_wrong_with_its_line(policy: Policy, sample: Path) -> None:
    sample.write_text(SAMPLE.replace("within: 4h", "within: soon"), encoding="utf-8")
    code, said = policy("check", "--policy", str(sample))
    assert code == 1
    assert re.search(r"policy\.yaml, line \d+: rules\[2\]\.approve\[1\]\.within is not a duration", said)


def test_the_samples_cases_hold(policy: Policy, sample: Path) -> None:
    code, said = policy("test", "--policy", str(sample))
    assert (code, said.splitlines()[-1]) == (0, "4 cases, 0 wrong.")


def test_the_demos_cases_hold(policy: Policy) -> None:
    code, said = policy("test", *DEMO)
    assert (code, said.splitlines()[-1]) == (0, "12 cases, 0 wrong.")


def test_a_case_that_goes_wrong_says_what_was_expected_and_why_it_is_not_so(
    policy: Policy, sample: Path
) -> None:
    other = sample.with_name("other.yaml")
    text = SAMPLE_CASES.replace("approvals: 3", "approvals: 1").replace("expect: deny", "expect: allow")
    other.write_text(text, encoding="utf-8")
    code, said = policy("test", "--policy", str(sample), "--cases", str(other))
    assert code == 1
    assert "no  production needs two operators and a change manager\n    expected 1 approvals, got 3" in said
    assert "no  contractors stay out of production\n    expected allow, got deny" in said
    assert "The rule “production machines need two” does not apply" in said
    assert said.endswith("4 cases, 2 wrong.\n")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("who: olga", "who: nobody", "cases[1].who names “nobody”, which the section `people` does not have"),
        (
            "expect: deny",
            "expect: maybe",
            "cases[2].expect has to be 'deny', 'approval', 'freeze' or 'allow'",
        ),
        ("at: 2026-12-05 12:00+01:00", "at: tomorrow", "cases[3].at is not a moment"),
        ("rule: production", "rules: production", "cases[1].rules is not known here. Did you mean rule?"),
        ("environment: prod,", "environment: {a: b},", "cases[1].with.environment has to be text"),
        ("name: unless it burns", "name: contractors stay out of production", "the name of an earlier case"),
        ("name: Restart machine, ", "", "workflows.restart needs a name or an id"),
    ],
)
def test_a_case_that_makes_no_sense_is_named_with_its_line(
    policy: Policy, sample: Path, old: str, new: str, problem: str
) -> None:
    assert old in SAMPLE_CASES
    file = sample.with_name("policy.cases.yaml")
    file.write_text(SAMPLE_CASES.replace(old, new, 1), encoding="utf-8")
    code, said = policy("test", "--policy", str(sample))
    assert code == 1
    assert re.search(r"policy\.cases\.yaml, line \d+: ", said)
    assert problem in said


def test_cases_that_are_not_there_are_an_error(policy: Policy, sample: Path) -> None:
    sample.with_name("policy.cases.yaml").unlink()
    code, said = policy("test", "--policy", str(sample))
    assert code == 1
    assert "there is no such file" in said


def test_explain_answers_in_words(policy: Policy) -> None:
    when = ("--at", "2036-12-24T10:00")
    code, said = policy("explain", *DEMO, "--user", "U0ADA", "--channel", "C0OPS", *when, *PATCH)
    assert code == 0
    assert said == (
        "Yes, once approved and after the freeze: U0ADA may run “Patch cluster” in channel C0OPS.\n"
        "\n"
        "Why:\n"
        "- The rule “whole clusters” decides: it is for “operators” (U0ADA, U0BEN, U0GRACE or U0LINUS).\n"
        "- The rule “whole clusters” lets launches wait in a freeze: “year-end close” holds until Sun "
        "2037-01-04 08:00 (Europe/Berlin).\n"
        "\n"
        "What follows:\n"
        "- It can destroy something (risk: destructive).\n"
        "- Stage 1 of 2: one of “operators” (U0ADA, U0BEN, U0GRACE or U0LINUS) has to approve within 4 "
        "hours.\n"
        "- Stage 2 of 2: one of “change managers” (user group S0APPROVERS) has to approve within 1 day.\n"
        "- Nobody approves their own request.\n"
        "- A request that is not approved in time ends, and nothing is started.\n"
        "- At most 50 runs of this bot are open at a time; the next ones queue.\n"
    )


def test_explain_without_values_says_on_which_the_answer_depends(policy: Policy) -> None:
    disk = ("--workflow", "Resize disk", "--folder", "Operations/Virtual machines")
    _, said = policy("explain", *DEMO, "--user", "U0ADA", *disk)
    assert said.startswith("Yes, if sizeGb is at least 500, once approved: U0ADA may run “Resize disk”.")
    _, said = policy("explain", *DEMO, "--user", "U0ADA", *disk, "vmName=web-01")
    assert "but no sizeGb is given. In doubt the answer is no." in said


def test_explain_is_told_of_groups_addresses_and_reasons_by_hand(policy: Policy, sample: Path) -> None:
    machine = ("--workflow", "Restart machine", "--folder", "Library/vCenter", "vmName=web-01", "sizeGb=10")
    asked = ("explain", "--policy", str(sample), "--user", "U0333CCCC", "--at", "2026-12-05T10:00")
    _, said = policy(*asked, *machine, "environment=test")
    assert said.startswith("No: U0333CCCC may not run")
    _, said = policy(*asked, "--email", "c@contractor.example.com", *machine, "environment=test")
    assert said.startswith("Yes, after the freeze: ")
    operator = ("--group", "S0456EFGH", "--channel", "C0789JKLM", "--break-glass", "It burns.")
    _, said = policy(*asked, *operator, *machine, "environment=prod")
    assert said.startswith("Yes, at once: ")
    assert "is set aside by a break-glass" in said


def test_a_name_said_twice_is_a_list(policy: Policy, sample: Path) -> None:
    asked = ("explain", "--policy", str(sample), "--user", "U0333CCCC", "--group", "S0456EFGH")
    machine = ("--workflow", "Restart machine", "--folder", "Library/vCenter", "--channel", "C0789JKLM")
    _, said = policy(*asked, *machine, "environment=test", "environment=prod")
    assert "only some values of environment fit" in said


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--workflow", "Patch cluster"), "say --folder as well"),
        (("--workflow", "Patch cluster", "--folder", "A", "cluster"), "“cluster” is not an argument"),
    ],
)
def test_what_is_not_clear_is_asked_for(policy: Policy, words: tuple[str, ...], problem: str) -> None:
    code, said = policy("explain", *DEMO, "--user", "U0ADA", *words)
    assert code == 1
    assert problem in said


# with settings, Slack says who people are; its server runs here, so the command runs in a thread of its own


def settings_file(settings: Settings, folder: Path) -> Path:
    given = {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "SLACK_TRANSPORT": "http",
        "SLACK_SIGNING_SECRET": "pretend",
        "ORCHESTRATOR_URL": settings.orchestrator_url,
        "ORCHESTRATOR_LOGIN": "basic",
        "ORCHESTRATOR_USERNAME": "svc",
        "ORCHESTRATOR_PASSWORD": "pretend",
        "POLICY_FILE": str(POLICY),
        "SECRET_SVC_BACKUP": "pretend",
        "SECRET_SVC_MONITORING": "pretend",
    }
    file = folder / "bot.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in given.items()), encoding="utf-8")
    return file


async def test_explain_asks_slack_who_somebody_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with set_up(folder=tmp_path) as environment:
        words = ["--settings", str(settings_file(environment.settings(), tmp_path)), "policy"]
        explain = [*words, "explain", "--channel", "C0OPS", *PATCH, "--at", "2026-12-01T10:00", "--user"]
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", *explain, "U0ADA")
        assert await child.wait() == 0
        said = capfd.readouterr().out
        assert said.startswith("Yes, once approved: Ada Byron may run “Patch cluster”")
        assert "user group Change approvers" in said
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", *explain, "U0GUEST")
        assert await child.wait() == 0
        assert "Only full members of this workspace" in capfd.readouterr().out
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", *words, "check")
        assert await child.wait() == 0
        noted = re.findall("Note: .*", capfd.readouterr().out)
        assert [note.partition(" names in")[0] for note in noted] == [
            "Note: with other values than “large disks”"
        ]


def test_without_cases_their_own_file_is_named(policy: Policy, sample: Path) -> None:
    sample.with_name("policy.cases.yaml").unlink()
    code, said = policy("test", "--policy", str(sample))
    assert code == 1
    assert "policy.cases.yaml: there is no such file. Write example cases there, or name their file" in said
    assert "POLICY_FILE" not in said


def test_check_says_who_is_told_of_a_request(policy: Policy, sample: Path) -> None:
    code, said = policy("check", "--policy", str(sample))
    assert code == 0
    assert (
        "Asks: “production machines need two”, stage 1 of 2: the channel it is asked for in if enough" in said
    )
    assert "stage 2 of 2: channel C0789JKLM and direct messages to “change managers” (" in said


@pytest.mark.parametrize(
    ("rules", "note"),
    [
        (
            "- {name: all, workflows: {folders: ['**']}, run: {everyone: true}}",
            "Note: by “all” every full member may run every workflow without approval.",
        ),
        (
            "- {name: mine, workflows: {names: [A]}, run: {users: [U0ADA]}, approve: {users: [U0ADA]}}",
            "Note: “mine” can never be approved for whoever runs it alone",
        ),
        (
            """- name: prod
    workflows: {names: [A]}
    when: {env: prod}
    run: {users: [U0ADA]}
    approve: {users: [U0BEN]}
- {name: rest, workflows: {folders: ['**']}, run: {users: [U0ADA]}}""",
            "Note: with other values than “prod” names in `when`, the same people may run the same by “rest”",
        ),
    ],
)
def test_check_notes_what_lets_too_many_or_nobody_through(
    policy: Policy, sample: Path, rules: str, note: str
) -> None:
    sample.write_text(f"rules:\n{rules}\n".replace("\n- ", "\n  - "), encoding="utf-8")
    code, said = policy("check", "--policy", str(sample))
    assert code == 0
    assert note in said


async def test_check_counts_with_slack_who_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with set_up(folder=tmp_path) as environment:
        words = ["--settings", str(settings_file(environment.settings(), tmp_path)), "policy", "check"]
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", *words)
        assert await child.wait() == 0
        assert (
            "“destructive work”: the channel it is asked for in if enough of them are there, else direct "
            in (said := capfd.readouterr().out)
        )
        assert "messages to 2 people" in said
