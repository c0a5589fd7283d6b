"""The line behind `/vro run`: words that name a workflow, and values that come through as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.command_text import read_words, split_word

plain = st.from_regex(r"[A-Za-z][\w.-]{0,12}", fullmatch=True)
names = st.from_regex(r"[A-Za-z_]\w{0,12}", fullmatch=True)
anything = st.text(max_size=40)


def one_each(pairs: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: (value,) for name, value in pairs.items()}


def quoted(text: str) -> str:
    """In double quotes, as a person who knows them would write it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@given(st.lists(plain, max_size=4), st.dictionaries(names, anything, max_size=4))
def test_what_is_quoted_comes_through_to_the_letter(words: list[str], pairs: dict[str, str]) -> None:
    line = " ".join([*words, *(f"{name}={quoted(value)}" for name, value in pairs.items())])
    read = read_words(line)
    assert read.words == " ".join(words)
    assert read.pairs == one_each(pairs)


@given(st.lists(plain, max_size=4), st.dictionaries(names, plain, max_size=4))
def test_what_has_no_spaces_needs_no_quotes(words: list[str], pairs: dict[str, str]) -> None:
    line = "  ".join([*words, *(f"{name}={value}" for name, value in pairs.items())])
    read = read_words(line)
    assert (read.words, read.pairs) == (" ".join(words), one_each(pairs))


@given(st.text(max_size=200))
def test_no_line_is_too_odd_to_be_read(line: str) -> None:
    read_words(line)


@pytest.mark.parametrize(
    ("line", "words", "pairs"),
    [
        ("", "", {}),
        ("restart vm", "restart vm", {}),
        ('"restart vm" name=web-01', "restart vm", {"name": ("web-01",)}),
        ("name='web 01' force=yes", "", {"name": ("web 01",), "force": ("yes",)}),
        ("name=\u201cweb 01\u201d", "", {"name": ("web 01",)}),
        ('name=\u201cweb 01\u201d size="2 GB"', "", {"name": ("web 01",), "size": ("2 GB",)}),
        ('name=\u201cweb 01" size=2', "", {"name": ("web 01",), "size": ("2",)}),
        ('name="web 01\u201d', "", {"name": ("web 01",)}),
        ("name=\u201eweb 01\u201c", "", {"name": ("web 01",)}),
        ("name=\u2018web 01\u2019", "", {"name": ("web 01",)}),
        ('name="a \u201cb\u201d c"', "", {"name": ("a \u201cb\u201d c",)}),
        ("restart\u00a0vm\nname=a\tforce=yes", "restart vm", {"name": ("a",), "force": ("yes",)}),
        ("name=", "", {"name": ("",)}),
        ("url=https://a.example/?b=c", "", {"url": ("https://a.example/?b=c",)}),
        ("1=2", "1=2", {}),
        ("name=a name=b", "", {"name": ("a", "b")}),
    ],
)
def test_a_line_as_people_type_it(line: str, words: str, pairs: dict[str, tuple[str, ...]]) -> None:
    read = read_words(line)
    assert (read.words, read.pairs) == (words, pairs)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\t", "\n", "\r\n", "\u3000", "  \n "])
def test_any_white_space_parts_a_command_from_what_it_is_about(space: str) -> None:
    assert split_word(f"{space}run{space}restart vm{space}") == ("run", "restart vm")
