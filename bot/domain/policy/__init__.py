"""Who may run what, where and when, and who approves it: the first rule that fits decides, none means no."""

from bot.domain.policy.freezes import Freeze, Span, WeekMoment
from bot.domain.policy.group import Group
from bot.domain.policy.policy import BreakGlass, Policy, check_approver
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
from bot.domain.policy.ruling import Outcome, Reason, Ruling, Why

__all__ = [
    "ArgumentTest",
    "BreakGlass",
    "Freeze",
    "Group",
    "InFreeze",
    "InputRule",
    "Notify",
    "OnExpiry",
    "Outcome",
    "Policy",
    "Reason",
    "Risk",
    "Rule",
    "Ruling",
    "Span",
    "StageRule",
    "WeekMoment",
    "Why",
    "check_approver",
]
