"""Whether a run that is found is the one a launch started: adopted only if it could be no other's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.execution import Argument, Execution, ExecutionState, ExecutionSummary
from bot.domain.launch import Launch, State
from bot.domain.matching import CLOCKS_DIFFER, candidates, is_ours, search_from
from bot.domain.people import Person, Place
from bot.domain.values import (
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    UnreadableValue,
    Value,
    is_secret,
)
from bot.domain.workflow import ParameterType, WorkflowRef
from tests.strategies import NOON, arguments, several, values

ANY = ParameterType(declared="Any")


def a_launch(*given: Argument) -> Launch:
    """A launch whose start left at noon."""
    return Launch(
        id="1",
        workflow=WorkflowRef(id="w", name="w"),
        arguments=given,
        requester=Person(team_id="T", user_id="U"),
        place=Place(channel_id="C"),
        rule="r",
        requested_at=NOON - timedelta(hours=1),
        state=State.UNCERTAIN,
        starting_at=NOON,
    )


def a_run(*inputs: Argument) -> Execution:
    """A run that received these inputs."""
    return Execution(id="e", state=ExecutionState.RUNNING, inputs=inputs)


def sent(value: Value) -> Argument:
    """An input."""
    return Argument(name="x", type=ANY, value=value)


@given(several)
def test_a_run_with_the_same_inputs_is_ours(given_inputs: tuple[Argument, ...]) -> None:
    named = tuple(replace(each, name=f"{at}") for at, each in enumerate(given_inputs))
    assert is_ours(a_launch(*named), a_run(*reversed(named)))
    assert is_ours(a_launch(*named), a_run(*named, sent("another input with a default")))


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_run_with_another_text_is_not(one: str, other: str) -> None:
    assert is_ours(a_launch(sent(one)), a_run(sent(other))) == (one.splitlines() == other.splitlines())


@pytest.mark.parametrize(
    ("was_sent", "came_back"),
    [
        (None, ""),
        (None, ()),
        (None, Properties(entries=())),
        ("a\nb", "a\r\nb"),
        (3, 3.0),
        (NOON.replace(microsecond=123456), NOON),
        (
            SdkObject(type="VC:VirtualMachine", id="7", name="web"),
            SdkObject(type="VC:VirtualMachine", id="7"),
        ),
        (Properties(entries=(("a", "1"), ("b", None))), Properties(entries=(("b", ""), ("a", "1")))),
        (Composite(type="X", members=(("a", 1),)), Properties(entries=(("a", 1.0),))),
        (
            Properties(entries=(("p", SecretRef(name="n")), ("q", 1))),
            Properties(entries=(("q", 1), ("p", "***"))),
        ),
        (SecretRef(name="n"), "whatever"),
        (SealedSecret(slot="x"), None),
        ("text", EncryptedText(text="opaque")),
        ({"anything": 1}.__len__(), UnreadableValue(kind="New", json="{}")),
        ((1, None), (1.0, "")),
        (2**53 + 1, float(2**53)),
        ((-(2**60) - 1,), (float(-(2**60)),)),
    ],
)
def test_what_orchestrator_writes_differently_is_still_the_same(was_sent: Value, came_back: Value) -> None:
    assert is_ours(a_launch(sent(was_sent)), a_run(sent(came_back)))


@pytest.mark.parametrize(
    ("was_sent", "came_back"),
    [
        ("a", "b"),
        ("a", None),
        (None, "a"),
        (0, None),
        (False, None),
        (True, False),
        (1, 2),
        ("1", 1),
        (NOON, NOON + timedelta(seconds=2)),
        ((1, 2), (2, 1)),
        (2**53 + 1, float(2**53 + 2)),
        ((1,), (1, 1)),
        (SdkObject(type="A", id="1"), SdkObject(type="A", id="2")),
        (SdkObject(type="A", id="1"), SdkObject(type="B", id="1")),
        (Properties(entries=(("a", "1"),)), Properties(entries=(("a", "2"),))),
        (Properties(entries=(("a", "1"),)), Properties(entries=(("a", "1"), ("b", "2")))),
        (Properties(entries=(("p", SecretRef(name="n")), ("q", 1))), Properties(entries=(("q", 2),))),
    ],
)
def test_what_differs_in_truth_is_not_ours(was_sent: Value, came_back: Value) -> None:
    assert not is_ours(a_launch(sent(was_sent)), a_run(sent(came_back)))


@given(arguments)
def test_an_input_that_did_not_come_back_is_not_ours_unless_it_was_empty_or_secret(
    argument: Argument,
) -> None:
    empty = argument.value is None
    if not is_secret(argument.value):
        assert is_ours(a_launch(argument), a_run()) == empty


@given(values, values)
def test_comparing_never_fails(one: Value, other: Value) -> None:
    assert is_ours(a_launch(sent(one)), a_run(sent(other))) in {True, False}


@pytest.mark.parametrize(
    ("started_by", "account", "could_be"),
    [
        ("svc", "svc", True),
        ("svc@corp.local", "svc", True),
        (r"CORP\svc", "SVC@corp.local", True),
        ("", "svc", True),
        ("svc", None, True),
        ("other", "svc", False),
        ("svc2@corp.local", "svc", False),
    ],
)
def test_a_run_of_another_account_is_no_candidate(
    started_by: str, account: str | None, *, could_be: bool
) -> None:
    run = ExecutionSummary(id="1", state=ExecutionState.RUNNING, started_by=started_by, start_date=NOON)
    assert bool(candidates(a_launch(), [run], account=account)) == could_be


@given(st.integers(-600, 600))
def test_a_run_that_began_before_the_start_left_is_no_candidate(seconds: int) -> None:
    launch = a_launch()
    began = NOON + timedelta(seconds=seconds)
    run = ExecutionSummary(id="1", state=ExecutionState.COMPLETED, start_date=began)
    assert bool(candidates(launch, [run], account=None)) == (began >= NOON - CLOCKS_DIFFER)
    assert search_from(launch) == NOON - CLOCKS_DIFFER


def test_a_run_without_a_date_could_be_ours() -> None:
    run = ExecutionSummary(id="1", state=ExecutionState.OTHER)
    assert candidates(a_launch(), [run], account="svc") == (run,)
