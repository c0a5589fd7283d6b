"""Cards, threads and lists within Slack's limits, whatever is in the launch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.demo.slack.limits import message_problems
from bot.domain.digest import short
from bot.slack import cards, listings
from bot.store.cards import Card, CardKind
from bot.store.launches import Listed
from tests.strategies import events, launches, texts

if TYPE_CHECKING:
    from bot.domain.launch import Event, Launch
    from bot.slack.cards import Message

MOST_TEXT = 4000  # characters of a message's own text; Slack cuts what is longer
LINK = "https://orchestrator.example/#/workflows/1"
OURS = re.compile(r"<(@U[0-9A-Z]+|@[0-9A-Z]+|#[CDG][0-9A-Z]+|!subteam\^S[0-9A-Z]+|!date\^[^<>|]+\|[^<>]+)>")


def check(message: Message) -> None:
    """Slack takes it, and nothing in it is a mention but those of the bot."""
    assert message_problems(message.blocks) == []
    assert 0 < len(message.text) <= MOST_TEXT
    for text in _mrkdwn([*message.blocks, {"type": "mrkdwn", "text": message.text}]):
        assert "<!channel" not in text
        assert "<!here" not in text
        rest = re.sub(r"<https://harbour\.example/[^<>|]+\|[^<>]*>", "", OURS.sub("", text))
        assert "<" not in rest


def _mrkdwn(part: object) -> list[str]:
    """Every text that Slack would read as mrkdwn."""
    if isinstance(part, list):
        return [text for each in part for text in _mrkdwn(each)]
    if isinstance(part, dict):
        own = [str(part["text"])] if part.get("type") == "mrkdwn" else []
        return own + [text for each in part.values() for text in _mrkdwn(each)]
    return []


@given(launches, st.none() | st.just(LINK))
def test_a_card_is_one_that_slack_takes(launch: Launch, link: str | None) -> None:
    made = cards.card(launch, link=link)
    check(made)
    check(cards.moved(made, channel_id="C0OPS"))


@given(launches, st.lists(events, min_size=1, max_size=5))
def test_a_thread_message_is_one_that_slack_takes(launch: Launch, happened: list[Event]) -> None:
    check(cards.story(launch, happened))


@given(st.lists(launches, max_size=20), texts, st.booleans())
def test_a_list_is_one_that_slack_takes(found: list[Launch], words: str, posted: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    listed = [Listed(launch=each, home=_home(each) if posted else None) for each in found]
    for made in (listings.status, listings.history):
        check(made(listed, words=words, command="/vro", url="https://harbour.example"))


def _home(launch: Launch) -> Card:
    return Card(launch_id=launch.id, target="C0", kind=CardKind.HOME, channel="C0", ts="1.000001", version=1)


@given(launches)
def test_a_button_carries_ids_alone(launch: Launch) -> None:
    for block in cards.card(launch, link=LINK).blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            held = str(element.get("value", launch.id))
            runs = launch.search.candidates if launch.search else ()
            beside = {short(launch.digest), *runs}
            assert held in {launch.id, *(f"{launch.id} {each}" for each in beside)}
