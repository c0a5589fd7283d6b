"""Custom forms and scripts, written short."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as facet
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.orchestrator.actions import EVALUATE_OGNL
from bot.demo.orchestrator.scripts import Phase

if TYPE_CHECKING:
    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.orchestrator.values import Obj

_IN_SIGHT: Obj = {"visible": True, "read-only": False}
_FACETS = ("signpost", "placeholder")


def steps(*walk: tuple[str, float, str]) -> tuple[Phase, ...]:
    """Initializing, then items as (display name, seconds, System.log line)."""
    begin = Phase(state="initializing", lasts=timedelta(milliseconds=200))
    rest = (Phase(item=item, lasts=timedelta(seconds=long), says=(line,)) for item, long, line in walk)
    return (begin, *rest)


def said(inputs: Inputs, name: str) -> str:
    """An input as text; empty when it was not given."""
    value = inputs.get(name)
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value)
    return _said(value)


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case {"id": identity}:
            return str(identity)
        case dict():
            return ", ".join(f"{key} {_said(inner)}" for key, inner in value.items())
        case _:
            return str(value)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A field as it stands in the layout and in the schema."""

    id: str
    display: str
    schema: Obj
    state: Obj = facet(default_factory=lambda: dict(_IN_SIGHT))


@dataclass(frozen=True, kw_only=True)
class DrawnPage:
    """A page with a section for each field."""

    title: str
    fields: tuple[Drawn, ...]
    visible: object = True


def field(
    identity: str,
    *,
    label: str,
    display: str = "textField",
    kind: Obj | None = None,
    choices: object = None,
    default: object = None,
    state: Obj | None = None,
    **more: object,
) -> Drawn:
    """One field: text unless `kind` says else, in sight unless `state` does.

    Of `more`, `signpost` and `placeholder` are facets of their own; the rest are constraints, `min_value` for
    `min-value`.
    """
    constraints = {name: value for name, value in more.items() if name not in _FACETS and value is not None}
    limits = {name.replace("_", "-"): value for name, value in constraints.items()}
    schema: Obj = {"id": identity, "label": label, "type": kind or of("string"), "constraints": limits}
    optional = {"valueList": choices, "default": default} | {name: more.get(name) for name in _FACETS}
    schema |= {name: value for name, value in optional.items() if value is not None}
    return Drawn(id=identity, display=display, schema=schema, state=_IN_SIGHT | (state or {}))


def of(data_type: str, *, reference: str = "", many: bool = False, members: tuple[Drawn, ...] = ()) -> Obj:
    """A field's type; `reference` names a type of the inventory, `members` the columns of a complex one."""
    kind: Obj = {"dataType": data_type, "isMultiple": many}
    kind |= {"referenceType": reference} if reference else {}
    return kind | ({"fields": [each.schema for each in members]} if members else {})


def script(action: str, **parameters: str) -> Obj:
    """A source that runs an action; a parameter is a field's name, or a constant in backticks."""
    listed = [{name: written} for name, written in parameters.items()]
    return {"id": action, "type": "scriptAction", "parameters": listed}


def ognl(expression: str, *, returns: str = "String", **variables: str) -> Obj:
    """A source that evaluates an expression; each variable is a field with its type."""
    listed: list[Obj] = [{"ognl": f"`{expression}`"}]
    for name, kind in variables.items():
        listed += [{name: name}, {f"{name}__type_": f"`{kind}`"}]
    listed.append({"return": f"`{returns}`"})
    return {"id": EVALUATE_OGNL.fqn, "type": "scriptAction", "parameters": listed}


def validation(label: str, source: Obj, *targets: str) -> Obj:
    """An external validation: its source returns what is wrong, or nothing."""
    return {"label": label, "source": source, "target": list(targets)}


def form(*fields: Drawn, title: str = "General", validations: tuple[Obj, ...] = ()) -> Obj:
    """A form of one page."""
    return form_of(DrawnPage(title=title, fields=fields), validations=validations)


def form_of(*pages: DrawnPage, validations: tuple[Obj, ...] = ()) -> Obj:
    """A form of several pages."""
    return {
        "layout": {"pages": [_page(page, number) for number, page in enumerate(pages, start=1)]},
        "schema": {each.id: each.schema for page in pages for each in page.fields},
        "options": {"externalValidations": list(validations)},
        "itemId": "",
    }


def _page(page: DrawnPage, number: int) -> Obj:
    sections = [
        {"id": f"section_{number}_{at}", "fields": [_placed(each)]} for at, each in enumerate(page.fields)
    ]
    state = {"visible": page.visible}
    return {"id": f"page_{number}", "title": page.title, "state": state, "sections": sections}


def _placed(drawn: Drawn) -> Obj:
    return {
        "id": drawn.id,
        "display": drawn.display,
        "signpostPosition": "right-middle",
        "state": drawn.state,
    }
