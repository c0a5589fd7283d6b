from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.execution import Argument
from bot.domain.invisible import comparable, invisible_in, is_invisible
from bot.domain.policy import Group
from bot.domain.policy.arguments import Fit, fit, lock_of
from bot.domain.policy.bounds import out_of_bounds
from bot.domain.policy.rule import ArgumentTest, InputRule, Rule
from bot.domain.workflow import ParameterType

HIDDEN = [
    "\u200b",
    "\u2060",
    "\u202e",
    "\ufeff",
    "\u00ad",
    "\u034f",
    "\ufe0f",
    "\U000e0041",
    "\x00",
    "\ud83d",
]
STRING = ParameterType(declared="string")


def argument(text: str) -> tuple[Argument, ...]:
    return (Argument(name="environment", type=STRING, value=text),)


PROD = ArgumentTest(name="environment", values=frozenset({"prod"}))


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_rule_cannot_tell_a_text_with_what_nobody_sees(hidden: str) -> None:
    for text in (f"prod{hidden}", f"{hidden}prod", f"pr{hidden}od"):
        assert fit(PROD, argument(text)) is Fit.INCOMPARABLE


@pytest.mark.parametrize("text", ["PROD", " prod ", "\uff50\uff52\uff4f\uff44", "Prod\t"])
def test_case_width_and_blanks_do_not_count(text: str) -> None:
    assert fit(PROD, argument(text)) is Fit.YES


def test_a_lock_is_one_however_its_value_is_written_and_cannot_be_slipped() -> None:
    rule = Rule(name="one", run=Group(everyone=True), one_at_a_time="environment")
    assert lock_of(rule, argument("web-01")) == lock_of(rule, argument("\uff37\uff25\uff22-01 ")) == "web-01"
    assert lock_of(rule, argument("web-01\u200b")) is None


def test_a_list_of_allowed_values_does_not_let_a_lookalike_through() -> None:
    rule = Rule(name="one", run=Group(everyone=True), inputs=(("environment", InputRule(choices=("test",))),))
    assert out_of_bounds(rule, argument("test")) is None
    assert out_of_bounds(rule, argument("test\u2060")) == "environment"


def test_they_are_named() -> None:
    assert invisible_in("a\u200bb\u200b\x07") == ("U+200B ZERO WIDTH SPACE", "U+0007 control character")
    assert invisible_in("tabs\tand\nlines are seen") == ()


@given(st.text())
def test_what_is_comparable_holds_only_what_is_seen(text: str) -> None:
    written = comparable(text)
    assert (written is None) == any(map(is_invisible, text))
    if written is not None:
        assert written == " ".join(written.split())
        assert unicodedata.normalize("NFKC", text).casefold().split() == written.split()
