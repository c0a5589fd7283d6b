"""Custom forms and scripts, written short."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.orchestrator.scripts import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.orchestrator.values import Obj


def steps(*walk: tuple[str, float, str]) -> tuple[Phase, ...]:
    """Initializing, then items as (display name, seconds, System.log line)."""
    begin = Phase(state="initializing", lasts=timedelta(milliseconds=200))
    rest = (Phase(item=item, lasts=timedelta(seconds=long), says=(line,)) for item, long, line in walk)
    return (begin, *rest)


def said(inputs: Inputs, name: str) -> str:
    """An input as text; empty when it was not given."""
    value = inputs.get(name)
    return "" if value is None else str(value)


def field(
    identity: str,
    *,
    label: str,
    display: str = "textField",
    data_type: str = "string",
    reference: str | None = None,
    multiple: bool = False,
    choices: object = None,
    default: object = None,
    **constraints: object,
) -> tuple[str, str, Obj]:
    """One field as (id, display, schema); `min_value` is the constraint `min-value`."""
    kind: Obj = {"dataType": data_type, "isMultiple": multiple}
    if reference is not None:
        kind["referenceType"] = reference
    limits = {name.replace("_", "-"): value for name, value in constraints.items()}
    schema: Obj = {"id": identity, "label": label, "type": kind, "constraints": limits}
    optional: Mapping[str, object] = {"valueList": choices, "default": default}
    schema |= {name: value for name, value in optional.items() if value is not None}
    return identity, display, schema


def form(*fields: tuple[str, str, Obj], title: str = "General") -> Obj:
    """A form of one page, each field in a section of its own."""
    sections = [
        {"id": f"section_{number}", "fields": [_placed(identity, display)]}
        for number, (identity, display, _) in enumerate(fields)
    ]
    pages = [{"id": "page_1", "title": title, "state": {"visible": True}, "sections": sections}]
    return {
        "layout": {"pages": pages},
        "schema": {identity: schema for identity, _, schema in fields},
        "options": {"externalValidations": []},
        "itemId": "",
    }


def _placed(identity: str, display: str) -> Obj:
    state = {"visible": True, "read-only": False}
    return {"id": identity, "display": display, "signpostPosition": "right-middle", "state": state}
