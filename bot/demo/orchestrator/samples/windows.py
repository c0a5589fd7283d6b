"""Sample workflows with many things to give: machines, addresses, ports, a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import (
    decimal,
    drop_down,
    field,
    form,
    moment,
    of,
    ognl,
    picker,
    radio,
    said,
    steps,
    tick,
)
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import number, parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj


def window_workflows() -> list[PretendWorkflow]:
    """All of them."""
    return [_schedule_maintenance(), _open_ports()]


def _schedule_maintenance() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        machines = inputs.get("machines")
        count = len(machines) if isinstance(machines, list) else 0
        done = f"{count} machines from {said(inputs, 'start')}, {said(inputs, 'notify') or 'nobody'} told."
        return End(
            outputs=(
                parameter("result", "string", text(done)),
                parameter("machineCount", "number", number(count)),
            )
        )

    return PretendWorkflow(
        name="Schedule maintenance",
        folder="Operations/Clusters",
        version="1.3.0",
        description="Sets a maintenance window for machines and tells those who depend on them.",
        inputs=(
            Declared(name="machines", type="Array/VC:VirtualMachine", description="Virtual machines"),
            Declared(name="start", type="Date", description="When the window opens"),
            Declared(name="hours", type="number", description="How long it lasts, in hours"),
            Declared(name="mute", type="boolean", description="Mute monitoring meanwhile"),
            Declared(name="notify", type="Array/string", description="Mail addresses to tell"),
            Declared(name="reason", type="string", description="Why"),
            Declared(name="ticket", type="string", description="Change ticket"),
        ),
        outputs=(Declared(name="result", type="string"), Declared(name="machineCount", type="number")),
        script=Script(
            phases=steps(("Create window", 1.5, "Window created"), ("Tell people", 1, "Mails queued")),
            end=end,
        ),
        form=_schedule_maintenance_form(),
    )


def _schedule_maintenance_form() -> Obj:
    return form(
        picker("machines", "Virtual machines", "VC:VirtualMachine", many=True),
        moment("start", "Starts"),
        decimal("hours", "Hours", default=2, low=0.5, high=12),
        tick("mute", "Mute monitoring", default=True),
        field(
            "notify",
            label="Tell",
            display="array",
            kind=of("string", many=True),
            pattern="^[^@ ]+@example\\.com$",
            max_value=10,
            signpost="One mail address per line, ten at most.",
        ),
        radio("reason", "Reason", ["Patching", "Hardware", "Network", "Other"]),
        field(
            "ticket",
            label="Change ticket",
            pattern="^CHG[0-9]{7}$",
            required=ognl('(#reason == "Other")', returns="Boolean", reason="string"),
            state={"visible": ognl('(#reason != "Patching")', returns="Boolean", reason="string")},
        ),
    )


def _open_ports() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        rule = f"{said(inputs, 'protocol')} {said(inputs, 'ports')} from {said(inputs, 'source')}"
        return End(outputs=(parameter("rule", "string", text(f"fw-7712 allows {rule}")),))

    return PretendWorkflow(
        name="Open firewall ports",
        folder="Operations/Network",
        version="3.0.1",
        description="Lets an address range reach ports of a tier until a day.",
        inputs=(
            Declared(name="source", type="string", description="Address range, like 10.20.14.0/24"),
            Declared(name="tier", type="string", description="What is reached"),
            Declared(name="protocol", type="string", description="Protocol"),
            Declared(name="ports", type="Array/number", description="Ports"),
            Declared(name="until", type="Date", description="When the rule ends"),
            Declared(name="logAll", type="boolean", description="Log each connection"),
        ),
        outputs=(Declared(name="rule", type="string"),),
        script=Script(
            phases=steps(("Check policy", 1, "No conflict"), ("Push rule", 2, "2 firewalls")), end=end
        ),
        form=_open_ports_form(),
    )


def _open_ports_form() -> Obj:
    return form(
        field(
            "source",
            label="From",
            required=True,
            pattern="^([0-9]{1,3}\\.){3}[0-9]{1,3}(/[0-9]{1,2})?$",
            placeholder="10.20.14.0/24",
        ),
        field("tier", label="To", display="combobox", choices=["web", "app", "db"], required=True),
        drop_down("protocol", "Protocol", "TCP\nUDP", default="TCP"),
        field(
            "ports",
            label="Ports",
            display="array",
            kind=of("integer", many=True),
            required=True,
            max_value=16,
            signpost="One port per line.",
        ),
        moment("until", "Until", required=False),
        field("logAll", label="Log each connection", display="radio", kind=of("boolean"), required=True),
    )
