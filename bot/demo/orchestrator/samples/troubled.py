"""Connect backup target: a form whose sources are broken in every way but one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import drop_down, field, form, of, said, script, steps
from bot.demo.orchestrator.samples.estate import BACKUP
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj


def troubled() -> PretendWorkflow:
    """The workflow; it runs well once somebody has typed what the form could not offer."""

    def end(inputs: Inputs) -> End:
        done = f"{said(inputs, 'repository')} is connected as {said(inputs, 'displayName') or 'unnamed'}."
        return End(outputs=(parameter("result", "string", text(done)),))

    return PretendWorkflow(
        name="Connect backup target",
        folder="Operations/Backup",
        version="0.9.0",
        description="Connects a backup repository. In this demo the backup server does not answer its form.",
        inputs=(
            Declared(name="repository", type="string", description="Repository"),
            Declared(name="displayName", type="string", description="What to call it"),
            Declared(name="retention", type="number", description="Days to keep"),
            Declared(name="gateway", type="string", description="Gateway between the sites"),
            Declared(name="proxy", type="string", description="Proxy server"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(phases=steps(("Connect", 2, "Repository mounted")), end=end),
        form=_form(),
    )


def _form() -> Obj:
    return form(
        drop_down("repository", "Repository", script(f"{BACKUP}/repositories")),
        field(
            "displayName", label="Display name", default=script(f"{BACKUP}/noSuchAction", name="repository")
        ),
        field(
            "retention",
            label="Days to keep",
            display="integerField",
            kind=of("integer"),
            default=30,
            min_value=1,
        ),
        drop_down(
            "gateway", "Gateway", {"id": "gateways", "type": "dynamic", "parameters": []}, required=False
        ),
        field("proxy", label="Proxy", state={"visible": script(f"{BACKUP}/noSuchAction")}),
        title="Repository",
    )
