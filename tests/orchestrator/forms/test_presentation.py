"""Legacy presentations become forms: steps, groups, constraints and decorators of the days before 8."""

from __future__ import annotations

from typing import Any

from bot.domain.forms.form import Control, FacetSource, FieldValue, Form, Measure, Origin, SourceKind
from bot.domain.workflow import Parameter, ParameterType, Workflow
from bot.orchestrator.forms.presentation import presentation_form
from bot.orchestrator.forms.presented import PresentationAnswer, presented


def text(value: str) -> dict[str, Any]:
    return {"string": {"value": value}}


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    bare = {
        "@type": "field",
        "id": name,
        "type": kind,
        "display-name": name.title(),
        "description": "",
        "hidden": False,
    }
    return bare | {"messages": [], "constraints": [], "decorators": [], "fields": []} | more


def group(*fields: dict[str, Any], title: str = "", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "@type": "group",
        "display-name": title,
        "hidden": False,
        "messages": [],
        "fields": list(fields),
    } | more


def step(*elements: dict[str, Any], title: str = "") -> dict[str, Any]:
    return {"step": {"display-name": title, "hidden": False, "messages": [], "elements": list(elements)}}


def read(*steps: dict[str, Any], **inputs: str) -> Form | None:
    answer = PresentationAnswer.model_validate({"id": "wf", "steps": list(steps)})
    listed = tuple(Parameter(name=name, type=ParameterType(declared=kind)) for name, kind in inputs.items())
    return presentation_form(presented(answer), Workflow(id="wf", name="Old", inputs=listed))


def form_of(*fields: dict[str, Any], **inputs: str) -> Form:
    declared = {each["id"]: each["type"] for each in fields}
    form = read(step(group(*fields)), **(declared | inputs))
    assert form is not None
    return form


MANDATORY = {"@type": "mandatory"}
REFRESH = {"@type": "refresh-on-change"}


def drop_down(*values: str | None) -> dict[str, Any]:
    return {
        "@type": "drop-down",
        "array": {"elements": [None if each is None else text(each) for each in values]},
    }


def test_steps_are_pages_and_groups_in_groups_are_sections() -> None:
    inner = group(field("port", "number"), title="Network")
    outer = group(field("host", constraints=[MANDATORY]), inner, title="Server")
    form = read(
        step(outer, title="Where"),
        step(field("note"), title="Why"),
        host="string",
        port="number",
        note="string",
    )
    assert form is not None
    assert form.origin is Origin.PRESENTATION
    assert [page.title for page in form.pages] == ["Where", "Why"]
    assert [section.title for section in form.pages[0].sections] == ["Server", "Network"]
    assert [each.name for each in form.fields] == ["host", "port", "note"]


def test_constraints_of_all_kinds_are_read() -> None:
    form = form_of(
        field(
            "code",
            constraints=[
                MANDATORY,
                {"@type": "number-range", "min": "3.0", "max": "15.0"},
                {"@type": "regexp", "expression": "[a-z]+"},
            ],
        ),
        field(
            "share",
            "number",
            constraints=[{"@type": "number-range", "max": "9.5"}, {"@type": "number-format", "value": "#"}],
        ),
        field("names", "Array/string", constraints=[{"@type": "restrict-duplicates"}]),
    )
    code, share, names = (each.constraints for each in form.fields)
    assert (code.required, code.minimum, code.maximum, code.measure) == (
        True,
        (3.0,),
        (15.0,),
        Measure.LENGTH,
    )
    assert code.pattern == ("[a-z]+",)
    assert (share.required, share.maximum, share.measure, share.whole) == (
        False,
        (9.5,),
        Measure.NUMBER,
        True,
    )
    assert names.no_duplicates


def test_decorators_make_lists_lines_and_defaults() -> None:
    form = form_of(
        field("unit", decorators=[drop_down("retail", None, "bank")]),
        field("body", decorators=[{"@type": "multiline"}], value=text("Dear all")),
        field("cores", "number", decorators=[{"@type": "default-value", "number": {"value": 2.0}}]),
        field("host", "VC:HostSystem", decorators=[{"@type": "chooser", "type": "tree"}]),
        field("hidden", hidden=True, value=text("x")),
    )
    unit, body, cores, host, hidden = form.fields
    assert unit.control is Control.CHOICE
    assert isinstance(unit.choices, tuple)
    assert [each.value for each in unit.choices] == ["retail", "bank"]
    assert (body.control, body.default) == (Control.LINES, "Dear all")
    assert cores.default == "2"
    assert host.control is Control.OBJECT
    assert (hidden.visible, hidden.default) == (False, "x")


def test_what_stands_below_a_field_that_refreshes_is_asked_for_again() -> None:
    form = form_of(
        field("unit", decorators=[drop_down("a")]),
        field("cores", decorators=[drop_down("1", "2"), REFRESH]),
        field("memory", decorators=[drop_down(None)]),
        field("reason", hidden=True, decorators=[{"@type": "visible"}]),
        field("who", decorators=[{"@type": "data-binding", "ognl": "#__user"}]),
    )
    unit, cores, memory, reason, who = form.fields
    assert isinstance(unit.choices, tuple)
    assert isinstance(cores.choices, tuple)
    again = (("cores", FieldValue(field="cores")),)
    assert memory.choices == FacetSource(kind=SourceKind.PRESENTATION, id="memory/choices", inputs=again)
    assert reason.visible == FacetSource(kind=SourceKind.PRESENTATION, id="reason/visible", inputs=again)
    assert who.default == FacetSource(kind=SourceKind.PRESENTATION, id="who/value", inputs=again)


def test_what_only_the_server_can_check_is_a_validation() -> None:
    form = form_of(field("x", constraints=[{"@type": "ognl", "expression": "#x != 7"}]))
    (validation,) = form.validations
    assert validation.source.kind is SourceKind.PRESENTATION
    assert form_of(field("x", constraints=[MANDATORY])).validations == ()


def test_nothing_is_dropped_without_a_remark() -> None:
    form = form_of(
        field("known", constraints=[MANDATORY]),
        field(
            "tree", "VC:Folder", decorators=[{"@type": "root-element", "ognl": "#root"}, {"@type": "sparkle"}]
        ),
        absent="string",
    )
    assert sorted(each.field for each in form.remarks) == ["absent", "tree", "tree"]
    assert [each.name for each in form.fields if each.visible is False] == ["absent"]
    ghost = read(step(group(field("ghost", constraints=[MANDATORY]))), real="string")
    assert ghost is not None
    assert {each.field for each in ghost.remarks} == {"ghost", "real"}


def test_a_presentation_that_says_nothing_is_none() -> None:
    assert read(step(group(field("a"), field("b"))), a="string", b="string") is None
