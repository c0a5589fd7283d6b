"""A form, whoever drew it: pages of fields, with facets that are fixed or that Orchestrator works out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.values import Value
    from bot.domain.workflow import ParameterType

Typed: TypeAlias = str | tuple[str, ...]  # what stands in a field; several choices or lines of objects
TypedAnswers: TypeAlias = tuple[tuple[str, Typed], ...]  # by field name


class Control(Enum):
    """How a field is filled in."""

    TEXT = "text"
    LINES = "lines"  # several lines of text
    NUMBER = "number"
    YES_NO = "yes or no"  # one of the two has to be said
    CHECK = "check"  # ticked or not
    MOMENT = "date and time"
    CHOICE = "one of a list"
    CHOICES = "several of a list"
    OBJECT = "an object of the inventory"
    OBJECTS = "several objects of the inventory"
    GROUP = "a field for each member"
    FILE = "a file"
    SECRET_NAME = "a named secret"  # noqa: S105 - the name of a control
    SECRET_TEXT = "a typed secret"  # noqa: S105 - the name of a control
    NONE = "not possible here"


SECRETS = frozenset({Control.SECRET_NAME, Control.SECRET_TEXT})
UNTOLD = SECRETS | {Control.FILE}  # what no source is told


class SourceKind(Enum):
    """Who works a facet out."""

    ACTION = "action"
    INVENTORY = "inventory"  # `id` is the type whose objects are meant
    PRESENTATION = "presentation"  # a legacy one, asked again with what was typed; `id` is "field/facet"
    CASES = "cases"  # written into the form: nobody has to be asked
    JOINED = "joined"  # its inputs, one text behind the other: nobody has to be asked either
    NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, kw_only=True)
class FieldValue:
    """An input of a source: what stands in a field."""

    field: str


@dataclass(frozen=True, kw_only=True)
class Literal:
    """An input of a source: a constant."""

    value: str
    type: str = "string"  # as Orchestrator names it


class Comparison(Enum):
    """How a case compares what a field holds."""

    EQUAL = "equal"
    EMPTY = "empty"  # with nothing: whatever its value says
    ABOVE = "above"  # these three of numbers and dates; whatever else a field holds, they are not true
    AT_LEAST = "at least"
    BELOW = "below"
    AT_MOST = "at most"


@dataclass(frozen=True, kw_only=True)
class WhenCase:
    """What a facet is while a comparison of a field with a value holds, or while it does not."""

    field: str
    value: Value
    by: str = Comparison.EQUAL.value  # a Comparison, as it is stored
    holds: bool = True  # False: while it is not true
    then: Value


@dataclass(frozen=True, kw_only=True)
class FacetSource:
    """Where a facet comes from that is not fixed."""

    kind: SourceKind
    id: str  # of the action, "module/name", or the type
    inputs: tuple[tuple[str, FieldValue | Literal], ...] = ()
    cases: tuple[WhenCase, ...] = ()  # the first that is true counts
    why: str = ""  # it was not understood

    @property
    def depends_on(self) -> frozenset[str]:
        """The fields it is worked out from."""
        given = frozenset(given.field for _, given in self.inputs if isinstance(given, FieldValue))
        return given | frozenset(case.field for case in self.cases)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One entry of a list."""

    value: Value
    label: str


class Measure(Enum):
    """What a minimum and a maximum speak of."""

    NUMBER = "number"
    LENGTH = "length"  # of a text, in characters
    ITEMS = "items"


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """What an answer has to be; of several bounds or patterns, all hold."""

    required: bool | FacetSource = False
    minimum: tuple[float | FacetSource, ...] = ()
    maximum: tuple[float | FacetSource, ...] = ()
    measure: Measure | None = None  # None: of a number its value, of a text its length
    pattern: tuple[str | FacetSource, ...] = ()
    advice: tuple[tuple[str, str], ...] = ()  # by pattern, its author's words for what does not fit
    expected: str = ""  # what an answer looks like, in the words of who drew the form or wrote the policy
    whole: bool = False  # a number without decimals
    no_duplicates: bool = False
    same_as: str = ""  # the field whose answer it repeats
    only: tuple[str, ...] = ()  # where not empty, the values that are allowed, as text


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input of the form."""

    name: str
    type: ParameterType
    label: str
    hint: str = ""
    placeholder: str = ""
    control: Control
    default: Typed | FacetSource = ""
    choices: tuple[Choice, ...] | FacetSource | None = None  # None: no list
    suggested: bool = False  # the list only suggests: anything may be typed
    constraints: Constraints = field(default_factory=Constraints)
    visible: bool | FacetSource = True
    read_only: bool | FacetSource = False
    members: tuple[Field, ...] = ()  # of a composite, or of each row of a list of composites
    sent: bool = True  # False: the workflow has no such input, other fields depend on it

    @property
    def sources(self) -> Iterator[FacetSource]:
        """Every source a facet of it comes from."""
        given = self.constraints
        facets = (self.default, self.choices, self.visible, self.read_only, given.required)
        for facet in (*facets, *given.minimum, *given.maximum, *given.pattern):
            if isinstance(facet, FacetSource):
                yield facet
        for member in self.members:
            yield from member.sources


@dataclass(frozen=True, kw_only=True)
class Note:
    """A part of the form that is only read."""

    text: str
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Fields that belong together."""

    title: str = ""
    fields: tuple[Field | Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is shown at a time."""

    id: str
    title: str = ""
    sections: tuple[Section, ...] = ()
    visible: bool | FacetSource = True

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its inputs in their order."""
        return tuple(each for section in self.sections for each in section.fields if isinstance(each, Field))


@dataclass(frozen=True, kw_only=True)
class Validation:
    """A check by Orchestrator before the start: its source answers what is wrong, or nothing."""

    source: FacetSource
    targets: tuple[str, ...] = ()  # the fields it speaks of; none: of all
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What could not be read of a form, or is missing in it."""

    field: str
    why: str


class Origin(Enum):
    """Who drew the form."""

    CUSTOM_FORM = "custom form"
    PRESENTATION = "presentation"
    INPUTS = "inputs"


@dataclass(frozen=True, kw_only=True)
class Form:
    """The form of one workflow."""

    pages: tuple[Page, ...] = ()
    validations: tuple[Validation, ...] = ()
    remarks: tuple[Remark, ...] = ()
    origin: Origin = Origin.INPUTS

    @property
    def fields(self) -> tuple[Field, ...]:
        """Its inputs in the order of the pages."""
        return tuple(each for page in self.pages for each in page.fields)

    @property
    def sources(self) -> Iterator[FacetSource]:
        """Every source in it."""
        for each in self.fields:
            yield from each.sources
        yield from (page.visible for page in self.pages if isinstance(page.visible, FacetSource))
        yield from (validation.source for validation in self.validations)

    @property
    def watched(self) -> frozenset[str]:
        """The inputs on which some facet depends."""
        facets = [each for field in self.fields for each in field.sources]
        facets += [each.visible for each in self.pages if isinstance(each.visible, FacetSource)]
        return frozenset(name for each in facets for name in each.depends_on)

    def field(self, name: str) -> Field | None:
        """The input of that name; `group.member` is a member of a group."""
        for each in self.fields:
            if each.name == name:
                return each
            for member in each.members if each.control is Control.GROUP else ():
                if f"{each.name}.{member.name}" == name:
                    return member
        return None

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """What its inputs are called, by name, where that is not the name itself."""
        return tuple((each.name, each.label) for each in self.fields if each.label not in {"", each.name})

    def with_each(self, change: Callable[[Field], Field | Note | None]) -> Form:
        """The form with each input changed, made a note, or left out for None."""

        def section(drawn: Section) -> Section:
            parts = (change(each) if isinstance(each, Field) else each for each in drawn.fields)
            return replace(drawn, fields=tuple(each for each in parts if each is not None))

        pages = tuple(replace(page, sections=tuple(map(section, page.sections))) for page in self.pages)
        return replace(self, pages=pages)

    @property
    def blocked(self) -> tuple[Field, ...]:
        """Required fields that nothing can be given for here: the workflow is not runnable."""
        return tuple(
            each
            for each in self.fields
            if each.control is Control.NONE and each.constraints.required is True and each.default == ""
        )
