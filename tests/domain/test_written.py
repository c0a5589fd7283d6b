"""Deep values typed as YAML or JSON: nothing turns into something else, and what is wrong has its place."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.typed import Invalid, read_value
from bot.domain.values import Composite, Properties, Value
from bot.domain.workflow import ParameterType

PROPERTIES, ANY = ParameterType(declared="Properties"), ParameterType(declared="Any")
HOST = ParameterType(
    declared="CompositeType(name:string,port:number,since:Date,tags:Array/string,tls:boolean):Host"
)
DEEP = """
# what the registry keeps
name: shop
version: 1.10
ports:
  - 443
  - 8443
owner:
  mail: a@example.com
  on call: no
  since: 2026-12-01
  key: 007
  ratio: 0.5
  active: true
  left: null
"""


def props(**pairs: Value) -> Properties:
    return Properties(entries=tuple((key.replace("_", " "), value) for key, value in pairs.items()))


def test_deep_properties_are_read_as_yaml_and_only_what_is_plain_is_a_number() -> None:
    owner = props(
        mail="a@example.com", on_call="no", since="2026-12-01", key="007", ratio=0.5, active=True, left=None
    )
    read = read_value(PROPERTIES, DEEP)
    assert read == props(name="shop", version=1.1, ports=(443, 8443), owner=owner)


def test_flat_lines_stay_what_they_were() -> None:
    assert read_value(PROPERTIES, "version: 1.10\nopen: true") == props(version="1.10", open="true")
    assert read_value(PROPERTIES, "  tier: web\n  owner: shop") == props(tier="web", owner="shop")


def test_a_composite_takes_every_member_to_the_letter_of_its_type() -> None:
    text = "name: 1.10\nport: 443\nsince: 2026-12-01 14:00\ntags:\n  - no\n  - 007\ntls: true"
    assert read_value(HOST, text) == Composite(
        type=HOST.declared,
        members=(
            ("name", "1.10"),
            ("port", 443),
            ("since", datetime(2026, 12, 1, 14, tzinfo=UTC)),
            ("tags", ("no", "007")),
            ("tls", True),
        ),
    )


def test_anything_is_text_unless_it_is_json_or_several_lines_of_yaml() -> None:
    assert read_value(ANY, "tier: web") == "tier: web"
    assert read_value(ANY, "tier: web\nowner: shop") == props(tier="web", owner="shop")
    assert read_value(ANY, "- 1\n- two") == (1, "two")
    assert read_value(ANY, "---\ntier: web") == props(tier="web")
    assert read_value(ANY, "Dear all,\nthe lift is back: use it.") == "Dear all,\nthe lift is back: use it."
    assert read_value(ANY, '{"since": [2024]}') == props(since=(2024,))


def test_flow_style_may_leave_the_quotes_out() -> None:
    assert read_value(PROPERTIES, "{tier: web, ports: [80, 443]}") == props(tier="web", ports=(80, 443))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n  b: 1\n c: 2", "line 3, column 2"),
        ("a:\n  - x\n  b: 1", "line 3, column 3"),
        ("a:\n\t- x", "line 2, column 1"),
        ("a: &x\n  - 1\nb: *x", "an alias cannot be used here at line 1, column 4"),
        ("a:\n  - !!python/object:os.system x", "a tag cannot be used here at line 2, column 5"),
        ("a:\n  - !!binary aGk=", "a tag cannot be used here at line 2, column 5"),
        ("a:\n  b: 1\n  b: 2", "“b” stands here a second time at line 3, column 3"),
        ("? [a]\n:\n  - 1", "a key has to be text at line 1, column 3"),
        ("a:\n  - 1\n---\nb: 2", "line 3, column 1"),
        ("a:\n  - \x07", "characters that YAML does not know"),
        ("- 1\n- 2", "Write an object"),
        ('{"a": [1,}', "line 1, column 10"),
        ("[" * 3000, "not JSON"),
        ("a:\n  - " + "[" * 3000, "This is"),
        ("a:\n  - " + "- " * 2990, "maximum nesting depth"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, words: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read_value(PROPERTIES, text)
    assert words in str(wrong.value)


def test_aliases_of_aliases_cost_nothing() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(50)) + "c:\n  - *a"
    began = time.process_time()
    with pytest.raises(Invalid, match="alias"):
        read_value(PROPERTIES, bomb)
    assert time.process_time() - began < 0.5


@given(st.text("ab:-# \n\t[]{}&*!|>'\"%@`,?1.~😀\x00\ud800", max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for kind in (PROPERTIES, ANY, HOST):
        try:
            read_value(kind, text)
        except Invalid as wrong:
            assert str(wrong)  # noqa: PT017 - either outcome is right
