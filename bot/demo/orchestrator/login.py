"""Accounts and the logins that lead to a request: Basic, bearer, CSP's exchange and OAuth's refresh."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable

_REFRESH_LIFE = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody Orchestrator knows."""

    username: str = "svc-chatops"
    password: str = "pretend-password"
    domain: str = "System Domain"
    tenant: str = "pretend"  # VCF's organisation name
    alias: str = ""  # how runs name it, where that is not the user name

    @property
    def shown(self) -> str:
        """How runs name who started them."""
        return self.alias or self.username


@dataclass(frozen=True, kw_only=True)
class _Ticket:
    account: Account
    until: datetime | None  # None: for ever


class Logins:
    """Who may come in; every token's life is counted on the server's clock."""

    def __init__(self, *, now: Callable[[], datetime], accounts: tuple[Account, ...]) -> None:
        self.accounts = accounts
        self.life = timedelta(hours=1)  # of an access token
        self.rotates = False  # a refresh token dies when it is used, and the answer carries the next
        self.count = 0  # access tokens handed out
        self.refused = 0  # logins turned away
        self._now = now
        self._tokens: dict[str, _Ticket] = {}
        self._refresh: dict[str, _Ticket] = {}
        self._basic: dict[str, Account] = {}

    def account_of(self, authorization: str, *, basic: bool) -> Account | None:
        """Whose request carries this Authorization header, or None."""
        scheme, _, credentials = authorization.partition(" ")
        if scheme.casefold() == "basic" and basic:
            return self._basic_account(credentials)
        if scheme.casefold() == "bearer":
            return self._alive(self._tokens.get(credentials))
        return None

    def static_token(self, account: Account | None = None) -> str:
        """A bearer that never expires."""
        token = self._token(account or self.accounts[0], until=None)
        self._tokens[token] = _Ticket(account=account or self.accounts[0], until=None)
        return token

    def refresh_token(self, account: Account | None = None) -> str:
        """A refresh token (VCF calls it an API token), valid 90 days."""
        token = uuid4().hex
        until = self._now() + _REFRESH_LIFE
        self._refresh[token] = _Ticket(account=account or self.accounts[0], until=until)
        return token

    def by_password(self, *, username: object, password: object, domain: object = None) -> Account | None:
        """The account these belong to."""
        for account in self.accounts:
            at_home = domain in (None, "", account.domain)
            if (account.username, account.password) == (username, password) and at_home:
                return account
        self.refused += 1
        return None

    def exchange(self, refresh: object) -> tuple[Account, str] | None:
        """An access token for a refresh token, or None; spends the refresh token where they rotate."""
        account = self._alive(self._refresh.get(str(refresh)))
        if account is None:
            self.refused += 1
            return None
        if self.rotates:
            del self._refresh[str(refresh)]
        self.count += 1
        until = self._now() + self.life
        token = self._token(account, until=until)
        self._tokens[token] = _Ticket(account=account, until=until)
        return account, token

    def revoke_all(self) -> None:
        """Forget every access token."""
        self._tokens.clear()

    def _alive(self, ticket: _Ticket | None) -> Account | None:
        if ticket is None or (ticket.until is not None and ticket.until <= self._now()):
            return None
        return ticket.account

    def _basic_account(self, credentials: str) -> Account | None:
        if credentials not in self._basic:
            try:
                username, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
            except ValueError:
                return None
            account = self.by_password(username=username, password=password)
            if account is None:
                return None
            self._basic[credentials] = account
        return self._basic[credentials]

    def _token(self, account: Account, *, until: datetime | None) -> str:
        """A JWT in shape; its `exp` is what a client can read, the signature is noise."""
        claims: dict[str, object] = {"sub": account.username, "jti": uuid4().hex}
        if until is not None:
            claims["exp"] = int(until.timestamp())
        return ".".join((_encoded({"alg": "RS256", "typ": "JWT"}), _encoded(claims), uuid4().hex))


def _encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
