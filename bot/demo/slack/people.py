"""The cast of the demo: who works in the sample workspace, and where."""

from bot.demo.slack.state.directory import App, Cast, Channel, Member, Team, UserGroup

TEAM, OTHER_TEAM = "T0HARBOUR", "T0ELSEWHR"
ADA, BEN, GRACE, LINUS, GUEST, STRANGER = "U0ADA", "U0BEN", "U0GRACE", "U0LINUS", "U0GUEST", "U0STRANGER"
OPS, SERVICE_DESK, VM_CHANGES, RANDOM = "C0OPS", "C0DESK", "C0VMCHANGES", "C0RANDOM"
APPROVERS = "S0APPROVERS"
BOT_USER = "U0BOT"


def demo_cast(*, bot_name: str = "orchestrator") -> Cast:
    """Six people, four channels and the group of approvers; the bot is in three of the channels."""
    return Cast(
        team=Team(id=TEAM, name="Harbour IT", domain="harbour-it"),
        app=App(id="A0ORCHESTR", bot_id="B0ORCHESTR", user_id=BOT_USER, name=bot_name),
        members=(*_operators(), *_approvers(), *_outsiders()),
        channels=_channels(),
        user_groups=(
            UserGroup(id=APPROVERS, handle="approvers", name="Change approvers", users=[GRACE, LINUS]),
        ),
        start_as=ADA,
        start_in=OPS,
    )


def _operators() -> tuple[Member, ...]:
    return (
        Member(
            id=ADA,
            name="ada",
            real_name="Ada Byron",
            team_id=TEAM,
            title="Operator",
            email="ada@harbour.example",
            color="7a3e9d",
            note="Starts workflows.",
        ),
        Member(
            id=BEN,
            name="ben",
            real_name="Ben Okafor",
            team_id=TEAM,
            title="Operator",
            email="ben@harbour.example",
            color="1f6f78",
            tz="America/New_York",
            note="Starts workflows too.",
        ),
    )


def _approvers() -> tuple[Member, ...]:
    return (
        Member(
            id=GRACE,
            name="grace",
            real_name="Grace Moreau",
            team_id=TEAM,
            title="Change manager",
            email="grace@harbour.example",
            color="b4532a",
            is_admin=True,
            note="Approves what needs approval.",
        ),
        Member(
            id=LINUS,
            name="linus",
            real_name="Linus Varga",
            team_id=TEAM,
            title="Platform lead",
            email="linus@harbour.example",
            color="2e7d4f",
            note="Approves what needs approval.",
        ),
    )


def _outsiders() -> tuple[Member, ...]:
    return (
        Member(
            id=GUEST,
            name="gil",
            real_name="Gil Petersen",
            team_id=TEAM,
            title="Contractor",
            email="gil@contractor.example",
            color="8a8a2b",
            is_restricted=True,
            note="A guest: may look, may not start.",
        ),
        Member(
            id=STRANGER,
            name="noor",
            real_name="Noor Haddad",
            team_id=OTHER_TEAM,
            title="Supplier",
            email="noor@supplier.example",
            color="5b5b5b",
            is_stranger=True,
            note="From another workspace, through a shared channel.",
        ),
    )


def _channels() -> tuple[Channel, ...]:
    insiders = {ADA, BEN, GRACE, LINUS}
    return (
        Channel(id=OPS, name="ops", topic="Day-to-day operations", members={*insiders, GUEST, BOT_USER}),
        Channel(
            id=SERVICE_DESK,
            name="service-desk",
            topic="Requests from everybody, the supplier included",
            members={*insiders, STRANGER, BOT_USER},
            is_ext_shared=True,
        ),
        Channel(
            id=VM_CHANGES,
            name="vm-changes",
            topic="Changes that need approval",
            members={*insiders, BOT_USER},
            is_private=True,
        ),
        Channel(id=RANDOM, name="random", topic="The bot is not here", members={*insiders, GUEST}),
    )
