"""Secrets do not come back: whatever a workflow returns of them, in the clear, in longer text or encoded."""

from __future__ import annotations

import base64
import html
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.execution import Argument, Execution, ExecutionState, LogLine
from bot.domain.masking import MASK, Masker
from bot.domain.secret_forms import SHORTEST, fold, texts_in
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    Properties,
    SdkObject,
    UnreadableValue,
)
from bot.domain.workflow import ParameterType
from bot.store import codec

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.values import Value

SECRET = 'Tr0ub4dor & "3" <é>/+'
_ANY = st.characters(codec="utf-8")
secrets = st.text(_ANY, min_size=SHORTEST, max_size=40).filter(
    lambda text: len(fold(text)) >= SHORTEST and MASK[0] not in text
)
around = st.text(_ANY, max_size=12)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "XML": html.escape,
    "URL": lambda text: quote(text, safe=""),
    "URL path": quote,
    "form": quote_plus,
    "hexadecimal": lambda text: text.encode().hex(),
    "Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "Base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(secret=secrets, before=around, after=around)
@example(secret=SECRET, before="password=", after="&x=1")
@example(secret="pass", before="", after="")
@example(secret="pa\r\x85ss", before="", after="")
def test_a_secret_is_masked_wherever_it_stands_and_however_it_is_written(
    spelling: str, secret: str, before: str, after: str
) -> None:
    spelled = SPELLINGS[spelling](secret.strip())
    masked = Masker([secret]).text(f"{before}{spelled}{after}")
    assert spelled not in masked
    assert MASK in masked


@given(secret=secrets, before=st.binary(max_size=20), after=st.binary(max_size=20))
def test_base64_of_something_longer_gives_no_secret_away(secret: str, before: bytes, after: bytes) -> None:
    text = secret.strip()
    made = base64.b64encode(before + text.encode() + after).decode()
    masked = Masker([secret]).text(f"Authorization: Basic {made}; ok")
    assert masked == f"Authorization: Basic {MASK}; ok"


@given(secret=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=31, max_size=90))
def test_base64_wrapped_into_lines_gives_no_secret_away(secret: str) -> None:
    made = base64.encodebytes(b"user:" + secret.encode() + b"!" * 60).decode()
    masked = Masker([secret]).text(f"{made}: wrapped")
    assert masked == MASK or made.splitlines()[0] not in masked


def everywhere(text: str) -> dict[str, Value]:
    """A value of each kind that holds the text."""
    return {
        "text": f"x {text} y",
        "list": ("a", text),
        "nested": Properties(entries=(("k", (Composite(type="C", members=(("m", text),)),)),)),
        "key": Properties(entries=((text, "v"),)),
        "object": SdkObject(
            type="VC:VirtualMachine", id=text, name=text, href=f"https://x/{text}", path=text
        ),
        "file": Attachment(name=text, mime_type="text/plain", content=text.encode()),
        "attribute": AttributeReference(config_id="c", config_key=text, config_name=text),
        "unknown": UnreadableValue(kind="odd", json=json.dumps({text: [text, {"a": text}]})),
        "escaped": UnreadableValue(
            kind="odd", json='{"a": "' + "".join(f"\\u{ord(each):04x}" for each in text) + '"}'
        ),
    }


def returned(text: str) -> tuple[Argument, ...]:
    """A run's outputs that hold the text everywhere."""
    return tuple(
        Argument(name=name, type=ParameterType(declared="Any"), value=value)
        for name, value in everywhere(text).items()
    )


@given(secret=st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=SHORTEST))
@example(secret="href")
@example(secret="hunter2-hunter2")
def test_no_value_of_any_kind_keeps_it(secret: str) -> None:
    assume(secret.lower() not in json.dumps(codec.dump(returned(MASK))).lower())  # such as a field's own name
    outputs = returned(secret)
    run = Execution(
        id="e",
        state=ExecutionState.FAILED,
        outputs=outputs,
        business_state=f"Logged in with {secret}",
        content_exception=f"Error: {secret} is wrong (Workflow:x / y (item1)#3)",
        current_item_display_name=secret,
    )
    masked = Masker([secret]).run(run)
    told = json.dumps(codec.dump(masked.outputs)) + masked.business_state + masked.content_exception
    for written in (secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()):
        assert written not in told
        assert written not in masked.current_item_display_name


@pytest.mark.parametrize("value", [31415926, 31415926.0, (1, 31415926), datetime(2026, 12, 1, 9, tzinfo=UTC)])
def test_a_number_or_date_that_is_the_secret_is_masked(value: Value) -> None:
    masker = Masker([*texts_in(value), "31415926"])
    assert MASK in str(masker.value(value))
    assert masker.value(27) == 27
    assert masker.value(value=True) is True


def test_what_holds_no_secret_stays_as_it_is() -> None:
    masker = Masker([SECRET])
    for value in everywhere("nothing to see: Grüße, 😀\n\ttab").values():
        assert masker.value(value) == value


@pytest.mark.parametrize("text", ["ab", "7", "é"])
def test_a_secret_shorter_than_four_characters_is_masked_only_where_it_is_all_of_a_value(text: str) -> None:
    masker = Masker([text])
    assert masker.text(text) == MASK
    assert masker.text(f" {text.upper()}\n") == MASK
    assert masker.text(f"about {text}") == f"about {text}"
    assert Masker([""]).text("") == ""


def test_the_lines_of_a_key_are_masked_one_by_one() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nEFAASCBKcwggSjAgEAAoIBAQDC\n-----END KEY-----"
    assert "MIIEvQ" not in Masker([key]).text("read: MIIEvQIBADANBgkqhkiG9w0BAQ and no more")
    assert "EFAASC" not in Masker([key]).text(key.replace("\n", "\r\n"))
    assert "EFAASC" not in Masker([key]).text(key.replace("\n", "\\n"))


@pytest.mark.parametrize("length", range(SHORTEST, len(SECRET)))
def test_a_secret_cut_off_by_orchestrators_own_message_leaves_no_beginning(length: int) -> None:
    masked = Masker([SECRET]).text(f"Cannot parse value {SECRET[:length]}…")
    assert SECRET[:SHORTEST] not in masked


def test_several_secrets_that_overlap_are_all_masked() -> None:
    masked = Masker(["alpha-beta", "beta-gamma", "beta"]).text("<alpha-beta-gamma> beta alpha")
    assert masked == f"<{MASK}> {MASK} alpha"


def test_megabytes_are_searched_in_a_moment() -> None:
    text = "no secret here, only a long report with many words and 0123456789 digits\n" * 20_000
    began = time.process_time()
    assert Masker([SECRET] * 3).text(text + SECRET).endswith(MASK)
    assert time.process_time() - began < 20  # 1.5 MB; far less unless the machine is busy


def test_the_lines_of_a_log_are_masked() -> None:
    line = LogLine(text="login with hunter2-and-more ok", user="hunter2-and-more")
    (masked,) = Masker(("hunter2-and-more",)).lines((line,))
    assert "hunter2" not in f"{masked.text}{masked.user}"
