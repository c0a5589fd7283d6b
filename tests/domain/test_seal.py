"""The seal of a workflow: the same for two reads that differ in spelling, another for any other document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.seal import (
    SealedPart,
    Unsealed,
    WorkflowSeal,
    definition_digest,
    document_digest,
    seal_of,
)
from bot.domain.workflow import Parameter, ParameterType, Workflow

if TYPE_CHECKING:
    from random import Random

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


def respelt(document: Any, random: Random) -> Any:  # noqa: ANN401 - JSON
    """The same, as another node or release of the server might write it."""
    match document:
        case dict():
            pairs = [(key, respelt(value, random)) for key, value in document.items()]
            random.shuffle(pairs)
            extra = {"nothing": None, "href": "https://node-2/vco/api/x", "allowed-operations": "v"}
            return dict(pairs) | {key: value for key, value in extra.items() if key not in document}
        case list():
            return [respelt(each, random) for each in document]
        case bool():
            return document
        case int():
            return float(document)
        case str():
            return document.replace("\r\n", "\n").replace("\n", "\r\n")
        case _:
            return document


@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_how_a_document_is_spelt_makes_no_difference(document: object, random: Random) -> None:
    assert document_digest(document) == document_digest(respelt(document, random))


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_other_script_is_another_document(one: str, other: str) -> None:
    def content(code: str) -> dict[str, object]:
        return {"workflow-item": [{"name": "item1", "script": {"value": code, "encoded": False}}]}

    same = one.replace("\r\n", "\n") == other.replace("\r\n", "\n")
    assert (document_digest(content(one)) == document_digest(content(other))) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": ""}, {}),
        ({"a": False}, {}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
        ({"a": 0.5}, {"a": 0}),
        ({"schema": {"href": {"type": "string"}}}, {"schema": {}}),  # a field that is called so
        ({"relations": {"link": [], "more": 1}}, {}),
        ({"a": [None]}, {"a": []}),
    ],
)
def test_what_says_something_else_is_another_document(one: object, other: object) -> None:
    assert document_digest(one) != document_digest(other)


def test_numbers_no_json_can_hold_do_no_harm() -> None:
    assert document_digest(json.loads('{"a": 1e999}')) != document_digest({"a": 1})


@pytest.mark.parametrize("why", [None, *Unsealed])
def test_a_seal_is_read_as_it_was_kept(why: Unsealed | None) -> None:
    part = SealedPart(digest="" if why else "c" * 64, why=why)
    seal = WorkflowSeal(definition="d" * 64, form=SealedPart(digest="none"), content=part)
    assert seal_of(seal.pairs) == seal
    assert seal_of(()) is None


def test_what_people_read_of_a_workflow_is_no_part_of_what_it_declares() -> None:
    """Servers translate descriptions by the caller's language."""

    def workflow(**more: Any) -> Workflow:  # noqa: ANN401 - a workflow's
        kind = ParameterType(declared="string")
        given = {"id": "1", "name": "Patch", "inputs": (Parameter(name="vm", type=kind, description="en"),)}
        return Workflow(**given | more)

    kind = ParameterType(declared="string")
    assert definition_digest(workflow()) == definition_digest(
        workflow(description="de", inputs=(Parameter(name="vm", type=kind, description="de"),))
    )
    for other in ({"name": "Wipe"}, {"version": "2"}, {"inputs": ()}, {"outputs": workflow().inputs}):
        assert definition_digest(workflow()) != definition_digest(workflow(**other))
