"""Reads sample workflows from YAML files: what they declare, the steps of their runs, results and forms.

A step is `[item, seconds, log line]`, or a mapping for a state other than running. `results` are templates
of the inputs; `{label or unnamed}` has what to put where an input is empty. A workflow whose result has to be
worked out has its end in `ends.py`. A field's keys are those of `drawing.field` and its constraints;
`{action: …}` and `{ognl: …}` are sources.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.demo.orchestrator.samples.drawing import (
    DrawnPage,
    field,
    form_of,
    of,
    ognl,
    said,
    script,
    steps,
    validation,
)
from bot.demo.orchestrator.samples.ends import ENDS
from bot.demo.orchestrator.scripts import Declared, End, Phase, Script, WaitingQuestion, completes
from bot.demo.orchestrator.values import flag, parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.demo.orchestrator.samples.drawing import Drawn
    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.orchestrator.values import Obj

_FOLDER = Path(__file__).parent


def workflows_of(name: str) -> list[PretendWorkflow]:
    """The workflows of one file, `machines` for `machines.yaml`."""
    return [_workflow(entry) for entry in _read(name)]


@cache  # tests ask for the samples by the hundred
def _read(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return entries


def _workflow(entry: dict[str, Any]) -> PretendWorkflow:
    attributes = entry.get("attributes", {}).items()
    return PretendWorkflow(
        name=entry["name"],
        folder=entry["folder"],
        version=entry["version"],
        description=entry["description"],
        inputs=_declared(entry.get("inputs", ())),
        outputs=_declared(entry.get("outputs", ())),
        attributes=tuple(parameter(name, "string", text(value)) for name, value in attributes),
        tags=tuple(entry.get("tags", ())),
        can_execute=entry.get("can_execute", True),
        script=Script(phases=(*steps(), *map(_phase, entry["steps"])), end=_end(entry)),
        form=_form(entry) if "form" in entry else None,
    )


def _declared(listed: Sequence[Sequence[str]]) -> tuple[Declared, ...]:
    return tuple(Declared(name=name, type=kind, description="".join(about)) for name, kind, *about in listed)


# runs


def _phase(step: list[Any] | dict[str, Any]) -> Phase:
    if isinstance(step, list):
        (_, phase) = steps((step[0], step[1], step[2]))
        return phase
    asked = step.get("question")
    question = asked and WaitingQuestion(
        name=asked["name"], inputs=_declared(asked["inputs"]), groups=tuple(asked["groups"])
    )
    lasts = timedelta(seconds=step["seconds"]) if "seconds" in step else None
    return Phase(state=step["state"], item=step["item"], lasts=lasts, question=question)


def _end(entry: dict[str, Any]) -> Callable[[Inputs], End]:
    """How its runs end: always in an error, with results by templates, or as `ends.py` works it out."""
    if "fails" in entry:
        return lambda inputs: End(state="failed", error=_filled(entry["fails"], inputs))
    if "results" not in entry:
        return ENDS.get(entry["name"], completes)

    def end(inputs: Inputs) -> End:
        outputs = tuple(_output(name, value, inputs) for name, value in entry["results"].items())
        return End(outputs=outputs, business_state=entry.get("business_state", ""))

    return end


def _output(name: str, value: str | bool, inputs: Inputs) -> Obj:  # noqa: FBT001 - a value, not a switch
    if isinstance(value, bool):
        return parameter(name, "boolean", flag(on=value))
    return parameter(name, "string", text(_filled(value, inputs)))


def _filled(template: str, inputs: Inputs) -> str:
    class Given(dict[str, str]):
        def __missing__(self, key: str) -> str:
            name, _, otherwise = key.partition(" or ")
            return said(inputs, name) or otherwise

    return template.format_map(Given())


# forms


def _form(entry: dict[str, Any]) -> Obj:
    pages = (
        DrawnPage(
            title=page["title"],
            visible=_source(page.get("visible", True)),
            fields=tuple(_field(each) for each in page["fields"]),
        )
        for page in entry["form"]
    )
    checks = (
        validation(each["label"], _source(each["source"]), *each["targets"])
        for each in entry.get("validations", ())
    )
    return form_of(*pages, validations=tuple(checks))


def _field(entry: dict[str, Any]) -> Drawn:
    more = {name.replace("-", "_"): _source(value) for name, value in entry.items() if name not in _OWN}
    state = {name: _source(value) for name, value in entry.get("state", {}).items()}
    return field(entry["id"], kind=_kind(entry), state=state, **more)


_OWN = {"id", "type", "many", "members", "state"}


def _kind(entry: dict[str, Any]) -> Obj:
    """A type with a colon is one of the inventory."""
    kind, many = entry.get("type", "string"), entry.get("many", False)
    if ":" in kind:
        return of("reference", reference=kind, many=many)
    return of(kind, many=many, members=tuple(_field(each) for each in entry.get("members", ())))


def _source(value: Any) -> Any:  # noqa: ANN401 - whatever a form may hold
    if isinstance(value, dict) and "action" in value:
        return script(value["action"], **value.get("with", {}))
    if isinstance(value, dict) and "ognl" in value:
        return ognl(value["ognl"], returns=value.get("returns", "String"), **value.get("with", {}))
    return value
