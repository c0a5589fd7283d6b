"""Sample workflows around services, addresses and access, with secrets among inputs and outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import field, form, of, said, steps
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import number, parameter, properties, secret, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj


def service_workflows() -> list[PretendWorkflow]:
    """All of them."""
    return [_rotate(), _reserve_address(), _issue_access(), _send_notice()]


def _rotate() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        return End(
            outputs=(parameter("result", "string", text(f"{said(inputs, 'account')} has a new password.")),)
        )

    return PretendWorkflow(
        name="Rotate service password",
        folder="Operations/Security",
        version="1.5.0",
        description="Sets a service account's password and restarts what uses it.",
        inputs=(
            Declared(name="account", type="string", description="Service account"),
            Declared(name="newPassword", type="SecureString", description="New password"),
        ),
        outputs=(Declared(name="result", type="string"),),
        attributes=(parameter("vaultToken", "string", text("pretend-vault-token")),),
        script=Script(
            phases=steps(("Set password", 2, "Directory updated"), ("Restart services", 2, "2 restarted")),
            end=end,
        ),
        form=_rotate_form(),
    )


def _rotate_form() -> Obj:
    return form(
        field("account", label="Account", required=True),
        field(
            "newPassword",
            label="New password",
            display="passwordField",
            kind=of("secureString"),
            required=True,
            min_value=12,
        ),
    )


def _reserve_address() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        network = {"name": text(said(inputs, "network")), "vlan": number(214)}
        return End(
            outputs=(
                parameter("address", "string", text("10.20.14.37")),
                parameter("networkFacts", "Properties", properties(network)),
            )
        )

    return PretendWorkflow(
        name="Reserve address",
        folder="Operations/Network",
        version="1.0.2",
        description="Takes the next free address of a network.",
        inputs=(
            Declared(name="network", type="string", description="Network's name"),
            Declared(name="hostName", type="string", description="Whom it is for"),
        ),
        outputs=(Declared(name="address", type="string"), Declared(name="networkFacts", type="Properties")),
        script=Script(phases=steps(("Ask IPAM", 2, "3 free addresses")), end=end),
        form=_reserve_address_form(),
    )


def _reserve_address_form() -> Obj:
    return form(
        field(
            "network",
            label="Network",
            display="radio",
            choices=["web", "app", "db"],
            required=True,
            default="app",
        ),
        field("hostName", label="Host name", required=True, pattern="^[a-z][a-z0-9-]{2,14}$"),
    )


def _issue_access() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        return End(
            outputs=(
                parameter("login", "string", text(f"breakglass-{said(inputs, 'system')}")),
                parameter("oneTimePassword", "SecureString", secret("pretend-one-time-pass")),
                parameter("_sessionToken", "string", text("pretend-session-token"), scope="token"),
            )
        )

    return PretendWorkflow(
        name="Issue emergency access",
        folder="Operations/Security",
        version="1.0.0",
        description="Opens a break-glass account for an hour.",
        inputs=(Declared(name="system", type="string", description="Which system"),),
        outputs=(
            Declared(name="login", type="string"),
            Declared(name="oneTimePassword", type="SecureString"),
        ),
        script=Script(phases=steps(("Open account", 2, "Account opened")), end=end),
    )


def _send_notice() -> PretendWorkflow:
    return PretendWorkflow(
        name="Send notice",
        folder="Operations/Communication",
        version="1.0.0",
        description="Mails <everyone> & all *on-call* teams.\nSubject lines stay short: ≤ 60 characters.",
        inputs=(
            Declared(name="subject", type="string", description="Subject"),
            Declared(name="message", type="Text", description="What to say"),
        ),
        script=Script(phases=steps(("Send", 2, "412 mails queued"))),
        form=form(
            field("subject", label="Subject", required=True, max_value=60),
            field("message", label="Message", display="textArea", required=True),
        ),
    )
