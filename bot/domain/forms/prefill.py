"""Values put into the fields they are for: typed behind a command, or those of a former launch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.forms.answers import answers_from
from bot.domain.forms.form import SECRETS, Control
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.text import typed_of, value_of
from bot.domain.typed import Invalid
from bot.domain.value_text import key_of
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.domain.execution import Argument
    from bot.domain.forms.form import Field, Form, Typed

_NOT_HERE = {*SECRETS, Control.NONE, Control.FILE, Control.GROUP}
_PICKED = {Control.OBJECT, Control.OBJECTS}


@dataclass(frozen=True, kw_only=True)
class Prefill:
    """What stands in which field, and a remark for each value that could not be used."""

    typed: Mapping[str, Typed]
    remarks: tuple[str, ...] = ()


def prefill(form: Form, given: Mapping[str, Sequence[str]], *, zone: str) -> Prefill:
    """Read `name=value` pairs, by an input's name or label; a date without a zone is one of `zone`."""
    by_name = {each.label.casefold(): each for each in form.fields}
    by_name |= {each.name.casefold(): each for each in form.fields}
    typed: dict[str, Typed] = {}
    remarks: list[str] = []
    for name, values in given.items():
        field = by_name.get(name.casefold())
        if field is None:
            remarks.append(f"There is no input “{name[:80]}”; what you typed for it was left out.")
        elif field.control in _NOT_HERE:
            remarks.append(f"“{field.label}” cannot be given behind the command.")
        elif field.control in _PICKED:
            remarks.append(f"“{field.label}” has to be picked from the list in the form.")
        else:
            try:
                typed[field.name] = _read(field, values, zone)
            except Invalid as wrong:
                remarks.append(f"“{field.label}” was left out: {wrong}")
    return Prefill(typed=typed, remarks=tuple(remarks))


def repeated(
    form: Form, arguments: Iterable[Argument], *, declared: frozenset[str], hidden: frozenset[str]
) -> Prefill:
    """The values of a former launch; a remark names each that has to be given anew or has no place any more.

    `declared` are the workflow's inputs: what is among them and not in the form, the policy fills in.
    `hidden` are the inputs whose values are not for who asks.
    """
    given = tuple(arguments)
    open_to_them = [each for each in given if each.name not in hidden]
    typed = _emptied(form, open_to_them) | answers_from(form, open_to_them)
    remarks = [_left_out(each, form, declared) for each in given if _is_lost(each, form, typed)]
    return Prefill(typed=typed, remarks=tuple(remark for remark in remarks if remark))


def _emptied(form: Form, arguments: Iterable[Argument]) -> dict[str, Typed]:
    """Fields that were left empty: else a default would stand in them that was not sent before."""
    empty = {each.name for each in arguments if each.value is None or each.value == ()}
    fields = (each for each in form.fields if each.name in empty and each.control not in _NOT_HERE)
    several = {Control.CHOICES, Control.OBJECTS}
    return {each.name: () if each.control in several else "" for each in fields}


def _is_lost(argument: Argument, form: Form, typed: Mapping[str, Typed]) -> bool:
    if argument.value is None or argument.value == () or argument.name in typed:
        return False
    field = form.field(argument.name)
    members = field.members if field is not None else ()
    return not any(f"{argument.name}.{each.name}" in typed for each in members)


def _left_out(argument: Argument, form: Form, declared: frozenset[str]) -> str:
    field = form.field(argument.name)
    if field is None:
        gone = f"There is no input “{argument.name[:80]}” any more; its former value was left out."
        return "" if argument.name in declared else gone
    if field.control in SECRETS:
        return f"“{field.label}” is a secret and was not kept: please give it again."
    if field.control is Control.FILE:
        return f"The file for “{field.label}” was not kept: please attach it again."
    return f"“{field.label}” could not be filled in from before: please look at it."


def _read(field: Field, values: Sequence[str], zone: str) -> Typed:
    if field.type.kind is Kind.DATE:
        return read_local(values[-1], zone)
    several = field.type.kind is Kind.ARRAY
    items = tuple(values[0].split(",")) if several and len(values) == 1 else tuple(values)
    stripped = tuple(item.strip() for item in items if item.strip())
    if field.control in {Control.CHOICE, Control.CHOICES}:
        return _chosen(field, stripped)
    text = "\n".join(stripped) if several else items[-1].replace("\\n", "\n")
    return typed_of(field, value_of(field, text, choices=None, found=FormAnswers()))


def _chosen(field: Field, wanted: tuple[str, ...]) -> Typed:
    """The keys of the choices that were named by value or label; a list still to be asked for takes any."""
    choices = _choices(field)
    keys = [] if choices else list(wanted)
    for each in wanted if choices else ():
        key = choices.get(each.casefold())
        if key is None:
            raise Invalid(f"“{each[:40]}” is not in its list.")
        keys.append(key)
    return tuple(keys) if field.control is Control.CHOICES else (keys[-1] if keys else "")


def _choices(field: Field) -> dict[str, str]:
    if not isinstance(field.choices, tuple):
        return {}
    by_label = {each.label.casefold(): key_of(each.value) for each in field.choices}
    return by_label | {key_of(each.value).casefold(): key_of(each.value) for each in field.choices}


def read_local(text: str, zone: str) -> str:
    """ISO 8601 of `2026-12-01 14:00` as a clock in that zone shows it; Invalid if no clock ever does."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as wrong:
        raise Invalid("Write a date such as 2026-12-01 14:00.") from wrong
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=ZoneInfo(zone))
        back = local.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
        if back.replace(tzinfo=None) != moment:
            raise Invalid(f"There is no {text.strip()} in {zone}: the clocks are put forward then.")
        moment = local
    return moment.astimezone(ZoneInfo("UTC")).isoformat()
