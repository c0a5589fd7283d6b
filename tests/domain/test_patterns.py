"""Patterns of authors: Java's kind is read, and none of them holds the bot up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import PATIENCE, Uncheckable, fits, read_pattern

CALM = st.text("ab01-_.", max_size=20)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\p{Alpha}++[0-9]*+", "disk01"),
        (r"(?>a|ab)c", "ac"),
        ("[a-z&&[^b]]+", "acd"),
        ("[[]x", "[x"),
        (r"(?=.*[A-Z])(?=.*\d).{8,}", "Passw0rd"),
        ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "8fe6c6ab-ffb8-49b4-b32f-0ef85f8c31f4"),
    ],
)
def test_what_authors_write_is_read(pattern: str, text: str) -> None:
    assert fits(pattern, text)
    assert not fits(pattern, f"{text}\n")


@given(st.sampled_from([r"[a-z]+", r"\w*-\w*", r"a{2,3}b?", r"(a|b)*01", r"[^.]*"]), CALM)
def test_plain_patterns_mean_what_they_always_meant(pattern: str, text: str) -> None:
    assert fits(pattern, text) is (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize("text", ["1," * 40, "1," * 1500])
def test_a_match_that_runs_away_is_stopped(text: str) -> None:
    began = time.process_time()
    with pytest.raises(Uncheckable, match="too long"):
        fits("(.*?,){25}P", text)
    assert time.process_time() - began < 10 * PATIENCE


@pytest.mark.parametrize("pattern", ["a{100000000}", "(a{1000}){1000}", "((a{99}){99}){99}", "a" * 2001])
def test_a_pattern_that_would_fill_the_memory_is_not_even_read(pattern: str) -> None:
    with pytest.raises(Uncheckable, match="too large"):
        read_pattern(pattern)


@given(st.text(r"ab(){}[]*+?|^$.\\1,\x00é😀", max_size=30))
def test_whatever_is_written_is_read_or_refused(pattern: str) -> None:
    try:
        read_pattern(pattern)
    except Uncheckable as why:
        assert str(why)  # noqa: PT017 - either outcome is right
