"""Custom forms of 8 and 9 become forms: each spelling seen is read, and what is not is among the remarks."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.forms.form import (
    Choice,
    Control,
    FacetSource,
    Field,
    FieldValue,
    Form,
    Literal,
    Measure,
    Note,
    SourceKind,
    WhenCase,
)
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.live import as_it_stands, checks
from bot.domain.forms.text import SEALED
from bot.domain.values import SdkObject
from bot.domain.workflow import Parameter, ParameterType, Workflow
from bot.orchestrator.forms.custom import custom_form
from bot.orchestrator.forms.shapes import FormAnswer


def workflow(**inputs: str) -> Workflow:
    listed = tuple(
        Parameter(name=name, type=ParameterType(declared=kind), description=f"About {name}")
        for name, kind in inputs.items()
    )
    return Workflow(id="wf", name="Sample", inputs=listed)


def placed(name: str, display: str = "textField", **state: object) -> dict[str, Any]:
    shown = {"visible": True, "read-only": False} | {
        key.replace("_", "-"): value for key, value in state.items()
    }
    return {"id": name, "display": display, "signpostPosition": "right-middle", "state": shown}


def drawn(*fields: dict[str, Any], schema: dict[str, Any], validations: object = ()) -> dict[str, Any]:
    sections = [{"id": f"section_{at}", "fields": [each]} for at, each in enumerate(fields)]
    return {
        "layout": {"pages": [{"id": "page_1", "title": "General", "state": {}, "sections": sections}]},
        "schema": schema,
        "options": {
            "externalValidations": list(validations) if isinstance(validations, tuple) else validations
        },
        "itemId": "",
    }


def read(raw: object, **inputs: str) -> Form:
    return custom_form(FormAnswer.model_validate(raw), workflow(**inputs))


def one(
    described: dict[str, Any], declared: str = "string", display: str = "textField", **state: object
) -> Field:
    form = read(drawn(placed("x", display, **state), schema={"x": described}), x=declared)
    (field,) = form.fields
    return field


def of(data_type: str = "string", *, many: bool = False, **more: object) -> dict[str, Any]:
    return {"dataType": data_type, "isMultiple": many} | more


# lists of values


def test_a_list_comes_as_values_as_lines_of_one_text_or_with_labels() -> None:
    three = (
        Choice(value="gold", label="gold"),
        Choice(value="silver", label="silver"),
        Choice(value="tin", label="tin"),
    )
    for spelled in (["gold", "silver", "tin"], ["gold\nsilver\ntin"], "gold\nsilver\ntin\n"):
        field = one({"type": of(), "valueList": spelled}, display="dropDown")
        assert (field.choices, field.control) == (three, Control.CHOICE)
    labelled = one({"type": of(), "valueList": [{"label": "Best", "value": "gold"}]}, display="radio")
    assert labelled.choices == (Choice(value="gold", label="Best"),)


def test_the_values_of_a_list_are_of_the_fields_type() -> None:
    ports = one({"type": of("integer"), "valueList": [80, "443", None]}, "number", "dropDown")
    assert ports.choices == (Choice(value=80, label="80"), Choice(value=443, label="443"))
    mode = {"id": "thick", "type": "VC:DiskMode", "displayValue": "Thick"}
    modes = one({"type": of("reference"), "valueList": [mode]}, "VC:DiskMode", "dropDown")
    assert modes.choices == (
        Choice(value=SdkObject(type="VC:DiskMode", id="thick", name="Thick"), label="Thick"),
    )


def test_several_may_be_chosen_for_an_array_and_anything_typed_into_a_combobox() -> None:
    several = one(
        {"type": of(many=True), "valueList": ["a", "b"], "default": ["b"]}, "Array/string", "dualList"
    )
    assert (several.control, several.default) == (Control.CHOICES, ("b",))
    assert one({"type": of(), "valueList": ["a"]}, display="combobox").suggested


def test_a_list_may_come_from_an_action() -> None:
    source = {
        "id": "com.example.net/segments",
        "type": "scriptAction",
        "parameters": [
            {"cloud": "region", "$type": {"dataType": "string"}},
            {"onlyFree": "`true`", "$type": {"dataType": "boolean"}},
        ],
    }
    field = one({"type": of(), "valueList": source}, display="dropDown")
    assert field.choices == FacetSource(
        kind=SourceKind.ACTION,
        id="com.example.net/segments",
        inputs=(("cloud", FieldValue(field="region")), ("onlyFree", Literal(value="true", type="boolean"))),
    )
    assert field.control is Control.CHOICE


def test_an_action_without_inputs_may_be_named_by_its_id_alone() -> None:
    field = one({"type": of(), "valueList": {"id": "teams", "type": "scriptAction"}}, display="dropDown")
    assert field.choices == FacetSource(kind=SourceKind.ACTION, id="teams")


# states and constraints


def test_a_constraint_may_be_fixed_a_source_or_a_case_by_case() -> None:
    static = [
        {"equals": {"network": "static"}, "value": True},
        {"notEqual": {"network": "static"}, "value": False},
    ]
    field = one(
        {
            "type": of(),
            "constraints": {
                "required": static,
                "min-value": 3,
                "max-value": {"id": "com.example/longest", "type": "scriptAction", "parameters": []},
                "pattern": {"value": "^[a-z]+$", "message": "Lower case letters only."},
                "match": "other",
            },
        }
    )
    given = field.constraints
    assert given.required == FacetSource(
        kind=SourceKind.CASES,
        id="",
        cases=(
            WhenCase(field="network", value="static", then=True),
            WhenCase(field="network", value="static", holds=False, then=False),
        ),
    )
    assert (given.minimum, given.measure, given.same_as) == ((3.0,), Measure.LENGTH, "other")
    assert given.maximum == (FacetSource(kind=SourceKind.ACTION, id="com.example/longest"),)
    assert given.advice == (("^[a-z]+$", "Lower case letters only."),)


def test_bounds_speak_of_numbers_of_lengths_or_of_how_many() -> None:
    bound = {"constraints": {"max-value": "15"}}
    measures = [
        one({"type": of(), **bound}, kind).constraints.measure
        for kind in ("number", "string", "Array/number")
    ]
    assert measures == [Measure.NUMBER, Measure.LENGTH, Measure.ITEMS]


def test_what_a_condition_leaves_open_its_last_case_settles() -> None:
    cases = [{"equals": {"tier": "gold"}, "value": False}, {"value": True}]
    field = one({"type": of()}, visible=cases)
    assert isinstance(field.visible, FacetSource)
    assert field.visible.cases[-1] == WhenCase(field="", value=None, then=True)


def test_a_condition_of_an_unknown_form_is_a_remark_and_the_field_is_shown() -> None:
    form = read(
        drawn(
            placed("x", visible=[{"equals": {"a": 1, "b": 2}, "value": True}]), schema={"x": {"type": of()}}
        ),
        x="string",
    )
    (field,) = form.fields
    assert isinstance(field.visible, FacetSource)
    assert field.visible.kind is SourceKind.NOT_UNDERSTOOD
    assert [each.field for each in form.remarks] == ["x"]


def test_an_unknown_constraint_and_a_source_nobody_can_ask_are_remarks() -> None:
    described = {
        "type": of(),
        "valueList": {"id": "gateways", "type": "dynamic", "parameters": []},
        "constraints": {"luhn": True},
    }
    form = read(drawn(placed("x", "dropDown"), schema={"x": described}), x="string")
    assert {each.why for each in form.remarks} == {
        "Its list comes from a source of the kind “dynamic”, which cannot be asked from here.",
        "Its constraint “luhn” is not understood, so it is not checked.",
    }


# kinds of fields


def test_displays_and_types_make_the_control() -> None:
    pairs = [
        ("textArea", "string", of(), Control.LINES),
        ("passwordField", "SecureString", of("secureString"), Control.SECRET_TEXT),
        ("passwordField", "string", of(), Control.SECRET_TEXT),
        ("checkbox", "boolean", of("boolean"), Control.CHECK),
        ("radio", "boolean", of("boolean"), Control.YES_NO),
        ("decimalField", "number", of("decimal"), Control.NUMBER),
        ("dateTime", "Date", of("dateTime"), Control.MOMENT),
        ("valuePickerTree", "VC:Folder", of("reference"), Control.OBJECT),
        ("multiValuePicker", "Array/VC:Folder", of("reference", many=True), Control.OBJECTS),
        ("array", "Array/string", of(many=True), Control.LINES),
        ("fileUpload", "MimeAttachment", of("file"), Control.FILE),
        ("datagrid", "Properties", of("complex", many=True), Control.LINES),
        ("textField", "string", of(), Control.TEXT),
    ]
    for display, declared, kind, control in pairs:
        assert one({"type": kind}, declared, display).control is control, (display, declared)
    assert one({"type": of("integer")}, "number", "integerField").constraints.whole


def test_a_composite_has_a_field_for_each_member_and_a_grid_its_columns() -> None:
    columns = [
        {"id": "host", "label": "Host name", "type": of(), "constraints": {"required": True}},
        {"id": "port", "label": "Port", "type": of("decimal"), "constraints": {"max-value": 65535}},
    ]
    declared = "CompositeType(host:string,port:number):Endpoint"
    group = one(
        {"type": of("complex", fields=columns), "default": {"host": "db-01", "port": 5432}},
        declared,
        "objectField",
    )
    assert group.control is Control.GROUP
    assert [(each.label, each.default) for each in group.members] == [
        ("Host name", "db-01"),
        ("Port", "5432"),
    ]
    grid = one({"type": of("complex", many=True, fields=columns)}, f"Array/{declared}", "datagrid")
    assert (grid.control, grid.members[0].constraints.required) == (Control.LINES, True)


def test_defaults_stand_in_their_fields_and_secrets_have_none() -> None:
    assert one({"type": of("decimal"), "default": 2.0}, "number").default == "2"
    assert one({"type": of("boolean"), "default": False}, "boolean", "checkbox").default == "false"
    assert one({"type": of(many=True), "default": ["a", "b"]}, "Array/string", "array").default == "a\nb"
    assert (
        one({"type": of("dateTime"), "default": "2031-05-06T07:08:09Z"}, "Date").default
        == "2031-05-06T07:08:09+00:00"
    )
    assert one({"type": of("secureString"), "default": "hunter2"}, "SecureString").default == ""


# what is no input, and inputs without a place


def test_texts_links_and_images_are_only_read() -> None:
    schema = {
        "text_1": {"label": "", "type": of(), "default": "<p>Ask <b>first</b> &amp; twice</p>"},
        "GENERATED_2": {"label": "Plan", "type": of(), "default": "https://dc.example.com/plan.png"},
        "textArea_3": {"label": "Please note", "type": of(), "default": "No work on Fridays"},
    }
    form = read(
        drawn(
            placed("text_1", "text"),
            placed("GENERATED_2", "image"),
            placed("textArea_3", "textArea"),
            schema=schema,
        )
    )
    parts = [part for page in form.pages for section in page.sections for part in section.fields]
    assert parts == [
        Note(text="Ask first & twice"),
        Note(text="Plan", link="https://dc.example.com/plan.png"),
        Note(text="Please note: No work on Fridays"),
    ]


def test_a_text_that_comes_and_goes_is_a_field_nobody_can_change() -> None:
    when = [{"equals": {"mode": "dry"}, "value": True}]
    schema = {
        "mode": {"type": of(), "valueList": ["dry", "wet"]},
        "hint": {"label": "", "type": of(), "default": "Nothing is changed."},
        "gone": {"label": "", "type": of(), "default": "Never seen."},
    }
    layout = (
        placed("mode", "radio"),
        placed("hint", "text", visible=when),
        placed("gone", "text", visible=False),
    )
    form = read(drawn(*layout, schema=schema), mode="string")
    assert [(each.name, each.read_only, each.sent) for each in form.fields] == [
        ("mode", False, True),
        ("hint", True, False),
    ]


def test_a_check_that_reads_a_secret_is_not_made_and_that_is_said() -> None:
    check = {
        "label": "Strength",
        "source": {"id": "com.example/strength", "type": "scriptAction", "parameters": [{"p": "password"}]},
        "target": ["password"],
    }
    schema = {"password": {"type": of("secureString")}}
    form = read(
        drawn(placed("password", "passwordField"), schema=schema, validations=(check,)),
        password="SecureString",
    )
    assert any("Strength" in each.why for each in form.remarks)
    assert checks(form, {"password": "hunter2"}, FormAnswers()) == ()


def test_a_field_that_others_depend_on_is_filled_in_though_it_is_no_input() -> None:
    schema = {
        "site": {"label": "Site", "type": of(), "valueList": ["fra", "ber"]},
        "rack": {
            "label": "Rack",
            "type": of(),
            "valueList": {
                "id": "com.example/racks",
                "type": "scriptAction",
                "parameters": [{"site": "site"}],
            },
        },
    }
    form = read(drawn(placed("site", "dropDown"), placed("rack", "dropDown"), schema=schema), rack="string")
    assert [(each.name, each.sent) for each in form.fields] == [("site", False), ("rack", True)]


def test_an_input_without_a_place_is_kept_out_of_sight_with_its_default_and_a_remark() -> None:
    schema = {"shown": {"type": of()}, "preset": {"type": of(), "default": "eu"}}
    form = read(drawn(placed("shown"), schema=schema), shown="string", preset="string", bare="number")
    hidden = {each.name: each.default for each in form.fields if each.visible is False}
    assert hidden == {"preset": "eu", "bare": ""}
    assert {each.field for each in form.remarks} == {"preset", "bare"}


def test_a_place_without_a_description_is_a_plain_field_or_a_remark() -> None:
    form = read(drawn(placed("known"), placed("ghost"), schema={}), known="string")
    assert [each.name for each in form.fields] == ["known"]
    assert [each.field for each in form.remarks] == ["ghost"]


def test_validations_name_what_is_asked_and_where_it_is_told() -> None:
    ognl = {
        "label": "unit",
        "source": {
            "id": "com.vmware.o11n.forms/evalOGNL",
            "type": "scriptAction",
            "parameters": [
                {"ognl": '`(#unit != 13 ? "" : "Not that one" )`'},
                {"unit": "unit"},
                {"unit__type_": "`number`"},
                {"return": "`String`"},
            ],
        },
        "target": ["unit"],
    }
    odd = {"label": "Odd", "source": {"id": "x", "type": "systemAction"}, "target": []}
    form = read(
        drawn(placed("unit"), schema={"unit": {"type": of("decimal")}}, validations=(ognl, odd)),
        unit="number",
    )
    (validation,) = form.validations
    assert validation.targets == ("unit",)
    assert validation.source.depends_on == {"unit"}
    assert any("Odd" in each.why for each in form.remarks)


def test_whatever_stands_where_an_object_is_expected_the_rest_is_read() -> None:
    raw = {
        "layout": {
            "pages": [
                7,
                {
                    "id": "p",
                    "title": None,
                    "state": "odd",
                    "sections": [{"fields": [placed("x"), "y", {"id": "z", "state": []}]}, None],
                },
            ]
        },
        "schema": {"x": {"type": "string", "constraints": [], "label": 5}, "z": None},
        "options": None,
    }
    form = read(raw, x="string", z="number")
    assert [each.name for each in form.fields] == ["x", "z"]


# conditions of real forms (jcoole/o11nplugin-vrslcm, HyechurnJang/vRealize)


def seen(condition: dict[str, Any], typed: dict[str, str], kind: str = "string", **more: str) -> bool:
    """Whether a field that this condition shows is seen while the form holds this."""
    described = {"x": {"type": of()}, "other": {"type": of()}}
    raw = drawn(placed("other"), placed("x", visible=[{**condition, "value": True}]), schema=described)
    form = read(raw, x="string", other=kind, **more)
    assert form.remarks == ()
    live = as_it_stands(form, typed, FormAnswers()).field("x")
    assert live is not None
    return live.visible


@pytest.mark.parametrize(
    ("condition", "held", "shown"),
    [
        ({"notEmpty": {"other": ""}}, "vc01", True),
        ({"notEmpty": {"other": ""}}, "", False),
        ({">": {"other": 5}}, "6", True),
        ({">": {"other": 5}}, "5", False),
        ({">": {"other": "5"}}, "10", True),
        ({">=": {"other": 5}}, "5", True),
        ({">=": {"other": 5}}, "4.5", False),
        ({"<": {"other": 5}}, "4", True),
        ({"<": {"other": 5}}, "5", False),
        ({"<": {"other": 5}}, "", False),
        ({"<=": {"other": 5}}, "5", True),
    ],
)
def test_a_condition_compares_as_its_word_says(condition: dict[str, Any], held: str, *, shown: bool) -> None:
    assert seen(condition, {"other": held}, "number" if "not" not in str(condition) else "string") is shown


def test_a_condition_on_an_order_is_not_true_of_words() -> None:
    assert not seen({">": {"other": 5}}, {"other": "many"})
    assert not seen({"<": {"other": 5}}, {"other": "few"})
    assert seen({">=": {"other": "2026-01-01"}}, {"other": "2026-12-01 14:00"}, "Date")


@pytest.mark.parametrize(("typed", "shown"), [({"other": SEALED}, True), ({}, False)])
def test_whether_a_secret_was_given_is_known_without_telling_it(
    typed: dict[str, str], *, shown: bool
) -> None:
    assert seen({"notEmpty": {"other": ""}}, typed, "SecureString") is shown


def default_of(default: object, typed: dict[str, str]) -> tuple[object, Form]:
    described = {"x": {"type": of(), "default": default}, "other": {"type": of()}, "env": {"type": of()}}
    raw = drawn(placed("other"), placed("env"), placed("x"), schema=described)
    form = read(raw, x="string", other="string", env="string")
    live = as_it_stands(form, typed, FormAnswers()).field("x")
    assert live is not None
    return live.value, form


def test_unset_takes_the_value_away() -> None:
    cases = [{"equals": {"other": "none"}, "value": "#unset"}, {"value": "standard"}]
    assert default_of(cases, {"other": "none"})[0] == ""
    assert default_of(cases, {"other": "some"})[0] == "standard"


def test_a_default_is_joined_from_constants_and_what_stands_in_fields() -> None:
    default = {"bind": {"values": ["`[`", "env", "`/`", "other", "`]`"], "operator": "concatenate"}}
    value, form = default_of(default, {"env": "prod", "other": "db 7"})
    assert value == "[prod/db 7]"
    assert form.remarks == ()
    assert form.watched == {"env", "other"}
    assert default_of(default, {"env": "prod"})[0] == "[prod/]"


@pytest.mark.parametrize(
    "bind",
    [{"values": ["a"], "operator": "add"}, {"values": [{}], "operator": "concatenate"}, {"operator": None}],
)
def test_a_binding_of_an_unknown_form_is_a_remark(bind: dict[str, Any]) -> None:
    value, form = default_of({"bind": bind}, {})
    assert value == ""
    assert ["cannot be asked from here" in each.why for each in form.remarks] == [True]
