"""What a person has typed or picked on one surface and not yet sent."""

from collections.abc import Iterable, Mapping

from bot.demo.slack.walk import FilledElement
from bot.demo.slack.wire import Json


class Answers:
    """The client's side of a form: it outlives updates as long as block_id, action_id and type stay."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], Json] = {}

    def give(self, field: FilledElement, answer: object) -> None:
        """Put an answer into a field."""
        self._given[field.key] = {"type": field.element["type"], field.holding.key: answer}

    def adopt(self, fields: Iterable[FilledElement], values: Mapping[str, Mapping[str, Json]]) -> None:
        """Take over the answers a page sends; what the fields do not know is left out."""
        for field in fields:
            block_id, action_id = field.key
            sent = values.get(block_id, {}).get(action_id)
            if sent is not None and field.holding.key in sent:
                self.give(field, sent[field.holding.key])

    def hold(self, fields: Iterable[FilledElement], *, here: str | None) -> None:
        """Make what the fields show their own: a later initial value no longer counts for them."""
        for field in fields:
            self.give(field, self.answer(field, here=here))

    def keep(self, fields: Iterable[FilledElement]) -> None:
        """Forget the answers to fields that have gone, or that have become another kind of field."""
        kinds = {field.key: field.element for field in fields}
        self._given = {key: a for key, a in self._given.items() if key in kinds and _fits(a, kinds[key])}

    def answer(self, field: FilledElement, *, here: str | None) -> object:
        """What the field holds now; `here` is the conversation the surface was opened in."""
        if field.key in self._given:
            return self._given[field.key][field.holding.key]
        if here and field.element.get("default_to_current_conversation"):
            return [here] if field.holding.many else here
        return field.element.get(field.holding.initial, field.holding.nothing)

    def state(self, fields: Iterable[FilledElement], *, here: str | None) -> Json:
        """All answers in the shape of a payload's `state`."""
        values: dict[str, Json] = {}
        for field in fields:
            block_id, action_id = field.key
            held = {"type": field.element["type"], field.holding.key: self.answer(field, here=here)}
            if "timezone" in field.element:
                held["timezone"] = field.element["timezone"]
            values.setdefault(block_id, {})[action_id] = held
        return {"values": values}


def _fits(answer: Json, element: Json) -> bool:
    if answer["type"] != element["type"]:
        return False
    offered = offered_options(element)
    picked = answer.get("selected_options") or [answer.get("selected_option")]
    if not offered or picked == [None]:
        return True
    values = {option["value"] for option in offered}
    return all(option["value"] in values for option in picked)


def offered_options(element: Json) -> list[Json]:
    """The options written into a menu, those in groups included."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group["options"])]
