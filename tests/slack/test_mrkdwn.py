"""Text made fit for Slack: whatever anybody typed, it stays text."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.values import Composite, Properties, SealedSecret, SecretText, Value
from bot.slack import mrkdwn
from tests.strategies import clear_secrets, moments, texts, values

SET_BY_US = "\u2060"  # keeps a formatting mark from formatting


def unseen(text: str) -> set[str]:
    """Characters that steer how a text is read without being seen."""
    return {each for each in text if unicodedata.bidirectional(each) in _TURNING or each in "\u200b\ufeff"}


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(texts)
def test_nothing_typed_can_become_a_mention_or_a_link(text: str) -> None:
    for made in (mrkdwn.escape(text), mrkdwn.inline(text)):
        assert "<" not in made
        assert ">" not in made
        assert re.sub(r"&(amp|lt|gt);", "", made).count("&") == 0


@given(texts)
def test_what_was_typed_is_what_is_read(text: str) -> None:
    made = mrkdwn.escape(text)
    read = made.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read == mrkdwn.clean(text)


@given(texts)
def test_marks_that_turn_the_direction_and_controls_are_shown_as_such(text: str) -> None:
    made = mrkdwn.clean(text)
    assert unseen(made) == set()
    assert {each for each in made if unicodedata.category(each) == "Cc"} <= {"\n", "\t"}
    assert mrkdwn.clean(made) == made


@given(texts)
def test_a_name_within_a_line_stays_on_it_and_formats_nothing(text: str) -> None:
    made = mrkdwn.inline(text)
    assert "\n" not in made
    for mark in re.finditer(r"[*_~`]", made):
        assert made[mark.start() - 1] == made[mark.end()] == SET_BY_US


@given(texts, st.integers(1, 300))
def test_what_is_cut_is_no_longer_than_asked_and_says_so(text: str, longest: int) -> None:
    made = mrkdwn.cut(text, longest)
    assert len(made) <= longest
    assert made == text or made.endswith("…")


@given(texts, st.integers(60, 300))
def test_a_cut_text_tells_how_long_the_whole_is(text: str, longest: int) -> None:
    made = mrkdwn.cut_with_size(text, longest)
    assert len(made) <= longest
    assert made == text or f"{len(text):,} characters in all" in made


@given(values)
def test_any_value_can_be_shown_without_tricks(value: Value) -> None:
    made = mrkdwn.shown(value)
    assert made
    assert unseen(made) == set()


def test_what_is_deep_is_shown_so_that_it_can_be_told_apart() -> None:
    deep = Properties(entries=(("since", (2024, 2025)), ("open", True)))
    assert mrkdwn.shown(deep) == '{"since": [2024, 2025], "open": true}'
    rows = tuple(
        Composite(type="Disk", members=(("sizeGb", size), ("tier", tier)))
        for size, tier in ((100, "gold"), (50, "silver"))
    )
    assert mrkdwn.shown(rows) == "sizeGb: 100, tier: gold\nsizeGb: 50, tier: silver"


@given(clear_secrets, texts)
def test_no_secret_is_shown(secret: SecretText, slot: str) -> None:
    assert mrkdwn.shown(secret) == mrkdwn.shown(SealedSecret(slot=slot)) == mrkdwn.DOTS


@given(st.floats(0, 1e8))
def test_a_duration_has_two_units_at_most(seconds: float) -> None:
    assert re.fullmatch(r"0\.\d s|1\.0 s|\d+ (d|h|min|s)( \d+ (h|min|s))?", mrkdwn.duration(seconds))


@given(moments)
def test_a_moment_carries_its_own_words_for_where_dates_are_not_drawn(at: object) -> None:
    made = mrkdwn.moment(at)  # type: ignore[arg-type] # a datetime
    assert re.fullmatch(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d-]{10} \d\d:\d\d UTC>", made)
