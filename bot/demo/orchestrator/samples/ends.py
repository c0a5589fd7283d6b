"""Ends of sample workflows whose results are worked out from the inputs, by the workflow's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import said
from bot.demo.orchestrator.scripts import End
from bot.demo.orchestrator.values import number, parameter, properties, reference, secret, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.demo.orchestrator.scripts import Inputs

_LONG = 20_000  # characters of the health report, at least
_SNAPSHOT = "VC:VirtualMachineSnapshot"


def _snapshot(inputs: Inputs) -> End:
    identity = f"vc01.example.com,id:snapshot-{said(inputs, 'snapshotName') or 'unnamed'}"
    return End(outputs=(parameter("snapshot", _SNAPSHOT, reference(_SNAPSHOT, identity)),))


def _resize(inputs: Inputs) -> End:
    size = inputs.get("sizeGb")
    grown = float(size) if isinstance(size, int | float) else 0
    return End(outputs=(parameter("newSizeGb", "number", number(grown)),))


def _patch(inputs: Inputs) -> End:
    hosts = inputs.get("hosts")
    names = [str(each) for each in hosts] if isinstance(hosts, list) else ["every host"]
    patched = parameter("patched", "Array/string", texts(names))
    return End(outputs=(patched,), business_state="All hosts compliant")


def _health_report(_: Inputs) -> End:
    line = "esx{0:02}.example.com  cpu {1:>3} %  memory {2:>3} %  no alarms, 0 warnings, uptime {3} days\n"
    report = "".join(line.format(at % 60 + 1, at * 7 % 100, at * 13 % 100, at) for at in range(400))
    report += "-" * max(0, _LONG - len(report))
    return End(outputs=(parameter("report", "string", text(report)), parameter("alarms", "number", None)))


def _decommission(inputs: Inputs) -> End:
    if inputs.get("backupVerified") is not True:
        return End(state="failed", error="Stopped: nobody vouched for the backup")
    return _told(f"{said(inputs, 'server')} is decommissioned. {said(inputs, 'remark')}".strip())


def _reserve_address(inputs: Inputs) -> End:
    network = {"name": text(said(inputs, "network")), "vlan": number(214)}
    address = parameter("address", "string", text("10.20.14.37"))
    return End(outputs=(address, parameter("networkFacts", "Properties", properties(network))))


def _issue_access(inputs: Inputs) -> End:
    return End(
        outputs=(
            parameter("login", "string", text(f"breakglass-{said(inputs, 'system')}")),
            parameter("oneTimePassword", "SecureString", secret("pretend-one-time-pass")),
            parameter("_sessionToken", "string", text("pretend-session-token"), scope="token"),
        )
    )


def _provision(inputs: Inputs) -> End:
    built = f"{said(inputs, 'vmName')} runs on {said(inputs, 'cluster')} in {said(inputs, 'region')}."
    facts = {
        "datastore": text(said(inputs, "datastore")),
        "network": text(said(inputs, "network")),
        "size": text(f"{said(inputs, 'cpus')} CPUs, {said(inputs, 'memoryGb')} GB"),
        "disks": text(said(inputs, "disks")),
        "cost centre": text(said(inputs, "costCentre")),
    }
    machine = parameter("machine", "Properties", properties(facts))
    return End(outputs=(*_told(built).outputs, machine), business_state="Provisioned")


def _schedule_maintenance(inputs: Inputs) -> End:
    count = _count(inputs.get("machines"))
    done = f"{count} machines from {said(inputs, 'start')}, {said(inputs, 'notify') or 'nobody'} told."
    return End(outputs=(*_told(done).outputs, parameter("machineCount", "number", number(count))))


def _register_application(inputs: Inputs) -> End:
    endpoints = _count(inputs.get("endpoints"))
    done = f"{said(inputs, 'application')} is registered with {endpoints} endpoints."
    return _told(f"{done} Contact: {said(inputs, 'contact')}.")


def _import_certificate(inputs: Inputs) -> End:
    sent = inputs.get("certificate")
    name = sent.get("name") if isinstance(sent, dict) else "nothing"
    return _told(f"{name} serves {said(inputs, 'hostNames') or 'no host'} as {said(inputs, 'format')}.")


def _told(result: str) -> End:
    return End(outputs=(parameter("result", "string", text(result)),))


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


ENDS: Mapping[str, Callable[[Inputs], End]] = {
    "Create snapshot": _snapshot,
    "Resize disk": _resize,
    "Patch cluster": _patch,
    "Health report": _health_report,
    "Decommission server": _decommission,
    "Reserve address": _reserve_address,
    "Issue emergency access": _issue_access,
    "Provision virtual machine": _provision,
    "Schedule maintenance": _schedule_maintenance,
    "Register application": _register_application,
    "Import certificate": _import_certificate,
}
