"""What the text of one setting has to look like; a ValueError says so without repeating the text."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from pathlib import Path

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_TEAM = re.compile(r"[TE][A-Z0-9]+")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_KEY_LENGTH = 32  # bytes, Fernet's


def web_address(text: str) -> str:
    """An address without its trailing slash: https, or http to this machine itself."""
    address = urlsplit(text.strip())
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ValueError("is not an address. Write it like https://host.example.com.")
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise ValueError(
            "would send secrets in the clear. Write https:// (http:// is only for this machine)."
        )
    if address.username is not None or address.password is not None:
        raise ValueError("holds a login. Take it out of the address; logins have settings of their own.")
    if address.query or address.fragment:
        raise ValueError("goes on after the path. Leave out everything from ? or # on.")
    _check_port(text)
    return urlunsplit((address.scheme, address.netloc, address.path.rstrip("/"), "", ""))


def orchestrator_address(text: str) -> str:
    """Orchestrator's address without the `/vco/api` that every call adds."""
    return web_address(text).removesuffix("/api").removesuffix("/vco")


def slack_address(text: str) -> str:
    """Slack's API address; slack_sdk wants the trailing slash."""
    return web_address(text) + "/"


def shipping_address(text: str) -> str:
    """A file, a syslog server or a collector."""
    address = urlsplit(text.strip())
    match address.scheme:
        case "file" if address.path.strip("/") and not address.netloc:
            return text.strip()
        case "syslog" | "syslogs" if address.hostname and not address.path.strip("/"):
            _check_port(text)
            return text.strip()
        case "https" | "http":
            return web_address(text)
        case _:
            raise ValueError(
                "is no place to ship to. Write file:///FILE, syslog://HOST:PORT, syslogs://HOST:PORT or https://…"
            )


def _check_port(text: str) -> None:
    try:
        _ = urlsplit(text.strip()).port
    except ValueError:
        raise ValueError("has a port that is not a number up to 65535.") from None


def database_address(secret: SecretStr) -> SecretStr:
    """`sqlite:///file` or `postgresql://...`, however the driver was spelled."""
    text = secret.get_secret_value().strip()
    scheme, colon, rest = text.partition("://")
    kind = scheme.partition("+")[0].lower()
    if colon and kind == "sqlite":
        if not rest.startswith("/") or rest in {"/", "/:memory:"}:
            raise ValueError("names no file. Write sqlite:///bot.sqlite3, or sqlite:////data/bot.sqlite3.")
        return SecretStr(f"sqlite://{rest}")
    if colon and kind in {"postgresql", "postgres"}:
        return SecretStr(_postgres_address(f"postgresql://{rest}"))
    raise ValueError("is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/DATABASE.")


def _postgres_address(text: str) -> str:
    """Libpq writes `sslmode`, asyncpg takes the same words as `ssl`."""
    address = urlsplit(text)
    if not address.path.strip("/"):
        raise ValueError("names no database. Write postgresql://USER:PASSWORD@HOST/DATABASE.")
    _check_port(text)
    start, mark, query = text.partition("?")
    options = [("ssl" if name == "sslmode" else name, value) for name, value in parse_qsl(query)]
    return start + mark + urlencode(options)


def existing_file(path: Path) -> Path:
    """A file that is there."""
    if not path.is_file():
        raise ValueError(f"names {path}, but there is no such file.")
    return path


def existing_folder(path: Path) -> Path:
    """A folder that is there."""
    if not path.is_dir():
        raise ValueError(f"names {path}, but there is no such folder.")
    return path


def words(text: object) -> object:
    """A comma list as its items; anything but text is left alone."""
    if not isinstance(text, str):
        return text
    return tuple(part.strip() for part in text.split(",") if part.strip())


def capitals(text: object) -> object:
    """A word in capitals; anything but text is left alone."""
    return text.upper() if isinstance(text, str) else text


def team(text: str) -> str:
    """A Slack workspace (T...) or organisation (E...) id."""
    if not _TEAM.fullmatch(text):
        raise ValueError(
            "holds something that is not a workspace id. Ids look like T0123ABCD, with commas between."
        )
    return text


def command(text: str) -> str:
    """A slash command as Slack's app settings take it."""
    if not _COMMAND.fullmatch(text):
        raise ValueError(
            "is not a slash command. Write one like /vro, in lower case and at most 32 characters."
        )
    return text


def bot_token(secret: SecretStr) -> SecretStr:
    """A bot token by its prefix."""
    return _prefixed(secret, prefix="xoxb-", where="OAuth & Permissions, Bot User OAuth Token")


def app_token(secret: SecretStr) -> SecretStr:
    """An app-level token by its prefix."""
    return _prefixed(secret, prefix="xapp-", where="Basic Information, App-Level Tokens")


def _prefixed(secret: SecretStr, *, prefix: str, where: str) -> SecretStr:
    text = secret.get_secret_value().strip()
    if not text.startswith(prefix):
        raise ValueError(f"does not start with {prefix}. Copy the one at {where} in the app's settings.")
    return SecretStr(text)


def sealing_key(secret: SecretStr) -> SecretStr:
    """A Fernet key: 32 bytes as URL-safe base64."""
    try:
        size = len(base64.b64decode(secret.get_secret_value(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if size != _KEY_LENGTH:
        raise ValueError(
            "holds something that is not a Fernet key. Make one with: python -c "
            '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        )
    return secret
