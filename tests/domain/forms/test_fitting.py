"""The policy tightens and explains a form, whoever drew it."""

from __future__ import annotations

import pytest

from bot.domain.errors import InvalidAnswers
from bot.domain.forms.answers import read_answers
from bot.domain.forms.fitting import fitted
from bot.domain.forms.form import Constraints, Control, Field, Form, Origin, Page, Remark, Section
from bot.domain.policy import Group, InputRule, Rule
from bot.domain.workflow import ParameterType


def drawn(*fields: Field, remarks: tuple[Remark, ...] = ()) -> Form:
    pages = (Page(id="p", sections=(Section(fields=fields),)),)
    return Form(pages=pages, remarks=remarks, origin=Origin.CUSTOM_FORM)


def field(name: str, declared: str = "string", **more: object) -> Field:
    kind = ParameterType(declared=declared)
    given: dict[str, object] = {"label": name, "control": Control.TEXT} | more
    return Field(name=name, type=kind, **given)  # type: ignore[arg-type]


def rule(requester_input: str = "", **inputs: InputRule) -> Rule:
    return Rule(
        name="r",
        run=Group(everyone=True),
        inputs=tuple(inputs.items()),
        requester_input=requester_input,
    )


def test_bounds_and_patterns_of_both_hold() -> None:
    size = field(
        "size", "number", control=Control.NUMBER, constraints=Constraints(minimum=(1,), maximum=(64,))
    )
    code = field("code", constraints=Constraints(pattern=("[a-z0-9]+",)))
    form = fitted(
        drawn(size, code), rule(size=InputRule(minimum=0, maximum=16), code=InputRule(pattern="[a-z].*"))
    )
    for typed in ({"size": "0"}, {"size": "17"}, {"code": "1a"}, {"code": "A"}):
        with pytest.raises(InvalidAnswers):
            read_answers(form, typed)
    assert read_answers(form, {"size": "16", "code": "a1"})


def test_what_the_form_demands_the_policy_cannot_let_go() -> None:
    form = fitted(
        drawn(field("ticket", constraints=Constraints(required=True))), rule(ticket=InputRule(required=False))
    )
    with pytest.raises(InvalidAnswers):
        read_answers(form, {})


def test_an_input_the_form_hides_is_shown_where_the_policy_asks_for_it() -> None:
    hidden = field("ticket", visible=False)
    form = drawn(hidden, remarks=(Remark(field="ticket", why="The form does not show it."),))
    (ticket,) = fitted(form, rule(ticket=InputRule(required=True))).fields
    assert ticket.visible is True
    assert fitted(form, rule(ticket=InputRule(required=True))).remarks == ()
    (given,) = fitted(form, rule(ticket=InputRule(required=True, default="CHG0000001"))).fields
    assert given.visible is False
    assert fitted(form, rule()).remarks == form.remarks


def test_the_input_that_names_the_requester_is_nobodys_to_fill_in() -> None:
    form = fitted(drawn(field("requestedBy"), field("disk")), rule("requestedBy"))
    assert [each.name for each in form.fields] == ["disk"]
