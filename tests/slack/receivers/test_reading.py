"""What stands in a request is read as any form reader would read it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.receivers.http import read_body

FORM = "application/x-www-form-urlencoded"
NO_SURROGATES = st.characters(exclude_categories=["Cs"])


@given(text=st.text(NO_SURROGATES), raw=st.booleans())
def test_a_payload_arrives_to_the_letter(text: str, *, raw: bool) -> None:
    payload = {"type": "block_actions", "typed": text}
    body = urlencode({"payload": json.dumps(payload, ensure_ascii=raw)}).encode()
    assert read_body(body, FORM) == payload


@given(text=st.text(NO_SURROGATES))
def test_a_command_arrives_to_the_letter(text: str) -> None:
    body = urlencode({"command": "/vro", "text": text}).encode()
    assert read_body(body, FORM) == {"command": "/vro", "text": text}


@pytest.mark.parametrize(
    "body", [b"payload=%7B%7D=", b"payload=%7B%0", b"payload=\n{}", b"payload=[1]", b"payload="]
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_body(body, FORM)
