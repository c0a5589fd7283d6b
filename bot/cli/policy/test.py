"""`policy test`: the example cases kept beside the policy, each with what it ought to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from bot.cli.policy.source import policy_source
from bot.domain.policy import explain, judge
from bot.policy_file import read_cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.domain.policy import Ruling
    from bot.policy_file import PolicyCase


async def try_cases(*, settings: Path | None, policy: Path | None, cases: Path | None, out: TextIO) -> int:
    """Try the cases, by default those in `policy.cases.yaml` beside `policy.yaml`; 1 if any goes wrong."""
    source = await policy_source(settings_file=settings, policy_file=policy)
    found = read_cases(cases or source.file.with_suffix(".cases.yaml"))
    wrong = 0
    for case in found:
        ruling = judge(source.policy, case.wish)
        differs = list(_differences(case, ruling))
        wrong += bool(differs)
        out.write(f"{'no' if differs else 'ok'}  {case.name}\n")
        if differs:
            lines = [*differs, *str(explain(ruling)).splitlines()]
            out.writelines(f"    {line}\n" if line else "\n" for line in lines)
    out.write(f"{len(found)} cases, {wrong} wrong.\n")
    return 1 if wrong else 0


def _differences(case: PolicyCase, ruling: Ruling) -> Iterator[str]:
    """What the policy says against what was expected, a line each."""
    if ruling.outcome is not case.expected:
        yield f"expected {case.expected.value}, got {ruling.outcome.value}"
    rule = ruling.rule.name if ruling.rule else "none"
    if case.rule is not None and rule != case.rule:
        yield f"expected the rule “{case.rule}”, got {f'“{rule}”' if ruling.rule else rule}"
    approvals = sum(stage.count for stage in ruling.approve)
    if case.approvals is not None and approvals != case.approvals:
        yield f"expected {case.approvals} approvals, got {approvals}"
    freeze = ruling.freeze.name if ruling.freeze else "none"
    if case.freeze is not None and freeze != case.freeze:
        yield f"expected the freeze “{case.freeze}”, got {f'“{freeze}”' if ruling.freeze else freeze}"
