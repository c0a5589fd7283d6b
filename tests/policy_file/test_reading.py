from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import (
    ArgumentTest,
    BreakGlass,
    Group,
    InFreeze,
    InputRule,
    Notify,
    OnExpiry,
    Policy,
    Risk,
    Rule,
    StageRule,
)
from bot.policy_file import SAMPLE, PolicyError, parse_policy, read_policy
from bot.policy_file.document import keys_of
from bot.policy_file.model import MODELS

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = "Copy it from the person's profile; it looks like U0123ABCD."
DETAILS = "Copy it from the end of the channel's details; it looks like C0123ABCD."
DURATION = "Write minutes, hours or days, such as 30m, 4h or 2d."
CONFIGURE = "Put it into SECRETS_DIR or SECRET_<NAME>."
LEAST = """\
rules:
  - name: anything goes
    workflows: {folders: ["**"]}
    run: {everyone: true}
"""


def problems_of(text: str, *, secrets: tuple[str, ...] = ()) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, secrets=secrets)
    return caught.value.problems


def rule_with(extra: str) -> str:
    return f"{LEAST}    {extra}\n"


def test_a_rule_becomes_the_domains_rule() -> None:
    text = """
rules:
  - name: disks
    workflows: {ids: [w1], names: [Extend disk], folders: ["Library/*"]}
    run: {users: [U1, W2], groups: [S1]}
    channels: [C1, G2]
    approve: {users: [U3], within: 30m}
    safe_to_repeat: true
    secrets: [svc-password]
    typed_secrets: true
    inputs:
      size: {minimum: 1, maximum: 2.5, label: Size, hint: In GB, required: false}
      tier: {choices: [gold, "1"], default: gold, pattern: "[a-z]+"}
"""
    assert parse_policy(text, secrets={"svc-password", "other"}) == Policy(
        rules=(
            Rule(
                name="disks",
                ids=frozenset({"w1"}),
                names=frozenset({"Extend disk"}),
                folders=("Library/*",),
                run=Group(users=frozenset({"U1", "W2"}), groups=frozenset({"S1"})),
                channels=frozenset({"C1", "G2"}),
                approve=(StageRule(by=Group(users=frozenset({"U3"})), within=timedelta(minutes=30)),),
                safe_to_repeat=True,
                secrets=frozenset({"svc-password"}),
                typed_secrets=True,
                inputs=(
                    ("size", InputRule(required=False, label="Size", hint="In GB", minimum=1, maximum=2.5)),
                    ("tier", InputRule(default="gold", choices=("gold", "1"), pattern="[a-z]+")),
                ),
            ),
        )
    )


def test_all_that_a_rule_says_of_approval_and_risk_becomes_the_domains() -> None:
    text = """
people:
  operators: {users: [U1], groups: [S1]}
  partners: {domains: [Partner.Example.com]}
break_glass: {people: [operators], review: {users: [U9]}, notify: {channels: [C9]}}
at_most: 7
rules:
  - name: machines
    workflows: {tags: [vm]}
    when: {environment: [Prod, 1, true], sizeGb: {minimum: 5, maximum: 6}, zone: no}
    run: {people: [operators, partners], users: [U2]}
    risk: destructive
    approve:
      - {people: [operators], count: 2, within: 2h, remind: [30m, 1h]}
      - {users: [U3], escalate: {users: [U4], after: 1h}, notify: {channels: [C1], direct: true}}
    on_expiry: escalate
    editors_may_not_approve: true
    in_freeze: refuse
    one_at_a_time: vmName
    requester_input: askedBy
    hidden: [ticket]
    audit: none
"""
    operators = Group(users=frozenset({"U1"}), groups=frozenset({"S1"}))
    policy = parse_policy(text, secrets=())
    assert policy.at_most == 7
    assert policy.break_glass == BreakGlass(
        by=operators, review=Group(users=frozenset({"U9"})), notify=Notify(channels=frozenset({"C9"}))
    )
    (rule,) = policy.rules
    assert rule == Rule(
        name="machines",
        tags=frozenset({"vm"}),
        when=(
            ArgumentTest(name="environment", values=frozenset({"prod", "1", "true"})),
            ArgumentTest(name="sizeGb", minimum=5, maximum=6),
            ArgumentTest(name="zone", values=frozenset({"no"})),
        ),
        run=Group(
            users=frozenset({"U1", "U2"}),
            groups=frozenset({"S1"}),
            domains=frozenset({"partner.example.com"}),
        ),
        risk=Risk.DESTRUCTIVE,
        approve=(
            StageRule(
                by=operators,
                count=2,
                within=timedelta(hours=2),
                remind=(timedelta(minutes=30), timedelta(hours=1)),
            ),
            StageRule(
                by=Group(users=frozenset({"U3"})),
                escalate=Group(users=frozenset({"U4"})),
                escalate_after=timedelta(hours=1),
                notify=Notify(channels=frozenset({"C1"}), direct=True),
            ),
        ),
        on_expiry=OnExpiry.ESCALATE,
        editors_may_not_approve=True,
        in_freeze=InFreeze.REFUSE,
        one_at_a_time="vmName",
        requester_input="askedBy",
        hidden=frozenset({"ticket"}),
        audited="none",
    )
    assert rule.run.called == ("operators", "partners")


def test_one_approval_may_be_written_without_a_list_and_errors_keep_their_line() -> None:
    text = f"""{LEAST}    approve:
      groups: [S1]
      within: soon
"""
    (problem,) = problems_of(text)
    assert problem == f"policy, line 7: rules[1].approve.within is not a duration. {DURATION}"


def test_what_is_left_out_is_the_careful_choice() -> None:
    (rule,) = parse_policy(LEAST, secrets=()).rules
    assert rule == Rule(name="anything goes", folders=("**",), run=Group(everyone=True))
    assert not rule.safe_to_repeat
    assert not rule.typed_secrets


def test_approval_stands_for_a_day_if_nothing_is_said() -> None:
    (rule,) = parse_policy(rule_with("approve: {groups: [S1]}"), secrets=()).rules
    assert [stage.within for stage in rule.approve] == [timedelta(hours=24)]


@pytest.mark.parametrize(
    ("text", "time"), [("30m", timedelta(minutes=30)), ("4h", timedelta(hours=4)), ("2d", timedelta(days=2))]
)
def test_durations_are_minutes_hours_or_days(text: str, time: timedelta) -> None:
    (rule,) = parse_policy(rule_with(f"approve: {{users: [U1], within: {text}}}"), secrets=()).rules
    assert [stage.within for stage in rule.approve] == [time]


def test_an_empty_list_of_rules_allows_nothing() -> None:
    assert parse_policy("rules: []", secrets=()) == Policy(rules=())


def test_the_sample_can_be_used_and_shows_every_key() -> None:
    rules = parse_policy(SAMPLE, secrets={"svc-password"}).rules
    assert [len(rule.approve) for rule in rules] == [0, 2, 0, 1]
    missing = {key for key in keys_of(MODELS) if f"{key}:" not in SAMPLE}
    assert missing == {"values"}, "which is what a list in `when` stands for"


def test_everything_wrong_is_named_at_once_with_its_line() -> None:
    text = """\
rules:
  - name: a
    workflows: {}
    run: {users: ["@joe"]}
    aprove: {users: [U1]}
    approve: {within: 4 hours}
    inputs:
      x:
        default: 1
        minimum: .inf
      x: {}
  - name: a
    workflows: {names: [1]}
    run:
    secrets: [svc-password]
    channels: ["#general"]
"""
    found = dict(problem.removeprefix("policy, line ").split(": ", 1) for problem in problems_of(text))
    assert found == {
        "3": "rules[1].workflows selects no workflow. Give it ids, names, folders or tags.",
        "4": f"rules[1].run.users[1] is not the id of a person. {PROFILE}",
        "5": "rules[1].aprove is not known here. Did you mean approve?",
        "6": f"rules[1].approve.within is not a duration. {DURATION}",
        "9": "rules[1].inputs.x.default has to be text. Put it in quotes.",
        "10": "rules[1].inputs.x.minimum has to be a finite number.",
        "11": "has the key x a second time.",
        "12": "rules[2].name is the name of an earlier rule too. Give each rule its own.",
        "13": "rules[2].workflows.names[1] has to be text. Put it in quotes.",
        "14": "rules[2].run has to hold keys of its own.",
        "15": f"rules[2].secrets[1] names the secret “svc-password”, which is not configured. {CONFIGURE}",
        "16": f"rules[2].channels[1] is not the id of a channel. {DETAILS}",
    }


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("approve: {}", "names nobody"),
        ("approve: {users: []}", "names nobody"),
        ("approve: {everyone: true}", "is not known here"),
        ("approve: {users: [U1], within: 0h}", "is not a duration"),
        ("approve: {users: [U1], within: 4}", "is not a duration"),
        ("approve: {users: [S1]}", "is not the id of a person"),
        ("approve: {groups: [U1]}", "is not the id of a user group"),
        ("channels: []", "is an empty list"),
        ("channels: C1", "has to be a list"),
        ("channels: [D1]", "is not the id of a channel"),
        ("safe_to_repeat: 1", "has to be true or false"),
        ('safe_to_repeat: "true"', "has to be true or false"),
        ("inputs: [size]", "has to hold keys of its own"),
        ("inputs: {size: {minimum: '1'}}", "has to be a number"),
        ("inputs: {size: {minimum: 2, maximum: 1}}", "has a minimum above its maximum"),
        ("inputs: {size: {pattern: '('}}", "is not a regular expression"),
        ("inputs: {size: {choices: []}}", "is an empty list"),
        ("inputs: {size: {choices: [a, a]}}", "has the same choice twice"),
        ("inputs: {size: {choices: [a], default: b}}", "has a default that is not among its choices"),
        ("inputs: {size: {label: ' '}}", "is blank"),
        ("secrets: ['']", "is empty"),
        ("approve: []", "is an empty list"),
        ("approve: {users: [U1, U1], count: 2}", "asks for 2 people but names 1"),
        ("approve: {groups: [S1], count: 0}", "has to be at least 1"),
        ("approve: {groups: [S1], count: 1.5}", "has to be a whole number"),
        ("approve: {groups: [S1], within: 1h, remind: [1h]}", "has to remind at growing times"),
        ("approve: {groups: [S1], within: 1h, remind: [30m, 10m]}", "has to remind at growing times"),
        ("approve: {groups: [S1], within: 1h, escalate: {users: [U1], after: 1h}}", "when its time is over"),
        ("approve: {groups: [S1], escalate: {after: 1h}}", "names nobody"),
        ("approve: {people: [operators]}", "There is none in this file"),
        ("when: {env: }", "has to be text, a number, or true or false"),
        ("when: {env: []}", "has to be one value"),
        ("when: {env: {values: [a], minimum: 1}}", "has to be one value"),
        ("when: {env: {minimum: 2, maximum: 1}}", "has a minimum above its maximum"),
        ("when: {env: {least: 2}}", "is not known here"),
        ("risk: high", "has to be 'read_only', 'change' or 'destructive'"),
        ("in_freeze: ignore", "has to be 'run', 'wait' or 'refuse'"),
        ("safe_to_repeat: yes", "has to be true or false"),
    ],
)
def test_what_a_rule_may_not_say(extra: str, words: str) -> None:
    (problem,) = problems_of(rule_with(extra))
    assert problem.startswith("policy, line 5: rules[1].")
    assert words in problem


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("on_expiry: escalate", "no stage of `approve` says to whom"),
        ("approve: {groups: [S1], escalate: {users: [U1]}}", "never escalates"),
        ("requester_input: who\n    one_at_a_time: who", "which the bot fills with who asked"),
        ("requester_input: who\n    when: {who: [U1]}", "which the bot fills with who asked"),
    ],
)
def test_a_rule_that_contradicts_itself_is_an_error(extra: str, words: str) -> None:
    (problem,) = problems_of(rule_with(extra))
    assert problem.startswith("policy, line 2: rules[1] ")
    assert words in problem


@pytest.mark.parametrize(
    "domain", ["example", "@example.com", "a@example.com", "exa mple.com", "*.example.com"]
)
def test_a_domain_is_what_stands_behind_the_at(domain: str) -> None:
    (problem,) = problems_of(LEAST.replace("{everyone: true}", f"{{domains: ['{domain}']}}"))
    assert "is not an e-mail domain" in problem


def test_a_name_of_people_that_is_misspelt_is_told_what_there_is() -> None:
    sets = "people: {operators: {users: [U1]}, managers: {}}"
    text = f"{sets}\n{rule_with('approve: {people: [operator]}')}"
    first, second = problems_of(text)
    assert first == "policy, line 1: people.managers names nobody. Give it users, groups or domains."
    assert second.endswith("which the section `people` does not have. It has: managers, operators.")


def test_a_user_group_the_workspace_does_not_have_is_an_error_with_its_line() -> None:
    text = rule_with("approve: {groups: [S1, S2]}")
    assert parse_policy(text, secrets=()).groups == {"S1", "S2"}
    assert parse_policy(text, secrets=(), groups={"S1", "S2"}).groups == {"S1", "S2"}
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, secrets=(), groups={"S1"})
    (problem,) = caught.value.problems
    assert problem.startswith("policy, line 5: rules[1].approve.groups[2] names the user group S2")


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "18:00", "010", "0x10", "2026-12-24", "1_000", "~x"]
)
def test_what_yaml_might_take_for_something_else_is_text(text: str) -> None:
    (rule,) = parse_policy(rule_with(f"when: {{env: {text}}}"), secrets=()).rules
    assert rule.when[0].values == {text.casefold()}


@pytest.mark.parametrize("run", ["{}", "{users: []}", "{everyone: false}", "{everyone: true, users: [U1]}"])
def test_who_may_run_has_to_be_clear(run: str) -> None:
    (problem,) = problems_of(LEAST.replace("{everyone: true}", run))
    assert problem.startswith("policy, line 4: rules[1].run names")


@pytest.mark.parametrize("text", ["", "# nothing yet", "[]", "rules", "null"])
def test_a_file_without_rules_is_refused_rather_than_taken_for_none(text: str) -> None:
    assert problems_of(text) == (
        "policy, line 1: has to hold `rules:` and a list; `rules: []` allows nothing.",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rules: [", 1),
        ("rules: []\n---\nrules: []", 2),
        ("rules: []\nrules: []", 2),
        ("rules: \x00", 1),
        ("rules:\n  - !!python/object:os.system {}", 2),
        ("rules:\n  - !tag x", 2),
        ("rules:\n  &a [*a]", 2),
        ("rules: 2026-99-99", 1),
        ("{[a]: b, rules: []}", 1),
    ],
)
def test_what_is_not_plain_yaml_is_one_problem_at_its_line(text: str, line: int) -> None:
    (problem,) = problems_of(text)
    assert problem.startswith(f"policy, line {line}: ")


def test_an_anchor_may_be_used_twice() -> None:
    text = """
rules:
  - {name: a, workflows: {names: [A]}, run: &operators {groups: [S1]}}
  - {name: b, workflows: {names: [B]}, run: *operators}
"""
    first, second = parse_policy(text, secrets=()).rules
    assert first.run == second.run


def test_a_key_is_text_even_where_yaml_sees_a_truth_value() -> None:
    (rule,) = parse_policy(rule_with("inputs: {on: {label: Switch on}, 12: {}}"), secrets=()).rules
    assert [name for name, _ in rule.inputs] == ["on", "12"]


def test_a_missing_file_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(tmp_path / "policy.yaml", secrets=())
    (problem,) = caught.value.problems
    assert problem.startswith(f"{tmp_path / 'policy.yaml'}: there is no such file.")
    assert "nothing may be run" in str(caught.value)


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match="not UTF-8"):
        read_policy(file, secrets=())
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path, secrets=())


def test_a_files_problems_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("rules: 1", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        read_policy(file, secrets=())
    assert caught.value.problems == (f"{file}, line 1: rules has to be a list, such as [A, B].",)


def test_the_sample_is_read_from_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(SAMPLE, encoding="utf-8")
    assert len(read_policy(file, secrets={"svc-password"}).rules) == 4


@given(
    st.text(alphabet=st.sampled_from(list("rules: []{}-&*!|>'\"\n\t#%@`,?abc01~\\é\u2028\x07")), max_size=60)
)
def test_any_text_is_either_a_policy_or_a_list_of_problems(text: str) -> None:
    problems: tuple[str, ...] = ("none",)
    try:
        parse_policy(text, secrets=())
    except PolicyError as wrong:
        problems = wrong.problems
    assert all(problems)
    assert problems


def test_a_secret_may_be_for_some_inputs_alone() -> None:
    text = rule_with("secrets: [svc-password, {name: svc-backup, inputs: [dbPassword, other]}]")
    (rule,) = parse_policy(text, secrets={"svc-password", "svc-backup"}).rules
    assert rule.secrets == {"svc-password", "svc-backup"}
    assert rule.secrets_for("dbPassword") == rule.secrets_for("other") == {"svc-password", "svc-backup"}
    assert rule.secrets_for("account") == {"svc-password"}


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("secrets: [{name: svc-password, inputs: ['']}]", "is empty"),
        ("secrets: [{name: svc-password, for: password}]", "is not known here"),
        ("secrets: [{inputs: [password]}]", "name is missing"),
        ("secrets: [svc-password, {name: svc-password}]", "names the same secret twice"),
        ("secrets: [{name: svc-other}]", "names the secret “svc-other”"),
        (
            "secrets: [{name: svc-password, inputs: [x]}]\n    inputs: {x: {minimum: 12}}",
            "limits “x”, which takes named secrets",
        ),
    ],
)
def test_what_may_not_be_said_of_a_secret(extra: str, problem: str) -> None:
    (found,) = problems_of(rule_with(extra), secrets=("svc-password",))
    assert problem in found
