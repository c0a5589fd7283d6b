"""Sample workflows whose inputs have parts of their own, or are files and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.samples.drawing import (
    Page,
    field,
    form,
    form_of,
    of,
    ognl,
    radio,
    said,
    script,
    steps,
    tick,
    validation,
)
from bot.demo.orchestrator.samples.estate import RULES
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from bot.demo.orchestrator.values import Obj

CONTACT = "CompositeType(name:string,mail:string,onCall:boolean):Contact"
ENDPOINT = "CompositeType(host:string,port:number,tls:boolean):Endpoint"


def registry_workflows() -> list[PretendWorkflow]:
    """All of them."""
    return [_register_application(), _import_certificate(), _restore_files()]


def _register_application() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        endpoints = inputs.get("endpoints")
        count = len(endpoints) if isinstance(endpoints, list) else 0
        done = f"{said(inputs, 'application')} is registered with {count} endpoints. "
        return End(
            outputs=(parameter("result", "string", text(f"{done}Contact: {said(inputs, 'contact')}.")),)
        )

    return PretendWorkflow(
        name="Register application",
        folder="Services/Registry",
        version="1.0.5",
        description="Writes an application, its contact and its endpoints into the registry.",
        inputs=(
            Declared(name="application", type="string", description="Name of the application"),
            Declared(name="contact", type=CONTACT, description="Who answers for it"),
            Declared(name="endpoints", type=f"Array/{ENDPOINT}", description="Where it listens"),
            Declared(name="labels", type="Properties", description="Labels, such as tier: web"),
            Declared(name="extra", type="Any", description="Whatever else the registry shall keep"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(phases=steps(("Write registry", 2, "Entry written")), end=end),
        form=_register_application_form(),
    )


def _register_application_form() -> Obj:
    contact = (
        field("name", label="Name", required=True),
        field("mail", label="Mail", required=True, pattern="^[^@ ]+@[^@ ]+$"),
        tick("onCall", "On call"),
    )
    endpoint = (
        field("host", label="Host", required=True),
        field("port", label="Port", kind=of("decimal"), required=True, min_value=1, max_value=65535),
        tick("tls", "TLS"),
    )
    grid = of("complex", many=True, members=endpoint)
    return form(
        field("application", label="Application", required=True, min_value=3, max_value=40),
        field(
            "contact",
            label="Contact",
            display="objectField",
            kind=of("complex", members=contact),
            required=True,
        ),
        field("endpoints", label="Endpoints", display="datagrid", kind=grid),
        field("labels", label="Labels", display="datagrid", kind=of("complex", many=True)),
        field("extra", label="More", display="textArea"),
        title="Application",
    )


def _import_certificate() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        sent = inputs.get("certificate")
        name = sent.get("name") if isinstance(sent, dict) else "nothing"
        done = f"{name} serves {said(inputs, 'hostNames') or 'no host'} as {said(inputs, 'format')}."
        return End(outputs=(parameter("result", "string", text(done)),))

    return PretendWorkflow(
        name="Import certificate",
        folder="Operations/Security",
        version="2.2.0",
        description="Puts a certificate and its key onto the load balancers.",
        inputs=(
            Declared(name="certificate", type="MimeAttachment", description="Certificate file"),
            Declared(name="format", type="string", description="Its format"),
            Declared(name="passphrase", type="SecureString", description="Passphrase of the file"),
            Declared(name="vaultKey", type="EncryptedString", description="Key the vault wraps it with"),
            Declared(name="hostNames", type="Array/string", description="Host names it is for"),
            Declared(name="chain", type="Text", description="Intermediate certificates, PEM"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(
            phases=steps(("Check chain", 1, "Chain is whole"), ("Upload", 2, "4 balancers")), end=end
        ),
        form=_import_certificate_form(),
    )


def _import_certificate_form() -> Obj:
    own_domain = script(f"{RULES}/checkHostNames", hostNames="hostNames")
    several = of("string", many=True)
    return form_of(
        _certificate(),
        Page(
            title="Use",
            fields=(
                field("hostNames", label="Host names", display="array", kind=several, required=True),
                field("vaultKey", label="Vault key", display="passwordField", kind=of("secureString")),
            ),
        ),
        validations=(validation("Own domain", own_domain, "hostNames"),),
    )


def _certificate() -> Page:
    """Only PKCS12 has a passphrase, only PEM a chain of its own."""
    is_pkcs12 = ognl('(#format == "PKCS12")', returns="Boolean", format="string")
    is_pem = ognl('(#format == "PEM")', returns="Boolean", format="string")
    file = of("file")
    return Page(
        title="Certificate",
        fields=(
            field("certificate", label="Certificate", display="fileUpload", kind=file, required=True),
            radio("format", "Format", ["PEM", "PKCS12"], default="PEM"),
            field(
                "passphrase",
                label="Passphrase",
                display="passwordField",
                kind=of("secureString"),
                required=is_pkcs12,
                state={"visible": is_pkcs12},
            ),
            field("chain", label="Chain", display="textArea", state={"visible": is_pem}),
        ),
    )


def _restore_files() -> PretendWorkflow:
    def end(inputs: Inputs) -> End:
        done = f"{said(inputs, 'only') or 'everything'} below {said(inputs, 'folder')} is back"
        return End(outputs=(parameter("result", "string", text(f"{done}, as of {said(inputs, 'point')}.")),))

    return PretendWorkflow(
        name="Restore files",
        folder="Operations/Backup",
        version="1.1.0",
        description="Brings back the files of a folder from a restore point.",
        inputs=(
            Declared(name="server", type="VC:VirtualMachine", description="Server"),
            Declared(name="folder", type="Path", description="Folder on it"),
            Declared(name="only", type="Regexp", description="Only files like this"),
            Declared(name="point", type="Date", description="As they were at"),
            Declared(name="overwrite", type="boolean", description="Replace files that are there"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(
            phases=steps(("Mount restore point", 2, "Mounted"), ("Copy", 3, "1,204 files")), end=end
        ),
    )
