"""The actions of the pretend server: what fills a form's lists, defaults and conditions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from bot.demo.orchestrator.ognl import Unspeakable, evaluate
from bot.demo.orchestrator.values import flag, number, text

if TYPE_CHECKING:
    from bot.demo.orchestrator.scripts import Declared
    from bot.demo.orchestrator.values import Obj

ActionScript: TypeAlias = Callable[[Mapping[str, object]], tuple[str, "Obj | None"]]  # to (type, value)

NONSENSE: Obj = {"surprise": {"value": {"?": [1, None, {"": False}]}}}  # a value of no kind there is


class Thrown(Exception):
    """An action's script threw; the text is what its caller is told."""


class ActionFault(Enum):
    """What is wrong with an action until it is mended."""

    FAILS = "fails"  # its script throws
    HANGS = "hangs"  # it never ends by itself
    NONSENSE = "nonsense"  # it returns what nobody can read
    HTML = "html"  # whoever asks for it gets a page in place of JSON


@dataclass(frozen=True, kw_only=True)
class PretendAction:
    """An action as its author wrote it."""

    module: str
    name: str
    script: ActionScript
    inputs: tuple[Declared, ...] = ()
    output: str = "Any"

    @property
    def id(self) -> str:
        """A UUID that stays the same from run to run."""
        return str(uuid5(NAMESPACE_URL, f"action:{self.fqn}"))

    @property
    def fqn(self) -> str:
        """How forms name it."""
        return f"{self.module}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class ActionRun:
    """An action that was run for somebody outside."""

    action: str  # module/name
    inputs: Mapping[str, object]


def _evaluate_ognl(inputs: Mapping[str, object]) -> tuple[str, Obj | None]:
    try:
        found = evaluate(str(inputs.get("ognl")), inputs)
    except Unspeakable as error:
        raise Thrown(str(error)) from None
    match found:
        case None:
            return "Any", None
        case bool():
            return "boolean", flag(on=found)
        case int() | float():
            return "number", number(found)
        case _:
            return "string", text(str(found))


# the action every server has, for forms that were converted from presentations
EVALUATE_OGNL = PretendAction(module="com.vmware.o11n.forms", name="evalOGNL", script=_evaluate_ognl)


class Actions:
    """All actions, what troubles them, and who called."""

    def __init__(self) -> None:
        self.calls: list[ActionRun] = []
        self._by_name: dict[str, PretendAction] = {}
        self._by_id: dict[str, PretendAction] = {}
        self._troubles: dict[str, ActionFault] = {}
        self._mended = asyncio.Event()
        self._holding = asyncio.Event()
        self.add(EVALUATE_OGNL)

    def add(self, action: PretendAction) -> None:
        """Add it, or put it in the place of the one with its name."""
        self._by_name[action.fqn] = self._by_id[action.id] = action

    def find(self, name: str) -> PretendAction | None:
        """The action with this `module/name` or id, or None."""
        return self._by_name.get(name) or self._by_id.get(name)

    def trouble(self, name: str, trouble: ActionFault) -> None:
        """Let an action misbehave until `mend`; it need not exist."""
        self._troubles[name] = trouble

    def mend(self) -> None:
        """Let all actions behave; those that hang end."""
        self._troubles.clear()
        self._mended.set()
        self._mended = asyncio.Event()
        self._holding.clear()

    async def holding(self) -> None:
        """Wait until somebody waits for an action that hangs."""
        await self._holding.wait()

    def trouble_of(self, action: PretendAction) -> ActionFault | None:
        """What is wrong with it, if anything."""
        return self._troubles.get(action.fqn)

    async def run(self, action: PretendAction, inputs: Mapping[str, object]) -> tuple[str, Obj | None]:
        """Run it as somebody outside asks for; `Thrown` when its script throws."""
        self.calls.append(ActionRun(action=action.fqn, inputs=inputs))
        match self.trouble_of(action):
            case ActionFault.FAILS:
                raise Thrown(
                    f"ReferenceError: connection is not defined (Dynamic Script Module {action.name}#4)"
                )
            case ActionFault.HANGS:
                self._holding.set()
                await self._mended.wait()
            case ActionFault.NONSENSE:
                return "Any", NONSENSE
            case ActionFault.HTML | None:
                pass
        return action.script(inputs)
