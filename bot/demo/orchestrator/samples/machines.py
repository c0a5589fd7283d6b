"""Sample workflows about virtual machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import decimal, field, form, of, picker, said, steps, tick
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import flag, number, parameter, reference, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj

_FOLDER = "Operations/Virtual machines"
_NAME = Declared(name="vmName", type="string", description="Name of the virtual machine")


def machine_workflows() -> list[PretendWorkflow]:
    """All of them."""
    return [
        _restart(folder=_FOLDER, version="2.3.1"),
        _restart(folder="Tenants/Payments/Virtual machines", version="1.0.4"),
        _snapshot(),
        _delete(),
        _resize(),
        _move(),
    ]


def _restart(*, folder: str, version: str) -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        name = said(inputs, "vmName")
        result = parameter("result", "string", text(f"{name} answered 34 s after its restart."))
        return End(
            outputs=(result, parameter("poweredOn", "boolean", flag(on=True))), business_state="Back online"
        )

    return PretendWorkflow(
        name="Restart virtual machine",
        folder=folder,
        version=version,
        description="Shuts the guest down, waits for it, and powers it on again.",
        inputs=(_NAME, Declared(name="force", type="boolean", description="Power off if the guest hangs")),
        outputs=(Declared(name="result", type="string"), Declared(name="poweredOn", type="boolean")),
        tags=("vm", "power"),
        script=Script(
            phases=steps(
                ("Shut down guest", 1.5, "Guest shutdown requested"),
                ("Power on", 1, "Power on task-8841 queued"),
                ("Wait for tools", 1.5, "Waiting for VMware Tools"),
            ),
            end=end,
        ),
    )


def _snapshot() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        label = said(inputs, "snapshotName") or "unnamed"
        return End(
            outputs=(
                parameter(
                    "snapshot",
                    "VC:VirtualMachineSnapshot",
                    reference("VC:VirtualMachineSnapshot", f"vc01.example.com,id:snapshot-{label}"),
                ),
            )
        )

    return PretendWorkflow(
        name="Create snapshot",
        folder=_FOLDER,
        version="1.4.0",
        description="Takes a snapshot of a virtual machine.",
        inputs=(
            _NAME,
            Declared(name="snapshotName", type="string", description="What to call it"),
            Declared(name="note", type="string", description="Why it is taken"),
            Declared(name="memory", type="boolean", description="Include the memory"),
        ),
        outputs=(Declared(name="snapshot", type="VC:VirtualMachineSnapshot"),),
        script=Script(phases=steps(("Create snapshot", 2.5, "Snapshot task queued")), end=end),
        form=_snapshot_form(),
    )


def _snapshot_form() -> Obj:
    return form(
        field("vmName", label="Virtual machine", required=True),
        field(
            "snapshotName",
            label="Snapshot name",
            required=True,
            min_value=3,
            max_value=40,
            default="before-change",
        ),
        field("note", label="Reason", display="textArea", max_value=500),
        tick("memory", "Include memory", default=False),
    )


def _delete() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        return End(outputs=(parameter("result", "string", text(f"{said(inputs, 'vmName')} is gone.")),))

    return PretendWorkflow(
        name="Delete virtual machine",
        folder=_FOLDER,
        version="3.0.0",
        description="Powers a virtual machine off and deletes it with its disks. There is no way back.",
        inputs=(_NAME, Declared(name="ticket", type="string", description="Change ticket, CHG0001234")),
        outputs=(Declared(name="result", type="string"),),
        tags=("vm", "destructive"),
        script=Script(
            phases=steps(("Power off", 1, "Powering off"), ("Delete", 2, "Destroy_Task queued")), end=end
        ),
        form=form(
            field("vmName", label="Virtual machine", required=True),
            field("ticket", label="Change ticket", required=True, pattern="^CHG[0-9]{7}$"),
        ),
    )


def _resize() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        size = inputs.get("sizeGb")
        grown = float(size) if isinstance(size, int | float) else 0
        return End(outputs=(parameter("newSizeGb", "number", number(grown)),))

    return PretendWorkflow(
        name="Resize disk",
        folder=_FOLDER,
        version="1.1.2",
        description="Grows a virtual disk; disks cannot shrink.",
        inputs=(
            _NAME,
            Declared(name="diskIndex", type="number", description="Which disk, from 0"),
            Declared(name="sizeGb", type="number", description="New size in GB"),
        ),
        outputs=(Declared(name="newSizeGb", type="number"),),
        script=Script(phases=steps(("Extend disk", 3, "Reconfiguring disk")), end=end),
        form=_resize_form(),
    )


def _resize_form() -> Obj:
    return form(
        field("vmName", label="Virtual machine", required=True),
        field(
            "diskIndex",
            label="Disk",
            display="integerField",
            kind=of("integer"),
            required=True,
            min_value=0,
            max_value=15,
            default=0,
        ),
        decimal("sizeGb", "New size (GB)", low=1, high=4096),
    )


def _move() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        where = inputs.get("datastore")
        target = where["id"] if isinstance(where, dict) else "where it was"
        return End(outputs=(parameter("result", "string", text(f"Moved to {target}")),))

    return PretendWorkflow(
        name="Move virtual machine",
        folder="Library/vCenter/Storage",
        version="0.9.7",
        description="Storage vMotion of a running machine to another datastore.",
        inputs=(
            Declared(name="vm", type="VC:VirtualMachine", description="Virtual machine to move"),
            Declared(name="datastore", type="VC:Datastore", description="Where to"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(phases=steps(("Relocate", 5, "RelocateVM_Task queued")), end=end),
        form=_move_form(),
    )


def _move_form() -> Obj:
    return form(
        picker("vm", "Virtual machine", "VC:VirtualMachine"),
        picker("datastore", "Datastore", "VC:Datastore"),
    )
