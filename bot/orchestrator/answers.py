"""What Orchestrator's statuses and bodies, and httpx's exceptions, mean in the domain's errors."""

from __future__ import annotations

import json
import re
import socket
import ssl
import unicodedata
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx

from bot.domain.errors import (
    AnswerLost,
    Busy,
    Conflict,
    Declined,
    Forbidden,
    InvalidRequest,
    LoginRefused,
    NotSupported,
    NotVisible,
    OrchestratorError,
    ServerFault,
    Unreachable,
    UnreadableAnswer,
)
from bot.orchestrator.decoding import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.orchestrator.exchange import ApiAnswer, Journey

_LONGEST_MESSAGE = 200  # characters of Orchestrator's own words
_LONGEST_WAIT = timedelta(days=1)
_DECLINED: dict[int, type[Declined]] = {403: Forbidden, 404: NotVisible, 405: NotSupported, 409: Conflict}


def failure(exc: Exception, *, journey: Journey) -> OrchestratorError:
    """What an exception of httpx, or the end of the call's time, means for a request that got this far."""
    if journey.sent:
        return UnreadableAnswer() if isinstance(exc, httpx.DecodingError) else AnswerLost()
    if is_untrusted(exc):
        return Unreachable("Orchestrator's TLS certificate is not trusted here. The request was not sent.")
    if isinstance(exc, TimeoutError):
        return Unreachable("Orchestrator does not answer in time. This request was not sent.")
    return Unreachable(_unreached(exc))


_UNREACHED: dict[type[BaseException], str] = {  # the first that fits; a TLS error is an OSError as well
    ssl.SSLError: "its port does not speak TLS; look at http or https in its URL",
    socket.gaierror: "its host name is not known here; look at its URL, and at DNS",
    ConnectionRefusedError: "its host refuses the connection, nothing listens at that port",
}


def _unreached(exc: BaseException) -> str | None:
    """Which of the ways not to reach a server it was; None if that cannot be told."""
    behind = list(_behind(exc))
    for kind, words in _UNREACHED.items():
        if any(isinstance(each, kind) for each in behind):
            return f"Orchestrator cannot be reached: {words}. The request was not sent."
    return None


def _behind(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that led to it; connecting to several addresses fails in a group."""
    while exc is not None:
        yield exc
        if isinstance(exc, BaseExceptionGroup):
            for each in exc.exceptions:
                yield from _behind(each)
        exc = exc.__cause__ or exc.__context__


def is_untrusted(exc: BaseException | None) -> bool:
    """Whether a failed connection goes back to a certificate that could not be verified."""
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in _behind(exc))


def check(answer: ApiAnswer) -> ApiAnswer:
    """Let a 2xx pass; raise what any other status means, with nothing of its body but a short `message`."""
    status = answer.status
    if answer.is_success:
        return answer
    if is_login_refusal(answer):
        raise LoginRefused
    if status == httpx.codes.BAD_REQUEST:
        raise InvalidRequest(_invalid(answer))
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Busy(retry_after=retry_after(answer))
    if status in _DECLINED:
        raise _DECLINED[status]
    if httpx.codes.is_client_error(status):
        raise Declined(f"Orchestrator declined the request ({status}). It had no effect.")
    if httpx.codes.is_server_error(status):
        raise ServerFault
    raise UnreadableAnswer(f"Orchestrator sent the bot elsewhere ({status}), most likely to a login page.")


def is_login_refusal(answer: ApiAnswer) -> bool:
    """Whether the answer says that the login, not the right, is missing: 401, or 403 with a challenge."""
    challenged = "www-authenticate" in answer.headers
    expired = answer.status == httpx.codes.FORBIDDEN and challenged
    return expired or answer.status == httpx.codes.UNAUTHORIZED


def is_login_page(answer: ApiAnswer) -> bool:
    """Whether an identity provider may have answered in Orchestrator's place: a redirect, or HTML on 2xx."""
    page = answer.media_type == "text/html" and not answer.body.lstrip().startswith((b"{", b"["))
    return httpx.codes.is_redirect(answer.status) or (answer.is_success and page)


def json_of(answer: ApiAnswer) -> str:
    """The text of a 2xx answer that has to be JSON, whatever its label says, else UnreadableAnswer."""
    if answer.fault is not None:
        raise answer.fault
    text = text_of(answer.body, charset=answer.charset).strip()
    if text.startswith("<"):
        raise UnreadableAnswer("Orchestrator answered with something other than JSON, perhaps a login page.")
    if not text.startswith(("{", "[", '"')):
        raise UnreadableAnswer
    return text


def retry_after(answer: ApiAnswer) -> timedelta | None:
    """The wait a Retry-After header asks for, in seconds or as a date; at most a day (RFC 9110, 10.2.3)."""
    text = str(answer.headers.get("retry-after", "")).strip()
    if text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(aware - datetime.now(UTC), timedelta(0)), _LONGEST_WAIT)


def clock_gap(answer: ApiAnswer, *, now: datetime) -> timedelta | None:
    """How far the clock of whoever answered is behind `now`, negative if ahead, by its Date, if it has one.

    A Date has whole seconds, and the answer took its way: a second or two are no gap.
    """
    try:
        date = parsedate_to_datetime(str(answer.headers.get("date", "")))
    except ValueError:
        return None
    told = now - (date if date.tzinfo else date.replace(tzinfo=UTC))
    return min(max(told, -_LONGEST_WAIT), _LONGEST_WAIT)  # beyond, it is no clock that could be trusted


def one_line(text: str, *, longest: int = _LONGEST_MESSAGE) -> str:
    """Foreign text on one line, without control characters, cut to `longest` characters."""
    spaced = " ".join(text[: longest * 4].split())
    plain = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def names_key(answer: ApiAnswer, *, key: str) -> bool:
    """Whether a 400 complains of the JSON key `key`, in quotes as JSON parsers name keys."""
    text = answer.body.decode(errors="replace").replace("&quot;", '"').replace("&#39;", "'").replace("\\", "")
    return re.search(rf"""["'`\[]{key}["'`\]]""", text) is not None


def _invalid(answer: ApiAnswer) -> str | None:
    said = _message(answer)
    return f"Orchestrator finds the request invalid (400): {said} It had no effect." if said else None


def _message(answer: ApiAnswer) -> str:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    message = found.get("message") if isinstance(found, dict) else None
    said = one_line(message) if isinstance(message, str) else ""
    return said if not said or said[-1] in ".!?…" else said + "."
