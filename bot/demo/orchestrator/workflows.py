"""The pretend server's workflows and the folders they lie in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from bot.demo.orchestrator.presentation import step_of
from bot.demo.orchestrator.scripts import Declared, Script, manual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.demo.orchestrator.presentation import PStep
    from bot.demo.orchestrator.values import Obj

_CREATED = datetime(2023, 5, 4, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class PretendWorkflow:
    """A workflow as its author wrote it."""

    name: str
    folder: str = "Library"  # path, "Library/vCenter"
    id: str = ""  # by default made from folder and name
    version: str = "1.0.0"
    description: str = ""
    inputs: tuple[Declared, ...] = ()
    outputs: tuple[Declared, ...] = ()
    attributes: tuple[Obj, ...] = ()  # workflow-attributes of its runs; may hold credentials
    tags: tuple[str, ...] = ()
    can_execute: bool = True
    script: Script = field(default_factory=manual)
    form: Mapping[str, object] | None = None  # custom form, as GET /forms/{id} answers it
    presentation: tuple[PStep, ...] = ()  # legacy presentation; without one it is made from inputs and form
    changed: datetime = _CREATED
    resumes: bool = False  # "Resume from failed behavior": a failed run waits in the error handler
    code: str = "System.log('Begin');\nSystem.log('Done');"  # of its scriptable task, as its content tells
    shows_content: bool = True  # else the caller's account may not read it: 403

    def __post_init__(self) -> None:
        """Give it an id that stays the same from run to run."""
        if not self.id:
            object.__setattr__(self, "id", str(uuid5(NAMESPACE_URL, f"{self.folder}/{self.name}")))

    @property
    def steps(self) -> tuple[PStep, ...]:
        """The steps of its presentation; without one, a single step made from inputs and form."""
        return self.presentation or step_of(self.inputs, self.form)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A WorkflowCategory."""

    path: tuple[str, ...]

    @property
    def id(self) -> str:
        """32 hex digits."""
        return uuid5(NAMESPACE_URL, "/".join(self.path)).hex

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path[-1]

    @property
    def ancestors(self) -> list[Folder]:
        """From the root down to the parent."""
        return [Folder(path=self.path[:depth]) for depth in range(1, len(self.path))]


def folder_of(workflow: PretendWorkflow) -> Folder:
    """Where a workflow lies."""
    return Folder(path=tuple(workflow.folder.split("/")))


class Library:
    """All workflows by id; `revision` moves with every change."""

    def __init__(self) -> None:
        self.revision = 0
        self._workflows: dict[str, PretendWorkflow] = {}
        self._folders: dict[str, Folder] = {}
        self._renamed: dict[str, tuple[str, ...]] = {}  # by id

    def __iter__(self) -> Iterator[PretendWorkflow]:
        return iter(self._workflows.values())

    def __len__(self) -> int:
        return len(self._workflows)

    def add(self, workflow: PretendWorkflow) -> None:
        """Add it, or put it in the place of the one with its id."""
        self._workflows[workflow.id] = workflow
        home = folder_of(workflow)
        for folder in (*home.ancestors, home):
            self._folders.setdefault(folder.id, folder)
        self.revision += 1

    def rename_folder(self, path: str, *, to: str) -> None:
        """Give a folder another path; its id stays, and whatever is in it knows it by that."""
        home = Folder(path=tuple(path.split("/")))
        self._renamed[home.id] = tuple(to.split("/"))
        self.revision += 1

    def path_of(self, folder: Folder) -> tuple[str, ...]:
        """Its path by now."""
        return self._renamed.get(folder.id, folder.path)

    def remove(self, workflow_id: str) -> None:
        """Delete it; folders stay."""
        del self._workflows[workflow_id]
        self.revision += 1

    def find(self, workflow_id: str) -> PretendWorkflow | None:
        """The workflow, or None."""
        return self._workflows.get(workflow_id)

    def folder(self, folder_id: str) -> Folder | None:
        """The folder, or None."""
        return self._folders.get(folder_id)

    def folders(self) -> list[Folder]:
        """All folders."""
        return list(self._folders.values())

    def folders_in(self, path: tuple[str, ...]) -> list[Folder]:
        """The folders directly below a path; `()` is above the roots."""
        return [folder for folder in self._folders.values() if folder.path[:-1] == path]

    def workflows_in(self, folder: Folder) -> list[PretendWorkflow]:
        """The workflows directly in a folder."""
        return [workflow for workflow in self if folder_of(workflow) == folder]
