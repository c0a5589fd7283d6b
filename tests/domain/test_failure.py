"""The reason of a failure in plain words: no class of Java, no path of an item, and never nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.failure import plain_reason


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("No space left (Workflow: Extend datastore / Check (item3)#12)", "No space left"),
        ("java.lang.RuntimeException: Disk is full", "Disk is full"),
        ("ch.dunes.model.sdk.SdkException: java.io.IOException: No route to host", "No route to host"),
        ("Error: TypeError: vm is null (Workflow:A / B (item1)#3)", "vm is null"),
        (
            "com.vmware.o11n.Boom: It broke\n\tat com.vmware.o11n.Run.go(Run.java:12)\n\t... 12 more",
            "It broke",
        ),
        ("The ticket CHG0001234 is closed.", "The ticket CHG0001234 is closed."),
        ("host web-01.example.com: is down", "host web-01.example.com: is down"),
        ("java.lang.NullPointerException", "java.lang.NullPointerException"),
    ],
)
def test_the_reason_is_the_scripts_own_message(said: str, plain: str) -> None:
    assert plain_reason(said) == plain


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_whatever_is_said_something_is_left(said: str) -> None:
    assert plain_reason(said)
    assert not re.search(r"\(item\d+\)#\d+\)", plain_reason(f"{said} (Workflow: A / B (item1)#2)"))
