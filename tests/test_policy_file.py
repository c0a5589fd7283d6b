from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Group, InputRule, Policy, Rule, StageRule
from bot.policy_file import SAMPLE, PolicyError, parse_policy, read_policy

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
    assert [len(rule.approve) for rule in rules] == [0, 1, 0]
    keys = {
        *("name", "workflows", "folders", "names", "ids", "run", "users", "groups", "everyone", "channels"),
        *("approve", "within", "safe_to_repeat", "secrets", "typed_secrets", "inputs", "required", "label"),
        *("hint", "default", "choices", "minimum", "maximum", "pattern"),
    }
    assert {key for key in keys if f"{key}:" not in SAMPLE} == set()


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
    ],
)
def test_what_a_rule_may_not_say(extra: str, words: str) -> None:
    (problem,) = problems_of(rule_with(extra))
    assert problem.startswith("policy, line 5: rules[1].")
    assert words in problem


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
    assert len(read_policy(file, secrets={"svc-password"}).rules) == 3


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
