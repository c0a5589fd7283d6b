"""A form asks Orchestrator for what it cannot know, in bounded time, and says what is missing."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import Declared, PretendOrchestrator, PretendWorkflow
from bot.demo.orchestrator.actions import ActionFault as Broken
from bot.demo.orchestrator.presentation import Complains, PField, PGroup, PStep
from bot.demo.orchestrator.samples import seed
from bot.demo.orchestrator.samples.drawing import field, form, of, ognl, validation
from bot.domain.errors import InvalidAnswers, NotChecked
from bot.domain.forms.answers import read_answers
from bot.domain.forms.found import FormAnswers, Trouble
from bot.domain.forms.live import as_it_stands
from bot.domain.forms.text import SEALED
from bot.orchestrator.login import Bearer
from bot.service.form_data import FormData
from bot.store.codec import dump, load
from tests.orchestrator.reaching import reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.orchestrator.values import Obj
    from bot.domain.forms.form import Form, Typed
    from bot.domain.forms.live import LiveForm
    from bot.domain.workflow import Workflow
    from bot.orchestrator.client import Orchestrator

KEPT = ("Provision virtual machine", "Register application", "Order application server")
REGIONS = "com.example.places/regions"


class Desk:
    """One person with one form, against the sample server."""

    def __init__(
        self, vro: PretendOrchestrator, client: Orchestrator, workflow: Workflow, form: Form
    ) -> None:
        self.vro = vro
        self.client = client
        self.workflow = workflow
        self.form = form
        self.form_data = FormData(orchestrator=client)
        self.found = FormAnswers()

    async def stands(self, typed: Mapping[str, Typed]) -> LiveForm:
        """The form once every question it leads to is answered."""
        self.found = await self.form_data.settle(self.workflow.id, self.form, typed, self.found)
        return as_it_stands(self.form, typed, self.found)

    async def check(self, typed: Mapping[str, Typed]) -> Mapping[str, str]:
        """What the form's own checks say of answers that are right by themselves."""
        await self.stands(typed)
        arguments = read_answers(self.form, typed, self.found)
        return await self.form_data.validate(
            self.workflow.id, self.form, typed=typed, found=self.found, arguments=arguments
        )


def too_long(values: Inputs) -> str:
    days = values.get("days")
    return "Ninety days at most." if isinstance(days, int | float) and days > 90 else ""


@asynccontextmanager
async def desk_of(name: str, *more: PretendWorkflow) -> AsyncIterator[Desk]:
    async with PretendOrchestrator() as vro:
        seed(vro)
        vro.add_workflows(more)
        async with reach(vro.url, login=Bearer(token=vro.logins.static_token())) as client:
            (listed,) = (each for each in await client.workflows() if each.name == name)
            workflow = await client.workflow(listed.id)
            yield Desk(vro, client, workflow, await client.form(workflow))


@pytest.fixture
async def provisioning() -> AsyncIterator[Desk]:
    async with desk_of("Provision virtual machine") as desk:
        yield desk


def choices(live: LiveForm, name: str) -> list[str] | None:
    field = live.field(name)
    assert field is not None
    return None if field.choices is None else [each.label for each in field.choices]


async def test_lists_follow_what_they_depend_on(provisioning: Desk) -> None:
    first = await provisioning.stands({})
    regions = [str(each.value) for each in (first.field("region") or first.fields[0]).choices or ()]
    assert len(regions) > 1
    clusters = [choices(await provisioning.stands({"region": each}), "cluster") for each in regions]
    assert all(clusters)
    assert clusters[0] != clusters[1]


async def test_a_page_and_a_default_follow_what_was_typed(provisioning: Desk) -> None:
    plain = await provisioning.stands({"environment": "development"})
    production = await provisioning.stands({"environment": "production"})
    assert len(production.pages) == len(plain.pages) + 1
    centres = [live.field("costCentre") for live in (plain, production)]
    assert all(each and each.read_only and each.value for each in centres)


async def test_the_same_question_is_not_asked_twice_in_a_row(provisioning: Desk) -> None:
    await provisioning.stands({})
    provisioning.found = FormAnswers()
    before = len(provisioning.vro.action_calls)
    await provisioning.stands({})
    assert len(provisioning.vro.action_calls) == before


@pytest.mark.parametrize(
    ("broken", "trouble"),
    [
        (Broken.FAILS, Trouble.FAILED),
        (Broken.NONSENSE, Trouble.NONSENSE),
        (Broken.HTML, Trouble.NONSENSE),
        (Broken.HANGS, Trouble.TOO_LATE),
    ],
)
async def test_a_source_that_fails_hangs_or_answers_nonsense_leaves_the_rest_of_the_form(
    provisioning: Desk, broken: Broken, trouble: Trouble
) -> None:
    provisioning.vro.trouble(REGIONS, broken)
    began = time.monotonic()
    live = await provisioning.stands({"environment": "production"})
    assert time.monotonic() - began < 3
    region, centre = live.field("region"), live.field("costCentre")
    assert region is not None
    assert (region.choices, region.troubles, region.unchecked) == (None, (trouble,), True)
    assert centre is not None
    assert centre.value
    provisioning.vro.clear_faults()


async def test_sources_that_hang_one_after_the_other_are_waited_for_once(provisioning: Desk) -> None:
    provisioning.vro.trouble("com.example.naming/costCentreOf", Broken.HANGS)
    provisioning.vro.trouble("com.example.rules/isProduction", Broken.HANGS)
    provisioning.vro.trouble(REGIONS, Broken.HANGS)
    began = time.monotonic()
    live = await provisioning.stands({"environment": "production"})
    assert time.monotonic() - began < 3
    assert live.questions == ()
    assert "backupPlan" in {each.name for page in live.pages for each in page.fields}
    provisioning.vro.clear_faults()


async def test_what_could_not_be_listed_may_be_typed(provisioning: Desk) -> None:
    region = (await provisioning.stands({})).field("region")
    assert region is not None
    known = str((region.choices or ())[0].value)
    provisioning.vro.trouble(REGIONS, Broken.FAILS)
    provisioning.found, provisioning.form_data = FormAnswers(), FormData(orchestrator=provisioning.client)
    live = await provisioning.stands({"region": known})
    assert choices(live, "region") is None
    assert choices(live, "cluster")


ANSWERS = {
    "environment": "development",
    "owner": "team@example.com",
    "vmName": "fra-deve-017",
    "cpus": "16",
    "memoryGb": "8",
}


async def filled(desk: Desk) -> dict[str, Typed]:
    """The answers, with the first of every list that depends on others."""
    typed: dict[str, Typed] = dict(ANSWERS)
    for name in ("region", "cluster", "datastore", "network"):
        field = (await desk.stands(typed)).field(name)
        assert field is not None
        typed[name] = str((field.choices or ())[0].value)
    return typed


async def test_the_forms_own_checks_are_asked_before_the_start(provisioning: Desk) -> None:
    typed = await filled(provisioning)
    problems = await provisioning.check(typed | {"vmName": "fra-deve-001"})
    assert set(problems) == {"vmName", "cpus", "memoryGb"}
    assert await provisioning.check(typed | {"cpus": "2"}) == {}


async def test_a_check_that_cannot_be_made_is_no_pass(provisioning: Desk) -> None:
    typed = await filled(provisioning)
    provisioning.vro.trouble("com.example.naming/isNameFree", Broken.FAILS)
    with pytest.raises(NotChecked):
        await provisioning.check(typed)


async def test_every_problem_is_named_at_once_whatever_page_it_is_on(provisioning: Desk) -> None:
    typed = await filled(provisioning)
    live = await provisioning.stands(typed)
    assert live.questions == ()
    with pytest.raises(InvalidAnswers) as wrong:
        read_answers(
            provisioning.form,
            typed | {"owner": "me", "cluster": "nowhere", "cpus": "2.5", "disks": "0, gold\n10, tin"},
            provisioning.found,
        )
    assert {"owner", "cluster", "cpus", "disks"} <= set(wrong.value.problems)


async def test_a_presentation_is_asked_again_and_judges_the_answers() -> None:
    async with desk_of("Order application server") as desk:
        assert choices(await desk.stands({}), "ramMB") == []
        typed: dict[str, Typed] = {
            "businessUnit": "it",
            "component": "tomcat",
            "coreCount": "2",
            "urgent": "true",
            "justification": "short",
        }
        live = await desk.stands(typed)
        assert choices(live, "ramMB") == ["4096", "8192"]
        reason = live.field("justification")
        assert reason is not None
        assert reason.visible
        problems = await desk.check(typed | {"ramMB": "4096"})
        assert set(problems) == {"justification"}
        assert await desk.check(typed | {"ramMB": "4096", "justification": "The audit is tomorrow"}) == {}
        assert "DELETE" in " ".join(desk.vro.requests)


ROTATE = PretendWorkflow(
    name="Rotate key",
    folder="Tests",
    inputs=(Declared(name="key", type="SecureString"), Declared(name="days", type="number")),
    presentation=(
        PStep(
            groups=(
                PGroup(
                    fields=(
                        PField(name="key", mandatory=True),
                        PField(name="days", complains=Complains(expression="#days > 90", says=too_long)),
                    )
                ),
            )
        ),
    ),
)


def complains(what: str) -> Obj:
    return ognl(f'(#days > 90 ? "{what}" : "")', days="number")


CHECKED = PretendWorkflow(
    name="Keep logs",
    folder="Tests",
    inputs=(Declared(name="days", type="number"),),
    form=form(
        field("days", label="Days", kind=of("integer")),
        validations=(
            validation("Law", complains("Ninety at most."), "days"),
            validation("Fine", ognl('""'), "days"),
            validation("Nobody's", complains("Too long."), "ghost"),
            validation("All", complains("Not this way.")),
        ),
    ),
)


async def test_a_check_that_passes_takes_back_no_other_and_one_without_a_field_is_told_all_the_same() -> None:
    async with desk_of("Keep logs", CHECKED) as desk:
        told = {"days": "Ninety at most.", "": "Too long. Not this way."}
        assert await desk.check({"days": "120"}) == told
        assert await desk.check({"days": "7"}) == {}


async def test_secrets_stay_here_while_a_presentation_is_judged() -> None:
    async with desk_of("Rotate key", ROTATE) as desk:
        assert set(await desk.check({"key": SEALED, "days": "120"})) == {"days"}
        assert await desk.check({"key": SEALED, "days": "30"}) == {}


@pytest.mark.parametrize(
    "name", ["Provision virtual machine", "Register application", "Order application server"]
)
async def test_forms_and_answers_are_kept_as_they_are(name: str) -> None:
    async with desk_of(name) as desk:
        await desk.stands({"environment": "production", "coreCount": "2"})
        for thing in (desk.form, desk.found):
            assert load(json.loads(json.dumps(dump(thing)))) == thing


async def test_a_broken_form_says_what_is_missing() -> None:
    async with desk_of("Connect backup target") as desk:
        live = await desk.stands({})
        troubled = {each.name: each.troubles for each in live.fields if each.troubles}
        assert troubled == {
            "repository": (Trouble.FAILED,),
            "displayName": (Trouble.FAILED,),
            "gateway": (Trouble.NOT_UNDERSTOOD,),
            "proxy": (Trouble.FAILED,),
        }
        assert [each.field for each in desk.form.remarks] == ["gateway"]
