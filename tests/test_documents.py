from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from bot.cli.command_line import main
from bot.cli.demo import DemoMissing
from bot.domain.launch import State, plan
from bot.policy_file import SAMPLE, SAMPLE_CASES, parse_policy
from bot.policy_file.fields import ReadingContext
from bot.policy_file.freezes import FreezeModel
from bot.policy_file.marked_yaml import read_marked
from bot.policy_file.model import MODELS, Input, PolicyModel, RuleModel, SecretGrant, Selector
from bot.policy_file.model import Test as ArgumentTestModel
from bot.policy_file.people import (
    BreakGlassModel,
    Deciders,
    DelegationModel,
    Escalation,
    NamedSet,
    NotifyModel,
    Runners,
    StageFields,
)
from bot.settings import LoginKind, Settings, read_settings, table
from bot.slack import listings

if TYPE_CHECKING:
    from pydantic import BaseModel

TOP = Path(__file__).parent.parent


def text_of(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text_of("manifest.yml"))
    return loaded


def test_the_settings_are_listed_as_they_are() -> None:
    _, _, rest = text_of("docs/settings.md").partition("<!-- settings -->")
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


def test_every_word_of_the_manifests_hint_is_a_sub_command(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    words = [part.strip(" []").split()[0] for part in command["usage_hint"].split("|")]
    help_text = listings.help_text(command["command"], may_run=True).blocks[0]["text"]["text"]
    assert [word for word in words if f"{command['command']} {word}" not in help_text] == ["help"]


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


def blocks_of(name: str, language: str) -> list[str]:
    """The document's blocks of code in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(name), re.MULTILINE | re.DOTALL)


def block_of(language: str) -> str:
    """The README's only block of that language."""
    (block,) = blocks_of("README.md", language)
    return block


def test_the_states_are_drawn_as_they_follow_each_other() -> None:
    _, _, rest = text_of("docs/never-twice.md").partition("<!-- states -->")
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
    assert main(shlex.split(command[1].replace("\\\n", " "))) == 0
    assert capsys.readouterr().out == block_of("text")


def test_the_readmes_settings_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "bot.env"
    file.write_text(block_of("ini"), encoding="utf-8")
    assert read_settings({}, file=file).policy_file == Path("policy.yaml")


def test_the_readme_stays_short() -> None:
    assert len(text_of("README.md").splitlines()) <= 220


# the policy's reference

_WHO = {"people": ["operators"]}
_PEOPLE_KEYS = {"users", "groups", "domains", "people"}


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table of the policy's reference: whose keys it lists, and what else its examples need."""

    model: type[BaseModel]
    beside: dict[str, Any] = field(default_factory=dict)  # keys every instance of the model has to have
    elsewhere: frozenset[str] = frozenset()  # keys of the model that another table explains


SECTIONS = {
    "Top level": Section(
        model=PolicyModel, beside={"people": {"operators": {"users": ["U01"]}}, "rules": []}
    ),
    "Rules": Section(
        model=RuleModel, beside={"name": "x", "workflows": {"names": ["x"]}, "run": {"everyone": True}}
    ),
    "workflows": Section(model=Selector),
    "when": Section(model=ArgumentTestModel),
    "people": Section(model=Runners),
    "approve": Section(
        model=StageFields, beside={"people": ["change managers"]}, elsewhere=frozenset(_PEOPLE_KEYS)
    ),
    "notify": Section(model=NotifyModel),
    "inputs": Section(model=Input),
    "Freezes": Section(
        model=FreezeModel, beside={"name": "x", "zone": "Europe/Berlin", "from": "10:00", "to": "11:00"}
    ),
    "Delegation": Section(model=DelegationModel),
    "Break-glass": Section(
        model=BreakGlassModel, beside=_WHO | {"review": _WHO}, elsewhere=frozenset(_PEOPLE_KEYS)
    ),
}


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table below a heading of the policy's reference, without its two head lines."""
    found = re.search(
        rf"^##+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text_of("docs/policy.md"), re.MULTILINE | re.DOTALL
    )
    assert found is not None, heading
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_policys_reference_lists_the_keys_there_are(heading: str) -> None:
    section = SECTIONS[heading]
    listed = [row[0].strip(" `") for row in rows_of(heading)]
    known = {about.alias or key for key, about in section.model.model_fields.items()}
    assert sorted(listed) == sorted(known - section.elsewhere)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_example_of_the_policys_reference_is_taken(heading: str) -> None:
    section = SECTIONS[heading]
    for key, *_, example in rows_of(heading):
        given = read_marked(example.strip(" `"))
        assert isinstance(given.data, dict)
        assert list(given.data) == [key.strip(" `")]
        known = ReadingContext(people={"operators", "change managers"})
        data = section.beside | given.data
        section.model.model_validate(data, context=known)


def test_every_model_of_the_policy_file_has_a_table() -> None:
    covered = {section.model for section in SECTIONS.values()}
    explained_by_another = {NamedSet, Deciders, Escalation, SecretGrant}  # `people`, `approve`, `secrets`
    assert covered | explained_by_another == set(MODELS)


def test_the_policys_reference_ends_with_the_samples() -> None:
    assert blocks_of("docs/policy.md", "yaml") == [SAMPLE, SAMPLE_CASES]


# what the documents point at

DOCUMENTS = sorted(
    str(file.relative_to(TOP))
    for place in (".", "docs", "docs/deploy", ".github")
    for file in (TOP / place).glob("*.md")
)
_LINK = re.compile(r"""(?:\[[^\]]*\]\(|src=")([^)"\s]+)[)"]""")
_PATH = re.compile(r"`((?:bot|tests|docs|\.ci|\.github)/[\w./-]*|[\w-]+\.(?:md|yml|toml|lock))`")
_IN_COMMAND = re.compile(r"\b((?:bot|tests)/[\w./-]+\.\w+)")


def anchors_of(name: str) -> set[str]:
    """The anchors that GitHub gives the document's headings."""
    prose = re.sub(r"^```.*?^```$", "", text_of(name), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(name: str) -> None:
    for link in _LINK.findall(text_of(name)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (TOP / name).parent / path if path else TOP / name
        assert target.resolve().is_relative_to(TOP), link
        assert target.exists(), link
        if anchor:
            assert anchor in anchors_of(str(target.resolve().relative_to(TOP))), link


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_a_document_names_is_there(name: str) -> None:
    text = text_of(name)
    named = {*_PATH.findall(text), *_IN_COMMAND.findall(text)} - _OF_THE_READER
    assert [each for each in sorted(named) if not (TOP / each).exists()] == []


_OF_THE_READER = {"SECURITY.md"}  # beside the document that links to it


def test_the_documents_name_enough_code_for_these_tests_to_mean_something() -> None:
    assert len(set(_PATH.findall(text_of("docs/changing.md")))) > 30


def test_every_document_is_in_the_index() -> None:
    linked = {
        (TOP / "docs" / link.partition("#")[0]).resolve() for link in _LINK.findall(text_of("docs/README.md"))
    }
    missing = [
        name for name in DOCUMENTS if name != "docs/README.md" and (TOP / name).resolve() not in linked
    ]
    assert missing == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_class_and_function_a_document_names_is_there(name: str) -> None:
    code = "\n".join(file.read_text("utf-8") for file in sorted((TOP / "bot").rglob("*.py")))
    for owner, member in re.findall(r"`([A-Z][a-z]\w+)\.(\w+)`", text_of(name)):
        assert re.search(rf"^class {owner}\b", code, re.MULTILINE), f"{owner}.{member}"
        assert re.search(rf"^    (?:async )?def {member}\b", code, re.MULTILINE), f"{owner}.{member}"


def test_what_a_document_finds_in_a_file_is_in_it() -> None:
    found = re.findall(
        r"`(\w+)`(?:,? (?:of|in)|\s+(?:of|in)) `(bot/[\w/]+\.py)`", text_of("docs/changing.md")
    )
    assert len(found) > 15
    assert [each for each in found if not re.search(rf"\b{each[0]}\b", text_of(each[1]))] == []


def commands_of(name: str) -> set[tuple[str, ...]]:
    """The commands of `python -m bot` that a document names, without their options."""
    lines = re.findall(r"python -m bot (?:--settings \S+ )?([a-z]+)(?: ([a-z]+))?", text_of(name))
    return {(word, action) if word in {"audit", "policy"} and action else (word,) for word, action in lines}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_a_document_names_is_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in commands_of(name):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert ended.value.code == 0, command
    capsys.readouterr()


def test_slacks_document_gives_a_reason_for_every_scope(manifest: dict[str, Any]) -> None:
    rows = re.findall(r"^\| (`.*?) \| ", text_of("docs/slack.md"), re.MULTILINE)
    optional = {scope for row in rows if "(optional)" in row for scope in re.findall(r"`([^`]+)`", row)}
    assert sorted(re.findall(r"`([^`]+)`", " ".join(rows))) == sorted(
        manifest["oauth_config"]["scopes"]["bot"]
    )
    assert optional == set(manifest["oauth_config"]["scopes"]["bot_optional"])


def test_orchestrators_document_has_every_login() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| ", text_of("docs/orchestrator.md"), re.MULTILINE)
    assert sorted(rows) == sorted(login.value for login in LoginKind)


@pytest.mark.parametrize(
    "name", [name for name in DOCUMENTS if name != "docs/changing.md"]
)  # it names constants
def test_every_setting_a_document_names_is_one(name: str) -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]*[A-Z])(?:=[^`]*)?`", text_of(name)))
    files = {f"{setting}_FILE" for setting in Settings.fields()}
    assert named <= {
        *Settings.fields(),
        *files,
        "BOT_SETTINGS",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "SOURCE_DATE_EPOCH",
    }


def test_every_message_in_the_troubles_is_one_that_is_said() -> None:
    rows = re.findall(r"^\| (?:in Slack: )?`([^`]+)`", text_of("docs/faq.md"), re.MULTILINE)
    of_others = {
        "dispatch_failed",
        "Slack refuses SLACK_BOT_TOKEN: invalid_auth",
    }  # Slack's own, or put together
    code = "\n".join(file.read_text("utf-8") for file in sorted((TOP / "bot").rglob("*.py")))
    said = re.sub(r"[`\"]\s*\n\s*[f]?\"|\s+|`", " ", code)
    assert len(rows) > 10
    assert [each for each in rows if each not in said and each not in of_others] == []


@pytest.mark.parametrize(("document", "head"), [("approvals", "| Bound to |"), ("security", "| Attempt |")])
def test_each_row_of_what_is_defended_names_a_test_there_is(document: str, head: str) -> None:
    _, _, table = text_of(f"docs/{document}.md").partition(head)
    rows = [line for line in table.partition("\n\n")[0].splitlines() if line.startswith("| ")][1:]
    named = [re.findall(r"`(test_\w+)`", row.rpartition(" | ")[2]) for row in rows]
    assert rows
    assert all(named), rows
    written = "".join(path.read_text(encoding="utf-8") for path in (TOP / "tests").rglob("test_*.py"))
    assert [name for names in named for name in names if f"def {name}(" not in written] == []
