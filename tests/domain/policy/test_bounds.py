"""Limits of the policy bind every kind of value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.execution import Argument
from bot.domain.policy import Group, InputRule, Rule
from bot.domain.policy.bounds import out_of_bounds
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    Properties,
    SdkObject,
    SealedSecret,
    UnreadableValue,
)
from bot.domain.workflow import ParameterType
from tests.strategies import values

if TYPE_CHECKING:
    from bot.domain.values import Value

VM = "VC:VirtualMachine"
ALLOWED = SdkObject(type=VM, id="vm-201", name="web-01")
OTHER = SdkObject(type=VM, id="vm-999", name="prod-db")
ONE = InputRule(choices=("vm-201",))
SHAPED = InputRule(pattern="web-[0-9]+")
SMALL = InputRule(minimum=1, maximum=3)
BOUND = [ONE, SHAPED, SMALL]


def refused(limit: InputRule, value: Value) -> bool:
    rule = Rule(name="r", run=Group(everyone=True), inputs=(("x", limit),))
    argument = Argument(name="x", type=ParameterType(declared="Any"), value=value)
    return out_of_bounds(rule, [argument]) == "x"


def wrapped(inner: Value) -> list[Value]:
    """A value wherever one can stand."""
    return [
        inner,
        (inner,),
        Properties(entries=(("k", inner),)),
        Composite(type="C", members=(("a", inner), ("b", None))),
        Properties(entries=(("k", (Composite(type="C", members=(("m", inner),)),)),)),
    ]


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    ("limit", "fits", "breaks"),
    [
        (ONE, "vm-201", "vm-999"),
        (ONE, ALLOWED, OTHER),
        (InputRule(choices=("web-01",)), ALLOWED, OTHER),
        (InputRule(choices=("false",)), False, True),
        (InputRule(choices=("5",)), 5, 6),
        (SHAPED, "web-01", "prod-01"),
        (SHAPED, ALLOWED, OTHER),
        (
            SHAPED,
            Attachment(name="web-1", mime_type="", content=b""),
            Attachment(name="x", mime_type="", content=b""),
        ),
        (InputRule(pattern="true"), True, False),
        (InputRule(pattern="[0-9]"), 7, 77),
        (InputRule(pattern="2026-.*"), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (SMALL, 3, 4),
        (SMALL, "abc", "abcd"),
    ],
)
def test_a_limit_binds_a_value_wherever_it_stands(
    limit: InputRule, fits: Value, breaks: Value, place: int
) -> None:
    assert not refused(limit, wrapped(fits)[place])
    assert refused(limit, wrapped(breaks)[place])


@pytest.mark.parametrize("place", [0, 2, 3])
@pytest.mark.parametrize(
    "value",
    [True, datetime(2026, 1, 1, tzinfo=UTC)],
)
def test_what_has_no_size_is_within_no_bounds(value: Value, place: int) -> None:
    assert refused(SMALL, wrapped(value)[place])


def test_the_bounds_of_an_object_or_a_file_speak_of_its_name() -> None:
    assert not refused(InputRule(maximum=6), (ALLOWED,))
    assert refused(InputRule(maximum=6), (ALLOWED, OTHER))
    assert refused(InputRule(minimum=7), SdkObject(type=VM, id="vm-201"))
    assert refused(SMALL, Attachment(name="long.txt", mime_type="", content=b""))


@pytest.mark.parametrize("limit", BOUND)
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    "value", [AttributeReference(config_id="c", config_key="k"), UnreadableValue(kind="odd", json="5")]
)
def test_what_nobody_can_compare_is_refused(limit: InputRule, value: Value, place: int) -> None:
    assert refused(limit, wrapped(value)[place])


@pytest.mark.parametrize("empty", [None, "", ()])
def test_nothing_is_refused_only_where_something_has_to_be_given(empty: Value) -> None:
    assert not any(refused(limit, empty) for limit in BOUND)
    assert refused(InputRule(required=True), empty)


@pytest.mark.parametrize("limit", BOUND)
def test_a_sealed_secret_was_held_against_them_at_the_form(limit: InputRule) -> None:
    assert not refused(limit, SealedSecret(slot="x", mac="m"))


@given(values)
def test_words_about_an_input_bind_nothing(value: Value) -> None:
    assert not refused(InputRule(label="Machine", hint="One of yours", default="a"), value)


@given(values, st.sampled_from(BOUND))
def test_whatever_the_value_there_is_an_answer(value: Value, limit: InputRule) -> None:
    assert refused(limit, value) in {True, False}
