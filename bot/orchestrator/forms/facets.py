"""The facets of a custom form: fixed, a case by case, or a source; what cannot be read becomes a remark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from bot.domain.forms.form import (
    Choice,
    Comparison,
    Constraints,
    FacetSource,
    FieldValue,
    Literal,
    Remark,
    SourceKind,
    WhenCase,
)
from bot.domain.typed import Invalid
from bot.domain.value_text import text_of
from bot.domain.workflow import Kind, ParameterType
from bot.orchestrator.forms.bare import declared, value_of_json
from bot.orchestrator.forms.controls import INTEGER, measure_of
from bot.orchestrator.values import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.values import Value
    from bot.orchestrator.forms.shapes import DescribedField

SCRIPT, OBJECTS = "scriptAction", {"inventory", "inventoryTree"}
_CONSTRAINTS = {"required", "min-value", "max-value", "pattern", "regex", "match"}
_COMPARISONS = {  # as forms of 8 and 9, and those that Service Broker draws, spell them
    "equals": (Comparison.EQUAL, True),
    "notEqual": (Comparison.EQUAL, False),
    "notEquals": (Comparison.EQUAL, False),
    "empty": (Comparison.EMPTY, True),
    "isEmpty": (Comparison.EMPTY, True),
    "notEmpty": (Comparison.EMPTY, False),
    ">": (Comparison.ABOVE, True),
    ">=": (Comparison.AT_LEAST, True),
    "<": (Comparison.BELOW, True),
    "<=": (Comparison.AT_MOST, True),
}
_UNSET = "#unset"  # in place of a value: there is none
_ANY = ParameterType(declared="Any")


class Facets:
    """Reads facets, and keeps the remarks on those that could not be read."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []

    def remark(self, field: str, why: str) -> None:
        """Keep why something is missing; once is enough."""
        remark = Remark(field=field, why=why)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def flag(self, raw: object, *, field: str, what: str, otherwise: bool) -> bool | FacetSource:
        """Something that is so or not; `what` names it in a remark."""
        source = self._source(raw, field=field, what=what)
        if source is not None:
            return source
        known = {"true": True, "false": False, "none": otherwise}.get(str(raw).lower())
        if known is None:
            self.remark(field, f"{what} could not be read.")
        return otherwise if known is None else known

    def bounds(self, raw: object, *, field: str, what: str) -> tuple[float | FacetSource, ...]:
        """One bound, or none."""
        source = self._source(raw, field=field, what=what)
        if source is not None:
            return (source,)
        if raw is None or raw == "":
            return ()
        try:
            return (float(str(raw)),)
        except ValueError:
            self.remark(field, f"{what} could not be read, so it is not checked.")
            return ()

    def pattern(self, raw: object, *, field: str) -> tuple[str | FacetSource, str]:
        """A pattern, and its author's words for what does not fit; both may be empty."""
        if isinstance(raw, Mapping) and "id" not in raw:
            return str(raw.get("value") or ""), clean(str(raw.get("message") or ""))
        source = self._source(raw, field=field, what="Its pattern")
        return (source if source is not None else str(raw or "")), ""

    def constraints(
        self, described: DescribedField, kind: ParameterType, *, field: str, display: str = ""
    ) -> Constraints:
        """What an answer has to be."""
        given = described.constraints
        for strange in given.keys() - _CONSTRAINTS:
            self.remark(field, f"Its constraint “{strange[:40]}” is not understood, so it is not checked.")
        pattern, advice = self.pattern(given.get("pattern") or given.get("regex"), field=field)
        required = given.get("required")
        same_as = given.get("match")
        return Constraints(
            required=self.flag(required, field=field, what="Whether it is required", otherwise=False),
            minimum=self.bounds(given.get("min-value"), field=field, what="Its minimum"),
            maximum=self.bounds(given.get("max-value"), field=field, what="Its maximum"),
            measure=measure_of(kind),
            pattern=(pattern,) if pattern else (),
            advice=((pattern, advice),) if advice and isinstance(pattern, str) else (),
            expected=described.signpost or described.description,
            whole=display == INTEGER or described.type.data_type == "integer",
            same_as=same_as if isinstance(same_as, str) else "",
        )

    def choices(
        self, raw: object, kind: ParameterType, *, field: str
    ) -> tuple[Choice, ...] | FacetSource | None:
        """A list of values of that type; None where there is none."""
        source = self._source(raw, field=field, what="Its list")
        if source is not None:
            return source
        listed = list(_split([raw] if isinstance(raw, str) else raw)) if raw else []
        choices = tuple(self._choices(listed, kind, field))
        if raw and not choices:
            self.remark(field, "Its list could not be read.")
        return choices or None

    def _choices(self, listed: list[object], kind: ParameterType, field: str) -> Iterator[Choice]:
        for each in listed:
            pair = each if isinstance(each, Mapping) and "value" in each else {"value": each}
            try:
                value = value_of_json(pair["value"], kind)
            except Invalid:
                self.remark(field, "Some of its list could not be read.")
                continue
            yield Choice(value=value, label=clean(str(pair.get("label") or text_of(value))))

    def default(self, raw: object, kind: ParameterType, *, field: str) -> Value | FacetSource:
        """What stands in the field at first."""
        source = self._source(raw, field=field, what="Its default")
        if source is not None:
            return source
        try:
            return value_of_json(raw, kind)
        except Invalid:
            self.remark(field, "Its default could not be read.")
            return None

    def source(self, raw: object, *, field: str, what: str) -> FacetSource | None:
        """A source, if it is one that can be asked."""
        source = self._source(raw, field=field, what=what)
        return source if source is not None and source.kind is SourceKind.ACTION else None

    def _source(self, raw: object, *, field: str, what: str) -> FacetSource | None:
        """The source a facet comes from; None for one that is fixed."""
        if _is_conditions(raw):
            source = _cases(raw)
        elif isinstance(raw, Mapping) and isinstance(raw.get("bind"), Mapping):
            source = _bound(raw["bind"])
        elif _is_source(raw):
            source = _described(raw)
        else:
            return None
        if source.kind is SourceKind.NOT_UNDERSTOOD:
            self.remark(field, f"{what} comes from {source.why}, which cannot be asked from here.")
        return source


def _is_source(raw: object) -> TypeGuard[Mapping[str, object]]:
    """Whether this names what works a facet out; an object of the inventory has an id and a type as well."""
    kind = raw.get("type") if isinstance(raw, Mapping) and "id" in raw else None
    return isinstance(kind, str) and ParameterType(declared=kind).kind is not Kind.SDK_OBJECT


def _described(raw: Mapping[str, object]) -> FacetSource:
    kind, identity = str(raw["type"]), str(raw["id"])
    inputs = tuple(_inputs(raw.get("parameters")))
    if kind in OBJECTS:
        return FacetSource(kind=SourceKind.INVENTORY, id=identity)
    if kind != SCRIPT:
        return _not_understood(f"a source of the kind “{kind}”", identity)
    if any(given is None for _, given in inputs):
        return _not_understood("an action with inputs of an unknown form", identity)
    return FacetSource(
        kind=SourceKind.ACTION,
        id=identity,
        inputs=tuple((name, given) for name, given in inputs if given is not None),
    )


def _bound(raw: Mapping[str, object]) -> FacetSource:
    """What stands in some fields and constants, one behind the other."""
    values, operator = raw.get("values"), raw.get("operator")
    listed = values if isinstance(values, list) else []
    inputs = [(str(at), _input(each, "string")) for at, each in enumerate(listed)]
    known = tuple((name, given) for name, given in inputs if given is not None)
    if operator != "concatenate" or not known or len(known) < len(inputs):
        return _not_understood(f"fields bound by “{str(operator)[:40]}”")
    return FacetSource(kind=SourceKind.JOINED, id="", inputs=known)


def _not_understood(why: str, identity: str = "") -> FacetSource:
    return FacetSource(kind=SourceKind.NOT_UNDERSTOOD, id=identity, why=clean(why))


def _inputs(raw: object) -> Iterator[tuple[str, FieldValue | Literal | None]]:
    """`{"name": "field"}`, or a constant in backticks; `$type` tells the constant's type."""
    listed = raw if isinstance(raw, list) else [raw]
    for each in (row for row in listed if isinstance(row, Mapping)):
        told = each.get("$type")
        kind = declared(told) if isinstance(told, Mapping) else "string"
        yield from ((name, _input(written, kind)) for name, written in each.items() if name != "$type")


def _input(written: object, kind: str) -> FieldValue | Literal | None:
    match written:
        case str() if written.startswith("`"):
            return Literal(value=written.strip("`"), type=kind)
        case str():
            return FieldValue(field=written)
        case bool() | int() | float():
            return Literal(
                value=str(written).lower(), type="boolean" if isinstance(written, bool) else "number"
            )
        case _:
            return None


# conditions, the first that is true counts


def _is_conditions(raw: object) -> bool:
    """Whether a facet is a list of cases; entries of a list of values have a label, or are no objects."""
    return isinstance(raw, list) and any(
        isinstance(each, Mapping) and _COMPARISONS.keys() & each for each in raw
    )


def _cases(raw: object) -> FacetSource:
    cases = [_case(each) for each in raw if isinstance(each, Mapping)] if isinstance(raw, list) else []
    known = tuple(each for each in cases if each is not None)
    if len(known) < len(cases):
        return _not_understood("a condition of an unknown form")
    return FacetSource(kind=SourceKind.CASES, id="", cases=known)


def _case(raw: Mapping[str, object]) -> WhenCase | None:
    """One case; without a condition it is the last resort."""
    if _is_source(raw.get("value")):
        return None
    try:
        then = None if raw.get("value") == _UNSET else value_of_json(raw.get("value"), _ANY)
        if raw.keys() <= {"value"}:
            return WhenCase(field="", value=None, then=then)
        ((word, compared),) = ((key, inner) for key, inner in raw.items() if key != "value")
        if not isinstance(compared, Mapping):
            return None
        ((field, value),) = compared.items()
        by, holds = _COMPARISONS[word]
        return WhenCase(
            field=str(field), value=value_of_json(value, _ANY), by=by.value, holds=holds, then=then
        )
    except (ValueError, KeyError):
        return None


def _split(listed: object) -> Iterator[object]:
    """Entries one by one: some forms keep a whole list as one text, a line each."""
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, str):
            yield from (line.strip() for line in each.splitlines() if line.strip())
        elif each is not None:
            yield each
