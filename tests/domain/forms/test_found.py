"""Answers as lists of choices: made once, and each entry as what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forms.form import Choice
from bot.domain.forms.found import Answer, Trouble
from bot.domain.values import Properties, Value


def entry(**pairs: Value) -> Properties:
    return Properties(entries=tuple(pairs.items()))


def listed(*values: Value) -> list[tuple[Value, str]]:
    choices = Answer(value=values).choices
    assert not isinstance(choices, Trouble)
    return [(each.value, each.label) for each in choices]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_texts_with_labels_are_choices(pairs: list[tuple[str, str]]) -> None:
    assert listed(*(entry(value=value, label=label) for value, label in pairs)) == pairs
    assert listed(*(value for value, _ in pairs)) == [(value, value) for value, _ in pairs]
    assert listed(*(entry(value=value) for value, _ in pairs)) == [(value, value) for value, _ in pairs]


def test_what_is_no_text_stays_what_it_is() -> None:
    assert repr(listed(1, 2)) == "[(1, '1'), (2, '2')]"
    assert repr(listed(*(True, 2))) == "[(True, 'true'), (2, '2')]"
    assert listed("a", None, entry(value=7, label="seven"), entry(other="x"))[:2] == [
        ("a", "a"),
        (7, "seven"),
    ]


def test_a_list_is_made_once_however_often_its_draft_is_read() -> None:
    texts = tuple(f"value-{number}" for number in range(5000))
    once, again = Answer(value=texts), Answer(value=tuple(f"value-{number}" for number in range(5000)))
    assert once.choices is once.choices
    assert once.choices is again.choices
    assert once.choices == tuple(Choice(value=text, label=text) for text in texts)


@pytest.mark.parametrize("value", [3.5, entry(deep=entry(a=1))])
def test_what_is_no_list_is_nonsense(value: Value) -> None:
    assert Answer(value=value).choices is Trouble.NONSENSE
