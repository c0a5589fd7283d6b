"""What became of a workflow since a launch was asked for: in its seal, and in what policy goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.seal import Unsealed, seal_of

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.seal import SealedPart, WorkflowSeal
    from bot.domain.workflow import Workflow

UNTOLD = "Orchestrator does not tell just now whether the workflow is still what was asked for."


@dataclass(frozen=True, kw_only=True)
class FreshWorkflow:
    """The workflow as Orchestrator has it now, and what the launch would be with it."""

    workflow: Workflow
    seal: WorkflowSeal
    digest: str  # of the launch, were it asked for now


def is_untold(launch: Launch, fresh: FreshWorkflow) -> bool:
    """Whether nobody can tell just now if the workflow is what was sealed: an answer is missing.

    Where the answer made no sense it counts as missing only if there was a better one before: a gateway's
    page passes, a server whose content nobody here understands does not.
    """
    former = seal_of(launch.seal)
    if former is None or fresh.digest == launch.digest:
        return False
    pairs = ((former.form, fresh.seal.form), (former.content, fresh.seal.content))
    return any(_is_missing(was, now) for was, now in pairs)


def _is_missing(was: SealedPart, now: SealedPart) -> bool:
    if now.why is Unsealed.UNREAD:
        return True
    return now.why is Unsealed.NOT_UNDERSTOOD and was.why is None


def what_changed(launch: Launch, fresh: FreshWorkflow) -> str:
    """What of the seal is not as it was; empty if all is."""
    was, now = launch.workflow.version, fresh.workflow.version
    if fresh.digest == launch.digest or (not launch.digest and was == now):  # a release that sealed nothing
        return ""
    if was != now:
        return f"The workflow changed since it was asked for, from version {was or '?'} to {now or '?'}."
    former = seal_of(launch.seal)
    return "The request is not what it was when it was sent." if former is None else _part(launch, fresh)


def _part(launch: Launch, fresh: FreshWorkflow) -> str:
    """Which part of the seal is another, under the same version."""
    former, now = seal_of(launch.seal), fresh.seal
    if former is None:
        return ""
    version = f"under the same version {launch.workflow.version or '?'}"
    if launch.workflow.name != fresh.workflow.name:
        return f"The workflow was renamed, from “{launch.workflow.name}” to “{fresh.workflow.name}”."
    if former.definition != now.definition:
        return f"The workflow's inputs or outputs changed, {version}."
    if former.unread:
        return "When it was asked for, what the workflow does could not be read; now it is sealed as well."
    if former.content != now.content:
        if former.content.why or now.content.why:
            return "What the bot may read of the workflow's content is not what it was."
        return f"The workflow's content, such as its scripts, was replaced {version}."
    if former.form != now.form:
        return f"The workflow's form changed, {version}."
    return "The request is not what it was when it was sent."


def what_moved(launch: Launch, workflow: Workflow) -> str:
    """What of the policy's grounds is not as it was: name, folder and tags; empty if all is."""
    was = launch.workflow
    said = []
    if was.name != workflow.name:
        said.append(f"it was renamed from “{was.name}” to “{workflow.name}”")
    if was.folder != workflow.folder:
        said.append(f"it was moved from the folder “{was.folder}” to “{workflow.folder}”")
    if was.tags is not None and workflow.tags is not None:
        gone, new = set(was.tags) - set(workflow.tags), set(workflow.tags) - set(was.tags)
        said += [f"it lost the tag “{each}”" for each in sorted(gone)]
        said += [f"it got the tag “{each}”" for each in sorted(new)]
    return f"Since this was asked for, {' and '.join(said)}." if said else ""
