"""How the pretend Orchestrator says no, in the manner of each dialect."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from aiohttp import web

from bot.demo.orchestrator.dialects import Complaint, Unauthorized

if TYPE_CHECKING:
    from bot.demo.orchestrator.dialects import Habits

_HTML = {"Content-Type": "text/html;charset=utf-8"}
_REALM = {"WWW-Authenticate": 'Basic realm="VMware Orchestrator"'}
LOGIN_PATH = "/SAAS/auth/login"
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>"
    '<form id="loginForm" method="post"><input name="username"><input name="password" type="password">'
    "</form></body></html>"
)


class ErrorAnswer(Exception):
    """A request is answered with an error status."""

    def __init__(self, status: int, message: str = "", *, malformed: bool = False) -> None:
        """`malformed` says that the request body is at fault, which each dialect refuses in its own way."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.malformed = malformed


def refused(refusal: ErrorAnswer, *, habits: Habits) -> web.Response:
    """The answer a refusal becomes."""
    if refusal.malformed and habits.complaint is not Complaint.JSON:
        return _malformed(habits.complaint)
    if refusal.status == web.HTTPUnauthorized.status_code:
        return unauthorized(habits)
    if refusal.status == web.HTTPMethodNotAllowed.status_code:
        return method_not_allowed(refusal.message)
    if habits.xml_unless_asked and not refusal.malformed:
        return web.Response(status=refusal.status)
    return complaint(refusal.status, refusal.message)


def complaint(status: int, message: str, **more: object) -> web.Response:
    """An error as JSON, in the documented shape of 8 and 9."""
    body = {"message": message, "statusCode": status, **more}
    return web.Response(status=status, body=json.dumps(body).encode(), content_type="application/json")


def page(status: int, title: str, *, reason: str | None = None) -> web.Response:
    """An error as Tomcat's HTML page."""
    text = (
        f'<!doctype html><html lang="en"><head><title>HTTP Status {status} - {escape(title)}</title></head>'
        f"<body><h1>HTTP Status {status} - {escape(title)}</h1><hr/><h3>Apache Tomcat</h3></body></html>"
    )
    return web.Response(status=status, reason=reason, text=text, headers=_HTML)


def method_not_allowed(method: str) -> web.Response:
    """Tomcat's page for a verb the path does not know; seen for POST of syslogs since 7.6."""
    return page(405, f"Request method '{method}' not supported")


def login_page() -> web.Response:
    """The identity provider's page, with status 200."""
    return web.Response(text=LOGIN_PAGE, headers=_HTML)


def login_redirect() -> web.Response:
    """A 302 to the identity provider."""
    return web.Response(status=302, headers={"Location": LOGIN_PATH})


def unauthorized(habits: Habits) -> web.Response:
    """The answer to a missing, wrong or expired login."""
    match habits.unauthorized:
        case Unauthorized.HTML:
            answer = page(401, "Authentication required")
            answer.headers.update(_REALM)
            return answer
        case Unauthorized.JSON:
            return complaint(401, "Authentication required.")
        case Unauthorized.LOGIN_PAGE:
            return login_page()
        case Unauthorized.REDIRECT:
            return login_redirect()


def _malformed(manner: Complaint) -> web.Response:
    if manner is Complaint.EMPTY:
        return web.Response(status=400)
    return page(400, "Bad Request", reason="")
