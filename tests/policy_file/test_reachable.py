"""Rules that can never decide, because those above cover all of them."""

from __future__ import annotations

import pytest

from bot.domain.policy.shadows import ways_past
from bot.policy_file import PolicyError, parse_policy


def rules(*lines: str) -> str:
    listed = "".join(f"  - {{name: rule {at}, {line}}}\n" for at, line in enumerate(lines, start=1))
    return f"rules:\n{listed}"


ALL, SOME = "workflows: {folders: ['**']}", "workflows: {folders: [A/B], names: [N], ids: [I], tags: [T]}"
ANYBODY, FEW = "run: {everyone: true}", "run: {users: [U1], groups: [S1]}"


@pytest.mark.parametrize(
    ("lines", "behind"),
    [
        ((f"{ALL}, {ANYBODY}", f"{SOME}, {FEW}"), "“rule 1” above covers all of it"),
        (
            (
                f"workflows: {{folders: ['*/B']}}, {ANYBODY}",
                f"workflows: {{folders: ['A/**']}}, {ANYBODY}",
                f"workflows: {{folders: [A/C, C/B]}}, {FEW}",
            ),
            "“rule 1” and “rule 2” above cover all of it",
        ),
        ((f"{ALL}, {ANYBODY}", f"{SOME}, {FEW}, when: {{env: prod}}"), "“rule 1” above covers"),
        ((f"{ALL}, {FEW}", f"{ALL}, run: {{groups: [S1]}}, channels: [C1]"), "“rule 1” above covers"),
        (
            (f"{ALL}, run: {{users: [U1]}}", f"{ALL}, run: {{groups: [S1]}}", f"{SOME}, {FEW}"),
            "“rule 1” and “rule 2” above cover all of it",
        ),
        (
            (
                f"{ALL}, {ANYBODY}, channels: [C1]",
                f"{ALL}, {ANYBODY}, channels: [C2]",
                f"{SOME}, {FEW}, channels: [C1, C2]",
            ),
            "“rule 1” and “rule 2” above cover",
        ),
        (
            (f"{ALL}, {ANYBODY}, when: {{env: [a, b]}}", f"{ALL}, {ANYBODY}, when: {{env: a, size: 1}}"),
            "“rule 1” above covers",
        ),
        (
            (
                f"{ALL}, {ANYBODY}, when: {{size: {{minimum: 1}}}}",
                f"{ALL}, {ANYBODY}, when: {{size: {{minimum: 2, maximum: 3}}}}",
            ),
            "“rule 1” above covers",
        ),
        (
            (
                "workflows: {folders: ['A/*']}, run: {everyone: true}",
                "workflows: {folders: [A/B]}, run: {everyone: true}",
            ),
            "“rule 1” above covers",
        ),
        (
            (
                "workflows: {folders: ['A/**']}, run: {everyone: true}",
                "workflows: {folders: ['A/*/C']}, run: {everyone: true}",
            ),
            "“rule 1” above covers",
        ),
    ],
)
def test_a_rule_that_can_never_decide_is_an_error_at_its_line(lines: tuple[str, ...], behind: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(rules(*lines), secrets=())
    (problem,) = caught.value.problems
    assert problem.startswith(
        f"policy, line {len(lines) + 1}: rules[{len(lines)}] can never decide: {behind}"
    )


@pytest.mark.parametrize(
    "lines",
    [
        (f"{SOME}, {ANYBODY}", f"{ALL}, {ANYBODY}"),
        (f"{ALL}, {FEW}", f"{ALL}, {ANYBODY}"),
        (f"{ALL}, {ANYBODY}, channels: [C1]", f"{ALL}, {ANYBODY}"),
        (f"{ALL}, {ANYBODY}, when: {{env: prod}}", f"{ALL}, {ANYBODY}"),
        (f"{ALL}, {ANYBODY}, when: {{env: prod}}", f"{ALL}, {ANYBODY}, when: {{env: [prod, test]}}"),
        (f"{ALL}, run: {{domains: [a.example]}}", f"{ALL}, run: {{domains: [b.a.example]}}"),
        (
            "workflows: {folders: ['A/*']}, run: {everyone: true}",
            "workflows: {folders: [A]}, run: {everyone: true}",
        ),
        (
            "workflows: {folders: ['A/*']}, run: {everyone: true}",
            "workflows: {folders: ['A/**']}, run: {everyone: true}",
        ),
        (
            "workflows: {folders: ['A/**']}, run: {everyone: true}",
            "workflows: {names: [A]}, run: {everyone: true}",
        ),
    ],
)
def test_a_rule_that_can_be_reached_is_none(lines: tuple[str, ...]) -> None:
    assert len(parse_policy(rules(*lines), secrets=()).rules) == len(lines)


APPROVED = "approve: {groups: [S9]}"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((f"{SOME}, {FEW}, {APPROVED}", f"{ALL}, {ANYBODY}"), 1),
        ((f"{SOME}, {FEW}, approve: {{groups: [S9], count: 2}}", f"{ALL}, {ANYBODY}, {APPROVED}"), 1),
        ((f"{SOME}, {FEW}, {APPROVED}, channels: [C1]", f"{ALL}, {FEW}"), 1),
        ((f"{SOME}, {FEW}, {APPROVED}, when: {{env: prod}}", f"{ALL}, {ANYBODY}"), 1),
        ((f"{SOME}, {FEW}, {APPROVED}", f"{ALL}, {FEW}"), 0),
        ((f"{SOME}, {FEW}, {APPROVED}", f"{ALL}, {ANYBODY}, {APPROVED}"), 0),
        ((f"{SOME}, {FEW}", f"{ALL}, {ANYBODY}"), 0),
        ((f"{SOME}, {FEW}, {APPROVED}", "workflows: {names: [Other]}, run: {everyone: true}"), 0),
        ((f"{SOME}, {FEW}, {APPROVED}, when: {{env: prod}}", f"{ALL}, {ANYBODY}, when: {{env: test}}"), 0),
        (
            (
                f"{SOME}, {FEW}, {APPROVED}, when: {{size: {{minimum: 5}}}}",
                f"{ALL}, {ANYBODY}, when: {{size: {{maximum: 4}}}}",
            ),
            0,
        ),
    ],
)
def test_a_later_rule_that_lets_others_past_an_approval_is_found(lines: tuple[str, ...], found: int) -> None:
    pairs = ways_past(parse_policy(rules(*lines), secrets=()).rules)
    assert [(strict.name, lax.name) for strict, lax in pairs] == [("rule 1", "rule 2")] * found
