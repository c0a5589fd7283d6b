from __future__ import annotations

from dataclasses import replace

from bot.demo.orchestrator import Declared, Dialect, PretendWorkflow
from bot.demo.orchestrator.samples.drawing import field, form, of
from tests.demo.orchestrator.visit import visiting

RESTART = PretendWorkflow(
    name="Restart",
    folder="Operations/Machines",
    version="2.0.1",
    inputs=(
        Declared(name="vm", type="string", description="Which one"),
        Declared(name="hard", type="boolean"),
    ),
    outputs=(Declared(name="result", type="string"),),
)
DRAWN = replace(
    RESTART,
    form=form(
        field(
            "vm",
            label="Machine",
            display="dropDown",
            choices=["a", "b"],
            required=True,
            min_value=2,
            pattern="^v",
        ),
        field("hard", label="Pull the plug", display="checkbox", kind=of("boolean"), default=False),
    ),
)


async def test_9_serves_the_custom_form_and_no_presentation() -> None:
    async with visiting(Dialect.V9) as visit:
        visit.vro.add_workflow(DRAWN)
        body = await visit.get(f"/forms/{DRAWN.id}")
        assert set(body) == {"layout", "schema", "options", "itemId"}
        section = body["layout"]["pages"][0]["sections"][0]
        assert section["fields"][0] == {
            "id": "vm",
            "display": "dropDown",
            "signpostPosition": "right-middle",
            "state": {"visible": True, "read-only": False},
        }
        assert body["schema"]["vm"]["constraints"] == {"required": True, "min-value": 2, "pattern": "^v"}
        assert (await visit.api.get(f"/workflows/{DRAWN.id}/presentation")).status_code == 404


async def test_a_workflow_with_the_default_form_has_none() -> None:
    async with visiting() as visit:
        visit.vro.add_workflow(RESTART)
        assert (await visit.api.get(f"/forms/{RESTART.id}")).status_code == 404


async def test_7_serves_the_presentation_and_no_forms() -> None:
    async with visiting(Dialect.V7) as visit:
        visit.vro.add_workflow(DRAWN)
        body = await visit.get(f"/workflows/{DRAWN.id}/presentation")
        (step,) = body["steps"]
        (group,) = step["step"]["elements"]
        machine, _hard = group["fields"]
        assert (group["@type"], machine["@type"], machine["display-name"]) == ("group", "field", "Machine")
        assert machine["constraints"] == [
            {"@type": "mandatory"},
            {"@type": "number-range", "min": "2.0"},
            {"@type": "regexp", "expression": "^v"},
        ]
        assert machine["decorators"] == [
            {
                "@type": "drop-down",
                "array": {"elements": [{"string": {"value": "a"}}, {"string": {"value": "b"}}]},
            }
        ]
        assert (await visit.api.get(f"/forms/{DRAWN.id}")).status_code == 404
