"""Sample workflows about disks and racks: objects of the inventory, long lists, and fields that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import (
    Page,
    field,
    form_of,
    note,
    of,
    ognl,
    said,
    steps,
    validation,
)
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.samples.drawing import Drawn
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
                _pick("vm", "Virtual machine", "VC:VirtualMachine"),
                note("textArea_4f1c22b0", display="textArea", says="A machine takes 15 disks per bus."),
            ),
        ),
        Page(
            title="Disk",
            fields=(
                _pick("datastore", "Datastore", "VC:Datastore"),
                _pick("diskMode", "Disk mode", "VC:VirtualDiskMode"),
                field(
                    "diskIndex",
                    label="Disk index",
                    display="decimalField",
                    kind=of("decimal"),
                    required=True,
                    min_value=0,
                    max_value=15,
                ),
                field(
                    "diskSize",
                    label="Size (GB)",
                    display="decimalField",
                    kind=of("decimal"),
                    required=True,
                    min_value=0.01,
                ),
                field(
                    "busNumber",
                    label="SCSI bus number",
                    display="decimalField",
                    kind=of("decimal"),
                    min_value=0,
                ),
                field(
                    "thin", label="Thin provisioning", display="checkbox", kind=of("boolean"), default=False
                ),
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


def _pick(name: str, label: str, kind: str) -> Drawn:
    return field(
        name, label=label, display="valuePicker", kind=of("reference", reference=kind), required=True
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
    return form_of(
        Page(
            title="Where",
            fields=(
                note("text_7be20c11", says="Remote hands work from 8 to 18 o'clock, local time."),
                note(
                    "GENERATED_image_1",
                    display="image",
                    says="https://dc.example.com/floor-plan.png",
                    label="Plan",
                ),
                field("serialNumber", label="Serial number", required=True, regex="^[A-Z]{2}[0-9]{6}$"),
                field("rack", label="Rack", display="dropDown", choices=_RACKS, required=True),
                field("unit", label="Rack unit", display="dropDown", choices=_UNITS, required=True),
                field(
                    "feed",
                    label="Power feed",
                    display="radio",
                    choices=[
                        {"label": "Feed A (UPS)", "value": "A"},
                        {"label": "Feed B (mains)", "value": "B"},
                    ],
                    default="A",
                    required=True,
                ),
            ),
        ),
        Page(
            title="Work",
            fields=(
                field(
                    "cabling",
                    label="Cabling",
                    display="multiSelect",
                    kind=of("string", many=True),
                    choices=["Management", "Uplink A", "Uplink B", "Storage", "Backup"],
                ),
                field(
                    "shift",
                    label="Shift",
                    display="dropDown",
                    choices=["Morning\nAfternoon\nNext working day"],
                    default="Next working day",
                ),
                note(
                    "link_90aa31d4",
                    display="link",
                    says="https://dc.example.com/rules",
                    label="Rules of the hall",
                ),
            ),
        ),
    )
