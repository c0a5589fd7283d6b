"""Sample workflows about disks and racks: objects of the inventory, long lists, and fields that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import (
    Page,
    decimal,
    drop_down,
    field,
    form_of,
    note,
    of,
    ognl,
    picker,
    radio,
    said,
    steps,
    tick,
    validation,
)
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj

_RACKS = [f"{row}{rack:02}" for row in "ABCDEF" for rack in range(1, 25)]
_UNITS = [str(unit) for unit in range(1, 43)]


def hardware_workflows() -> list[PretendWorkflow]:
    """All of them."""
    return [_add_disk(), _mount_appliance()]


def _add_disk() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        done = f"{said(inputs, 'diskSize')} GB at index {said(inputs, 'diskIndex')} of {said(inputs, 'vm')}."
        return End(outputs=(parameter("result", "string", text(f"Added {done}")),))

    return PretendWorkflow(
        name="Add disk",
        folder="Library/vCenter/Disk management",
        version="2.0.3",
        description="Adds a virtual disk to a virtual machine.",
        inputs=(
            Declared(name="vm", type="VC:VirtualMachine", description="Virtual machine that gets the disk"),
            Declared(name="datastore", type="VC:Datastore", description="Where the disk's file lies"),
            Declared(name="diskMode", type="VC:VirtualDiskMode", description="Whether snapshots include it"),
            Declared(name="diskIndex", type="number", description="Disk index"),
            Declared(name="diskSize", type="number", description="Size in GB"),
            Declared(name="busNumber", type="number", description="SCSI bus number"),
            Declared(name="thin", type="boolean", description="Thin provisioning"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(phases=steps(("Reconfigure machine", 3, "ReconfigVM_Task queued")), end=end),
        form=_add_disk_form(),
    )


def _add_disk_form() -> Obj:
    return form_of(
        Page(
            title="Machine",
            fields=(
                picker("vm", "Virtual machine", "VC:VirtualMachine"),
                note("textArea_4f1c22b0", display="textArea", says="A machine takes 15 disks per bus."),
            ),
        ),
        Page(
            title="Disk",
            fields=(
                picker("datastore", "Datastore", "VC:Datastore"),
                picker("diskMode", "Disk mode", "VC:VirtualDiskMode"),
                decimal("diskIndex", "Disk index", low=0, high=15),
                decimal("diskSize", "Size (GB)", low=0.01),
                decimal("busNumber", "SCSI bus number", low=0, required=False),
                tick("thin", "Thin provisioning", default=False),
            ),
        ),
        validations=(
            validation(
                "diskIndex",
                ognl('(#diskIndex != 7 ? "" : "Index 7 belongs to the controller.")', diskIndex="number"),
                "diskIndex",
            ),
        ),
    )


def _mount_appliance() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        where = f"rack {said(inputs, 'rack')}, unit {said(inputs, 'unit')}, feed {said(inputs, 'feed')}"
        cables = said(inputs, "cabling") or "no cabling"
        return End(outputs=(parameter("workOrder", "string", text(f"WO-20931: {where}; {cables}")),))

    return PretendWorkflow(
        name="Mount appliance",
        folder="Operations/Data centre",
        version="1.2.0",
        description="Books rack space and orders the remote hands that mount an appliance.",
        inputs=(
            Declared(name="serialNumber", type="string", description="Serial number of the appliance"),
            Declared(name="rack", type="string", description="Rack"),
            Declared(name="unit", type="string", description="Lowest rack unit"),
            Declared(name="feed", type="string", description="Power feed"),
            Declared(name="cabling", type="Array/string", description="What is patched"),
            Declared(name="shift", type="string", description="Who mounts it"),
            Declared(name="reference", type="string", description="Not on the form: set by the caller"),
        ),
        outputs=(Declared(name="workOrder", type="string"),),
        script=Script(
            phases=steps(("Book rack", 1, "Rack booked"), ("Order hands", 2, "Order sent")), end=end
        ),
        form=_mount_appliance_form(),
    )


def _mount_appliance_form() -> Obj:
    feeds = [{"label": "Feed A (UPS)", "value": "A"}, {"label": "Feed B (mains)", "value": "B"}]
    plan = "https://dc.example.com/floor-plan.png"
    return form_of(
        Page(
            title="Where",
            fields=(
                note("text_7be20c11", says="Remote hands work from 8 to 18 o'clock, local time."),
                note("GENERATED_image_1", display="image", says=plan, label="Plan"),
                field("serialNumber", label="Serial number", required=True, regex="^[A-Z]{2}[0-9]{6}$"),
                drop_down("rack", "Rack", _RACKS),
                drop_down("unit", "Rack unit", _UNITS),
                radio("feed", "Power feed", feeds, default="A"),
            ),
        ),
        _work(),
    )


def _work() -> Page:
    cables = ["Management", "Uplink A", "Uplink B", "Storage", "Backup"]
    shifts = ["Morning\nAfternoon\nNext working day"]
    rules = "https://dc.example.com/rules"
    several = of("string", many=True)
    return Page(
        title="Work",
        fields=(
            field("cabling", label="Cabling", display="multiSelect", kind=several, choices=cables),
            drop_down("shift", "Shift", shifts, default="Next working day", required=False),
            note("link_90aa31d4", display="link", says=rules, label="Rules of the hall"),
        ),
    )
