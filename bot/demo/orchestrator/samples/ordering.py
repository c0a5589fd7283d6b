"""Order application server: a workflow of the days before custom forms, with a presentation alone."""

from __future__ import annotations

from bot.demo.orchestrator.presentation import Complains, PField, PGroup, PStep
from bot.demo.orchestrator.samples.drawing import said, steps
from bot.demo.orchestrator.scripts import Declared, End, Inputs, Script
from bot.demo.orchestrator.values import Obj, flag, number, parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow

_MEMORY = {"1": ("2048", "4096"), "2": ("4096", "8192"), "4": ("8192", "16384"), "8": ("16384", "32768")}
_REASON = 10  # letters at least


def ordering() -> PretendWorkflow:
    """The workflow."""
    return PretendWorkflow(
        name="Order application server",
        folder="Services/Provisioning/Classic",
        version="0.0.34",
        description="Orders an application server the way it has been done since 2014.",
        inputs=(
            Declared(name="businessUnit", type="string", description="Business unit"),
            Declared(name="component", type="string", description="What is installed"),
            Declared(name="coreCount", type="string", description="Cores"),
            Declared(name="ramMB", type="string", description="Memory in MB"),
            Declared(name="discount", type="number", description="Discount in per cent"),
            Declared(name="host", type="VC:HostSystem", description="Host to prefer"),
            Declared(name="runlist", type="Array/string", description="Recipes, in order"),
            Declared(name="attributes", type="string", description="Attributes, as JSON"),
            Declared(name="urgent", type="boolean", description="Needed today"),
            Declared(name="justification", type="string", description="Why it is urgent"),
            Declared(name="requestedBy", type="string", description="Who orders"),
        ),
        outputs=(Declared(name="result", type="string"),),
        script=Script(
            phases=steps(("Check order", 1, "Order is complete"), ("Place order", 2, "Order placed")),
            end=_end,
        ),
        presentation=_steps(),
    )


def _end(inputs: Inputs) -> End:
    size = f"{said(inputs, 'coreCount')} cores, {said(inputs, 'ramMB')} MB"
    ordered = f"{said(inputs, 'component')} for {said(inputs, 'businessUnit')}: {size}."
    return End(outputs=(parameter("result", "string", text(f"Order 5501 is placed. {ordered}")),))


def _memory(values: Inputs) -> tuple[Obj | None, ...]:
    """Until the cores are known there is one choice, which is none."""
    sizes = _MEMORY.get(str(values.get("coreCount")))
    return (None,) if sizes is None else tuple(text(size) for size in sizes)


def _unjustified(values: Inputs) -> str:
    short = len(str(values.get("justification") or "")) < _REASON
    return f"An urgent order needs a reason of {_REASON} letters." if values.get("urgent") and short else ""


_JUSTIFIED = Complains(expression=f"#urgent && #justification.length() < {_REASON}", says=_unjustified)


def _steps() -> tuple[PStep, ...]:
    return (
        PStep(
            title="Server",
            groups=(
                PGroup(
                    title="What",
                    fields=(
                        PField(
                            name="businessUnit",
                            mandatory=True,
                            choices=tuple(map(text, ("retail", "bank", "it"))),
                        ),
                        PField(name="component", mandatory=True, low=3, high=15, pattern="^[a-z][a-z0-9]*$"),
                    ),
                ),
                PGroup(
                    title="How large",
                    fields=(
                        PField(
                            name="coreCount",
                            mandatory=True,
                            refreshes=True,
                            choices=tuple(map(text, _MEMORY)),
                        ),
                        PField(name="ramMB", mandatory=True, choices=_memory),
                        PField(name="discount", low=0, high=30, number_format="0.0", default=number(0)),
                        PField(name="host", chooser="tree", root='Server.findAllForType("VC:HostSystem")'),
                    ),
                ),
            ),
        ),
        PStep(title="Software and order", groups=(_software(), _order())),
    )


def _software() -> PGroup:
    return PGroup(
        fields=(
            PField(name="runlist", no_duplicates=True),
            PField(name="attributes", multiline=True, default=text("{}")),
        )
    )


def _order() -> PGroup:
    return PGroup(
        title="Order",
        fields=(
            PField(name="urgent", refreshes=True, default=flag(on=False)),
            PField(
                name="justification",
                multiline=True,
                shown=lambda values: values.get("urgent") is True,
                complains=Complains(
                    expression=f"#urgent && #justification.length() < {_REASON}", says=_unjustified
                ),
            ),
            PField(name="requestedBy", bound="#__current_user", default=text("svc-chatops")),
        ),
    )
