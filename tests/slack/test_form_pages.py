"""Any form the model can express: within Slack's limits, and what stands in it reads back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.demo.slack.limits import MOST_VIEW_BYTES, json_bytes, view_problems
from bot.demo.slack.state.answers import Answers
from bot.demo.slack.walk import fields_of
from bot.domain.draft import Draft, OfferKind, PrefillSource
from bot.domain.execution import Argument
from bot.domain.forms.answers import read_answers
from bot.domain.forms.form import (
    Choice,
    Constraints,
    Control,
    FacetSource,
    Field,
    FieldValue,
    Form,
    Note,
    Page,
    Remark,
    Section,
    SourceKind,
)
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.paging import in_pages
from bot.domain.launch import Launch, State
from bot.domain.people import Membership
from bot.domain.policy import Group, Policy, Risk, Rule, StageRule
from bot.domain.values import SdkObject
from bot.domain.workflow import ParameterType, Workflow, WorkflowRef
from bot.service.drafts.drafts import MOST_PARTS
from bot.slack.forms import pages
from bot.slack.forms.review import ReviewPage, reviewing
from bot.slack.payloads import View
from tests.strategies import NOON, moments, names, numbers, people, places, storable, values

if TYPE_CHECKING:
    from bot.domain.forms.form import Typed
    from bot.domain.forms.live import LiveField

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
written = storable.filter(lambda text: bool(text.strip()))
keys = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=90).filter(
    str.strip
)
lists = st.integers(1, 130).flatmap(
    lambda many: st.lists(keys, min_size=1, max_size=4, unique=True).map(
        lambda some: tuple(dict.fromkeys((*some, *(f"entry {number}" for number in range(many)))))
    )
)
bounds = st.lists(st.floats(-1e9, 1e9), max_size=2).map(tuple)
constraints = st.builds(
    Constraints, required=st.booleans(), minimum=bounds, maximum=bounds, whole=st.booleans()
)
unanswered = st.builds(
    FacetSource,
    kind=st.sampled_from([SourceKind.ACTION, SourceKind.NOT_UNDERSTOOD]),
    id=names,
    inputs=st.one_of(st.just(()), st.builds(lambda name: ((name, FieldValue(field=name)),), names)),
)
Filled = tuple[Field, "Typed"]


@st.composite
def filled_fields(draw: st.DrawFn) -> Filled:
    """A field of any kind, and what stands in it."""
    declared, control, typed = draw(st.sampled_from(KINDS))
    choices: Any = None
    if control in {Control.CHOICE, Control.CHOICES, Control.SECRET_NAME}:
        listed = draw(lists)
        choices = tuple(
            Choice(value=key, label=draw(storable) if at < 2 else key) for at, key in enumerate(listed)
        )
        one = st.sampled_from(listed)
        typed = st.lists(one, unique=True, max_size=5).map(tuple) if control is Control.CHOICES else one
        choices = draw(st.sampled_from([choices, choices, choices, draw(unanswered)]))
    field = Field(
        name=draw(names),
        type=ParameterType(declared=declared),
        label=draw(storable),
        hint=draw(storable),
        placeholder=draw(storable),
        control=control,
        choices=choices,
        constraints=draw(constraints),
        read_only=draw(st.one_of(st.just(value=False), st.just(value=False), st.booleans(), unanswered)),
        visible=draw(st.one_of(st.just(value=True), st.just(value=True), unanswered)),
    )
    return field, draw(st.one_of(st.just(""), typed))


KINDS: list[tuple[str, Control, st.SearchStrategy[Typed]]] = [
    ("string", Control.TEXT, written),
    ("Text", Control.LINES, written),
    ("number", Control.NUMBER, numbers.map(str)),
    ("boolean", Control.YES_NO, st.sampled_from(["true", "false"])),
    ("boolean", Control.CHECK, st.sampled_from(["true", "false"])),
    ("Date", Control.MOMENT, moments.map(lambda at: at.isoformat())),
    ("string", Control.CHOICE, st.just("")),
    ("Array/string", Control.CHOICES, st.just(())),
    ("VC:VirtualMachine", Control.OBJECT, st.sampled_from(["vm-1", "vm-2"])),
    ("Array/VC:VirtualMachine", Control.OBJECTS, st.sampled_from([("vm-1",), ("vm-2", "vm-1")])),
    ("SecureString", Control.SECRET_NAME, st.just("")),
    ("SecureString", Control.SECRET_TEXT, st.just("")),
    ("MimeAttachment", Control.FILE, st.just("")),
    ("Something", Control.NONE, st.just("")),
]
notes = st.builds(
    Note, text=storable, link=st.sampled_from(["", "https://example.com/x", "javascript:x", "https://a|b>"])
)
objects = st.builds(
    lambda one, two: FormAnswers(
        objects=(
            SdkObject(type="VC:VirtualMachine", id="vm-1", name=one, path=two),
            SdkObject(type="VC:VirtualMachine", id="vm-2"),
        )
    ),
    storable,
    storable,
)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A form with anything in it, as somebody filled it in."""
    filled = draw(st.lists(filled_fields(), max_size=32, unique_by=lambda pair: pair[0].name))
    parts: list[Field | Note] = [field for field, _ in filled] + draw(st.lists(notes, max_size=4))
    sections = (Section(title=draw(storable), fields=tuple(parts)),)
    form = Form(
        pages=(Page(id="a", title=draw(storable), sections=sections), Page(id="b", sections=sections[:0])),
        remarks=draw(st.lists(st.builds(Remark, field=storable, why=storable), max_size=8).map(tuple)),
    )
    offers = st.builds(
        PrefillSource, kind=st.sampled_from(OfferKind), id=names, name=storable, at=st.none() | moments
    )
    draft = Draft(
        id="d-1",
        person=draw(people),
        place=draw(places),
        workflow=Workflow(id="w-1", name=draw(storable), folder=draw(storable), description=draw(storable)),
        form=in_pages(form, most=MOST_PARTS),
        expires_at=NOON + timedelta(hours=1),
        offers=draw(st.lists(offers, max_size=60).map(tuple)),
        typed=tuple((field.name, typed) for field, typed in filled if typed),
        found=draw(objects),
        remarks=draw(st.lists(storable, max_size=8).map(tuple)),
    )
    wrong = {field.name: draw(storable) for field, _ in filled[:3]}
    return draw(st.sampled_from([draft, replace(draft, problems=tuple(wrong.items()))])).placed()


def as_slack_has_it(view: dict[str, Any]) -> View:
    """The view with what its fields hold before anybody touches them."""
    state = Answers().state(fields_of(view["blocks"]), here=None)
    return View.model_validate({**view, "id": "V1", "state": state})


@SLOW
@given(drafts())
def test_every_page_of_any_form_is_within_slacks_limits(draft: Draft) -> None:
    for number in draft.numbers:
        view = pages.page_view(replace(draft, page=number))
        assert view_problems(view, surface="modal") == []
        assert json_bytes(view) <= MOST_VIEW_BYTES


@SLOW
@given(drafts())
def test_every_page_reads_back_to_what_was_put_in(draft: Draft) -> None:
    for number in draft.numbers:
        page = replace(draft, page=number)
        read = pages.entered(page, as_slack_has_it(pages.page_view(page)))
        for name, typed in read.items():
            live = draft.live.field(name)
            assert live is not None
            assert plain(live, typed) == plain(live, live.value)
        after = page.entered(read)
        assert [plain(each, each.value) for each in after.live.fields] == [
            plain(each, each.value) for each in draft.live.fields
        ]


def plain(live: LiveField, typed: Typed) -> object:
    """What stands in a field: nothing is nothing, not ticked is no, and a number may be written out."""
    if live.field.control is Control.NUMBER and typed:
        return float(str(typed))
    return typed or ("false" if live.field.control is Control.CHECK else "")


@SLOW
@given(drafts(), st.lists(values, max_size=12), st.none() | st.sampled_from(Risk))
def test_the_review_of_any_answers_is_within_slacks_limits(
    draft: Draft, held: list[Any], risk: Risk | None
) -> None:
    kind = ParameterType(declared="Any")
    arguments = tuple(Argument(name=f"input{at}", type=kind, value=value) for at, value in enumerate(held))
    last = Launch(
        id="l-1",
        workflow=WorkflowRef(id="w-1", name="w"),
        arguments=tuple(replace(each, value="before") for each in arguments),
        requester=draft.person,
        place=draft.place,
        rule="r",
        requested_at=NOON,
        state=State.SUCCEEDED,
    )
    approve = (StageRule(by=Group(everyone=True)),)
    rule = Rule(name="r", folders=("**",), run=Group(everyone=True), risk=risk, approve=approve)
    who = Membership(person=draft.person, is_member=True)
    ruling = Policy(rules=(rule,)).decide(workflow=last.workflow, who=who, place=None, arguments=arguments)
    view = reviewing(
        ReviewPage(draft=draft, arguments=arguments, ruling=ruling, last=last, may_break_glass=True)
    )
    assert fields_of(view["blocks"])
    assert view_problems(view, surface="modal") == []


@given(written)
def test_any_text_a_person_types_arrives_unchanged(text: str) -> None:
    field = Field(
        name="x",
        type=ParameterType(declared="string"),
        label="x",
        control=Control.LINES,
        constraints=Constraints(),
    )
    form = Form(pages=(Page(id="p", sections=(Section(fields=(field,)),)),))
    (argument,) = read_answers(form, {"x": text})
    assert argument.value == text
