from __future__ import annotations

import asyncio
import json
import logging
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from bot.__main__ import DemoMissing, main
from bot.domain.launch import State, plan
from bot.policy_file import parse_policy
from bot.settings import Settings, read_settings, table

TOP = Path(__file__).parent.parent


def text_of(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text_of("manifest.yml"))
    return loaded


def test_the_readme_lists_the_settings_as_they_are() -> None:
    _, _, rest = text_of("README.md").partition("<!-- settings -->")
    shown, end, _ = rest.partition("<!-- /settings -->")
    assert end
    assert shown.strip() == table()


def test_slack_takes_the_manifest(manifest: dict[str, Any]) -> None:
    schema = json.loads(text_of("tests/manifest.schema.json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(manifest, schema)


def test_every_optional_scope_is_asked_for_as_well(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) < set(scopes["bot"])


def test_the_manifest_and_the_settings_agree_on_the_command(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == Settings.fields()["COMMAND"].default


def test_the_manifest_and_the_settings_agree_on_the_transport(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert Settings.fields()["SLACK_TRANSPORT"].default.value == "socket"


def test_the_lock_file_fits_the_projects_requirements() -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text_of("requirements.lock"), re.MULTILINE))
    wanted = tomllib.loads(text_of("pyproject.toml"))["project"]["dependencies"]
    for requirement in map(Requirement, wanted):
        assert Version(locked[requirement.name]) in requirement.specifier, requirement


def test_every_locked_package_has_hashes_and_no_address() -> None:
    text = text_of("requirements.lock")
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index" not in text


def test_the_image_installs_only_what_is_locked_and_does_not_run_as_root() -> None:
    text = text_of("Dockerfile").replace("\\\n", " ")
    (install,) = re.findall(r"pip\b[^&\n]* install [^&\n]*", text)
    assert {"--require-hashes", "--no-deps", "/requirements.lock"} < set(install.split())
    user = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert user
    assert user[-1] != "0"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder /app of the image, made by the lines of the Dockerfile that fill it."""
    build, final = re.split(r"^FROM .*$", text_of("Dockerfile").replace("\\\n", " "), flags=re.MULTILINE)[1:]
    assert [line for line in re.findall(r"^COPY (.*)$", final, re.MULTILINE) if "/app" in line] == [
        "--from=build /app /app"
    ]
    for line in build.splitlines():
        match line.split():
            case ["COPY", source, target] if target.startswith("/app"):
                shutil.copytree(
                    TOP / source, tmp_path / target[1:], ignore=shutil.ignore_patterns("__pycache__")
                )
            case ["RUN", "rm", "-r", folder]:
                shutil.rmtree(tmp_path / folder[1:])
            case _:
                pass  # fills another folder
    return tmp_path / "app"


async def in_image(image: Path, *arguments: str) -> tuple[int | None, str, str]:
    """Exit code, output and errors of Python in that folder."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments), cwd=image, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_image_holds_the_bot_without_the_demo(image: Path) -> None:
    assert not (image / "bot" / "demo").exists()
    modules = sorted(path for path in (TOP / "bot").iterdir() if path.name not in {"demo", "__main__.py"})
    names = [
        f"bot.{path.stem}" for path in modules if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    names.remove("bot.__init__")
    assert await in_image(image, "-c", f"import {', '.join(names)}") == (0, "", "")


async def test_the_image_says_in_one_sentence_that_it_has_no_demo(image: Path) -> None:
    assert await in_image(image, "-m", "bot", "demo") == (1, "", f"{DemoMissing()}\n")


async def test_a_demo_that_is_there_but_broken_is_not_called_missing(image: Path) -> None:
    (image / "bot" / "demo").mkdir()
    (image / "bot" / "demo" / "__init__.py").touch()
    code, _, errors = await in_image(image, "-m", "bot", "demo")
    assert code == 1
    assert str(DemoMissing()) not in errors


def block_of(language: str) -> str:
    """The README's only block of that language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", text_of("README.md"), re.MULTILINE | re.DOTALL)
    return str(block)


def test_the_readme_draws_the_states_as_they_follow_each_other() -> None:
    _, _, rest = text_of("README.md").partition("<!-- states -->")
    drawing, end, _ = rest.partition("<!-- /states -->")
    assert end
    arrows = [pair.replace("_", " ") for pair in re.findall(r"^ +(\S+ --> \S+)$", drawing, re.MULTILINE)]
    assert drawing.count("-->") == len(arrows) == len(set(arrows))
    follow = {f"{state} --> {after}" for state, following in plan().items() for after in following}
    begin = {"[*] --> awaiting approval", "[*] --> approved"}
    finish = {f"{state.value} --> [*]" for state in State if state.is_end}
    assert set(arrows) == follow | begin | finish


def test_the_readmes_policy_can_be_read() -> None:
    policy = parse_policy(block_of("yaml"), secrets=())
    assert [len(rule.approve) for rule in policy.rules] == [1, 0]


def test_the_readmes_explanation_is_what_the_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.yaml").write_text(block_of("yaml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    command = re.search(r"python -m bot (policy explain (?:.*\\\n)*.*)", text_of("README.md"))
    assert command is not None
    try:
        assert main(shlex.split(command[1].replace("\\\n", " "))) == 0
    finally:
        logging.disable(logging.NOTSET)  # a command is alone in its process, a test is not
    assert capsys.readouterr().out == block_of("text")


def test_the_readmes_settings_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "bot.env"
    file.write_text(block_of("ini"), encoding="utf-8")
    assert read_settings({}, file=file).policy_file == Path("policy.yaml")


def test_the_code_the_readme_speaks_of_is_there() -> None:
    named = re.findall(r"`(bot/[\w/]+\.py)`", text_of("README.md"))
    assert len(named) > 10
    assert [name for name in named if not (TOP / name).is_file()] == []
