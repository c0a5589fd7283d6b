"""`python -m bot`: which command is meant, and where its words may stand."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.cli.command_line import COMMANDS, main

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60
LIGHT = """
import sys
from bot.cli.command_line import main
try:
    main([%r, "--help"])
except SystemExit:
    print(*(name for name in sys.modules if name.startswith("bot.cli.")), file=sys.stderr)
"""


def bot(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-m", "bot", *words], capture_output=True, text=True, timeout=_SECONDS, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--settings", "{file}", "migrate"),
        ("migrate", "--settings", "{file}"),
        ("policy", "--settings={file}", "check"),
        ("policy", "check", "--settings", "{file}"),
        ("audit", "export", "--settings", "{file}", "--format", "csv"),
        ("quarantine", "--settings", "{file}", "show", "launch/1"),
    ],
)
def test_the_settings_may_stand_anywhere(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "absent.env"
    assert main([word.format(file=file) for word in words]) == 1
    assert f"BOT_SETTINGS names {file}, which cannot be read" in capsys.readouterr().err


def test_what_follows_two_dashes_is_no_option(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("rules: []", encoding="utf-8")
    words = ("policy", "explain", "--policy", str(file), "--user", "U1", "--workflow", "W", "--", "a=1")
    assert main([*words, "--settings"]) == 1
    assert "“--settings” is not an argument. Write name=value." in capsys.readouterr().err


def test_help_names_each_command_and_what_it_does() -> None:
    said = bot("--help")
    assert said.returncode == 0
    for name, text in COMMANDS.items():
        assert f"{name} " in said.stdout
        assert text in said.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_brings_no_other_with_it(name: str) -> None:
    code = LIGHT % name
    said = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=_SECONDS, check=True
    )
    assert f"usage: python -m bot {name}" in said.stdout
    loaded = {module.split(".")[2] for module in said.stderr.split()}
    assert loaded & COMMANDS.keys() == {name}


def test_a_version_is_said() -> None:
    said = bot("--version")
    assert said.returncode == 0
    assert said.stdout.strip()


@pytest.mark.parametrize("words", [(), ("fly",), ("migrate", "--fast"), ("policy",), ("check", "twice")])
def test_what_is_no_command_ends_with_2_and_the_usage(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: python -m bot" in capsys.readouterr().err
