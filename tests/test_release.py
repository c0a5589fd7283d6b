"""What a release is made of: the same wheel each time, a bill of materials, workflows that can be read."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.test_documents import TOP, text_of

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = sorted(file.name for file in (TOP / ".github" / "workflows").glob("*.yml"))


def wheel(folder: Path) -> bytes:
    """A wheel of the working tree."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1764547200"}
    subprocess.run(build, cwd=TOP, env=environment, check=True, capture_output=True, timeout=100)  # noqa: S603 - our own
    (made,) = folder.glob("*.whl")
    return made.read_bytes()


def test_a_wheel_built_twice_has_the_same_bytes(tmp_path: Path) -> None:
    first, second = (hashlib.sha256(wheel(tmp_path / name)).hexdigest() for name in ("one", "two"))
    assert first == second


def test_the_bill_of_materials_lists_what_is_locked() -> None:
    made = subprocess.run([str(TOP / ".ci" / "sbom")], check=True, capture_output=True, timeout=60)  # noqa: S603 - our own
    bill: dict[str, Any] = json.loads(made.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    locked = re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text_of("requirements.lock"), re.MULTILINE)
    assert [(each["name"], each["version"]) for each in bill["components"]] == locked
    assert all(each["properties"] for each in bill["components"])
    assert len({each["bom-ref"] for each in bill["components"]}) == len(locked) > 20


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_run_only_what_is_pinned_and_ask_for_no_more_than_they_need(name: str) -> None:
    text = text_of(f".github/workflows/{name}")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        for step in job["steps"]:
            assert "uses" not in step or re.search(r"@[0-9a-f]{40}$", step["uses"]), step
            assert "${{" not in step.get("run", ""), "what others name must not become part of a script"


def test_the_changelog_tells_of_the_version_there_is() -> None:
    version = re.search(r'^version = "(.*)"', text_of("pyproject.toml"), re.MULTILINE)
    assert version is not None
    assert f"\n## {version[1]}\n" in text_of("CHANGELOG.md")
    assert "\n## Unreleased\n" in text_of("CHANGELOG.md")


def test_renovate_waits_before_it_takes_what_is_new() -> None:
    assert json.loads(text_of("renovate.json"))["minimumReleaseAge"] == "7 days"
