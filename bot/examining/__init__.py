"""`python -m bot policy`: checks a policy file, explains what it says of a wish, tries its example cases."""

from bot.examining.checking import check
from bot.examining.explaining import Question, explain
from bot.examining.trying import try_cases

__all__ = ["Question", "check", "explain", "try_cases"]
