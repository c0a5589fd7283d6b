"""Every setting with its default, its form and what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings import forms
from bot.settings.named_secrets import NamedSecrets

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_settings import PydanticBaseSettingsSource


class SlackTransport(Enum):
    """How Slack's requests reach the bot."""

    SOCKET = "socket"
    HTTP = "http"


class LoginKind(Enum):
    """How the bot logs in to Orchestrator."""

    BASIC = "basic"
    ARIA = "aria"
    TOKEN = "token"  # noqa: S105 - the name of a way to log in
    VCF = "vcf"


Text = Annotated[str, Field(min_length=1)]
Address = Annotated[str, AfterValidator(forms.web_address)]
Teams = Annotated[frozenset[Annotated[str, AfterValidator(forms.team)]], BeforeValidator(forms.words)]
Keys = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(forms.sealing_key)], ...], BeforeValidator(forms.words)
]


Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(forms.capitals)]


class Settings(BaseSettings):
    """Every setting; the environment calls each by its name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    slack_bot_token: Annotated[SecretStr, AfterValidator(forms.bot_token)] = Field(
        description="The app's bot token, `xoxb-…`."
    )
    slack_transport: SlackTransport = Field(
        default=SlackTransport.SOCKET,
        description="`socket`: the bot connects to Slack. `http`: Slack calls `/slack/events` here.",
    )
    slack_app_token: Annotated[SecretStr, AfterValidator(forms.app_token)] | None = Field(
        default=None, description="The app-level token, `xapp-…`. Needed for `socket`."
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="The app's signing secret. Needed for `http`."
    )
    slack_api_url: Annotated[str, AfterValidator(forms.slack_address)] = Field(
        default="https://slack.com/api/", description="Slack's Web API."
    )
    slack_proxy: Address | None = Field(
        default=None,
        description="The proxy for all that goes to Slack: Web API, WebSocket, answers and files. Without "
        "it: `HTTPS_PROXY` or `HTTP_PROXY` of the environment, else none.",
    )
    slack_deaf_seconds: float = Field(
        default=300,
        gt=0,
        description="With `socket`: seconds without a connection to Slack after which `/healthz` says 503, "
        "so that a supervisor restarts the bot.",
    )
    commands_per_minute: int = Field(
        default=30,
        ge=0,
        description="How many commands, shortcuts and repeated runs a person may send a minute to one "
        "process, twice as many at once; 0: any number.",
    )
    slack_teams: Teams = Field(
        default=frozenset(),
        description="Further workspaces (`T…`) or organisations (`E…`) whose members may use the bot, with "
        "commas between: an organisation admits the members of all its workspaces. The bot token's own "
        "workspace always may.",
    )
    command: Annotated[str, AfterValidator(forms.command)] = Field(
        default="/vro", description="The slash command, as in the app's manifest."
    )
    http_host: Text = Field(default="0.0.0.0", description="The address the bot listens on.")  # noqa: S104 - in a container
    http_port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        description="The port for `/healthz`, and for Slack's requests with `http`. 0 picks a free one.",
    )

    orchestrator_url: Annotated[str, AfterValidator(forms.orchestrator_address)] = Field(
        description="Orchestrator's address, `https://…`; `http://` only on this machine."
    )
    orchestrator_login: LoginKind = Field(
        description="`basic`: user name and password with each call. `aria`: the login of Aria Automation 8. "
        "`token`: a bearer token made elsewhere. `vcf`: an API token of VCF Automation 9."
    )
    orchestrator_username: Text | None = Field(
        default=None, description="The bot's account. Needed for `basic` and `aria`."
    )
    orchestrator_password: SecretStr | None = Field(
        default=None, description="Its password. Needed for `basic` and `aria`."
    )
    orchestrator_domain: Text | None = Field(
        default=None, description="The account's domain, for `aria` where it is not the default one."
    )
    orchestrator_token: SecretStr | None = Field(
        default=None, description="The bearer token. Needed for `token`."
    )
    orchestrator_tenant: Text | None = Field(
        default=None, description="The organisation's name, not its display name. Needed for `vcf`."
    )
    orchestrator_refresh_token: SecretStr | None = Field(
        default=None, description="The API token. Needed for `vcf`."
    )
    orchestrator_auth_url: Address | None = Field(
        default=None, description="Where to log in, if not at `ORCHESTRATOR_URL`."
    )
    orchestrator_ca_bundle: Annotated[Path, AfterValidator(forms.existing_file)] | None = Field(
        default=None, description="A PEM file with the authorities that signed Orchestrator's certificate."
    )
    orchestrator_verify_tls: bool = Field(
        default=True, description="`false` accepts any certificate: only to try something out."
    )
    orchestrator_timeout: float = Field(
        default=15, gt=0, lt=20, description="Seconds to wait for an answer; below the lease of 20."
    )
    orchestrator_parameter_key: Literal["parameters", "parameter"] = Field(
        default="parameters",
        description="The key of the inputs in a start. Every known server wants `parameters`, though some "
        "documents say `parameter`.",
    )
    orchestrator_web_url: Address | None = Field(
        default=None,
        description="Orchestrator's page for people, which messages link to. Without it: no links.",
    )

    database_url: Annotated[SecretStr, AfterValidator(forms.database_address)] = Field(
        default=SecretStr("sqlite:///bot.sqlite3"),
        description="`sqlite:///FILE` for one process, `postgresql://USER:PASSWORD@HOST/NAME` for several.",
    )
    database_pool: int = Field(default=10, ge=2, le=200, description="Connections to PostgreSQL per process.")
    policy_file: Path = Field(default=Path("policy.yaml"), description="Who may run what.")
    sealing_keys: Keys = Field(
        default=(),
        description="Fernet keys with commas between: the first seals typed secrets, all open them. Needed "
        "if the policy allows typed secrets, or for `vcf`.",
    )
    audit_keys: Keys = Field(
        default=(),
        description="Keys, made like those of `SEALING_KEYS`, with commas between: the first seals what the "
        "audit records, all verify it. Keep them away from the database, and keep former ones for good.",
    )
    audit_ship_to: Annotated[str, AfterValidator(forms.shipping_address)] | None = Field(
        default=None,
        description="Where the audit is copied to as JSON lines: `file:///FILE`, `syslog://HOST:PORT` (TCP), "
        "`syslogs://HOST:PORT` (TLS) or a collector's `https://…`. Without it: nowhere.",
    )
    audit_ship_token: SecretStr | None = Field(
        default=None, description="The bearer token for a collector, if it wants one."
    )
    secrets_dir: Annotated[Path, AfterValidator(forms.existing_folder)] | None = Field(
        default=None, description="A folder in which each file is a secret, named like the file."
    )
    settle_seconds: float = Field(
        default=60,
        gt=0,
        le=3600,
        description="Seconds between two looks for a start that was never answered.",
    )
    file_largest_kb: int = Field(
        default=512, ge=1, le=4096, description="The largest file a form takes, in units of 1,024 bytes."
    )
    keep_launches_days: int = Field(
        default=400,
        ge=0,
        description="Days for which ended launches are kept, with their events. 0, here and below: for good.",
    )
    keep_outputs_days: int = Field(
        default=90, ge=0, description="Days for which the outputs of ended launches are kept."
    )
    keep_events_days: int = Field(
        default=30,
        ge=0,
        description="Days for which the events of ended launches are kept once they are told.",
    )
    keep_audit_days: int = Field(
        default=0, ge=0, description="Days for which the audit is kept; then it is cut, and stays verifiable."
    )
    log_level: Level = Field(default="INFO", description="What is logged at least.")
    log_format: Literal["text", "json"] = Field(default="text", description="How it is logged.")

    secret_values: Mapping[str, SecretStr] = Field(default={}, exclude=True)  # SECRET_<NAME>
    secret_files: Mapping[str, Path] = Field(default={}, exclude=True)  # SECRET_<NAME>_FILE

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in counts: `read_settings` gathers it, to name all problems at once."""
        return (init_settings,)

    @property
    def timeout(self) -> timedelta:
        """How long to wait for Orchestrator's answer."""
        return timedelta(seconds=self.orchestrator_timeout)

    @property
    def settle(self) -> timedelta:
        """How long to wait between two looks for a start that was never answered."""
        return timedelta(seconds=self.settle_seconds)

    @property
    def audit_secrets(self) -> tuple[bytes, ...]:
        """The keys of the audit, the one that seals first."""
        return tuple(key.get_secret_value().encode() for key in self.audit_keys)

    @property
    def auth_url(self) -> str:
        """Where to log in."""
        return self.orchestrator_auth_url or self.orchestrator_url

    def named_secrets(self) -> NamedSecrets:
        """The secrets workflows may be given by name; files are read again at each use."""
        return NamedSecrets(folder=self.secrets_dir, files=self.secret_files, values=self.secret_values)

    @classmethod
    def fields(cls) -> dict[str, FieldInfo]:
        """What may be set, by name in capitals."""
        return {name.upper(): about for name, about in cls.model_fields.items() if not about.exclude}


def is_secret(about: FieldInfo) -> bool:
    """Whether a setting is, or holds, a secret."""
    return _mentions_secret(about.annotation)


def _mentions_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_mentions_secret(part) for part in get_args(annotation))


def table() -> str:
    """All settings as a Markdown table, for the README."""
    rows = [
        f"| {_name(*item)} | {_default(item[1])} | {item[1].description} |"
        for item in Settings.fields().items()
    ]
    return "\n".join((*_HEAD, *rows, *_FOOT))


_HEAD = ("| Setting | Default | What it is |", "| --- | --- | --- |")
_FOOT = (
    "| `SECRET_<NAME>` (secret) | | A secret workflows may be given; the policy file calls it `<name>`. |",
    "",
    "A setting marked as secret may also come as a file: `<SETTING>_FILE` is its path.",
    "The name of a secret is in lower case in the policy file, with `-` for `_`.",
)


def _name(name: str, about: FieldInfo) -> str:
    return f"`{name}`{' (secret)' if is_secret(about) else ''}"


def _default(about: FieldInfo) -> str:
    if about.is_required():
        return "**required**"
    match about.default:
        case None | frozenset() | ():
            return ""
        case SecretStr() as secret:
            return f"`{secret.get_secret_value()}`"  # a default is public
        case Enum(value=value):
            return f"`{value}`"
        case bool() as yes:
            return f"`{str(yes).lower()}`"
        case plain:
            return f"`{plain}`"
