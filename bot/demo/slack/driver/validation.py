"""What Slack's own client refuses before a submission leaves it."""

import re
from collections.abc import Callable, Iterable, Mapping

from bot.demo.slack.driver.places import Surface
from bot.demo.slack.walk import FilledElement
from bot.demo.slack.wire import Json

MOST_FILES = 10
REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://[^\s]+")
_WHOLE, _DECIMAL = re.compile(r"-?\d+"), re.compile(r"-?(\d+(\.\d*)?|\.\d+)")


def problems(surface: Surface) -> dict[str, str]:
    """What the client says at each input block; empty when the form may be sent."""
    return dict(_problems(surface))


def _problems(surface: Surface) -> Iterable[tuple[str, str]]:
    for field in surface.fields:
        if not field.is_input:
            continue
        answer = surface.answer(field)
        if answer in (None, "", []):
            if not field.block.get("optional"):
                yield field.key[0], REQUIRED
        elif problem := _problem(field, answer):
            yield field.key[0], problem


def _problem(field: FilledElement, answer: object) -> str | None:
    check = _CHECKS.get(field.element["type"])
    if check is not None and isinstance(answer, str):
        return check(field.element, answer)
    most = field.element.get("max_selected_items") or _most_files(field.element)
    if isinstance(answer, list) and most is not None and len(answer) > most:
        return f"Please choose no more than {most}."
    return None


def _most_files(element: Json) -> int | None:
    return int(element.get("max_files", MOST_FILES)) if element["type"] == "file_input" else None


def _text_problem(element: Json, answer: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(answer) < least:
        return f"Please use at least {least} characters."
    if len(answer) > most:
        return f"Please use no more than {most} characters."
    return None


def _number_problem(element: Json, answer: str) -> str | None:
    form = _DECIMAL if element["is_decimal_allowed"] else _WHOLE
    if not form.fullmatch(answer):
        return (
            "Please enter a valid number."
            if element["is_decimal_allowed"]
            else "Please enter a whole number."
        )
    if "min_value" in element and float(answer) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and float(answer) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None


def _email_problem(_element: Json, answer: str) -> str | None:
    return None if _EMAIL.fullmatch(answer) else "Please enter a valid email address."


def _url_problem(_element: Json, answer: str) -> str | None:
    return None if _URL.fullmatch(answer) else "Please enter a valid URL."


_CHECKS: Mapping[str, Callable[[Json, str], str | None]] = {
    "plain_text_input": _text_problem,
    "number_input": _number_problem,
    "email_text_input": _email_problem,
    "url_text_input": _url_problem,
}
