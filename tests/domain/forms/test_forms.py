"""Forms: what stands in a field reads back as it was, and a form follows what is typed into it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.errors import InvalidAnswers
from bot.domain.execution import Argument
from bot.domain.forms.answers import answers_from, read_answers
from bot.domain.forms.form import (
    Choice,
    Constraints,
    Control,
    FacetSource,
    Field,
    FieldValue,
    Form,
    Page,
    Section,
    SourceKind,
    WhenCase,
)
from bot.domain.forms.found import Answer, FormAnswers, SourceQuery, Trouble
from bot.domain.forms.live import as_it_stands
from bot.domain.forms.plain import control_of, plain_field
from bot.domain.forms.text import typed_of, value_of
from bot.domain.invisible import invisible_in
from bot.domain.values import Composite, Properties, Value
from bot.domain.workflow import Parameter, ParameterType

TEXTS = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()))
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False, width=32)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - strategies want it bare
ROW = "CompositeType(size:number,tier:string,since:Date):Disk"
PLAIN: list[tuple[str, st.SearchStrategy[Value]]] = [
    ("string", TEXTS),
    ("Text", TEXTS),
    ("number", NUMBERS),
    ("boolean", st.booleans()),
    ("Date", MOMENTS),
    ("Array/string", st.lists(TEXTS, min_size=1, max_size=4).map(tuple)),
    ("Array/number", st.lists(NUMBERS, min_size=1, max_size=4).map(tuple)),
    ("Array/Date", st.lists(MOMENTS, min_size=1, max_size=4).map(tuple)),
    (
        "Properties",
        st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=4).map(
            lambda pairs: Properties(entries=tuple(pairs.items()))
        ),
    ),
    (
        f"Array/{ROW}",
        st.lists(
            st.tuples(NUMBERS, TEXTS, MOMENTS).map(
                lambda row: Composite(
                    type=ROW, members=tuple(zip(("size", "tier", "since"), row, strict=True))
                )
            ),
            min_size=1,
            max_size=4,
        ).map(tuple),
    ),
    ("Any", st.one_of(TEXTS, NUMBERS, st.booleans(), st.lists(TEXTS, min_size=1).map(tuple))),
]
VALUES = st.sampled_from(PLAIN).flatmap(lambda pair: st.tuples(st.just(pair[0]), pair[1]))


def a_field(name: str, declared: str = "string", **more: object) -> Field:
    kind = ParameterType(declared=declared)
    given: dict[str, object] = {"label": name, "control": control_of(kind)} | more
    return Field(name=name, type=kind, **given)  # type: ignore[arg-type]


def a_form(*fields: Field) -> Form:
    return Form(pages=(Page(id="p", sections=(Section(fields=fields),)),))


@given(VALUES)
def test_what_stands_in_a_field_reads_back_as_the_value(drawn: tuple[str, Value]) -> None:
    declared, value = drawn
    field = plain_field(Parameter(name="x", type=ParameterType(declared=declared)))
    assert value_of(field, typed_of(field, value), choices=None, found=FormAnswers()) == value


def strings_in(value: object) -> list[str]:
    """Every text in it."""
    match value:
        case str():
            return [value]
        case tuple():
            return [text for item in value for text in strings_in(item)]
        case Composite():
            return strings_in(tuple(item for _, item in value.members))
        case _:
            return []


@given(VALUES)
def test_arguments_fill_in_a_form_that_answers_them_again(drawn: tuple[str, Value]) -> None:
    declared, value = drawn
    assume(declared == "Text" or not any(map(invisible_in, strings_in(value))))
    kind = ParameterType(declared=declared)
    form = a_form(plain_field(Parameter(name="x", type=kind)))
    arguments = (Argument(name="x", type=kind, value=value),)
    assert read_answers(form, answers_from(form, arguments)) == arguments


def test_a_composite_is_filled_in_member_by_member() -> None:
    kind = ParameterType(declared="CompositeType(host:string,port:number):Endpoint")
    form = a_form(plain_field(Parameter(name="endpoint", type=kind), required=True))
    (argument,) = read_answers(form, {"endpoint.host": "db-01", "endpoint.port": "5432"})
    assert argument.value == Composite(type=kind.declared, members=(("host", "db-01"), ("port", 5432)))
    assert answers_from(form, [argument]) == {"endpoint.host": "db-01", "endpoint.port": "5432"}
    with pytest.raises(InvalidAnswers) as wrong:
        read_answers(form, {"endpoint.port": "many"})
    assert set(wrong.value.problems) == {"endpoint.port"}


def test_all_problems_are_named_at_once() -> None:
    form = a_form(
        a_field("name", constraints=Constraints(required=True)),
        a_field("size", "number", constraints=Constraints(minimum=(1,), maximum=(10,))),
        a_field("ticket", constraints=Constraints(pattern=("CHG[0-9]{7}",))),
        a_field("hosts", "Array/string", constraints=Constraints(no_duplicates=True)),
        a_field("again", constraints=Constraints(same_as="ticket")),
    )
    typed = {"size": "11", "ticket": "CHG1", "hosts": "a\na", "again": "CHG2"}
    with pytest.raises(InvalidAnswers) as wrong:
        read_answers(form, typed)
    assert list(wrong.value.problems) == ["name", "size", "ticket", "hosts", "again"]


REGION = a_field("region", choices=(Choice(value="eu", label="Europe"), Choice(value="us", label="Americas")))
CLUSTERS = FacetSource(
    kind=SourceKind.ACTION, id="places/clusters", inputs=(("region", FieldValue(field="region")),)
)
CLUSTER = a_field("cluster", choices=CLUSTERS, control=Control.CHOICE)


def asked(region: str) -> SourceQuery:
    argument = Argument(name="region", type=ParameterType(declared="string"), value=region)
    return SourceQuery(kind=SourceKind.ACTION, id="places/clusters", inputs=(argument,))


def test_a_list_is_asked_for_again_when_what_it_depends_on_changes() -> None:
    form = a_form(REGION, CLUSTER)
    live = as_it_stands(form, {"region": "eu"}, FormAnswers())
    assert live.questions == (asked("eu"),)
    assert live.fields[1].loading
    found = FormAnswers(answers=((asked("eu"), Answer(value=("eu-1", "eu-2"))),))
    settled = as_it_stands(form, {"region": "eu"}, found)
    assert settled.questions == ()
    assert [each.label for each in settled.fields[1].choices or ()] == ["eu-1", "eu-2"]
    assert as_it_stands(form, {"region": "us"}, found).questions == (asked("us"),)


def test_a_list_that_could_not_be_read_lets_people_type_unchecked() -> None:
    form = a_form(REGION, CLUSTER)
    found = FormAnswers(answers=((asked("eu"), Answer(trouble=Trouble.TOO_LATE)),))
    live = as_it_stands(form, {"region": "eu", "cluster": "eu-9"}, found)
    assert live.fields[1].unchecked
    assert read_answers(form, {"region": "eu", "cluster": "eu-9"}, found)[1].value == "eu-9"


def test_a_hidden_field_holds_its_default_whatever_was_typed_before() -> None:
    shown = FacetSource(kind=SourceKind.ACTION, id="rules/isProduction", inputs=())
    question = SourceQuery(kind=SourceKind.ACTION, id="rules/isProduction")
    form = a_form(a_field("plan", visible=shown, default="daily", constraints=Constraints(required=True)))
    hidden = FormAnswers(answers=((question, Answer(value=False)),))
    seen = FormAnswers(answers=((question, Answer(value=True)),))
    assert as_it_stands(form, {}, hidden).pages == ()
    assert read_answers(form, {"plan": "weekly"}, hidden)[0].value == "daily"
    assert read_answers(form, {"plan": "weekly"}, seen)[0].value == "weekly"


def test_fields_that_depend_on_each_other_in_a_circle_end_as_empty() -> None:
    one = FacetSource(kind=SourceKind.ACTION, id="m/one", inputs=(("x", FieldValue(field="b")),))
    two = FacetSource(kind=SourceKind.ACTION, id="m/two", inputs=(("x", FieldValue(field="a")),))
    live = as_it_stands(a_form(a_field("a", default=one), a_field("b", default=two)), {}, FormAnswers())
    assert live.questions


def test_a_condition_written_into_the_form_is_settled_without_asking() -> None:
    static = FacetSource(
        kind=SourceKind.CASES,
        id="",
        cases=(
            WhenCase(field="network", value="static", then=True),
            WhenCase(field="network", value="static", holds=False, then=False),
        ),
    )
    network = a_field("network", choices=(Choice(value="static", label="S"), Choice(value="dhcp", label="D")))
    form = a_form(network, a_field("address", visible=static, constraints=Constraints(required=static)))
    with pytest.raises(InvalidAnswers) as wrong:
        read_answers(form, {"network": "static"})
    assert set(wrong.value.problems) == {"address"}
    assert read_answers(form, {"network": "dhcp", "address": "10.0.0.1"})[1].value is None
    assert as_it_stands(form, {"network": "dhcp"}, FormAnswers()).questions == ()


def test_a_box_nobody_ticked_counts_as_not_ticked() -> None:
    new = FacetSource(
        kind=SourceKind.CASES, id="", cases=(WhenCase(field="existing", value=False, then=True),)
    )
    form = a_form(a_field("existing", "boolean", control=Control.CHECK), a_field("pool", visible=new))
    live = as_it_stands(form, {}, FormAnswers()).field("pool")
    assert live is not None
    assert live.visible


def test_a_field_the_workflow_does_not_know_is_never_sent() -> None:
    form = a_form(a_field("tier", sent=False), a_field("disk"))
    assert [each.name for each in read_answers(form, {"tier": "gold", "disk": "d1"})] == ["disk"]


def test_secrets_are_no_inputs_of_what_is_asked_while_the_form_is_filled_in() -> None:
    strength = FacetSource(
        kind=SourceKind.ACTION, id="m/strength", inputs=(("p", FieldValue(field="password")),)
    )
    secret = a_field("password", "SecureString", control=Control.SECRET_TEXT)
    live = as_it_stands(
        a_form(secret, a_field("note", default=strength)), {"password": "hunter2"}, FormAnswers()
    )
    assert "hunter2" not in repr(live.questions)


def test_a_list_that_only_suggests_takes_what_was_typed() -> None:
    tiers = (Choice(value="web", label="web"),)
    form = a_form(a_field("tier", control=Control.CHOICE, choices=tiers, suggested=True))
    assert read_answers(form, {"tier": "batch"})[0].value == "batch"


def test_a_value_nobody_can_choose_is_sent_though_it_is_in_no_list() -> None:
    only = (Choice(value="a", label="A"),)
    form = a_form(a_field("x", control=Control.CHOICE, choices=only, default="b", visible=False))
    assert read_answers(form, {})[0].value == "b"


def test_rows_are_checked_against_their_columns() -> None:
    kind = ParameterType(declared=f"Array/{ROW}")
    size, tier, since = plain_field(Parameter(name="disks", type=kind)).members
    columns = (
        replace(size, label="Size", constraints=Constraints(required=True, maximum=(100,))),
        replace(tier, choices=(Choice(value="gold", label="Gold"), Choice(value="tin", label="Tin"))),
        replace(since, constraints=Constraints()),
    )
    form = a_form(a_field("disks", kind.declared, members=columns))
    for typed, problem in (
        ("200, gold", "Row 1: Size: at most 100, please."),
        ("1, gold\n2, silver", "Row 2: tier: choose one of: Gold, Tin."),
        (" , tin", "Row 1: Size: a value is required."),
    ):
        with pytest.raises(InvalidAnswers) as wrong:
            read_answers(form, {"disks": typed})
        assert wrong.value.problems == {"disks": problem}
    assert read_answers(form, {"disks": "1, gold\n2, tin"})


def test_two_fields_that_wait_for_the_same_answer_both_wait() -> None:
    centre = FacetSource(kind=SourceKind.ACTION, id="m/centre")
    of_centre = FacetSource(kind=SourceKind.ACTION, id="m/of", inputs=(("c", FieldValue(field="centre")),))
    form = a_form(
        a_field("centre", default=centre),
        a_field("one", default=of_centre),
        a_field("two", default=of_centre),
    )
    live = as_it_stands(form, {}, FormAnswers())
    assert [each.id for each in live.questions] == ["m/centre"]
    assert all(each.loading for each in live.fields)
