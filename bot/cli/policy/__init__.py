"""`python -m bot policy`: checks a policy file, explains what it says of a wish, tries its example cases."""

from bot.cli.policy.check import check
from bot.cli.policy.explain import Question, explain
from bot.cli.policy.test import try_cases

__all__ = ["Question", "check", "explain", "try_cases"]
