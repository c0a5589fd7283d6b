from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.execution import Argument
from bot.domain.invisible import comparable, invisible_in, is_invisible, with_marks
from bot.domain.policy import Group
from bot.domain.policy.arguments import Fit, fit, lock_of
from bot.domain.policy.bounds import out_of_bounds
from bot.domain.policy.rule import ArgumentTest, InputRule, Rule
from bot.domain.workflow import ParameterType
from tests.strategies import texts

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


def test_every_invisible_character_has_a_mark_of_its_own() -> None:
    for code in range(0x110000):
        character = chr(code)
        marked = with_marks(f"a{character}b")
        if is_invisible(character):
            assert marked == f"a⟨U+{code:04X}⟩b", hex(code)
        elif unicodedata.category(character) != "Cn":  # a later Unicode may give it a meaning
            assert marked == f"a{character}b", hex(code)


@pytest.mark.parametrize("text", ["❤️", "👩‍👩‍👧", "1️⃣", "می‌خواهم", "क्‍ष", "Grüße\n\ttab", "日本語", "™️"])
def test_what_a_script_or_an_emoji_is_written_with_stays(text: str) -> None:
    assert with_marks(text) == text


def test_a_run_of_the_same_character_is_counted() -> None:
    assert with_marks("pro\u200b\u200b\u200bd\u202e") == "pro⟨3x U+200B⟩d⟨U+202E⟩"
    assert with_marks("\u0434\u200d\u0436") == "\u0434⟨U+200D⟩\u0436"


@given(texts)
def test_marks_leave_nothing_unseen_and_are_marked_once(text: str) -> None:
    marked = with_marks(text)
    assert with_marks(marked) == marked
    assert not [
        each
        for each in invisible_in(marked)
        if each.split()[0] not in {"U+200C", "U+200D", "U+FE0E", "U+FE0F"}
    ]
