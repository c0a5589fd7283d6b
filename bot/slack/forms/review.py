"""The last page: exactly what will be sent, what differs from the last run, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.forms.form import SECRETS
from bot.domain.policy import Risk
from bot.domain.value_text import key_of
from bot.domain.values import Composite, is_secret
from bot.slack import blocks
from bot.slack.cards.boxes import is_empty
from bot.slack.forms.hints import missing
from bot.slack.forms.launch_options import wish_fields
from bot.slack.forms.outlook import past, what_follows
from bot.slack.forms.pages import FILL_FORM, back_button
from bot.slack.mrkdwn import clean, cut, cut_with_size, inline, moment, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.draft import Draft
    from bot.domain.execution import Argument
    from bot.domain.forms.form import Choice
    from bot.domain.launch import Launch
    from bot.domain.policy import Ruling
    from bot.domain.run_history import RunHistory
    from bot.domain.values import Value
    from bot.slack.blocks import Block
    from bot.slack.delivery.audience import Reach

SEND_FORM, CHECK_FORM = "send_form", "check_form"  # callback ids: the second while Orchestrator validates
FORMS = {FILL_FORM, SEND_FORM, CHECK_FORM}  # a form's pages and its review: their drafts outlive them
SAVE_PRESET = "save_preset"  # action id
_BLOCK = 2900  # characters of one block of values
_ONE = 3000  # of one value: all a text input holds
_MOST_BLOCKS = 80
_RISKS = {
    Risk.READ_ONLY: ":eyes: *Reads only.* The policy says that this changes nothing.",
    Risk.CHANGE: ":wrench: *Makes changes.* Please look at the values once more.",
    Risk.DESTRUCTIVE: (
        ":rotating_light: *Destructive.* What this removes may be gone for good, also if the run is "
        "cancelled half-way. Please look at the values once more."
    ),
}


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """What the page shows."""

    draft: Draft
    arguments: tuple[Argument, ...]
    ruling: Ruling
    last: Launch | None  # this person's last run of the workflow
    may_break_glass: bool
    reach: Reach | None = None  # how those who approve hear of it; None: not known yet, or nobody has to
    start_at: datetime | None = None  # as wished so far
    history: RunHistory | None = None  # of the workflow

    @property
    def is_deaf(self) -> bool:
        """Whether nobody who has to approve it would hear of it, so that sending it leads nowhere."""
        return self.reach is not None and not self.reach.is_heard and not self.may_break_glass

    @property
    def changed(self) -> dict[str, Value]:
        """The inputs that differ from the last run, with what they were; secrets cannot be compared."""
        if self.last is None:
            return {}
        before = {each.name: each.value for each in self.last.arguments}
        return {
            each.name: before[each.name]
            for each in self.arguments
            if each.name in before
            and not is_secret(each.value)
            and not is_secret(before[each.name])
            and before[each.name] != each.value
        }


def reviewing(review: ReviewPage) -> Block:
    """The page itself."""
    draft = review.draft
    made = [blocks.header(draft.workflow.name)]
    risk = review.ruling.rule.risk if review.ruling.rule else None
    if risk is not None:
        made.append(blocks.section(_RISKS[risk]))
    made += _values(review)
    made += [
        blocks.context(line) for line in (_compared(review), *_remarks(draft), past(review.history)) if line
    ]
    made.append(
        blocks.context(
            "\n".join(what_follows(review.ruling, draft.place, reach=review.reach, start_at=review.start_at))
        )
    )
    buttons = [back_button(draft)] if draft.form.pages and draft.live.pages else []
    if review.arguments:
        buttons.append(blocks.button("Save as preset", action=SAVE_PRESET, value=draft.id))
    if buttons:
        made.append(blocks.actions(buttons, block_id="pages"))
    if not review.is_deaf:
        made += wish_fields(review.ruling, may_break_glass=review.may_break_glass, wished=review.start_at)
    return blocks.modal(
        "Review and send",
        made,
        callback_id=CHECK_FORM if draft.form.validations else SEND_FORM,
        metadata=draft.id,
        submit=None if review.is_deaf else _submit(review.ruling),
        close="Cancel",
    )


def _submit(ruling: Ruling) -> str:
    if ruling.freeze is not None:
        return "Send"
    return "Ask for approval" if ruling.approve else "Start"


def _values(review: ReviewPage) -> list[Block]:
    """Each value to the letter, in the order of the form; what is empty in one line."""
    given = [each for each in review.arguments if not is_empty(each)]
    if not given:
        return [blocks.section("It is started without any input.")]
    pairs = [_pair(review, each) for each in given]
    groups: list[list[tuple[str, str]]] = [[]]
    for pair in pairs:
        if groups[-1] and sum(len(name) + len(text) for name, text in (*groups[-1], pair)) > _BLOCK:
            groups.append([])
        groups[-1].append(pair)
    made: list[Block] = [blocks.values(*group) for group in groups[:_MOST_BLOCKS]]
    empty = [inline(_label(review.draft, each.name)) for each in review.arguments if is_empty(each)]
    if empty:
        made.append(blocks.context(cut(f"Left empty: {' · '.join(empty)}.", blocks.TEXT)))
    return made


def _pair(review: ReviewPage, argument: Argument) -> tuple[str, str]:
    live = review.draft.live.field(argument.name)
    choices = live.choices or () if live and live.field.control not in SECRETS else ()
    text = cut_with_size(said(argument.value, review.draft.zone, choices=choices), _ONE)
    label = _label(review.draft, argument.name)
    if argument.name in review.changed:
        was = said(review.changed[argument.name], review.draft.zone, choices=choices)
        label = f"{label}  (last time: {cut(' '.join(was.split()), 100)})"
    return label, text


def _label(draft: Draft, name: str) -> str:
    field = draft.form.field(name)
    return clean(field.label if field else name)


def said(value: Value, zone: str, *, choices: Sequence[Choice] = ()) -> str:
    """A value as people read it: dates in their own time zone, a choice by its label as well."""
    match value:
        case datetime():
            return f"{value.astimezone(ZoneInfo(zone)).strftime('%a %Y-%m-%d %H:%M')} ({zone})"
        case tuple() if value:
            return "\n".join(_entry(item, zone, choices=choices) for item in value)
        case _:
            text = shown(value)
            label = clean(next((each.label for each in choices if key_of(each.value) == text), text))
            return label if label == text or label.endswith(f"({text})") else f"{label} ({text})"


def _entry(value: Value, zone: str, *, choices: Sequence[Choice]) -> str:
    """An entry of a list; the members of a composite stand in one line."""
    if not isinstance(value, Composite):
        return said(value, zone, choices=choices)
    return ", ".join(f"{clean(name)}: {said(inner, zone)}" for name, inner in value.members)


def _compared(review: ReviewPage) -> str:
    if review.last is None:
        return "You have not run this workflow before." if review.arguments else ""
    when = moment(review.last.requested_at)
    changed = len(review.changed)
    if not changed:
        return f"The same values as in your last run, {when}."
    return f"{changed} {'value differs' if changed == 1 else 'values differ'} from your last run, {when}."


def _remarks(draft: Draft) -> Sequence[str]:
    """What of the form could not be read or worked out, so that it was not checked."""
    unread = [missing(each, draft.form) for each in draft.form.remarks]
    unchecked = [
        f":warning: *{inline(live.field.label)}* was not checked: Orchestrator did not say what it may be."
        for live in draft.live.fields
        if live.unchecked and live.visible and live.value
    ]
    return [*unread, *unchecked][:8]
