"""The form of a workflow: built and read back here, so that both sides share their ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain.form import Control, read_answer
from bot.domain.typed import Invalid
from bot.slack import blocks
from bot.slack.forms.messages import message_view
from bot.slack.mrkdwn import clean, cut, escape, inline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.draft import Draft
    from bot.domain.form import Field, Form
    from bot.domain.policy import StageRule
    from bot.domain.workflow import Workflow
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

_OPTIONS = 100  # of one menu
_TYPED = 3000  # characters of one text input
_ERROR = 500  # characters of one field's error that are still read
_MOST_BLOCKS = 100
_VALUE, _CHOICE = "value", "choice"
_YES_NO = (blocks.option("Yes", "true"), blocks.option("No", "false"))


def filling(draft: Draft, *, approve: tuple[StageRule, ...], pairs: Mapping[str, str]) -> Block:
    """The form itself, prefilled with what was typed behind the command."""
    typed, remarks = read_prefill(draft.form, pairs)
    workflow = draft.workflow
    made = [blocks.header(workflow.name), blocks.context(_where(workflow))]
    if workflow.description:
        made.append(blocks.section(escape(cut(workflow.description, 2500))))
    made += [blocks.context(f":warning: {escape(remark)}") for remark in remarks[:5]]
    made += [_field(draft.form, number, typed) for number in range(len(draft.form.fields))]
    if not draft.form.fields:
        made.append(blocks.section("This workflow asks for nothing."))
    made.append(blocks.context(_what_follows(draft, approve)))
    if len(made) > _MOST_BLOCKS:
        return message_view(
            "Too long for Slack",
            f"“{inline(workflow.name)}” asks for {len(draft.form.fields)} inputs, more than one Slack form "
            "holds. Nothing was started. Run it in Orchestrator.",
        )
    send = "Ask for approval" if approve else "Start"
    return blocks.modal(
        "Run a workflow",
        made,
        callback_id="fill_form",
        metadata=draft.id,
        submit=send,
        close="Cancel",
    )


def _where(workflow: Workflow) -> str:
    version = f"version {escape(workflow.version)}" if workflow.version else ""
    return " · ".join(part for part in (escape(cut(workflow.folder, 500)), version) if part) or "Orchestrator"


def _what_follows(draft: Draft, approve: tuple[StageRule, ...]) -> str:
    place = "your direct messages" if draft.place.is_direct else f"<#{draft.place.channel_id}>"
    if not approve:
        return f"It starts as soon as you send this, and is told in {place}."
    return f"It starts once somebody else approves it; you both see it in {place}."


def _field(form: Form, number: int, typed: Mapping[str, str]) -> Block:
    field = form.fields[number]
    text = typed.get(field.name, field.default)
    if field.control is Control.NONE:
        return blocks.context(
            f"*{inline(field.label)}* stays empty: a {escape(field.type.declared)} cannot be given here yet."
        )
    element = _element(field, text) | {"action_id": _action(field)}
    hint = re.sub(r"`", "", field.hint)
    return blocks.field(
        _block_id(number), label=field.label, element=element, hint=hint, optional=not field.required
    )


def _block_id(number: int) -> str:
    return f"field-{number}"


def _action(field: Field) -> str:
    return _CHOICE if field.control is Control.CHOICE and len(field.choices) > _OPTIONS else _VALUE


def _element(field: Field, text: str) -> Block:
    match field.control:
        case Control.TEXT | Control.SECRET_TEXT:
            return _text_input(field, text, multiline=False)
        case Control.LINES:
            return _text_input(field, text, multiline=True)
        case Control.NUMBER:
            return _number_input(field, text)
        case Control.YES_NO:
            initial = [each for each in _YES_NO if each["value"] == text]
            return _with_initial({"type": "radio_buttons", "options": list(_YES_NO)}, initial)
        case Control.MOMENT:
            moment = {"type": "datetimepicker"}
            return moment | ({"initial_date_time": _epoch(text)} if text else {})
        case Control.CHOICE | Control.SECRET_NAME:
            return _menu(field, text)
        case Control.NONE:
            raise AssertionError("nothing is typed into such a field")


def _text_input(field: Field, text: str, *, multiline: bool) -> Block:
    element: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": _TYPED}
    if text and field.control is not Control.SECRET_TEXT:
        element["initial_value"] = cut(text, _TYPED)
    return element


def _number_input(field: Field, text: str) -> Block:
    element: Block = {"type": "number_input", "is_decimal_allowed": True}
    if text and _fits(field, text):
        element["initial_value"] = text
    return element


def _fits(field: Field, text: str) -> bool:
    try:
        read_answer(field, text)
    except Invalid:
        return False
    return True


def _menu(field: Field, text: str) -> Block:
    initial = [_choice(field, text)] if text in field.choices else []
    if len(field.choices) > _OPTIONS:
        return _with_initial({"type": "external_select", "min_query_length": 0}, initial)
    options = [_choice(field, each) for each in field.choices]
    return _with_initial({"type": "static_select", "options": options}, initial)


def _choice(field: Field, text: str) -> Block:
    """Chosen by its place in the list: a choice may be longer than Slack lets a value be."""
    return blocks.option(text or "(empty)", str(field.choices.index(text)))


def _with_initial(element: Block, initial: list[Block]) -> Block:
    return element | ({"initial_option": initial[0]} if initial else {})


def _epoch(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def choice_options(form: Form, block_id: str, words: str) -> list[Block]:
    """The choices of a long list that hold the words."""
    field = form.fields[int(block_id.removeprefix("field-"))]
    fitting = [each for each in field.choices if words.casefold() in each.casefold()]
    return [_choice(field, each) for each in fitting[:_OPTIONS]]


def typed_answers(form: Form, values: Values) -> dict[str, str]:
    """What stands in the form, by field name, in the words `bot.domain.form.read_answers` takes."""
    return {
        field.name: _typed(field, values.get(_block_id(number), {}).get(_action(field), {}))
        for number, field in enumerate(form.fields)
        if field.control is not Control.NONE
    }


def _typed(field: Field, held: Mapping[str, Any]) -> str:
    option = held.get("selected_option")
    if option is not None:
        chosen = str(option["value"])
        if field.control is Control.YES_NO:
            return chosen
        return field.choices[int(chosen)] if int(chosen) < len(field.choices) else ""
    if held.get("selected_date_time"):
        return datetime.fromtimestamp(held["selected_date_time"], UTC).isoformat()
    return str(held.get("value") or "")


def field_errors(form: Form, problems: Mapping[str, str]) -> dict[str, str]:
    """Every problem at its field, as an ack shows it."""
    numbers = {field.name: number for number, field in enumerate(form.fields)}
    return {_block_id(numbers[name]): cut(clean(text), _ERROR) for name, text in problems.items()}


def read_prefill(form: Form, pairs: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """`name=value` pairs as field texts, and a remark for each that fits no field or does not fit it."""
    typed: dict[str, str] = {}
    remarks: list[str] = []
    by_name = {field.name.casefold(): field for field in form.fields}
    for name, text in pairs.items():
        field = by_name.get(name.casefold())
        if field is None:
            remarks.append(f"There is no input “{cut(name, 80)}”; what you typed for it was left out.")
        elif field.control in {Control.SECRET_TEXT, Control.SECRET_NAME, Control.NONE}:
            remarks.append(f"“{field.label}” cannot be given behind the command.")
        else:
            try:
                read_answer(field, text)
                typed[field.name] = _normal(field, text)
            except Invalid as wrong:
                remarks.append(f"“{field.label}” was left out: {wrong}")
    return typed, remarks


def _normal(field: Field, text: str) -> str:
    if field.control is Control.YES_NO:
        return "true" if read_answer(field, text) else "false"
    return text.replace("\\n", "\n") if field.control is Control.LINES else text.strip()
