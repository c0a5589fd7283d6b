"""What was typed behind a command, put into the fields it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.forms.form import SECRETS, Control
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.text import typed_of, value_of
from bot.domain.typed import Invalid
from bot.domain.value_text import key_of
from bot.domain.workflow import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
