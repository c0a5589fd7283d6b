"""What is stored comes back as it was, whatever values people and workflows use."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.execution import Argument
from bot.domain.launch import Launch, Outcome, Search, State
from bot.domain.people import Person, Place
from bot.domain.preset import Editor
from bot.domain.values import (
    Attachment,
    Composite,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
)
from bot.domain.workflow import ParameterType, WorkflowRef
from bot.store import codec

texts = st.text(max_size=20)
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))]))
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | moments
    | st.builds(SdkObject, type=texts, id=texts, href=texts)
    | st.builds(Attachment, name=texts, mime_type=texts, content=st.binary(max_size=20))
    | st.builds(SecretRef, name=texts)
    | st.builds(SealedSecret, slot=texts)
)
pairs = st.lists(st.tuples(texts, leaves), max_size=3).map(tuple)
values = (
    leaves
    | st.lists(leaves, max_size=4).map(tuple)
    | st.builds(Properties, entries=pairs)
    | st.builds(Composite, members=pairs)
)
people = st.builds(Person, team_id=texts, user_id=texts)
arguments = st.builds(
    Argument,
    name=texts,
    type=st.builds(ParameterType, declared=st.sampled_from(["string", "Array/number", "Date"])),
    value=values,
)
launches = st.builds(
    Launch,
    id=texts,
    workflow=st.builds(WorkflowRef, id=texts, name=texts),
    arguments=st.lists(arguments, max_size=3).map(tuple),
    requester=people,
    place=st.builds(Place, channel_id=texts),
    rule=texts,
    requested_at=moments,
    state=st.sampled_from(State),
    editors=st.lists(st.builds(Editor, person=people, email=texts, preset=texts), max_size=2).map(tuple),
    hidden=st.frozensets(texts, max_size=2),
    search=st.none() | st.builds(Search, cause=texts, looked_at=st.none() | moments),
    outcome=st.none() | st.builds(Outcome, detail=texts),
    version=st.integers(1, 10**6),
    fence=st.integers(0, 10**6),
)


@given(launches)
def test_a_launch_comes_back_as_it_was(launch: Launch) -> None:
    assert codec.load(json.loads(json.dumps(codec.dump(launch)))) == launch


@given(values)
def test_a_value_comes_back_with_its_type(value: object) -> None:
    back = codec.load(json.loads(json.dumps(codec.dump(value))))
    assert back == value
    assert type(back) is type(value)


@given(texts)
def test_a_secret_in_the_clear_is_never_stored(text: str) -> None:
    with pytest.raises(TypeError, match="never stored"):
        codec.dump((SecretText(text=text),))


def test_what_is_no_domain_object_is_refused() -> None:
    with pytest.raises(TypeError):
        codec.dump({"a": object()})


def test_a_field_that_a_later_release_dropped_is_passed_over() -> None:
    stored = codec.dump(Person(team_id="T", user_id="U")) | {"nickname": "Ada"}
    assert codec.load(stored) == Person(team_id="T", user_id="U")
