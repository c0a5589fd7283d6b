"""Whatever people type into a form: Orchestrator gets no value that its own form would not let pass."""

from __future__ import annotations

import asyncio
import math
import re
from contextlib import AsyncExitStack
from string import ascii_letters
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.demo.orchestrator import Declared, PretendOrchestrator, PretendWorkflow
from bot.demo.orchestrator.samples import seed
from bot.domain.errors import InvalidAnswers
from bot.domain.forms.answers import read_answers
from bot.domain.forms.form import Control, Field, Form, Measure
from bot.domain.forms.found import FormAnswers
from bot.domain.forms.live import LiveField, as_it_stands
from bot.domain.invisible import invisible_in
from bot.domain.value_text import key_of
from bot.domain.values import Attachment
from bot.domain.workflow import Kind, ParameterType
from bot.orchestrator.login import Bearer
from bot.service.form_data import FormData
from tests.orchestrator.reaching import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.forms.form import Typed
    from bot.domain.workflow import Workflow
    from bot.orchestrator.client import Orchestrator

Objects: TypeAlias = "Mapping[str, list[str]]"  # ids by type
NAMES = (
    "Provision virtual machine",
    "Add disk",
    "Mount appliance",
    "Schedule maintenance",
    "Open firewall ports",
    "Register application",
    "Order application server",
)
FILE = Attachment(name="a.pem", mime_type="text/plain", content=b"pem")
ODD = ("<!channel>", "\u202eabc", "🧪🧪", " x ", "null", "[", "{}", "a: b", "-1", "0", "7", "1e9", "x" * 3000)


class Bench:
    """The sample server, one client, and a loop to use both in from a test that is none."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.vro = PretendOrchestrator()
        self._stack = AsyncExitStack()
        seed(self.vro)
        self.client = self.runner.run(self._open())
        self.form_data = FormData(orchestrator=self.client)

    async def _open(self) -> Orchestrator:
        await self._stack.enter_async_context(self.vro)
        login = Bearer(token=self.vro.logins.static_token())
        return await self._stack.enter_async_context(reach(self.vro.url, login=login))

    def close(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()

    def form(self, name: str) -> tuple[Workflow, Form]:
        return self.runner.run(self._form(name))

    async def _form(self, name: str) -> tuple[Workflow, Form]:
        (listed,) = (each for each in await self.client.workflows() if each.name == name)
        workflow = await self.client.workflow(listed.id)
        return workflow, await self.client.form(workflow)

    async def settled(self, workflow: Workflow, form: Form, typed: Mapping[str, Typed]) -> FormAnswers:
        return await self.form_data.settle(workflow.id, form, typed, FormAnswers())

    async def submit(self, workflow: Workflow, form: Form, typed: Mapping[str, Typed]) -> bool:
        """As a person would: started only if nothing is wrong with it."""
        found = await self.settled(workflow, form, typed)
        try:
            arguments = read_answers(form, typed, found, files={"file": FILE})
        except InvalidAnswers:
            return False
        if await self.form_data.validate(workflow.id, form, typed=typed, found=found, arguments=arguments):
            return False
        await self.client.start(workflow.id, arguments)
        return True


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    opened = Bench()
    yield opened
    opened.close()


def answers(field: LiveField, objects: Objects) -> st.SearchStrategy[Typed]:
    """What may come to stand in a field: mostly something right, now and then anything at all."""
    odd: st.SearchStrategy[Typed] = st.sampled_from(("", *ODD)) | st.text(max_size=30)
    if field.field.control in {Control.OBJECT, Control.OBJECTS, Control.CHOICES}:
        odd = st.just("")  # nothing but what a menu offers can be picked in it
    return st.integers(0, 14).flatmap(lambda throw: odd if throw == 0 else right(field, objects))


def right(field: LiveField, objects: Objects) -> st.SearchStrategy[Typed]:
    """Something of the kind the field asks for."""
    keys = [key_of(each.value) for each in field.choices or ()]
    match field.field.control:
        case Control.CHOICE if keys:
            return st.sampled_from(keys)
        case Control.CHOICES:
            return st.lists(st.sampled_from(keys), max_size=3, unique=True).map(tuple)
        case Control.OBJECT:
            return st.sampled_from(objects[field.field.type.declared])
        case Control.OBJECTS:
            known = st.sampled_from(objects[field.field.type.element.declared])
            return st.lists(known, min_size=1, max_size=3, unique=True).map(tuple)
        case Control.YES_NO | Control.CHECK:
            return st.sampled_from(["true", "false"])
        case Control.MOMENT:
            return st.just("2031-05-06T07:08:00+02:00")
        case Control.LINES if field.field.type.kind is Kind.ARRAY:
            kind = field.field.type.element
            item = rows(field.field) if kind.kind is Kind.COMPOSITE else written(field, kind.kind)
            return st.lists(item, min_size=1, max_size=3, unique=True).map("\n".join)
        case Control.LINES if field.field.type.kind is Kind.PROPERTIES:
            return st.just("tier: web\nowner: retail")
        case _:
            return written(field, field.field.type.kind)


def written(field: LiveField, kind: Kind) -> st.SearchStrategy[str]:
    """A text of the expected form and length, or a number within its bounds."""
    low, high = max(field.minimum, default=1), min(field.maximum, default=12)
    if field.field.constraints.measure is Measure.ITEMS:
        low, high = 1, 12
    if kind is Kind.NUMBER:
        return st.integers(math.ceil(low), math.floor(high)).map(str)
    if field.pattern:
        return st.from_regex(re.compile(field.pattern[0], re.ASCII), fullmatch=True).map(str.strip)
    return st.text(ascii_letters, min_size=math.ceil(low), max_size=min(int(high), 20))


def rows(grid: Field) -> st.SearchStrategy[str]:
    """A row of a grid, written like a line of a spreadsheet."""
    cells = []
    for each in grid.members:
        column = LiveField(field=each, name=each.name)
        listed = each.choices if isinstance(each.choices, tuple) else ()
        known = [key_of(choice.value) for choice in listed]
        plain = st.just("yes") if each.type.kind is Kind.BOOLEAN else written(column, each.type.kind)
        cells.append(st.sampled_from(known) if known else plain)
    return st.tuples(*cells).map(", ".join)


@pytest.mark.parametrize("name", NAMES)
def test_no_invalid_value_ever_reaches_orchestrator(bench: Bench, name: str) -> None:
    workflow, form = bench.form(name)
    kinds = {each.type.declared.removeprefix("Array/") for each in form.fields}
    picked = [kind for kind in kinds if ParameterType(declared=kind).kind is Kind.SDK_OBJECT]
    found = {kind: bench.runner.run(bench.client.objects(kind, "", limit=20)) for kind in picked}
    objects = {kind: [each.id for each in listed] for kind, listed in found.items()}
    before = len(bench.vro.starts)

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def fill_in(data: st.DataObject) -> None:
        typed: dict[str, Typed] = {}
        for field in form.fields:  # in order, as lists depend on what stands above them
            settled = bench.runner.run(bench.settled(workflow, form, typed))
            live = as_it_stands(form, typed, settled).field(field.name)
            assert live is not None
            for each in live.members or (live,):
                typed[each.name] = data.draw(answers(each, objects), label=each.name)
        bench.runner.run(bench.submit(workflow, form, typed))

    fill_in()
    assert bench.vro.invalid_starts == []
    assert len(bench.vro.starts) > before


RIGHT: dict[str, dict[str, Typed]] = {
    "Open firewall ports": {
        "source": "10.1.2.0/24",
        "tier": "batch",
        "protocol": "UDP",
        "ports": "53\n5353",
        "logAll": "true",
    },
    "Register application": {
        "application": "Billing",
        "contact.name": "Ada",
        "contact.mail": "ada@example.com",
        "endpoints": "db-01, 5432, yes\ndb-02, 5433, no",
        "labels": "tier: web\nowner: retail",
        "extra": '{"cost": 12.5}',
    },
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_do_reach_it(bench: Bench, name: str) -> None:
    workflow, form = bench.form(name)
    before = len(bench.vro.starts)
    assert bench.runner.run(bench.submit(workflow, form, RIGHT[name]))
    assert len(bench.vro.starts) == before + 1
    assert bench.vro.invalid_starts == []


ECHO = PretendWorkflow(name="Echo", folder="Tests", inputs=(Declared(name="said", type="string"),))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=3000) | st.sampled_from(ODD))
def test_any_text_arrives_unchanged(bench: Bench, said: str) -> None:
    bench.vro.add_workflow(ECHO)
    workflow, form = bench.form("Echo")
    if not said.strip():
        return
    begun = bench.runner.run(bench.submit(workflow, form, {"said": said}))
    assert begun is not bool(invisible_in(said))  # an approver must know it by its looks
    if not begun:
        return
    value = {"string": {"value": said}}
    sent = {"name": "said", "type": "string", "scope": "local", "value": value}
    assert bench.vro.starts[-1].body == {"parameters": [sent]}
