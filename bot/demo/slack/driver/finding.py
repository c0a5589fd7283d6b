"""Finds on the screen what a person names: a field's label, a button's face, an option's text."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from bot.demo.slack.driver.reading import block_words, face_of, label_of, plain
from bot.demo.slack.errors import AmbiguousError, CannotDoError
from bot.demo.slack.state.directory import Directory
from bot.demo.slack.walk import BUTTON_TYPES, FilledElement, elements_in, every_block, fields_of
from bot.demo.slack.wire import Json

T = TypeVar("T")


def find_field(blocks: Sequence[Json], wanted: str) -> FilledElement:
    """The field with this label, block_id or action_id; raises CannotDoError if there is not exactly one."""
    fields = fields_of(blocks)
    return _only(
        [field for field in fields if wanted in {label_of(field), *field.key}]
        or [field for field in fields if label_of(field).lower().startswith(wanted.lower())],
        wanted=wanted,
        what="field",
        known=[label_of(field) for field in fields],
    )


def find_button(blocks: Sequence[Json], wanted: str, *, beside: str | None) -> FilledElement:
    """The button with this face or action_id, `beside` a text if there are several; else CannotDoError."""
    return _touchable(blocks, wanted, beside=beside, what="button", is_it=_is_button)


def find_menu(blocks: Sequence[Json], wanted: str | None, *, beside: str | None) -> FilledElement:
    """The overflow menu with this action_id, or the only one; raises CannotDoError otherwise."""
    return _touchable(blocks, wanted, beside=beside, what="overflow menu", is_it=_is_overflow)


def find_option(options: Iterable[Json], wanted: str) -> Json:
    """The option with this text or value; raises CannotDoError if it is not offered."""
    offered = list(options)
    for option in offered:
        if wanted in {option["text"]["text"], plain(option["text"]["text"]), option.get("value")}:
            return option
    raise CannotDoError(f"{wanted!r} is not offered; there are {_listed(o['text']['text'] for o in offered)}")


def find_conversation(directory: Directory, element: Json, wanted: str) -> str:
    """The id of a channel or person that a conversations menu shows; raises CannotDoError if it hides it."""
    allowed = element.get("filter", {})
    kinds = allowed.get("include", ["public", "private", "im", "mpim"])
    channel = directory.find_channel(wanted)
    if channel is None:
        return directory.direct_channel(directory.member(wanted).id).id
    kind = "im" if channel.is_im else "private" if channel.is_private else "public"
    hidden = allowed.get("exclude_external_shared_channels") and channel.is_ext_shared
    if kind not in kinds or hidden:
        raise CannotDoError(f"the menu does not show {channel.name}")
    return channel.id


def _touchable(
    blocks: Sequence[Json],
    wanted: str | None,
    *,
    beside: str | None,
    what: str,
    is_it: Callable[[Json], bool],
) -> FilledElement:
    near = list(_with_surroundings(blocks))
    every = [(f, text) for block, text in near for f in _elements(block) if is_it(f.element)]
    named = [(f, t) for f, t in every if wanted in {None, face_of(f.element), f.element.get("action_id")}]
    found = [field for field, text in named if beside is None or beside in text]
    name = f"{wanted or what} beside {beside!r}" if beside else wanted or what
    return _only(found, wanted=name, what=what, known=[face_of(f.element) or what for f, _ in every])


def _with_surroundings(blocks: Sequence[Json]) -> Iterable[tuple[Json, str]]:
    """Each block with the words a person takes for its own: an actions block belongs to what stands above."""
    above = ""
    for block in every_block(blocks):
        own = block_words(block)
        if block.get("type") == "actions":
            yield block, f"{above} {own}"
        else:
            above = own
            yield block, own


def _elements(block: Json) -> list[FilledElement]:
    return [FilledElement(block=block, element=element) for element in elements_in(block)]


def _is_button(element: Json) -> bool:
    return element.get("type") in BUTTON_TYPES


def _is_overflow(element: Json) -> bool:
    return element.get("type") == "overflow"


def _only(found: Sequence[T], *, wanted: str, what: str, known: Iterable[str]) -> T:
    if not found:
        raise CannotDoError(f"there is no {what} {wanted!r}; there are {_listed(known)}")
    if len(found) > 1:
        raise AmbiguousError(f"there are {len(found)} of {what} {wanted!r}; say beside which text it stands")
    return found[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
