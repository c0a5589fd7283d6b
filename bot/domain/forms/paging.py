"""A form cut into pages that people can see at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.forms.form import Control, Field, Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.forms.form import Form, Note, Page


def in_pages(form: Form, *, most: int) -> Form:
    """The form with no more than `most` parts to a page; a page that holds more becomes several."""
    return replace(form, pages=tuple(cut for page in form.pages for cut in _cut(page, most)))


def _cut(page: Page, most: int) -> Iterator[Page]:
    sections: list[Section] = []
    room, number = most, 0
    for title, part in _parts(page):
        if sections and room < _size(part):
            yield _numbered(page, sections, number)
            sections, room, number = [], most, number + 1
        if not sections or sections[-1].title != title:
            sections.append(Section(title=title))
        sections[-1] = replace(sections[-1], fields=(*sections[-1].fields, part))
        room -= _size(part)
    if sections:
        yield _numbered(page, sections, number)


def _parts(page: Page) -> Iterator[tuple[str, Field | Note]]:
    return ((section.title, part) for section in page.sections for part in section.fields)


def _size(part: Field | Note) -> int:
    return 1 + len(part.members) if isinstance(part, Field) and part.control is Control.GROUP else 1


def _numbered(page: Page, sections: list[Section], number: int) -> Page:
    return replace(page, id=f"{page.id}/{number}" if number else page.id, sections=tuple(sections))
