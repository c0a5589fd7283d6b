from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import LoginKind, Settings, SettingsError, SlackTransport, read_settings, table

LEAST = {
    "SLACK_BOT_TOKEN": "xoxb-1-pretend",
    "SLACK_APP_TOKEN": "xapp-1-pretend",
    "ORCHESTRATOR_URL": "https://vro.example.com",
    "ORCHESTRATOR_LOGIN": "basic",
    "ORCHESTRATOR_USERNAME": "bot@example.com",
    "ORCHESTRATOR_PASSWORD": "pretend password ",
}


def problems_of(given: dict[str, str], *, file: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(given, file=file)
    return caught.value.problems


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_the_least_that_has_to_be_set_is_enough() -> None:
    settings = read_settings(LEAST)
    assert settings.slack_transport is SlackTransport.SOCKET
    assert settings.orchestrator_login is LoginKind.BASIC
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value() == "sqlite:///bot.sqlite3"
    assert settings.orchestrator_timeout < 20


def test_the_bot_logs_in_where_orchestrator_is_unless_told_otherwise() -> None:
    assert read_settings(LEAST).auth_url == "https://vro.example.com"
    elsewhere = LEAST | {"ORCHESTRATOR_AUTH_URL": "https://login.example.com/"}
    assert read_settings(elsewhere).auth_url == "https://login.example.com"


def test_times_are_given_in_seconds() -> None:
    settings = read_settings(LEAST | {"ORCHESTRATOR_TIMEOUT": "2.5", "SETTLE_SECONDS": "90"})
    assert settings.timeout == timedelta(seconds=2.5)
    assert settings.settle == timedelta(minutes=1.5)


def test_a_password_is_taken_to_the_letter() -> None:
    password = read_settings(LEAST).orchestrator_password
    assert password is not None
    assert password.get_secret_value() == "pretend password "


def test_an_empty_value_counts_as_not_set() -> None:
    assert read_settings(LEAST | {"HTTP_PORT": " ", "ORCHESTRATOR_DOMAIN": ""}).http_port == 8080


def test_everything_wrong_is_named_at_once() -> None:
    problems = problems_of({"HTTP_PORT": "many", "ORCHESTRATOR_TIMEOUT": "20", "SLACK_TRANSPORT": "pigeon"})
    assert [problem.split()[0] for problem in problems] == [
        "HTTP_PORT",
        "ORCHESTRATOR_LOGIN",
        "ORCHESTRATOR_TIMEOUT",
        "ORCHESTRATOR_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_TRANSPORT",
    ]


def test_nothing_set_at_all_says_what_each_missing_setting_is() -> None:
    assert "SLACK_BOT_TOKEN is not set. The app's bot token, `xoxb-…`." in problems_of({})


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_TRANSPORT": "socket", "SLACK_APP_TOKEN": ""}, ["SLACK_APP_TOKEN"]),
        ({"SLACK_APP_TOKEN": ""}, ["SLACK_APP_TOKEN"]),
        ({"SLACK_TRANSPORT": "http"}, ["SLACK_SIGNING_SECRET"]),
        ({"ORCHESTRATOR_LOGIN": "basic", "ORCHESTRATOR_PASSWORD": ""}, ["ORCHESTRATOR_PASSWORD"]),
        ({"ORCHESTRATOR_LOGIN": "aria", "ORCHESTRATOR_USERNAME": ""}, ["ORCHESTRATOR_USERNAME"]),
        ({"ORCHESTRATOR_LOGIN": "token"}, ["ORCHESTRATOR_TOKEN"]),
        ({"ORCHESTRATOR_LOGIN": "vcf"}, ["ORCHESTRATOR_REFRESH_TOKEN", "ORCHESTRATOR_TENANT"]),
    ],
)
def test_what_a_choice_needs_is_asked_for(given: dict[str, str], missing: list[str]) -> None:
    assert [problem.split()[0] for problem in problems_of(LEAST | given)] == missing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "hidden-1"),
        ("SLACK_APP_TOKEN", "hidden-2"),
        ("DATABASE_URL", "mysql://hidden:hidden@db/bot"),
        ("DATABASE_URL", "postgresql://hidden:hidden@db"),
        ("SEALING_KEYS", "hidden"),
        ("ORCHESTRATOR_URL", "https://hidden:hidden@vro.example.com"),
    ],
)
def test_no_problem_repeats_a_secret(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(LEAST | {name: value})
    assert [problem.split()[0] for problem in caught.value.problems] == [name]
    assert "hidden" not in str(caught.value)


def test_no_secret_shows_when_settings_are_printed() -> None:
    key = Fernet.generate_key().decode()
    given = LEAST | {
        "SEALING_KEYS": key,
        "SECRET_X": "hidden",
        "DATABASE_URL": "postgresql://u:hidden@db/bot",
    }
    settings = read_settings(given)
    for text in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.named_secrets())):
        assert key not in text
        assert "hidden" not in text
        assert "pretend" not in text


def test_a_secret_may_come_as_a_file(tmp_path: Path) -> None:
    file = write(tmp_path / "token", "xoxb-2-from-a-file\n")
    given = {name: value for name, value in LEAST.items() if name != "SLACK_BOT_TOKEN"}
    settings = read_settings(given | {"SLACK_BOT_TOKEN_FILE": str(file)})
    assert settings.slack_bot_token.get_secret_value() == "xoxb-2-from-a-file"


def test_a_secret_that_comes_twice_or_from_no_file_is_a_problem(tmp_path: Path) -> None:
    given = LEAST | {"SLACK_BOT_TOKEN_FILE": "x", "DATABASE_URL_FILE": str(tmp_path / "none")}
    database, token = problems_of(given)
    assert database.startswith(f"DATABASE_URL cannot be read from {tmp_path / 'none'}")
    assert token == "SLACK_BOT_TOKEN is set twice. Set either SLACK_BOT_TOKEN or SLACK_BOT_TOKEN_FILE."


def test_a_settings_file_is_read_below_the_environment(tmp_path: Path) -> None:
    lines = "# a comment\nexport HTTP_PORT=1111\nCOMMAND='/run'\nORCHESTRATOR_PASSWORD='a ${HOME} $b #c'\n"
    file = write(tmp_path / "bot.env", lines)
    given = {name: value for name, value in LEAST.items() if name != "ORCHESTRATOR_PASSWORD"}
    settings = read_settings(given | {"HTTP_PORT": "2222"}, file=file)
    assert (settings.http_port, settings.command) == (2222, "/run")
    assert settings.orchestrator_password is not None
    assert settings.orchestrator_password.get_secret_value() == "a ${HOME} $b #c"


def test_the_settings_file_may_be_named_in_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path / "bot.env", "HTTP_PORT=1111")
    assert read_settings(LEAST | {"BOT_SETTINGS": str(file)}).http_port == 1111


def test_a_typing_error_in_the_settings_file_is_named_with_what_was_meant(tmp_path: Path) -> None:
    file = write(tmp_path / "bot.env", "ORCHESTRATOR_DOMIAN=x\nNONSENSE=1\nSECRET_ANYTHING=1\n")
    nonsense, domain = problems_of(LEAST, file=file)
    assert domain.endswith("Did you mean ORCHESTRATOR_DOMAIN?")
    assert nonsense == f"NONSENSE is not a setting, but {file} sets it. Take it out."


def test_a_line_that_is_no_setting_is_named_without_its_text(tmp_path: Path) -> None:
    file = write(tmp_path / "bot.env", "HTTP_PORT=1\n\nORCHESTRATOR_PASSWORD = 'hidden\n")
    (problem,) = problems_of(LEAST, file=file)
    assert problem == f"BOT_SETTINGS has a line that is no setting: line 3 of {file}. Write NAME=value."


def test_a_settings_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems_of(LEAST, file=tmp_path / "none")
    assert problem.startswith(f"BOT_SETTINGS names {tmp_path / 'none'}, which cannot be read")


@pytest.mark.parametrize("url", ["http://localhost:8281", "http://127.0.0.1:9", "http://[::1]:9"])
def test_http_is_allowed_to_this_machine_itself(url: str) -> None:
    assert read_settings(LEAST | {"ORCHESTRATOR_URL": url}).orchestrator_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://vro.example.com",
        "http://127.0.0.1.example.com",
        "vro.example.com",
        "ftp://vro.example.com",
        "https://",
        "https://vro.example.com/?a=b",
        "https://vro.example.com:99999",
    ],
)
@pytest.mark.parametrize("name", ["ORCHESTRATOR_URL", "ORCHESTRATOR_AUTH_URL", "SLACK_API_URL"])
def test_addresses_that_would_not_do_are_refused(name: str, url: str) -> None:
    (problem,) = problems_of(LEAST | {name: url})
    assert problem.startswith(name)


@pytest.mark.parametrize("given", ["https://vro.example.com/", "https://vro.example.com/vco/api/"])
def test_orchestrators_address_is_kept_without_what_every_call_adds(given: str) -> None:
    assert read_settings(LEAST | {"ORCHESTRATOR_URL": given}).orchestrator_url == "https://vro.example.com"


def test_slacks_address_ends_in_a_slash() -> None:
    given = LEAST | {"SLACK_API_URL": "http://127.0.0.1:1/api"}
    assert read_settings(given).slack_api_url == "http://127.0.0.1:1/api/"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sqlite:///bot.db", "sqlite:///bot.db"),
        ("sqlite+aiosqlite:////data/bot.db", "sqlite:////data/bot.db"),
        ("postgres://u:p@db/bot", "postgresql://u:p@db/bot"),
        ("postgresql+asyncpg://u:p%40@db:5432/bot", "postgresql://u:p%40@db:5432/bot"),
        ("postgresql://u:p@db/bot?sslmode=require", "postgresql://u:p@db/bot?ssl=require"),
        ("postgresql:///bot?host=/var/run", "postgresql:///bot?host=%2Fvar%2Frun"),
    ],
)
def test_a_databases_address_is_kept_in_one_spelling(given: str, kept: str) -> None:
    assert read_settings(LEAST | {"DATABASE_URL": given}).database_url.get_secret_value() == kept


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "bot.db", "postgresql://db", "mysql://u@db/bot"]
)
def test_a_database_the_bot_cannot_use_is_refused(url: str) -> None:
    (problem,) = problems_of(LEAST | {"DATABASE_URL": url})
    assert problem.startswith("DATABASE_URL")


def test_lists_are_written_with_commas() -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings = read_settings(LEAST | {"SLACK_TEAMS": "T01, E02,", "SEALING_KEYS": f"{first},{second}"})
    assert settings.slack_teams == {"T01", "E02"}
    assert [key.get_secret_value() for key in settings.sealing_keys] == [first, second]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_TEAMS", "T01,example.slack.com"),
        ("COMMAND", "vro"),
        ("COMMAND", "/VRO"),
        ("HTTP_PORT", "65536"),
        ("ORCHESTRATOR_TIMEOUT", "nan"),
        ("ORCHESTRATOR_TIMEOUT", "0"),
        ("ORCHESTRATOR_CA_BUNDLE", "/no/such/file.pem"),
        ("ORCHESTRATOR_PARAMETER_KEY", "params"),
        ("SECRETS_DIR", "/no/such/folder"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("SETTLE_SECONDS", "0"),
        ("DATABASE_POOL", "1"),
        ("SECRET_X_FILE", "/no/such/file"),
    ],
)
def test_a_value_that_would_not_do_is_refused(name: str, value: str) -> None:
    (problem,) = problems_of(LEAST | {name: value})
    assert problem.startswith(name)


def test_the_log_level_may_be_written_small() -> None:
    assert read_settings(LEAST | {"LOG_LEVEL": "debug"}).log_level == "DEBUG"


def test_variables_that_would_turn_bolt_into_another_kind_of_app_are_refused() -> None:
    (problem,) = problems_of(LEAST | {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hidden"})
    assert problem.startswith("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are set")
    assert "hidden" not in problem
    read_settings(LEAST | {"SLACK_CLIENT_ID": "1.2"})


def test_a_bundle_of_authorities_without_checking_is_refused(tmp_path: Path) -> None:
    bundle = write(tmp_path / "ca.pem", "pretend")
    given = LEAST | {"ORCHESTRATOR_CA_BUNDLE": str(bundle), "ORCHESTRATOR_VERIFY_TLS": "off"}
    (problem,) = problems_of(given)
    assert problem.startswith("ORCHESTRATOR_VERIFY_TLS")


def test_settings_made_by_hand_do_not_look_at_the_environment() -> None:
    settings = Settings(
        slack_bot_token="xoxb-1",
        orchestrator_url="http://localhost:1",
        orchestrator_login=LoginKind.TOKEN,
    )
    assert settings.policy_file == Path("policy.yaml")


def test_named_secrets_come_from_the_folder_from_files_and_from_variables(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    write(folder / "svc-password", "from the folder\n")
    write(folder / "..data", "not a secret")
    (folder / "a-folder").mkdir()
    file = write(tmp_path / "elsewhere", "from a file\n")
    named = read_settings(
        LEAST
        | {"SECRETS_DIR": str(folder), "SECRET_API_KEY": "from a variable", "SECRET_OTHER_FILE": str(file)}
    ).named_secrets()
    assert {name: secret.get_secret_value() for name, secret in named.items()} == {
        "api-key": "from a variable",
        "other": "from a file",
        "svc-password": "from the folder",
    }
    assert len(named) == 3
    assert "svc-password" in named
    assert "none" not in named
    assert named.get("none") is None


def test_a_rotated_secret_counts_at_its_next_use(tmp_path: Path) -> None:
    file = write(tmp_path / "svc-password", "old")
    named = read_settings(LEAST | {"SECRETS_DIR": str(tmp_path)}).named_secrets()
    assert named["svc-password"].get_secret_value() == "old"
    write(file, "new")
    assert named["svc-password"].get_secret_value() == "new"
    file.unlink()
    assert "svc-password" not in named


def test_the_table_names_every_setting_and_says_what_it_is() -> None:
    lines = table().splitlines()
    for name, about in Settings.fields().items():
        (line,) = [line for line in lines if line.startswith(f"| `{name}`")]
        assert about.description
        assert line.count("|") == 4, line
        assert ("(secret)" in line) == ("SecretStr" in str(about.annotation))


# the audit


@pytest.mark.parametrize(
    "place",
    [
        "file:///var/log/audit.jsonl",
        "syslog://siem.example.com",
        "syslog://siem.example.com:1514",
        "syslogs://siem.example.com:6514",
        "https://collector.example.com/audit",
        "http://127.0.0.1:9/audit",
    ],
)
def test_the_audit_may_be_shipped_to_a_file_a_syslog_server_or_a_collector(place: str) -> None:
    assert read_settings(LEAST | {"AUDIT_SHIP_TO": place}).audit_ship_to == place


@pytest.mark.parametrize(
    "place",
    [
        "/var/log/audit.jsonl",
        "file://host/audit.jsonl",
        "file:///",
        "syslog://",
        "syslog://host:70000",
        "http://collector.example.com/audit",
        "https://user:password@collector.example.com",
        "ftp://host/x",
    ],
)
def test_and_to_no_other_place(place: str) -> None:
    (problem,) = problems_of(LEAST | {"AUDIT_SHIP_TO": place})
    assert problem.startswith("AUDIT_SHIP_TO ")
