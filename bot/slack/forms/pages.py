"""A page of a form: what stands on it, and what was entered into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.draft import OfferKind
from bot.domain.forms.form import Control, Note
from bot.domain.forms.live import LiveField
from bot.slack import blocks
from bot.slack.forms.fields import Shown
from bot.slack.forms.hints import missing
from bot.slack.mrkdwn import clean, cut, escape, inline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.domain.draft import Draft, PrefillSource
    from bot.domain.forms.form import Typed
    from bot.domain.forms.live import LivePage
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values, View

_ERROR = 500  # characters of one field's error that are still read
FILL_FORM = "fill_form"  # callback id
START_FROM, BACK = "start_from", "back"  # action ids
_REMARKS = 5  # that are shown
_OFFERED = 50  # presets


def page_view(draft: Draft) -> Block:
    """The page of the form that is turned up."""
    page = _page(draft)
    made = [blocks.header(draft.workflow.name), blocks.context(_where(draft))]
    if draft.page == min(draft.numbers, default=0):
        made += _beginning(draft)
    made += [blocks.context(f":warning: {escape(remark)}") for remark in draft.remarks[:_REMARKS]]
    elsewhere = set(dict(draft.problems)) - {each.live.name for each in _shown(draft)}
    made += [blocks.context(_problem(draft, name)) for name in sorted(elsewhere)[:_REMARKS]]
    if page is not None:
        made += _parts(draft, page)
    if draft.page > min(draft.numbers, default=0):
        made.append(blocks.actions([back_button(draft)], block_id="pages"))
    return blocks.modal(
        "Run a workflow",
        made,
        callback_id=FILL_FORM,
        metadata=draft.id,
        submit="Review" if draft.page == max(draft.numbers, default=0) else "Next",
        close="Cancel",
        notify_on_close=True,
    )


def _page(draft: Draft) -> LivePage | None:
    return next((each for each in draft.live.pages if draft.form.pages[draft.page] is each.page), None)


def back_button(draft: Draft) -> Block:
    """To the page before; what was entered stays."""
    return blocks.button("Back", action=BACK, value=draft.id)


def _where(draft: Draft) -> str:
    workflow = draft.workflow
    version = f"version {escape(workflow.version)}" if workflow.version else ""
    parts = [part for part in (escape(cut(workflow.folder, 500)), version) if part] or ["Orchestrator"]
    numbers = draft.numbers
    page = _page(draft)
    if len(numbers) > 1 and page is not None:
        title = f"*{inline(page.page.title)}* · " if page.page.title else ""
        parts = [f"{title}page {numbers.index(draft.page) + 1} of {len(numbers)}", *parts]
    return " · ".join(parts)


def _beginning(draft: Draft) -> list[Block]:
    """What only the first page has: what the workflow does, and what it can be filled in from."""
    made = []
    if draft.workflow.description:
        made.append(blocks.section(escape(cut(draft.workflow.description, 2500))))
    if draft.offers:
        options = [blocks.option(_face(each), str(at)) for at, each in enumerate(draft.offers[:_OFFERED])]
        menu: Block = {
            "type": "static_select",
            "action_id": START_FROM,
            "placeholder": blocks.plain("Choose values to start from", longest=150),
            "options": options,
        }
        made.append(
            blocks.section("Fill it in from earlier values:")
            | {"accessory": menu, "block_id": _start_id(draft)}
        )
    made += [blocks.context(missing(each, draft.form)) for each in draft.form.remarks[:_REMARKS]]
    return made


def _start_id(draft: Draft) -> str:
    return f"{START_FROM}-{draft.turn}"  # another id lets the menu forget what was chosen


def _face(offer: PrefillSource) -> str:
    at = offer.at.strftime("%d %b %H:%M UTC") if offer.at else ""
    match offer.kind:
        case OfferKind.LEFT:
            return f"Where you left off, {at}"
        case OfferKind.LAST_RUN:
            return f"Your last run, {at}"
        case OfferKind.MESSAGE:
            return f"The message, in “{offer.name}”"
        case OfferKind.PRESET if offer.own:
            return f"Preset: {offer.name}"
        case OfferKind.PRESET:
            return f"Preset of this channel: {offer.name}"


def offer_of(draft: Draft, chosen: str | None) -> PrefillSource | None:
    """The values that were chosen to start from."""
    at = int(chosen) if chosen and chosen.isdecimal() else len(draft.offers)
    return draft.offers[at] if at < len(draft.offers) else None


def _problem(draft: Draft, name: str) -> str:
    field = draft.form.field(name)
    label = inline(field.label) if field else "The form"
    return f":warning: *{label}*: {escape(cut(dict(draft.problems)[name], _ERROR))}"


def _parts(draft: Draft, page: LivePage) -> Iterator[Block]:
    watched = draft.form.watched
    numbers = {each.live.name: each for each in _shown(draft)}
    for part in page.parts:
        match part:
            case str():
                yield blocks.section(f"*{inline(part)}*")
            case Note():
                yield from _note(part)
            case LiveField(field=field) if field.control is Control.GROUP:
                hint = f"\n{escape(cut(field.hint, 500))}" if field.hint else ""
                yield blocks.section(f"*{inline(field.label)}*{hint}")
                for member in part.members:
                    yield from numbers[member.name].blocks(dispatch=part.name in watched)
            case LiveField():
                yield from numbers[part.name].blocks(dispatch=part.name in watched)


def _note(note: Note) -> Iterator[Block]:
    text = escape(cut(note.text, 2000))
    if note.link and note.link.startswith(("https://", "http://")) and not set(note.link) & set("<>| "):
        text = f"<{note.link}|{escape(cut(note.text, 300)) or 'Link'}>"
    if text.strip():
        yield blocks.context(text)


def _shown(draft: Draft) -> list[Shown]:
    """The fields of the page that is turned up, with their places in the form."""
    page = None if draft.is_at_review else _page(draft)
    if page is None:
        return []
    places = {}
    for number, field in enumerate(draft.form.fields):
        places[field.name] = str(number)
        for at, member in enumerate(field.members):
            places[f"{field.name}.{member.name}"] = f"{number}.{at}"
    return [Shown(live=each, draft=draft, number=places[each.name]) for each in page.fields]


def names_on(draft: Draft) -> tuple[str, ...]:
    """The fields of the page that is turned up."""
    return tuple(each.live.name for each in _shown(draft))


def entered(draft: Draft, view: View) -> dict[str, Typed]:
    """What the page holds, by field name; a field that was not shown as it stands now is left out."""
    return _read(draft, view.values)


def _read(draft: Draft, values: Values) -> dict[str, Typed]:
    held = {each.live.name: each.read(values) for each in _shown(draft) if each.is_input}
    return {name: typed for name, typed in held.items() if typed is not None}


def field_errors(draft: Draft, problems: Mapping[str, str], view: View) -> dict[str, str]:
    """Every problem at its field, as an ack shows it; those of fields without an input are left out.

    So are those whose block is not in the view that was sent, because what was entered changed the field:
    Slack takes no error for a block it does not show, and reads nothing from one that is drawn no more.
    """
    at = {each.live.name: each.block_id for each in _shown(draft) if each.is_input}
    sent = {name: block_id for name, block_id in at.items() if block_id in view.values}
    return {sent[name]: cut(clean(text), _ERROR) for name, text in problems.items() if name in sent}


def field_at(draft: Draft, block_id: str) -> LiveField | None:
    """The field whose menu asks for its options."""
    return next((each.live for each in _shown(draft) if each.block_id == block_id), None)
