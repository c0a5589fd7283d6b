"""Provision virtual machine: a form of four pages, with lists that depend on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import (
    Page,
    decimal,
    drop_down,
    field,
    form_of,
    moment,
    of,
    ognl,
    radio,
    said,
    script,
    steps,
    validation,
)
from bot.demo.orchestrator.samples.estate import CAPACITY, NAMING, PLACES, RULES
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import parameter, properties, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.samples.drawing import Drawn
    from bot.demo.orchestrator.values import Obj

DISK = "CompositeType(sizeGb:number,tier:string,label:string):Disk"
_TIERS = ("gold", "silver", "bronze")


def provisioning() -> PretendWorkflow:
    """The workflow."""
    return PretendWorkflow(
        name="Provision virtual machine",
        folder="Services/Provisioning",
        version="5.1.0",
        description="Places, sizes and builds a virtual machine, and registers it for backup.",
        inputs=(
            Declared(name="environment", type="string", description="What it is for"),
            Declared(name="owner", type="string", description="Team's mail address"),
            Declared(name="costCentre", type="string", description="Who pays"),
            Declared(name="purpose", type="string", description="What the machine does"),
            Declared(name="region", type="string", description="Data centre"),
            Declared(name="cluster", type="string", description="Cluster in it"),
            Declared(name="datastore", type="string", description="Datastore of the cluster"),
            Declared(name="network", type="string", description="Network of the region"),
            Declared(name="vmName", type="string", description="Name of the virtual machine"),
            Declared(name="cpus", type="number", description="Virtual processors"),
            Declared(name="memoryGb", type="number", description="Memory in GB"),
            Declared(name="disks", type=f"Array/{DISK}", description="Disks beside the system's"),
            Declared(name="backupPlan", type="string", description="How it is backed up"),
            Declared(name="maintenance", type="Date", description="First maintenance window"),
            Declared(name="approvedByBusiness", type="boolean", description="The service owner agrees"),
        ),
        outputs=(Declared(name="result", type="string"), Declared(name="machine", type="Properties")),
        tags=("vm", "provisioning"),
        script=Script(
            phases=steps(
                ("Reserve address", 1, "Next free address reserved"),
                ("Clone template", 2.5, "CloneVM_Task queued"),
                ("Customise guest", 2, "Waiting for VMware Tools"),
                ("Register backup", 1, "Added to the backup plan"),
            ),
            end=_end,
        ),
        form=_form(),
    )


def _end(inputs: Inputs) -> End:
    built = f"{said(inputs, 'vmName')} runs on {said(inputs, 'cluster')} in {said(inputs, 'region')}."
    facts = {
        "datastore": text(said(inputs, "datastore")),
        "network": text(said(inputs, "network")),
        "size": text(f"{said(inputs, 'cpus')} CPUs, {said(inputs, 'memoryGb')} GB"),
        "disks": text(said(inputs, "disks")),
        "cost centre": text(said(inputs, "costCentre")),
    }
    return End(
        outputs=(
            parameter("result", "string", text(built)),
            parameter("machine", "Properties", properties(facts)),
        ),
        business_state="Provisioned",
    )


def _form() -> Obj:
    return form_of(
        _general(),
        _placement(),
        _size(),
        _protection(),
        validations=(
            validation("Name is free", script(f"{NAMING}/isNameFree", name="vmName"), "vmName"),
            validation(
                "Enough memory",
                ognl(
                    '(#cpus > 8 && #memoryGb < 16 ? "More than 8 CPUs need at least 16 GB." : "")',
                    cpus="number",
                    memoryGb="number",
                ),
                "cpus",
                "memoryGb",
            ),
        ),
    )


def _general() -> Page:
    return Page(
        title="General",
        fields=(
            radio(
                "environment",
                "Environment",
                [
                    {"label": "Production", "value": "production"},
                    {"label": "Staging", "value": "staging"},
                    {"label": "Development", "value": "development"},
                ],
            ),
            field(
                "owner",
                label="Owner",
                required=True,
                pattern="^[a-z0-9.-]+@example\\.com$",
                placeholder="team@example.com",
                signpost="The team that answers for this machine.",
            ),
            field(
                "costCentre",
                label="Cost centre",
                default=script(f"{NAMING}/costCentreOf", environment="environment"),
                state={"read-only": True},
            ),
            field("purpose", label="Purpose", display="textArea", max_value=900),
        ),
    )


def _placement() -> Page:
    return Page(
        title="Placement",
        fields=(
            drop_down("region", "Region", script(f"{PLACES}/regions")),
            drop_down("cluster", "Cluster", script(f"{PLACES}/clustersOfRegion", region="region")),
            drop_down("datastore", "Datastore", script(f"{PLACES}/datastoresOfCluster", cluster="cluster")),
            drop_down("network", "Network", script(f"{PLACES}/networksOfRegion", region="region")),
        ),
    )


def _size() -> Page:
    return Page(
        title="Size",
        fields=(
            field(
                "vmName",
                label="Name",
                default=script(f"{NAMING}/proposeName", environment="environment", region="region"),
                required=True,
                pattern="^[a-z]{3}-[a-z]{4}-[0-9]{3}$",
                signpost="Region, environment and a number, like fra-prod-017.",
            ),
            field(
                "cpus",
                label="CPUs",
                display="integerField",
                kind=of("integer"),
                default=2,
                required=True,
                min_value=1,
                max_value=32,
            ),
            decimal(
                "memoryGb",
                "Memory (GB)",
                default=8,
                low=0.5,
                high=script(f"{CAPACITY}/largestMemory", cluster="cluster"),
            ),
            _disks(),
        ),
    )


def _disks() -> Drawn:
    columns = (
        field("sizeGb", label="Size (GB)", kind=of("decimal"), required=True, min_value=1, max_value=4096),
        drop_down("tier", "Tier", list(_TIERS)),
        field("label", label="Label", max_value=20),
    )
    kind = of("complex", many=True, members=columns)
    return field("disks", label="More disks", display="datagrid", kind=kind)


def _protection() -> Page:
    """Only production is asked about it."""
    return Page(
        title="Protection",
        visible=script(f"{RULES}/isProduction", environment="environment"),
        fields=(
            drop_down("backupPlan", "Backup plan", ["hourly", "daily", "weekly"], default="daily"),
            moment("maintenance", "First maintenance"),
            field(
                "approvedByBusiness",
                label="The service owner agrees",
                display="radio",
                kind=of("boolean"),
                required=True,
            ),
        ),
    )
