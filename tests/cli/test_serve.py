"""`python -m bot serve` on a set-up with a mistake: a sentence and a mend, and no traceback."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.settings.reading import unknown_names

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60
LEAST = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "ORCHESTRATOR_URL": "http://127.0.0.1:9",
    "ORCHESTRATOR_LOGIN": "basic",
    "ORCHESTRATOR_USERNAME": "bot",
    "ORCHESTRATOR_PASSWORD": "hidden",
    "HTTP_HOST": "127.0.0.1",
    "HTTP_PORT": "0",
}


def serve(folder: Path, **settings: str) -> str:
    """What a bot says that must not start."""
    (folder / "policy.yaml").write_text("rules: []", encoding="utf-8")
    given = LEAST | {"DATABASE_URL": f"sqlite:///{folder / 'bot.sqlite3'}"}
    given |= {"POLICY_FILE": str(folder / "policy.yaml"), "PATH": os.environ["PATH"]} | settings
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        env=given,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "bot.sqlite3").write_text("a letter, and not a database " * 50, encoding="utf-8")
    said = serve(tmp_path)
    assert "file is not a database" in said
    assert "let DATABASE_URL name a SQLite file" in said


def test_tables_of_a_later_release(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "bot.sqlite3") as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    database.close()
    assert "at revision 9999, which is beyond this release's" in serve(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    said = serve(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'absent' / 'bot.sqlite3'}")
    assert "cannot be made. To mend it: make the folder" in said


def test_a_port_that_is_taken_and_a_setting_written_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = serve(tmp_path, HTTP_PORT=port, ORCHESTRATOR_VERIFY_TSL="off")
    assert f"cannot listen on 127.0.0.1, port {port}: another process listens there. Set HTTP_HOST" in said
    assert said.count("ORCHESTRATOR_VERIFY_TSL is not a setting") == 1


def test_a_bundle_of_authorities_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none", encoding="utf-8")
    said = serve(tmp_path, ORCHESTRATOR_CA_BUNDLE=str(tmp_path / "ca.pem"))
    assert "ca.pem, which holds no certificate that can be read. Name a PEM file" in said


def test_a_user_name_that_basic_cannot_send(tmp_path: Path) -> None:
    assert "ORCHESTRATOR_USERNAME holds a colon" in serve(tmp_path, ORCHESTRATOR_USERNAME="a:b")


@pytest.mark.parametrize(
    "name", ["ORCHESTRATOR_VERIFY_TSL", "POLICY_FLIE", "DATBASE_URL", "SLACK_BOT_TOKN_FILE"]
)
def test_a_variable_that_looks_like_a_setting_is_told(name: str) -> None:
    (said,) = unknown_names({name: "x"})
    assert said.startswith(f"{name} is not a setting and has no effect. Did you mean ")


@pytest.mark.parametrize(
    "name", ["HTTP_PROXY", "HTTPS_PROXY", "PATH", "ORCHESTRATOR_PORT", "ORCHESTRATOR_SERVICE_HOST", "LOGNAME"]
)
def test_what_others_set_is_left_alone(name: str) -> None:
    assert unknown_names({name: "x", "HTTP_PORT": "8080", "SECRET_API_KEY": "x"}) == ()
