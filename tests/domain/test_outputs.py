"""What a run gave back, made fit to be kept and shown."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.domain.execution import Argument
from bot.domain.outputs import HIDDEN, LONGEST, presentable
from bot.domain.values import (
    Attachment,
    Composite,
    EncryptedText,
    Properties,
    SecretText,
    UnreadableValue,
    Value,
)
from bot.domain.workflow import ParameterType
from tests.strategies import several


def output(value: Value, *, name: str = "result", declared: str = "string", scope: str = "local") -> Argument:
    """One output."""
    return Argument(name=name, type=ParameterType(declared=declared), value=value, scope=scope)


def shown(given_output: Argument) -> Value:
    """Its value as it is kept."""
    (made,) = presentable([given_output])
    return made.value


@pytest.mark.parametrize(
    "secret",
    [
        output("x", declared="SecureString"),
        output("x", declared="EncryptedString"),
        output("x", scope="token"),
        output("x", scope="Token"),
        output("x", name="adminPassword"),
        output("x", name="db_pwd"),
        output("x", name="apiKey"),
        output("x", name="api_key"),
        output("x", name="sessionToken"),
        output("x", name="clientSecret"),
        output("x", name="privateKey"),
        output(SecretText(text="x")),
        output(EncryptedText(text="x")),
        output(("a", SecretText(text="x"))),
        output(Properties(entries=(("a", SecretText(text="x")),))),
        output(Composite(type="T", members=(("a", (SecretText(text="x"),)),))),
    ],
)
def test_a_secret_output_is_hidden(secret: Argument) -> None:
    assert shown(secret) == HIDDEN


def test_a_key_that_calls_its_value_a_secret_hides_it() -> None:
    value = Properties(
        entries=(
            ("user", "ada"),
            ("password", "x"),
            ("inner", Composite(type="T", members=(("token", "x"),))),
        )
    )
    assert shown(output(value)) == Properties(
        entries=(
            ("user", "ada"),
            ("password", HIDDEN),
            ("inner", Composite(type="T", members=(("token", HIDDEN),))),
        )
    )


@pytest.mark.parametrize("name", ["result", "vmName", "keyboard", "compass"])
def test_other_outputs_stay(name: str) -> None:
    assert shown(output("x", name=name)) == "x"


def test_a_long_text_is_cut_with_its_size() -> None:
    long = "x" * (LONGEST + 1)
    for value in (long, (long,), Properties(entries=(("a", long),)), UnreadableValue(kind="k", json=long)):
        assert "100,001 characters in all" in repr(shown(output(value)))
        assert len(repr(shown(output(value)))) < LONGEST + 300


def test_the_content_of_a_file_is_not_kept() -> None:
    attached = Attachment(name="report.pdf", mime_type="application/pdf", content=b"x" * 2048)
    assert shown(output(attached)) == "report.pdf (application/pdf, 2,048 bytes)"


@given(several)
def test_what_is_presentable_stays_as_it_is(outputs: tuple[Argument, ...]) -> None:
    once = presentable(outputs)
    assert [each.name for each in once] == [each.name for each in outputs]
    assert presentable(once) == once
