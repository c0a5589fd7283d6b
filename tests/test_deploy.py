"""The files of docs/deploy: of the shape their readers take, and true to the settings and the image."""

from __future__ import annotations

import configparser
import re
from typing import Any

import jsonschema
import pytest
import yaml

from bot.settings import Settings
from bot.settings.model import is_secret
from tests.test_documents import TOP, text_of

DEPLOY = "docs/deploy"
USER = 10001
KNOWN = set(Settings.fields()) | {
    f"{name}_FILE" for name, each in Settings.fields().items() if is_secret(each)
}


def manifests() -> list[dict[str, Any]]:
    files = sorted((TOP / DEPLOY / "kubernetes").glob("*.yaml"))
    return [each for file in files for each in yaml.safe_load_all(file.read_text("utf-8"))]


def of_kind(kind: str) -> dict[str, Any]:
    (found,) = [each for each in manifests() if each["kind"] == kind]
    return found


_NAME = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 63}
_PROBE = {
    "type": "object",
    "required": ["httpGet"],
    "additionalProperties": False,
    "properties": {
        "httpGet": {
            "type": "object",
            "required": ["path", "port"],
            "additionalProperties": False,
            "properties": {"path": {"type": "string", "pattern": "^/"}, "port": {"const": "http"}},
        },
        "periodSeconds": {"type": "integer", "minimum": 1},
        "timeoutSeconds": {"type": "integer", "minimum": 1},
        "failureThreshold": {"type": "integer", "minimum": 1},
    },
}
_CONTAINER = {
    "type": "object",
    "required": ["name", "image", "args", "envFrom", "resources", "securityContext", "volumeMounts"],
    "additionalProperties": False,
    "properties": {
        "name": _NAME,
        "image": {"type": "string", "pattern": "^[a-z0-9./-]+:[0-9]+\\.[0-9]+\\.[0-9]+$"},
        "args": {"type": "array", "items": {"enum": ["serve", "migrate"]}},
        "envFrom": {"type": "array", "items": {"type": "object", "maxProperties": 1}},
        "ports": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"name": _NAME, "containerPort": {"type": "integer"}},
            },
        },
        **{f"{each}Probe": _PROBE for each in ("startup", "liveness", "readiness")},
        "resources": {"type": "object", "required": ["requests", "limits"]},
        "securityContext": {
            "const": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
        },
        "volumeMounts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "mountPath"],
                "additionalProperties": False,
                "properties": {
                    "name": _NAME,
                    "mountPath": {"type": "string", "pattern": "^/"},
                    "readOnly": {"type": "boolean"},
                },
            },
        },
    },
}
_POD = {
    "type": "object",
    "required": ["serviceAccountName", "automountServiceAccountToken", "securityContext", "containers"],
    "additionalProperties": False,
    "properties": {
        "serviceAccountName": _NAME,
        "automountServiceAccountToken": {"const": False},
        "terminationGracePeriodSeconds": {"type": "integer", "minimum": 11},
        "restartPolicy": {"enum": ["Never", "OnFailure", "Always"]},
        "securityContext": {
            "type": "object",
            "required": ["runAsNonRoot", "runAsUser", "seccompProfile"],
            "properties": {"runAsNonRoot": {"const": True}, "runAsUser": {"const": USER}},
        },
        "topologySpreadConstraints": {"type": "array"},
        "containers": {"type": "array", "minItems": 1, "items": _CONTAINER},
        "volumes": {"type": "array", "items": {"type": "object", "required": ["name"]}},
    },
}
_MANIFEST = {
    "type": "object",
    "required": ["apiVersion", "kind", "metadata"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"enum": ["v1", "apps/v1", "batch/v1", "policy/v1"]},
        "kind": {"type": "string"},
        "metadata": {"type": "object", "required": ["name"], "properties": {"name": _NAME}},
        "spec": {"type": "object"},
        "data": {"type": "object", "additionalProperties": {"type": "string"}},
        "automountServiceAccountToken": {"const": False},
    },
}


def test_the_manifests_are_of_kubernetes_shape() -> None:
    jsonschema.Draft202012Validator.check_schema(_POD)
    for each in manifests():
        jsonschema.validate(each, _MANIFEST)
    for kind in ("Deployment", "Job"):
        jsonschema.validate(of_kind(kind)["spec"]["template"]["spec"], _POD)
    for each in manifests():
        assert each["kind"] == "Namespace" or each["metadata"]["namespace"] == "orchestrator-bot"


def test_two_replicas_of_which_one_may_be_away() -> None:
    deployment, budget, service = (of_kind(each) for each in ("Deployment", "PodDisruptionBudget", "Service"))
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["replicas"] == 2
    assert budget["spec"]["minAvailable"] == 1
    assert (
        deployment["spec"]["selector"]["matchLabels"] == budget["spec"]["selector"]["matchLabels"] == labels
    )
    assert service["spec"]["selector"] == labels
    assert of_kind("Job")["spec"]["template"]["metadata"]["labels"] != labels  # no traffic, no budget


def test_what_is_mounted_is_there() -> None:
    for kind in ("Deployment", "Job"):
        pod = of_kind(kind)["spec"]["template"]["spec"]
        volumes = {each["name"] for each in pod["volumes"]}
        (container,) = pod["containers"]
        assert {each["name"] for each in container["volumeMounts"]} == volumes


def test_the_probes_ask_what_the_bot_answers() -> None:
    (bot,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    port = text_of("bot/wiring/port.py")
    for probe in ("startup", "liveness", "readiness"):
        assert f'"{bot[f"{probe}Probe"]["httpGet"]["path"]}"' in port
    assert bot["livenessProbe"]["httpGet"]["path"] == "/healthz"  # never readiness: a restart mends nothing


def settings_named() -> dict[str, set[str]]:
    compose = yaml.safe_load(text_of(f"{DEPLOY}/compose.yml"))
    unit = text_of(f"{DEPLOY}/orchestrator-bot.service")
    literals = re.findall(r"--from-literal=(\w+)=", text_of(f"{DEPLOY}/README.md"))
    return {
        "compose": set(compose["services"]["bot"]["environment"]),
        "kubernetes": {*of_kind("ConfigMap")["data"], *literals},
        "systemd": set(re.findall(r"^Environment=(\w+)=", unit, re.MULTILINE)),
    }


@pytest.mark.parametrize("where", ["compose", "kubernetes", "systemd"])
def test_every_setting_that_is_named_is_one(where: str) -> None:
    named = settings_named()[where]
    assert len(named) > 4
    assert named - KNOWN == set()


def test_no_secret_stands_in_a_file() -> None:
    config = of_kind("ConfigMap")["data"]
    assert [name for name in config if is_secret(Settings.fields()[name])] == []
    assert not [each for each in manifests() if each["kind"] == "Secret"]


def test_compose_runs_both_and_migrates_first() -> None:
    services = yaml.safe_load(text_of(f"{DEPLOY}/compose.yml"))
    bot, migrate = services["services"]["bot"], services["services"]["migrate"]
    assert bot["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert migrate["depends_on"] == {"database": {"condition": "service_healthy"}}
    for each in (bot, migrate):
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
        assert set(each["secrets"]) <= set(services["secrets"])
        mounted = {f"/run/secrets/{name}" for name in each["secrets"]}
        files = {value for name, value in each["environment"].items() if name.endswith("_FILE")}
        assert {each for each in files if each.startswith("/run/secrets")} == mounted
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])


def test_the_unit_gives_the_bot_time_to_stop_and_no_rights() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # systemd's names have capitals
    unit.read_string(text_of(f"{DEPLOY}/orchestrator-bot.service"))
    service = unit["Service"]
    assert int(service["TimeoutStopSec"]) > 10
    assert service["CapabilityBoundingSet"] == ""
    assert service["NoNewPrivileges"] == service["DynamicUser"] == "yes"
    text = text_of(f"{DEPLOY}/orchestrator-bot.service")
    loaded = set(re.findall(r"^LoadCredential=(\w+):", text, re.MULTILINE))
    assert set(re.findall(r"=%d/(\w+)$", text, re.MULTILINE)) == loaded


def test_the_image_runs_as_the_user_the_manifests_name() -> None:
    assert f"USER {USER}:{USER}" in text_of("Dockerfile")


def test_every_file_of_the_folder_is_told_of() -> None:
    told = text_of(f"{DEPLOY}/README.md")
    here = TOP / DEPLOY
    files = [file for file in here.rglob("*") if file.is_file() and file.name != "README.md"]
    assert [file.name for file in files if file.relative_to(here).as_posix() not in told] == []
