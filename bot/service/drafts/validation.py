"""What a draft is worth as it stands, without asking anybody: what is open, wrong, or would be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import InvalidAnswers, NotRunnable
from bot.domain.forms.answers import problems_of, read_answers
from bot.domain.forms.form import Control
from bot.domain.forms.live import as_it_stands
from bot.domain.forms.picking import unknown_objects, vanished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.draft import Draft
    from bot.domain.execution import Argument
    from bot.domain.forms.form import Typed


def is_settled(draft: Draft) -> bool:
    """Whether Orchestrator has nothing to be asked about the form as it stands."""
    return not draft.live.questions and not unknown_objects(draft)


def missing_files(draft: Draft) -> dict[str, str]:
    """The references of files that were not read yet, by field name."""
    held = dict(draft.files)
    files = (each for each in draft.live.fields if each.field.control is Control.FILE)
    return {
        each.name: str(each.value) for each in files if each.visible and each.value and each.value not in held
    }


def problems_in(
    draft: Draft, names: Sequence[str] | None = None, *, typed: Mapping[str, Typed] | None = None
) -> dict[str, str]:
    """What is wrong with these fields, or with any; `typed` has what is not kept in the draft."""
    live = draft.live
    if typed:
        live = as_it_stands(draft.form, dict(draft.typed) | dict(typed), draft.found)
    every = [inner.name for each in live.fields for inner in (each, *each.members)]
    wanted = every if names is None else names
    problems = problems_of(live, wanted, draft.found, files=dict(draft.files))
    return problems | {name: problem for name, problem in vanished(draft).items() if name in wanted}


def arguments_of(draft: Draft) -> tuple[Argument, ...]:
    """What would be sent; InvalidAnswers names the fields, NotRunnable one that cannot be filled in."""
    if draft.form.blocked:
        raise NotRunnable
    gone = vanished(draft)
    if gone:
        raise InvalidAnswers(gone)
    return read_answers(draft.form, dict(draft.typed), draft.found, files=dict(draft.files))
