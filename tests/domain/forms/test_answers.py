"""From typed text to values: what is put into a form comes out, or the person reads what is wrong with it."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import InvalidAnswers
from bot.domain.forms.answers import read_answers, read_field
from bot.domain.forms.fitting import fitted
from bot.domain.forms.form import Choice, Constraints, Control, Field, Form, Page, Section
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.live import as_it_stands
from bot.domain.forms.plain import plain_form
from bot.domain.invisible import invisible_in
from bot.domain.policy import Group, InputRule, Rule
from bot.domain.typed import Invalid, read_value
from bot.domain.values import Composite, Properties, SecretRef, SecretText, is_secret
from bot.domain.workflow import Parameter, ParameterType, Workflow
from tests.strategies import input_rules, texts, typeable, workflows

if TYPE_CHECKING:
    from bot.domain.values import Value

lines_of_text = st.lists(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20), min_size=1, max_size=9
)


def kind(declared: str) -> ParameterType:
    """A type as declared."""
    return ParameterType(declared=declared)


def a_field(declared: str = "string", **more: object) -> Field:
    """The field a plain input of this type gets."""
    rule = Rule(
        name="r",
        run=Group(everyone=True),
        typed_secrets=bool(more.pop("typed_secrets", False)),
        secrets=frozenset(more.pop("secrets", ())),  # type: ignore[call-overload] # names
        inputs=(("x", InputRule(**more)),),  # type: ignore[arg-type] # a test names real ones
    )
    workflow = Workflow(id="1", name="w", inputs=(Parameter(name="x", type=kind(declared)),))
    (field,) = form_of(workflow, rule, secrets=rule.secrets).fields
    return field


def form_of(workflow: Workflow, rule: Rule, *, secrets: frozenset[str] = frozenset()) -> Form:
    """The form of a workflow that has none but its inputs, under a rule."""
    return fitted(plain_form(workflow), rule, secrets=secrets)


def a_form(*fields: Field) -> Form:
    """A form of one page."""
    return Form(pages=(Page(id="p", sections=(Section(fields=fields),)),))


def read_answer(field: Field, text: str) -> Value:
    """What the answer means; Invalid says what is wrong with it."""
    live = as_it_stands(a_form(field), {field.name: text}, FormAnswers())
    return read_field(live.fields[0], live, FormAnswers())


def wrong(field: Field, text: str) -> str:
    """What the person reads about their answer."""
    with pytest.raises(Invalid) as caught:
        read_answer(field, text)
    return str(caught.value)


# what is typed comes out


@given(texts.filter(str.strip))
def test_text_comes_out_to_the_letter(text: str) -> None:
    lines = () if invisible_in(text) else ("string", "Path")
    for declared in ("Text", *lines):
        assert read_answer(a_field(declared), text) == text


@given(st.integers(-(10**30), 10**30))
def test_a_whole_number_comes_out_exactly(number: int) -> None:
    value = read_answer(a_field("number"), str(number))
    assert value == number
    assert type(value) is int


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_decimal_number_comes_out(number: float) -> None:
    assert read_answer(a_field("number"), repr(number)) == number


@pytest.mark.parametrize(
    "text", ["1 000", "1\u00a0000", "1\u202f000", " 1000 ", "+1000", "1000", "1e3", "1000."]
)
def test_a_number_may_be_written_as_people_write_it(text: str) -> None:
    assert read_answer(a_field("number"), text) == 1000


@pytest.mark.parametrize(
    "text",
    ["NaN", "inf", "-Infinity", "1e999", "1_000", "1,5", "0x10", "ten", "1.2.3", "--1", "9" * 400],
)
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    assert "number" in wrong(a_field("number"), text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("1", True),
        (" FALSE ", False),
        ("no", False),
        ("0", False),
    ],
)
def test_yes_and_no_are_understood(text: str, *, value: bool) -> None:
    assert read_answer(a_field("boolean"), text) is value
    assert "yes or no" in wrong(a_field("boolean"), f"{text}!")


@given(st.datetimes(timezones=st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
def test_a_moment_comes_out_in_utc_or_is_refused(moment: datetime) -> None:
    try:
        value = read_answer(a_field("Date"), moment.isoformat())
    except Invalid as refused:
        assert "such as" in str(refused)  # noqa: PT017 - either is right
        return
    assert isinstance(value, datetime)
    assert value == moment
    assert value.tzinfo is UTC


def test_a_moment_without_a_zone_is_utc() -> None:
    assert read_answer(a_field("Date"), "2026-12-01 14:00") == datetime(2026, 12, 1, 14, tzinfo=UTC)


@given(lines_of_text)
def test_every_line_is_an_item(lines: list[str]) -> None:
    typed = "\n\n".join(f"  {line} " for line in lines)
    if not any(map(invisible_in, lines)):
        assert read_answer(a_field("Array/string"), typed) == tuple(lines)
    assert read_answer(a_field("Array/Text"), typed) == tuple(lines)


@given(st.lists(st.integers(), min_size=1, max_size=9))
def test_items_are_read_as_their_type_has_it(numbers: list[int]) -> None:
    typed = "\n".join(map(str, numbers))
    assert read_answer(a_field("Array/number"), typed) == tuple(numbers)
    assert read_answer(a_field("Array"), typed) == tuple(numbers)


def test_a_wrong_item_is_named_by_its_line() -> None:
    assert wrong(a_field("Array/number"), "1\n\nx\n3") == "Line 3: “x” is not a number."
    assert wrong(a_field("Array/boolean"), "yes\nmaybe").startswith("Line 2:")


@given(
    st.dictionaries(
        st.from_regex(r"\w[\w.-]{0,9}", fullmatch=True), st.from_regex(r"\S{1,9}", fullmatch=True)
    )
)
def test_properties_are_a_pair_a_line(pairs: dict[str, str]) -> None:
    typed = "\n".join(f"{key}: {value}" for key, value in pairs.items())
    if pairs:
        assert read_answer(a_field("Properties"), typed) == Properties(entries=tuple(pairs.items()))


def test_a_pair_without_a_colon_is_named_by_its_line() -> None:
    assert wrong(a_field("Properties"), "a: 1\nb").startswith("Line 2: Write it as")


plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(plain_json)
def test_anything_takes_json(data: object) -> None:
    value = read_value(kind("Any"), json.dumps(data))
    assert as_json(value) == data


def as_json(value: Value) -> object:
    """Back to what JSON has."""
    match value:
        case tuple():
            return [as_json(item) for item in value]
        case Properties(entries=pairs):
            return {key: as_json(item) for key, item in pairs}
        case _:
            return value


@pytest.mark.parametrize(
    "text", ["plain", "{broken", "NaN", "[1, Infinity]", '{"a": -Infinity}', "[" * 3000, "tomorrow: maybe"]
)
def test_anything_that_is_no_json_is_text(text: str) -> None:
    assert read_value(kind("Any"), text) == text


@pytest.mark.parametrize("text", ["[" * 30 + "]" * 30, '{"a":' * 25 + "1" + "}" * 25])
def test_what_is_nested_deeper_than_people_write_is_refused(text: str) -> None:
    assert "deep" in wrong(a_field("Any"), text)


@pytest.mark.parametrize("text", ["1e999", "[1e999]", '{"a": 1e400}', f"[{'9' * 400}]"])
def test_a_number_beyond_all_bounds_is_refused_within_json_too(text: str) -> None:
    assert "too large" in wrong(a_field("Any"), text)


THING = "CompositeType(a:string,b:number,c:Array/string,d:Properties,e:CompositeType(f:boolean,g:Date)):Thing"


def test_a_composite_is_read_member_by_member() -> None:
    typed = {
        "a": "x",
        "b": 1.5,
        "c": ["one", "two\nlines"],
        "d": {"k": [1, True]},
        "e": {"f": False, "g": "2026-12-01"},
    }
    value = read_answer(a_field(THING), json.dumps(typed))
    inner = Composite(
        type="CompositeType(f:boolean,g:Date)",
        members=(("f", False), ("g", datetime(2026, 12, 1, tzinfo=UTC))),
    )
    assert value == Composite(
        type=THING,
        members=(
            ("a", "x"),
            ("b", 1.5),
            ("c", ("one", "two\nlines")),
            ("d", Properties(entries=(("k", (1, True)),))),
            ("e", inner),
        ),
    )


def test_members_left_out_have_no_value() -> None:
    value = read_answer(a_field(THING), '{"b": null}')
    assert isinstance(value, Composite)
    assert [member for _, member in value.members] == [None] * 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "Write an object"),
        ("{", "not JSON"),
        ('{"z": 1}', "no member “z”"),
        ('{"b": "x"}', "b: “x” is not a number"),
        ('{"c": "x"}', "c: Write a list"),
        ('{"d": 1}', "d: Write an object"),
        ('{"a": [1]}', "a: Write one string"),
        ('{"e": {"f": "maybe"}}', "e: f: Say yes or no"),
        ('{"b": NaN}', "not JSON"),
        ('{"b": 1e999}', "b: "),
        ("{" * 3000, "not JSON"),
    ],
)
def test_what_is_wrong_with_a_composite_is_named(text: str, words: str) -> None:
    assert words in wrong(a_field(THING), text)


def test_a_secret_is_not_typed_among_other_members() -> None:
    field = a_field("CompositeType(user:string,password:SecureString):Login")
    assert "cannot be typed here" in wrong(field, '{"password": "hunter2"}')
    assert "hunter2" not in wrong(field, '{"password": "hunter2"}')


def test_an_expression_has_to_compile() -> None:
    assert read_answer(a_field("Regexp"), "a(b|c)*") == "a(b|c)*"
    assert "not a regular expression" in wrong(a_field("Regexp"), "a(b")


# bounds, choices, patterns


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-60, 60))
def test_numbers_are_held_to_their_bounds(one: int, other: int, number: int) -> None:
    low, high = sorted((one, other))
    field = a_field("number", minimum=float(low), maximum=float(high))
    if low <= number <= high:
        assert read_answer(field, str(number)) == number
    else:
        assert wrong(field, str(number)) in {f"At least {low}, please.", f"At most {high}, please."}


def test_texts_are_held_to_their_length_and_form() -> None:
    field = a_field(minimum=3.0, maximum=10.0, pattern="CHG.*")
    assert read_answer(field, "CHG1") == "CHG1"
    assert wrong(field, "CH") == "At least 3 characters, please."
    assert wrong(field, "CHG12345678") == "At most 10 characters, please."
    assert "expected form" in wrong(field, "xCHG1")
    assert "expected form" in wrong(field, "CHG1\n")


def told_of(**more: object) -> str:
    """What is said of a text that its pattern does not fit."""
    given = Constraints(pattern=("CHG[0-9]{7}",), **more)  # type: ignore[arg-type] # a test names real ones
    return wrong(replace(a_field(), constraints=given), "x")


def test_what_a_pattern_asks_for_is_said_in_words_where_somebody_found_any() -> None:
    field = replace(a_field(), constraints=Constraints(pattern=("CHG[0-9]{7}",)), placeholder="CHG0001234")
    assert told_of() == "This does not have the expected form (CHG[0-9]{7})."
    assert wrong(field, "x") == "This does not have the expected form, such as CHG0001234."
    assert told_of(expected="Like CHG0001234.") == "This does not have the expected form: Like CHG0001234."
    assert told_of(expected="Like", advice=(("CHG[0-9]{7}", "No ticket."),)) == "No ticket."
    by_policy = a_field(pattern="CHG[0-9]{7}", hint="The change's number")
    assert wrong(by_policy, "x") == "This does not have the expected form: The change's number."


@pytest.mark.parametrize("pattern", ["(.*?,){25}P", r"\p{Nothing}", "((a{1000}){1000}){1000}", "x" * 9000])
def test_a_pattern_that_cannot_be_checked_lets_nothing_through(pattern: str) -> None:
    field = replace(a_field(), constraints=Constraints(pattern=(pattern,)))
    began = time.process_time()
    assert wrong(field, "1," * 40).startswith("This could not be checked: its pattern ")
    assert time.process_time() - began < 0.5


def test_every_item_is_held_to_the_bounds() -> None:
    assert wrong(a_field("Array/number", maximum=5.0), "1\n9").startswith("Line 2: At most 5")


def test_a_typed_secret_is_held_to_its_bounds_and_never_quoted() -> None:
    field = a_field("SecureString", typed_secrets=True, minimum=12.0, pattern="[a-z]+")
    assert read_answer(field, "abcdefghijklm") == SecretText(text="abcdefghijklm")
    for text in ("hunter2", "hunter2hunter2hunter2"):
        assert "hunter2" not in wrong(field, text)


@given(
    st.lists(st.text(min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=9, unique=True), texts
)
def test_only_a_choice_is_taken_where_there_are_choices(choices: list[str], text: str) -> None:
    field = a_field(choices=tuple(choices))
    assert field.control is Control.CHOICE
    for choice in choices:
        assert read_answer(field, choice) == choice
    if text.strip() and text not in choices:
        assert "not in the list" in wrong(field, text)


def test_choices_of_a_list_hold_for_each_of_its_items() -> None:
    field = a_field("Array/string", choices=("web", "app"))
    assert field.control is Control.CHOICES
    live = as_it_stands(a_form(field), {"x": ("web", "app")}, FormAnswers())
    assert read_field(live.fields[0], live, FormAnswers()) == ("web", "app")
    assert "“db” is not in the list" in wrong(field, "db")


@pytest.mark.parametrize("declared", ["boolean", "Date", "Properties", THING])
def test_choices_do_not_count_where_they_make_no_sense(declared: str) -> None:
    assert a_field(declared, choices=("a", "b")).choices is None


# required, empty, secret


@given(typeable, st.sampled_from(["", " ", "\n\t ", "\u00a0"]))
def test_what_is_left_empty_is_required_or_has_no_value(of_type: ParameterType, blank: str) -> None:
    assert wrong(a_field(of_type.declared, required=True), blank) == "This field is required."
    assert read_answer(a_field(of_type.declared), blank) is None


def test_a_secret_is_a_name_of_those_the_rule_allows() -> None:
    field = a_field("SecureString", secrets=["svc-a", "svc-b"])
    assert field.control is Control.SECRET_NAME
    assert read_answer(field, "svc-a") == SecretRef(name="svc-a")
    assert "not in the list" in wrong(field, "svc-c")


def test_a_secret_without_a_name_to_choose_cannot_be_given() -> None:
    field = a_field("SecureString", required=True)
    assert field.control is Control.NONE
    assert a_form(field).blocked == (field,)
    assert not a_form(a_field("SecureString")).blocked


def test_names_that_are_not_configured_are_not_offered() -> None:
    workflow = Workflow(id="1", name="w", inputs=(Parameter(name="x", type=kind("SecureString")),))
    rule = Rule(name="r", run=Group(everyone=True), secrets=frozenset({"a", "b"}))
    (field,) = form_of(workflow, rule, secrets=frozenset({"b", "c"})).fields
    assert field.choices == (Choice(value="b", label="b"),)


# every type, every rule, every text


@given(typeable, input_rules, texts)
def test_every_text_is_a_value_or_words_about_it(of_type: ParameterType, extra: InputRule, text: str) -> None:
    rule = Rule(name="r", run=Group(everyone=True), typed_secrets=True, inputs=(("x", extra),))
    workflow = Workflow(id="1", name="w", inputs=(Parameter(name="x", type=of_type),))
    (field,) = form_of(workflow, rule).fields
    try:
        value = read_answer(field, text)
    except Invalid as problem:
        assert str(problem)[0].isprintable()  # noqa: PT017 - either is right
        assert str(problem).rstrip().endswith((".", ")"))  # noqa: PT017 - the same
    else:
        assert is_secret(value) == (isinstance(value, SecretText))
        assert all(math.isfinite(number) for number in numbers_in(value))


def numbers_in(value: Value) -> list[float]:
    """Every number in a value."""
    match value:
        case bool():
            return []
        case int() | float():
            return [float(value)]
        case Properties(entries=pairs) | Composite(members=pairs):
            return [number for _, inner in pairs for number in numbers_in(inner)]
        case tuple():
            return [number for inner in value for number in numbers_in(inner)]
        case _:
            return []


@given(workflows, st.lists(input_rules, max_size=4))
def test_a_form_has_the_inputs_of_its_workflow_in_their_order(
    workflow: Workflow, extra: list[InputRule]
) -> None:
    named = tuple((parameter.name, rule) for parameter, rule in zip(workflow.inputs, extra, strict=False))
    form = form_of(workflow, Rule(name="r", run=Group(everyone=True), inputs=named))
    assert [field.name for field in form.fields] == [each.name for each in workflow.inputs]
    assert all(field.label for field in form.fields)
    assert set(form.blocked) <= set(form.fields)


def test_all_problems_are_told_at_once() -> None:
    form = a_form(
        *(
            Field(
                name=name,
                type=kind(declared),
                label=name,
                control=Control.TEXT,
                constraints=Constraints(required=True),
            )
            for name, declared in (("a", "number"), ("b", "boolean"), ("c", "string"), ("d", "string"))
        )
    )
    with pytest.raises(InvalidAnswers) as caught:
        read_answers(form, {"a": "x", "b": "y", "c": "fine"})
    assert caught.value.problems == {
        "a": "“x” is not a number.",
        "b": "Say yes or no.",
        "d": "This field is required.",
    }


def test_arguments_keep_the_order_and_types_of_the_form() -> None:
    form = a_form(
        *(
            Field(name=name, type=kind(declared), label=name, control=Control.TEXT)
            for name, declared in (("b", "number"), ("a", "string"))
        )
    )
    arguments = read_answers(form, {"a": "x", "stranger": "y"})
    assert [(each.name, each.type.declared, each.value) for each in arguments] == [
        ("b", "number", None),
        ("a", "string", "x"),
    ]


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\ufeff", "\u2060"])
@pytest.mark.parametrize("declared", ["string", "Path", "Array/string"])
def test_what_nobody_can_see_is_refused_by_name_in_a_line(declared: str, hidden: str) -> None:
    said = wrong(a_field(declared), f"pro{hidden}d")
    assert f"U+{ord(hidden):04X}" in said
    assert "nobody can see" in said


def test_a_longer_text_may_hold_what_its_language_needs() -> None:
    text = "\u0645\u06cc\u200c\u062e"  # Persian joins no letters across it
    assert read_answer(a_field("Text"), text) == text
