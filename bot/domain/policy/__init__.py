"""Who may run what, where and when, and who approves it: the first rule that fits decides, none means no."""

from bot.domain.policy.explaining import Explanation, explain, refusal, ruling_of
from bot.domain.policy.freezes import Freeze, Span, WeekMoment
from bot.domain.policy.group import Group
from bot.domain.policy.policy import BreakGlass, DelegationLimits, Policy, judge
from bot.domain.policy.rule import (
    ArgumentTest,
    InFreeze,
    InputRule,
    Notify,
    OnExpiry,
    Risk,
    Rule,
    StageRule,
)
from bot.domain.policy.ruling import Reason, Ruling, RulingOutcome, Why, Wish
from bot.domain.policy.wording import Names

__all__ = [
    "ArgumentTest",
    "BreakGlass",
    "DelegationLimits",
    "Explanation",
    "Freeze",
    "Group",
    "InFreeze",
    "InputRule",
    "Names",
    "Notify",
    "OnExpiry",
    "Policy",
    "Reason",
    "Risk",
    "Rule",
    "Ruling",
    "RulingOutcome",
    "Span",
    "StageRule",
    "WeekMoment",
    "Why",
    "Wish",
    "explain",
    "judge",
    "refusal",
    "ruling_of",
]
