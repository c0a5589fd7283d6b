"""The bot as its settings have it log in to Orchestrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import Dialect, PretendOrchestrator
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.wiring.build import build
from tests.dumping import whole

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.databases("sqlite")


def settings_of(login: str, pretend: PretendOrchestrator) -> dict[str, str]:
    """The settings of one kind of login."""
    account = pretend.logins.accounts[0]
    return {
        "basic": {"ORCHESTRATOR_USERNAME": account.username, "ORCHESTRATOR_PASSWORD": account.password},
        "aria": {
            "ORCHESTRATOR_USERNAME": account.username,
            "ORCHESTRATOR_PASSWORD": account.password,
            "ORCHESTRATOR_DOMAIN": "System Domain",
        },
        "token": {"ORCHESTRATOR_TOKEN": pretend.logins.static_token()},
        "vcf": {
            "ORCHESTRATOR_TENANT": account.tenant,
            "ORCHESTRATOR_REFRESH_TOKEN": pretend.logins.refresh_token(),
        },
    }[login]


@pytest.mark.parametrize("login", ["basic", "aria", "token", "vcf"])
async def test_with_each_login_the_bot_reads_what_may_be_run(world: World, login: str) -> None:
    dialect = Dialect.V9 if login == "vcf" else Dialect.V8
    async with PretendOrchestrator(dialect=dialect) as pretend:
        pretend.add_workflow(PretendWorkflow(name="Only here", folder="Here"))
        pretend.logins.rotates = True
        given = settings_of(login, pretend)
        await world.stop()
        await world.start(ORCHESTRATOR_URL=pretend.url, ORCHESTRATOR_LOGIN=login, **given)
        assert [each.name for each in world.bot.catalogue.named("Only here")] == ["Only here"]
        if login != "vcf":
            return
        await world.stop()  # the token of the settings is used up: the one that was kept has to serve
        async with build(world.settings, clock=world.clock) as again:
            await again.catalogue.refresh()
            assert again.catalogue.is_read
        assert given["ORCHESTRATOR_REFRESH_TOKEN"].encode() not in await whole(
            world.settings.database_url.get_secret_value()
        )
