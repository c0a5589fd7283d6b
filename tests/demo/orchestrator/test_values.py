from __future__ import annotations

from typing import Any

import pytest

from bot.demo.orchestrator import Declared, PretendWorkflow
from bot.demo.orchestrator.checking import Misfit, check
from bot.demo.orchestrator.values import echo, plain
from tests.demo.orchestrator.visit import visiting

FITTING: list[tuple[str, dict[str, Any], object]] = [
    ("string", {"string": {"value": ""}}, ""),
    ("Text", {"string": {"value": "a\nb"}}, "a\nb"),
    ("Path", {"string": {"value": "Library/Mail"}}, "Library/Mail"),
    ("number", {"number": {"value": 4.5}}, 4.5),
    ("boolean", {"boolean": {"value": False}}, False),
    ("boolean", {"boolean": {"value": "true"}}, True),
    ("Date", {"date": {"value": "2031-01-02T03:04:05Z"}}, "2031-01-02T03:04:05Z"),
    ("SecureString", {"secure-string": {"value": "hush", "isPlainText": True}}, "hush"),
    ("EncryptedString", {"encrypted-string": {"value": "7F3A"}}, "7F3A"),
    ("Regexp", {"regex": {"value": "^a.*"}}, "^a.*"),
    (
        "MimeAttachment",
        {"mime-attachment": {"name": "a.txt", "mime-type": "text/plain", "mime-content": "aGk="}},
        {"name": "a.txt", "mime-type": "text/plain", "mime-content": "aGk="},
    ),
    (
        "Properties",
        {"properties": {"property": [{"key": "size", "value": {"number": {"value": 2}}}]}},
        {"size": 2},
    ),
    ("Array/string", {"array": {"elements": [{"string": {"value": "a"}}, None]}}, ["a", None]),
    (
        "VC:VirtualMachine",
        {"sdk-object": {"type": "VC:VirtualMachine", "id": "vc01,id:vm-7"}},
        {"type": "VC:VirtualMachine", "id": "vc01,id:vm-7"},
    ),
    (
        "CompositeType(a:string):Pair",
        {
            "composite": {
                "type": "CompositeType(a:string):Pair",
                "property": [{"id": "a", "value": {"string": {"value": "x"}}}],
            }
        },
        {"a": "x"},
    ),
    ("Any", {"number": {"value": 1}}, 1),
    (
        "string",
        {"attribute-reference": {"config-id": "c1", "config-key": "k", "config-name": "n"}},
        {"config-id": "c1", "config-key": "k", "config-name": "n"},
    ),
]


@pytest.mark.parametrize(("declared", "envelope", "seen"), FITTING)
def test_a_fitting_value_is_taken_and_read(declared: str, envelope: dict[str, Any], seen: object) -> None:
    check(envelope, declared)
    assert plain(envelope) == seen


@pytest.mark.parametrize(
    ("declared", "envelope"),
    [
        ("SecureString", {"SecureString": {"value": "hush"}}),
        ("SecureString", {"string": {"value": "hush"}}),
        ("SecureString", {"secure-string": {"value": "hush", "masked": True}}),
        ("string", {"string": {"value": 1}}),
        ("string", {"string": {"text": "a"}}),
        ("string", {"string": "a"}),
        ("number", {"number": {"value": "4"}}),
        ("number", {"number": {"value": True}}),
        ("boolean", {"boolean": {"value": 1}}),
        ("boolean", {"boolean": {"value": "yes"}}),
        ("Date", {"date": {"value": "tomorrow"}}),
        ("Date", {"date": {"value": "2031-01-02T03:04:05"}}),
        ("Date", {"date": {"value": 1925262000000}}),
        ("Regexp", {"regexp": {"value": "^a"}}),
        (
            "MimeAttachment",
            {"mime-attachment": {"name": "a", "mime-type": "b", "mime-content": "not base64"}},
        ),
        ("Properties", {"properties": [{"key": "size"}]}),
        ("Array/string", {"array": {"elements": [{"number": {"value": 1}}]}}),
        ("Array/string", {"array": [{"string": {"value": "a"}}]}),
        ("VC:VirtualMachine", {"sdk-object": {"type": "VC:Datastore", "id": "d"}}),
        ("VC:VirtualMachine", {"sdk-object": {"id": "d"}}),
        ("CompositeType(a:string):Pair", {"composite": {"type": "Pair", "property": []}}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(declared: str, envelope: dict[str, Any]) -> None:
    with pytest.raises(Misfit):
        check(envelope, declared)


def test_numbers_come_back_as_doubles_and_dates_with_their_offset() -> None:
    assert str(echo({"number": {"value": 789}})) == "{'number': {'value': 789.0}}"
    assert echo({"date": {"value": "2031-01-02T03:04:05Z"}}) == {
        "date": {"value": "2031-01-02T03:04:05.000+00:00"}
    }
    assert echo({"array": {"elements": [{"boolean": {"value": "true"}}]}}) == {
        "array": {"elements": [{"boolean": {"value": True}}]}
    }


async def test_a_secret_input_comes_back_encrypted() -> None:
    workflow = PretendWorkflow(name="Rotate", inputs=(Declared(name="password", type="SecureString"),))
    async with visiting() as visit:
        visit.vro.add_workflow(workflow)
        given = {"name": "password", "type": "SecureString", "value": {"secure-string": {"value": "hush"}}}
        identity = await visit.start(workflow, given)
        (shown,) = (await visit.run(workflow, identity))["input-parameters"]
        assert shown["value"]["secure-string"]["value"] not in ("", "hush")


async def test_a_bare_array_is_taken_for_an_array_of_something() -> None:
    workflow = PretendWorkflow(name="List", inputs=(Declared(name="names", type="Array/string"),))
    async with visiting() as visit:
        visit.vro.add_workflow(workflow)
        given = {
            "name": "names",
            "type": "Array",
            "value": {"array": {"elements": [{"string": {"value": "a"}}]}},
        }
        await visit.start(workflow, given)
        assert len(visit.vro.starts) == 1
