"""The form that answers what a waiting run asks, and what was entered into it.

It is kept nowhere but in its window: what it asks stands in the view's metadata, so that what was sent can be
checked before its ack, and carried out after a restart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.domain.draft import Draft
from bot.domain.errors import InvalidAnswers
from bot.domain.forms.answers import read_answers
from bot.domain.forms.form import Control
from bot.domain.forms.plain import plain_form
from bot.domain.outputs import told_text
from bot.domain.people import Person, Place
from bot.domain.questions import is_answerable, name_of
from bot.domain.workflow import Parameter, ParameterType, Workflow
from bot.slack import blocks
from bot.slack.forms.fields import Shown
from bot.slack.forms.messages import MESSAGE
from bot.slack.mrkdwn import clean, cut, inline, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.execution import Argument, Interaction
    from bot.domain.forms.form import Field, Typed
    from bot.domain.launch import Launch
    from bot.slack.blocks import Block
    from bot.slack.payloads import View

ANSWER_RUN = "answer_run"  # callback id
_METADATA = 3000  # characters that Slack keeps with a view
_MOST_FIELDS = 90


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a window asks: of which launch, which question, and for what."""

    launch_id: str
    key: str
    parameters: tuple[tuple[str, str], ...]  # names and types

    def written(self) -> str:
        """As the view's metadata."""
        return json.dumps([self.launch_id, self.key, self.parameters], ensure_ascii=False)


def loading(launch: Launch) -> Block:
    """What stands there until Orchestrator has said what is asked."""
    text = f"Reading what *{inline(launch.workflow.name)}* asks …"
    return blocks.modal("Answer", [blocks.section(text)], callback_id=MESSAGE)


def answer_form(launch: Launch, question: Interaction, key: str, *, link: str | None) -> Block:
    """The question as a form; where it asks for what cannot be given here, the way to Orchestrator."""
    parameters = tuple((each.name, each.type.declared) for each in question.parameters)
    asked = Asked(launch_id=launch.id, key=key, parameters=parameters)
    made = [blocks.section(f"*{inline(name_of(question), longest=300) or inline(launch.workflow.name)}*")]
    made.append(blocks.context(" · ".join(_facts(launch, question))))
    beyond = [each.name for each in question.parameters if not is_answerable(each.type)]
    if beyond or len(parameters) > _MOST_FIELDS or len(asked.written()) > _METADATA:
        made += _elsewhere(beyond, link)
        return blocks.modal("Answer", made, callback_id=MESSAGE)
    hints = {each.name: told_text(each.description) for each in question.parameters}
    for each in _shown(asked, hints):
        made += each.blocks(dispatch=False)
    if not parameters:
        made.append(blocks.section("It asks for nothing but a go-ahead."))
    made.append(blocks.context("The run goes on as soon as this is sent."))
    return blocks.modal(
        "Answer", made, callback_id=ANSWER_RUN, metadata=asked.written(), submit="Answer", close="Cancel"
    )


def _facts(launch: Launch, question: Interaction) -> list[str]:
    facts = [inline(launch.workflow.name)]
    if question.timeout_date is not None:
        facts.append(f"until {moment(question.timeout_date)}")
    return facts


def _elsewhere(beyond: Sequence[str], link: str | None) -> list[Block]:
    what = f" It asks for {', '.join(map(inline, beyond[:10]))}." if beyond else ""
    text = f"This cannot be answered in Slack.{what} Nothing was answered: please answer in Orchestrator."
    made = [blocks.section(text)]
    if link:
        made.append(blocks.actions([blocks.link_button("Open in Orchestrator", link)], block_id="open"))
    return made


def read_asked(view: View) -> Asked:
    """What the window asked."""
    launch_id, key, parameters = json.loads(view.private_metadata)
    return Asked(
        launch_id=launch_id, key=key, parameters=tuple((name, declared) for name, declared in parameters)
    )


def read_answer(view: View) -> tuple[Argument, ...]:
    """What was entered, as arguments; InvalidAnswers names the fields."""
    asked = read_asked(view)
    return read_answers(_draft(asked, {}).form, _typed(asked, view))


def answer_errors(view: View) -> dict[str, str]:
    """What is wrong with it, at its fields; empty if nothing is."""
    try:
        read_answer(view)
    except InvalidAnswers as wrong:
        at = {each.live.name: each.block_id for each in _shown(read_asked(view), {})}
        return {at[name]: cut(clean(text), 500) for name, text in wrong.problems.items() if name in at}
    return {}


def _typed(asked: Asked, view: View) -> dict[str, Typed]:
    held = {each.live.name: each.read(view.values) for each in _shown(asked, {})}
    return {name: typed for name, typed in held.items() if typed is not None}


def _shown(asked: Asked, hints: dict[str, str]) -> list[Shown]:
    draft = _draft(asked, hints)
    return [Shown(live=each, draft=draft, number=str(at)) for at, each in enumerate(draft.live.fields)]


def _texts_may_be_empty(field: Field) -> Field:
    """Orchestrator does not say what has to be given; a yes or a number that nobody gave is not sent."""
    is_text = field.control in {Control.TEXT, Control.LINES}
    return replace(field, constraints=replace(field.constraints, required=not is_text))


def _draft(asked: Asked, hints: dict[str, str]) -> Draft:
    """The question as a form of its own; it is never stored."""
    inputs = tuple(
        Parameter(name=name, type=ParameterType(declared=declared), description=hints.get(name, ""))
        for name, declared in asked.parameters
    )
    workflow = Workflow(id="", name="", inputs=inputs)
    nobody = Person(team_id="", user_id="")
    return Draft(
        id="",
        person=nobody,
        place=Place(channel_id=""),
        workflow=workflow,
        form=plain_form(workflow).with_each(_texts_may_be_empty),
        expires_at=datetime.max.replace(tzinfo=UTC),
    )
