"""Declared types taken apart, however they are spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.workflow import Kind, ParameterType
from tests.strategies import texts


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("string", Kind.STRING),
        ("String", Kind.STRING),
        ("Text", Kind.TEXT),
        ("Path", Kind.PATH),
        ("number", Kind.NUMBER),
        ("boolean", Kind.BOOLEAN),
        ("Date", Kind.DATE),
        ("SecureString", Kind.SECURE_STRING),
        ("EncryptedString", Kind.ENCRYPTED_STRING),
        ("Regexp", Kind.REGEXP),
        ("MimeAttachment", Kind.MIME_ATTACHMENT),
        ("Properties", Kind.PROPERTIES),
        ("Any", Kind.ANY),
        ("Array", Kind.ARRAY),
        ("Array/string", Kind.ARRAY),
        ("Array/Array/string", Kind.ARRAY),
        ("VC:VirtualMachine", Kind.SDK_OBJECT),
        ("CompositeType(a:string):Name", Kind.COMPOSITE),
        ("CompositeType(a:string)", Kind.COMPOSITE),
        ("Array/CompositeType(a:string):Name", Kind.ARRAY),
        ("ResourceElement", Kind.SDK_OBJECT),
        ("WorkflowCategory", Kind.SDK_OBJECT),
        ("Credential", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_a_declaration_has_a_kind(declared: str, kind: Kind) -> None:
    assert ParameterType(declared=declared).kind is kind


def test_an_array_has_a_type_of_items() -> None:
    assert ParameterType(declared="Array/VC:VirtualMachine").element.declared == "VC:VirtualMachine"
    assert ParameterType(declared="Array/Array/string").element.declared == "Array/string"
    assert ParameterType(declared="Array").element.kind is Kind.ANY
    assert ParameterType(declared="Array/").element.kind is Kind.ANY


def test_a_composite_has_members_in_their_order() -> None:
    declared = "CompositeType(b:string,a:Array/number,inner:CompositeType(x:VC:Datastore,y:Date):In):Out"
    members = ParameterType(declared=declared).members
    assert [(name, kind.declared) for name, kind in members] == [
        ("b", "string"),
        ("a", "Array/number"),
        ("inner", "CompositeType(x:VC:Datastore,y:Date):In"),
    ]
    assert [name for name, _ in members[2][1].members] == ["x", "y"]


def test_only_a_composite_has_members() -> None:
    assert ParameterType(declared="string").members == ()
    assert ParameterType(declared="CompositeType():Empty").members == ()


@given(texts)
def test_any_text_is_of_some_kind(declared: str) -> None:
    kind = ParameterType(declared=declared)
    assert isinstance(kind.kind, Kind)
    assert isinstance(kind.element, ParameterType)
    assert all(isinstance(member, ParameterType) for _, member in kind.members)


_simple = st.sampled_from(["string", "number", "Array/string", "VC:Datastore"])
_names = st.from_regex(r"[a-z]\w{0,8}", fullmatch=True)


@given(
    st.recursive(
        _simple,
        lambda inner: st.lists(st.tuples(_names, inner), min_size=1, max_size=4).map(
            lambda pairs: f"CompositeType({','.join(f'{name}:{kind}' for name, kind in pairs)}):N"
        ),
        max_leaves=8,
    )
)
def test_taking_a_composite_apart_loses_nothing(declared: str) -> None:
    kind = ParameterType(declared=declared)
    if kind.kind is Kind.COMPOSITE:
        inside = ",".join(f"{name}:{member.declared}" for name, member in kind.members)
        assert f"CompositeType({inside}):N" == declared
