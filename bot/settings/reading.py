"""Settings from the environment, a file and mounted secret files, with all problems named at once."""

from __future__ import annotations

import difflib
import os
import ssl
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dotenv.parser import parse_stream
from pydantic import ValidationError

from bot.domain.errors import BotError
from bot.settings.model import LoginKind, Settings, SlackTransport, is_secret
from bot.settings.named_secrets import NAME, read_secret, secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_OFF = {"0", "off", "f", "false", "n", "no"}  # as pydantic reads truth values
_NAMED = "SECRET_"
_FILE = "_FILE"
_NEAR, _NEAR_REST = 0.9, 0.7  # of a name, and of what follows its first word: HTTP_PROXY is no HTTP_PORT
_NEEDS = {
    ("SLACK_TRANSPORT", SlackTransport.SOCKET.value): ("SLACK_APP_TOKEN",),
    ("SLACK_TRANSPORT", SlackTransport.HTTP.value): ("SLACK_SIGNING_SECRET",),
    ("ORCHESTRATOR_LOGIN", LoginKind.BASIC.value): ("ORCHESTRATOR_USERNAME", "ORCHESTRATOR_PASSWORD"),
    ("ORCHESTRATOR_LOGIN", LoginKind.ARIA.value): ("ORCHESTRATOR_USERNAME", "ORCHESTRATOR_PASSWORD"),
    ("ORCHESTRATOR_LOGIN", LoginKind.TOKEN.value): ("ORCHESTRATOR_TOKEN",),
    ("ORCHESTRATOR_LOGIN", LoginKind.VCF.value): ("ORCHESTRATOR_TENANT", "ORCHESTRATOR_REFRESH_TOKEN"),
}


class SettingsError(BotError):
    """The settings need attention before the bot can start."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)  # a line each, none with the value of a secret
        super().__init__("\n- ".join((type(self).__doc__ or "", *problems)))


def read_settings(environment: Mapping[str, str] | None = None, *, file: Path | None = None) -> Settings:
    """Read the process's environment, or the one given, over a file of `NAME=value` lines.

    The file is `file`, else the one BOT_SETTINGS names. A secret may come as `NAME_FILE`, the path of a file
    that holds it. An empty value counts as none. SettingsError lists every problem.
    """
    return _Reading(dict(os.environ if environment is None else environment)).read(file)


def unknown_names(environment: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each variable that is no setting, but looks like one written wrong; it has no effect.

    Others set variables too, so what merely begins like a setting is left alone.
    """
    known = _known_names()
    found = []
    for name in sorted(environment.keys() - known):
        near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
        if near and not name.startswith(_NAMED) and _looks_like(name, near[0]):
            found.append(f"{name} is not a setting and has no effect. Did you mean {near[0]}?")
    return tuple(found)


def _looks_like(name: str, known: str) -> bool:
    (first, _, rest), (known_first, _, known_rest) = name.partition("_"), known.partition("_")
    if first != known_first:
        return True
    return difflib.SequenceMatcher(a=rest, b=known_rest).ratio() >= _NEAR_REST


def _known_names() -> set[str]:
    return {name + end for name, about in Settings.fields().items() for end in _endings(about)}


class _Reading:
    """One reading: what was given, by name, and what is wrong with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.given = {name: text for name, text in environment.items() if text.strip()}
        self.problems: dict[str, str] = {}

    def read(self, file: Path | None) -> Settings:
        if file is None and "BOT_SETTINGS" in self.given:
            file = Path(self.given["BOT_SETTINGS"])
        if file is not None:
            self.given = self._lines(file) | self.given
        values = self._values()
        self._check_together(values)
        fields: dict[str, Any] = {name.lower(): value for name, value in values.items()} | self._named()
        try:
            settings = Settings(**fields)
        except ValidationError as wrong:
            for error in wrong.errors(include_url=False, include_input=False):
                name = str(error["loc"][0]).upper()
                self.problems.setdefault(name, _in_words(name, error))
        else:
            if not self.problems:
                return settings
        raise SettingsError([f"{name} {problem}" for name, problem in sorted(self.problems.items())])

    def _lines(self, file: Path) -> dict[str, str]:
        """The lines of a settings file; a name in it that is no setting is a typing error."""
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            self.problems["BOT_SETTINGS"] = f"names {file}, which cannot be read ({_reason(wrong)})."
            return {}
        lines = list(parse_stream(StringIO(text)))
        for line in lines:
            if line.error:
                blank = len(line.original.string) - len(line.original.string.lstrip())
                number = line.original.line + line.original.string[:blank].count("\n")
                text = f"has a line that is no setting: line {number} of {file}. Write NAME=value."
                self.problems.setdefault("BOT_SETTINGS", text)
        named = {line.key: line.value for line in lines if line.key}
        self._check_names(named.keys(), file)
        return {name: value for name, value in named.items() if value and value.strip()}

    def _check_names(self, names: Iterable[str], file: Path) -> None:
        known = _known_names()
        for name in names:
            if name not in known and not name.startswith(_NAMED):
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else "Take it out."
                self.problems[name] = f"is not a setting, but {file} sets it. {hint}"

    def _values(self) -> dict[str, str]:
        """What is given for each setting, with the secrets' files read."""
        values: dict[str, str] = {}
        for name, about in Settings.fields().items():
            if name in self.given:
                values[name] = self.given[name] if is_secret(about) else self.given[name].strip()
            if is_secret(about) and name + _FILE in self.given:
                self._take_from_file(name, values)
        return values

    def _take_from_file(self, name: str, values: dict[str, str]) -> None:
        file = Path(self.given[name + _FILE])
        if name in values:
            self.problems[name] = f"is set twice. Set either {name} or {name}{_FILE}."
            return
        try:
            values[name] = read_secret(file).get_secret_value()
        except (OSError, UnicodeDecodeError) as wrong:
            self.problems[name] = f"cannot be read from {file}, as {name}{_FILE} asks ({_reason(wrong)})."

    def _named(self) -> dict[str, Any]:
        """The secrets given by name, as fields of Settings."""
        values: dict[str, str] = {}
        files: dict[str, Path] = {}
        for variable, text in self.given.items():
            word = variable.removeprefix(_NAMED)
            name = secret_name(word.removesuffix(_FILE))
            if word == variable or not NAME.fullmatch(name):
                continue
            if not word.endswith(_FILE):
                values[name] = text
            elif not (file := Path(text)).is_file():
                self.problems[variable] = f"names {file}, but there is no such file."
            else:
                files[name] = file
        return {"secret_values": values, "secret_files": files}

    def _check_bundle(self, file: Path) -> None:
        if not file.is_file():
            return  # the setting's own check says so
        try:
            ssl.create_default_context(cafile=file)
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            self.problems["ORCHESTRATOR_CA_BUNDLE"] = (
                f"names {file}, which holds no certificate that can be read. Name a PEM file with the "
                "authorities that signed Orchestrator's certificate."
            )

    def _check_together(self, values: Mapping[str, str]) -> None:
        """What no setting can know alone."""
        for (name, choice), needed in _NEEDS.items():
            if values.get(name, _default(name)) == choice:
                for missing in (other for other in needed if other not in values):
                    self.problems.setdefault(
                        missing, f"is not set, but {name}={choice} needs it. {_about(missing)}"
                    )
        tls = values.get("ORCHESTRATOR_VERIFY_TLS", "").lower()
        if "ORCHESTRATOR_CA_BUNDLE" in values and tls in _OFF:
            self.problems["ORCHESTRATOR_VERIFY_TLS"] = (
                "is off although ORCHESTRATOR_CA_BUNDLE is set. Take one out."
            )
        elif "ORCHESTRATOR_CA_BUNDLE" in values:
            self._check_bundle(Path(values["ORCHESTRATOR_CA_BUNDLE"]))
        user, login = (values.get(f"ORCHESTRATOR_{name}", "") for name in ("USERNAME", "LOGIN"))
        if login == LoginKind.BASIC.value and ":" in user:
            self.problems["ORCHESTRATOR_USERNAME"] = (
                "holds a colon, which ORCHESTRATOR_LOGIN=basic cannot send. Use an account without one."
            )
        if {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"} <= self.given.keys():
            self.problems["SLACK_CLIENT_ID"] = (
                "and SLACK_CLIENT_SECRET are set: Slack's library would take this for an app that many "
                "workspaces install, and ignore SLACK_BOT_TOKEN. Unset one of them."
            )


def _endings(about: FieldInfo) -> tuple[str, ...]:
    return ("", _FILE) if is_secret(about) else ("",)


def _default(name: str) -> object:
    return getattr(Settings.fields()[name].default, "value", None)


def _about(name: str) -> str:
    return Settings.fields()[name].description or ""


def _in_words(name: str, error: ErrorDetails) -> str:
    """One of pydantic's complaints, as the words that follow the setting's name."""
    match error["type"]:
        case "missing":
            return f"is not set. {_about(name)}"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return error["msg"].removeprefix("Input ").rstrip(".") + f". {_about(name)}"


def _reason(wrong: OSError | UnicodeDecodeError) -> str:
    return (wrong.strerror or "unreadable") if isinstance(wrong, OSError) else "not UTF-8 text"
