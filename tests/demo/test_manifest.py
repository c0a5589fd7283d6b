"""The demo's Slack grants what manifest.yml asks for, from a checkout and from an installed wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.demo.environment import set_up
from bot.demo.slack.manifest import own_manifest, read_manifest

TOP = Path(__file__).parents[2]
ASKED = """
import json
from bot.demo.slack import manifest
print(json.dumps([manifest.__file__, manifest.own_manifest()]))
"""


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((TOP / "manifest.yml").read_text(encoding="utf-8"))
    return loaded


async def test_the_demos_slack_grants_what_the_manifest_asks_for(manifest: dict[str, Any]) -> None:
    features = manifest["features"]
    async with set_up() as environment:
        slack = environment.slack
        assert slack.scopes == set(manifest["oauth_config"]["scopes"]["bot"])
        assert slack.has_home_tab is features["app_home"]["home_tab_enabled"]
        assert [vars(each) for each in read_manifest(own_manifest()).commands] == features["slash_commands"]
        (command,) = features["slash_commands"]
        assert not (await slack.person("ada").slash(command["command"] + "x", channel="#ops")).ok
        assert [vars(each) for each in read_manifest(own_manifest()).shortcuts] == features["shortcuts"]
        assert set(slack.events) == set(
            manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
        )


def test_an_installed_wheel_carries_the_manifest(manifest: dict[str, Any], tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(  # noqa: S603 - this project's own build
        build, cwd=TOP, check=True, capture_output=True, timeout=100
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(installed)
    run = subprocess.run(  # noqa: S603 - the line above
        [sys.executable, "-c", ASKED], cwd=installed, check=True, capture_output=True, timeout=100
    )
    where, carried = json.loads(run.stdout)
    assert Path(where).is_relative_to(installed)
    assert carried == manifest
