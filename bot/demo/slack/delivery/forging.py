"""Payloads that nobody's click has made: the same as a real one, but from somewhere else."""

import copy

from bot.demo.slack.wire import Json


def foreign(payload: Json, *, team_id: str, enterprise_id: str | None = None) -> Json:
    """A copy of a payload that claims to come from another workspace."""
    forged = copy.deepcopy(payload)
    enterprise = {"id": enterprise_id, "name": "Elsewhere"} if enterprise_id else None
    for name in ("team_id", "context_team_id"):
        if name in forged:
            forged[name] = team_id
    if "enterprise_id" in forged or (enterprise_id and "command" in forged):
        forged["enterprise_id"] = enterprise_id
    if "team" in forged:
        forged["team"] = {"id": team_id, "domain": "elsewhere"}
        forged["enterprise"] = enterprise
    if isinstance(forged.get("user"), dict):
        forged["user"]["team_id"] = team_id
    for view in [forged["view"]] if isinstance(forged.get("view"), dict) else []:
        view["team_id"] = view["app_installed_team_id"] = team_id
    for installed in forged.get("authorizations", []):
        installed["team_id"] = team_id
    return forged
