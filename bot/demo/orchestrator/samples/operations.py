"""Sample workflows of the people who keep the platform running."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import (
    decimal,
    drop_down,
    field,
    form,
    moment,
    of,
    said,
    script,
    steps,
    tick,
)
from bot.demo.orchestrator.samples.objects import ACTIONS_MODULE
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Phase, Question, Script
from bot.demo.orchestrator.values import parameter, text, texts
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj

_LONG = 20_000  # characters of the health report, at least


def operation_workflows() -> list[PretendWorkflow]:
    """All of them."""
    return [
        _patch(),
        _health_report(),
        _extend_datastore(),
        _decommission(),
        _back_up(),
        _wait_for_replication(),
        _wipe(),
    ]


def _patch() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        hosts = inputs.get("hosts")
        names = [str(each) for each in hosts] if isinstance(hosts, list) else ["every host"]
        return End(
            outputs=(parameter("patched", "Array/string", texts(names)),),
            business_state="All hosts compliant",
        )

    return PretendWorkflow(
        name="Patch cluster",
        folder="Operations/Clusters",
        version="4.2.0",
        description="Puts hosts into maintenance one by one and applies the baseline.",
        inputs=(
            Declared(name="cluster", type="string", description="Cluster to patch"),
            Declared(name="notBefore", type="Date", description="Earliest start"),
            Declared(name="hosts", type="Array/string", description="Only these hosts; empty for all"),
            Declared(name="reboot", type="boolean", description="Reboot where a patch asks for it"),
        ),
        outputs=(Declared(name="patched", type="Array/string"),),
        tags=("maintenance",),
        script=Script(
            phases=steps(
                ("Check baseline", 1, "6 hosts, 2 not compliant"),
                ("Enter maintenance mode", 2, "esx01.example.com is evacuating"),
                ("Remediate", 2.5, "Installing 3 bulletins"),
            ),
            end=end,
        ),
        form=_patch_form(),
    )


def _patch_form() -> Obj:
    return form(
        drop_down("cluster", "Cluster", ["production", "staging", "edge"]),
        moment("notBefore", "Not before", required=False),
        field("hosts", label="Hosts", display="array", kind=of("string", many=True)),
        tick("reboot", "Reboot if needed", default=True),
    )


def _health_report() -> PretendWorkflow:
    def end(_: Inputs) -> End:
        line = (
            "esx{0:02}.example.com  cpu {1:>3} %  memory {2:>3} %  no alarms, 0 warnings, uptime {3} days\n"
        )
        lines = (line.format(at % 60 + 1, at * 7 % 100, at * 13 % 100, at) for at in range(400))
        report = "".join(lines)
        report += "-" * max(0, _LONG - len(report))
        return End(outputs=(parameter("report", "string", text(report)), parameter("alarms", "number", None)))

    return PretendWorkflow(
        name="Health report",
        folder="Operations/Reports",
        version="1.0.0",
        description="Looks at every host and writes a long report.",
        outputs=(Declared(name="report", type="string"), Declared(name="alarms", type="number")),
        script=Script(
            phases=steps(("Collect", 2, "Asking 60 hosts"), ("Write report", 1, "Writing")), end=end
        ),
    )


def _extend_datastore() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        where = said(inputs, "datastore")
        return End(
            state="failed",
            error=f"ch.dunes.scripting.jsmodel.ScriptException: no free extent next to {where}",
        )

    return PretendWorkflow(
        name="Extend datastore",
        folder="Operations/Storage",
        version="0.3.0",
        description="Adds an extent to a datastore. In this demo the array is full, so it always fails.",
        inputs=(
            Declared(name="datastore", type="string", description="Datastore to extend"),
            Declared(name="addGb", type="number", description="How much to add, in GB"),
        ),
        script=Script(phases=steps(("Find extent", 2, "Rescanning adapters")), end=end),
        form=_extend_datastore_form(),
    )


def _extend_datastore_form() -> Obj:
    return form(
        drop_down("datastore", "Datastore", script(f"{ACTIONS_MODULE}/datastoreNames")),
        decimal("addGb", "Add (GB)", low=1),
    )


def _decommission() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        if inputs.get("backupVerified") is not True:
            return End(state="failed", error="Stopped: nobody vouched for the backup")
        done = f"{said(inputs, 'server')} is decommissioned. {said(inputs, 'remark')}".strip()
        return End(outputs=(parameter("result", "string", text(done)),))

    question = Question(
        name="Confirm the backup",
        inputs=(
            Declared(
                name="backupVerified", type="boolean", description="Last backup restored and looked at?"
            ),
            Declared(name="remark", type="string", description="For the record"),
        ),
        groups=("Platform operations",),
    )
    before = steps(("Power off", 1.5, "Powering off"), ("Drop monitoring", 1, "Monitors removed"))
    asks = Phase(state="waiting", item="Confirm the backup", question=question)
    after = Phase(
        item="Release addresses", lasts=timedelta(seconds=2), says=("Address returned to the pool",)
    )
    return PretendWorkflow(
        name="Decommission server",
        folder="Operations/Decommissioning",
        version="2.0.0",
        description="Takes a server out of service; asks somebody to vouch for the backup on its way.",
        inputs=(Declared(name="server", type="string", description="Server's name"),),
        outputs=(Declared(name="result", type="string"),),
        script=Script(phases=(*before, asks, after), end=end),
    )


def _back_up() -> PretendWorkflow:
    chapters = [(f"Copy chunk {at} of 20", 30.0, f"chunk {at} at 412 MB/s") for at in range(1, 21)]
    return PretendWorkflow(
        name="Back up database",
        folder="Operations/Backup",
        version="1.2.0",
        description="A full backup. Takes ten minutes; can be cancelled between chunks.",
        inputs=(Declared(name="database", type="string", description="Which database"),),
        script=Script(phases=steps(*chapters)),
    )


def _wait_for_replication() -> PretendWorkflow:
    pause = Phase(state="waiting-signal", item="Waiting event", lasts=timedelta(seconds=3))
    return PretendWorkflow(
        name="Wait for replication",
        folder="Operations/Backup",
        version="1.0.1",
        description="Waits for the other site to catch up, then says so.",
        outputs=(Declared(name="result", type="string"),),
        script=Script(
            phases=(*steps(("Ask other site", 1, "Lag is 4 s")), pause),
            end=lambda _: End(outputs=(parameter("result", "string", text("Both sites are level.")),)),
        ),
    )


def _wipe() -> PretendWorkflow:
    return PretendWorkflow(
        name="Wipe datastore",
        folder="Operations/Storage",
        version="1.0.0",
        description="Erases a datastore. The bot's account has no right to run it.",
        inputs=(Declared(name="datastore", type="string"),),
        can_execute=False,
        script=Script(phases=steps(("Erase", 4, "Erasing"))),
    )
