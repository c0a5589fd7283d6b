"""Values of every type, out of their envelopes and back into them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.orchestrator.checking import check
from bot.domain.errors import InvalidRequest
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
    UnreadableValue,
    Value,
    is_secret,
)
from bot.domain.workflow import ParameterType
from bot.orchestrator.sending import write_value
from bot.orchestrator.values import clean, read_moment, read_value

NOON = datetime(2025, 3, 4, 12, 30, 15, 250_000, tzinfo=UTC)


def typed(declared: str) -> ParameterType:
    return ParameterType(declared=declared)


# reading


@pytest.mark.parametrize(
    ("declared", "wire", "value"),
    [
        ("string", {"string": {"value": "web-01"}}, "web-01"),
        ("string", {"string": {"value": ""}}, ""),
        ("Text", {"string": {"value": "two\nlines"}}, "two\nlines"),
        ("Path", {"string": {"value": "/Library/Mail"}}, "/Library/Mail"),
        ("number", {"number": {"value": 12.0}}, 12),
        ("number", {"number": {"value": 12.5}}, 12.5),
        ("number", {"number": {"value": "40"}}, 40),
        ("number", {"number": {"value": 1e300}}, 1e300),
        ("boolean", {"boolean": {"value": True}}, True),
        ("boolean", {"boolean": {"value": "False"}}, False),
        ("Date", {"date": {"value": "2025-03-04T12:30:15.250Z"}}, NOON),
        ("Date", {"date": {"value": 1741091415250}}, NOON),
        ("SecureString", {"secure-string": {"value": "***", "plainText": False}}, SecretText(text="***")),
        ("SecureString", {"string": {"value": "***"}}, SecretText(text="***")),
        ("SecureString", "***", SecretText(text="***")),
        ("EncryptedString", {"encrypted-string": {"value": "9A"}}, EncryptedText(text="9A")),
        ("EncryptedString", {"string": {"value": "9A"}}, EncryptedText(text="9A")),
        ("Regexp", {"regex": {"value": "^a+$"}}, "^a+$"),
        ("Array/number", {"array": {"elements": [{"number": {"value": 1.0}}, None]}}, (1, None)),
        ("Array/string", {"array": {}}, ()),
        ("Array/string", {"array": {"elements": {"string": {"value": "alone"}}}}, ("alone",)),
        (
            "Array/SecureString",
            {"array": {"elements": [{"string": {"value": "x"}}]}},
            (SecretText(text="x"),),
        ),
        (
            "VC:HostSystem",
            {"sdk-object": {"type": "VC:HostSystem", "id": "vc,id:host-9", "display-value": "esx-9"}},
            SdkObject(type="VC:HostSystem", id="vc,id:host-9", name="esx-9"),
        ),
        ("VC:HostSystem", {"sdkObject": {"id": "host-9"}}, SdkObject(type="VC:HostSystem", id="host-9")),
        (
            "Properties",
            {"properties": {"property": [{"key": "a", "value": {"number": {"value": 1}}}, {"key": "b"}]}},
            Properties(entries=(("a", 1), ("b", None))),
        ),
        ("Properties", {"properties": {"properties": []}}, Properties(entries=())),
        ("Properties", {"properties": {"property": {"key": "a"}}}, Properties(entries=(("a", None),))),
        (
            "CompositeType(user:string,pin:SecureString):Who",
            {"composite": {"property": [{"id": "user", "value": "eve"}, {"id": "pin", "value": "12"}]}},
            Composite(
                type="CompositeType(user:string,pin:SecureString):Who",
                members=(("user", "eve"), ("pin", SecretText(text="12"))),
            ),
        ),
        (
            "MimeAttachment",
            {"mime-attachment": {"name": "a.txt", "mime-type": "text/plain", "mime-content": "aGk="}},
            Attachment(name="a.txt", mime_type="text/plain", content=b"hi"),
        ),
        (
            "MimeAttachment",
            {"mimeAttachment": {"name": "a.txt", "mimeType": "text/plain", "content": "aGk="}},
            Attachment(name="a.txt", mime_type="text/plain", content=b"hi"),
        ),
        (
            "Any",
            {"attribute-reference": {"config-id": "c", "config-key": "k", "config-name": "n"}},
            AttributeReference(config_id="c", config_key="k", config_name="n"),
        ),
        ("Any", {"string": {"value": "x"}}, "x"),
        ("string", {"objectType": "string", "string": {"value": "x"}}, "x"),
        ("string", None, None),
        ("string", "null", None),
        ("string", {"string": {"value": None}}, None),
        ("number", {"number": {}}, None),
        ("string", "bare", "bare"),
        ("boolean", True, True),
        ("number", 3.0, 3),
    ],
)
def test_a_value_is_read_from_every_shape_seen(declared: str, wire: object, value: Value) -> None:
    assert read_value(wire, typed(declared)) == value


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        ({"hologram": {"value": 3}}, "hologram"),
        ({"string": {"value": "a"}, "number": {"value": 1}}, ""),
        ({}, ""),
        ({"number": {"value": "NaN"}}, "number"),
        ({"number": {"value": True}}, "number"),
        ({"date": {"value": "tomorrow"}}, "date"),
        ({"boolean": {"value": "maybe"}}, "boolean"),
        ({"sdk-object": {"type": "VC:Folder"}}, "sdk-object"),
        ({"mime-attachment": {"mime-content": "not base64"}}, "mime-attachment"),
        ({"properties": {"property": [{"value": {"string": {"value": "no key"}}}]}}, "properties"),
        (["a"], ""),
    ],
)
def test_what_is_not_known_is_kept_as_it_came(wire: object, kind: str) -> None:
    value = read_value(wire)
    assert isinstance(value, UnreadableValue)
    assert value.kind == kind
    assert json.loads(value.json) == wire
    assert write_value(value) == wire


def test_half_a_character_is_replaced() -> None:
    assert read_value({"string": {"value": "a\ud83d"}}) == "a\ufffd"
    assert clean("grün") == "grün"


@pytest.mark.parametrize(
    "raw",
    [
        1741091415250,
        "1741091415250",
        "2025-03-04T12:30:15.250Z",
        "2025-03-04T12:30:15.250+00:00",
        "2025-03-04T13:30:15.250+0100",
        " 2025-03-04T12:30:15.250 ",
    ],
)
def test_a_moment_is_read_in_every_form_seen(raw: object) -> None:
    assert read_moment(raw) == NOON


@pytest.mark.parametrize("raw", [None, "", "soon", True, [], {}, 1e300, "9" * 40, float("nan"), "2025-99-01"])
def test_what_is_no_moment_is_none(raw: object) -> None:
    assert read_moment(raw) is None


# writing


@pytest.mark.parametrize(
    ("declared", "value", "wire"),
    [
        ("string", "x", {"string": {"value": "x"}}),
        ("Path", "/x", {"string": {"value": "/x"}}),
        ("Regexp", "^x", {"regex": {"value": "^x"}}),
        ("Any", "x", {"string": {"value": "x"}}),
        ("number", 2, {"number": {"value": 2}}),
        ("boolean", False, {"boolean": {"value": False}}),
        ("Date", NOON, {"date": {"value": "2025-03-04T12:30:15.250Z"}}),
        ("Date", NOON.replace(microsecond=0), {"date": {"value": "2025-03-04T12:30:15Z"}}),
        ("SecureString", "x", {"secure-string": {"value": "x"}}),
        ("SecureString", SecretText(text="x"), {"secure-string": {"value": "x"}}),
        ("string", SecretText(text="x"), {"string": {"value": "x"}}),
        ("EncryptedString", EncryptedText(text="9A"), {"encrypted-string": {"value": "9A"}}),
        ("Array/SecureString", ("x",), {"array": {"elements": [{"secure-string": {"value": "x"}}]}}),
        ("Array/string", (), {"array": {"elements": []}}),
        (
            "VC:Folder",
            SdkObject(type="VC:Folder", id="f", name="F"),
            {"sdk-object": {"type": "VC:Folder", "id": "f"}},
        ),
        ("string", None, None),
    ],
)
def test_a_value_is_written_as_its_type_declares(declared: str, value: Value, wire: object) -> None:
    assert write_value(value, typed(declared)) == wire


def test_a_date_is_written_in_utc() -> None:
    there = datetime(2025, 3, 4, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert write_value(there) == {"date": {"value": "2025-03-04T12:00:00Z"}}


@pytest.mark.parametrize(
    "value",
    [
        SecretRef(name="db"),
        SealedSecret(slot="pin"),
        datetime(2025, 1, 1),  # noqa: DTZ001 - a naive date is what is refused
        (SecretRef(name="db"),),
        UnreadableValue(kind="odd", json="{"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_sending(value: Value) -> None:
    with pytest.raises(InvalidRequest, match="Nothing was sent"):
        write_value(value)


# there and back

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).filter(lambda text: text != "null")
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
dates = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - the same
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=13))]),
).map(lambda date: date.replace(microsecond=date.microsecond // 1000 * 1000))
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
objects = st.builds(SdkObject, type=st.just("VC:Folder"), id=names, href=texts)
files = st.builds(Attachment, name=texts, mime_type=texts, content=st.binary(max_size=40))
references = st.builds(AttributeReference, config_id=names, config_key=names, config_name=texts)

leaves: dict[str, st.SearchStrategy[Value]] = {
    "string": texts,
    "Text": texts,
    "Path": texts,
    "Regexp": texts,
    "number": numbers,
    "boolean": st.booleans(),
    "Date": dates,
    "SecureString": st.builds(SecretText, text=texts),
    "EncryptedString": st.builds(EncryptedText, text=texts),
    "MimeAttachment": files,
    "VC:Folder": objects,
    "Any": texts | numbers | st.booleans() | dates | files | objects | references,
}


def _composite(inner: dict[str, str]) -> str:
    return f"CompositeType({','.join(f'{name}:{kind}' for name, kind in inner.items())}):Made"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, Value]:
    """A declared type and a value of it, nested now and then."""
    kind = draw(st.sampled_from(sorted(leaves)))
    value = draw(st.none() | leaves[kind])
    shape = draw(st.sampled_from(["leaf", "array", "properties", "composite"]))
    if shape == "array":
        return f"Array/{kind}", tuple(draw(st.lists(st.none() | leaves[kind], max_size=4)))
    if shape == "properties":
        entries = draw(st.lists(st.tuples(names, st.none() | leaves["Any"]), max_size=3))
        return "Properties", Properties(entries=tuple(entries))
    if shape == "composite":
        declared = _composite({"one": kind, "two": "Array/number"})
        several = tuple(draw(st.lists(numbers, max_size=3)))
        return declared, Composite(type=declared, members=(("one", value), ("two", several)))
    return kind, value


@given(pairs())
def test_every_value_comes_back_as_it_went(pair: tuple[str, Value]) -> None:
    declared, value = pair
    sent = json.loads(json.dumps(write_value(value, typed(declared)), allow_nan=False))
    assert read_value(sent, typed(declared)) == value


@given(pairs())
def test_every_value_sent_is_one_a_strict_server_takes(pair: tuple[str, Value]) -> None:
    declared, value = pair
    if value is not None:
        check(write_value(value, typed(declared)), declared)


@given(pairs())
def test_secrets_stay_secrets_on_the_way(pair: tuple[str, Value]) -> None:
    declared, value = pair
    assert is_secret(read_value(write_value(value, typed(declared)), typed(declared))) == is_secret(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*"abc", "value", "string", "number", "array", "elements", "date"]), inner
        )
    ),
    max_leaves=10,
)


@given(json_values)
def test_no_json_at_all_makes_reading_fail(raw: object) -> None:
    value = read_value(raw)
    if isinstance(value, float):
        assert math.isfinite(value)
