"""users.*, usergroups.* and auth.test: who is who, and what the token is good for."""

from collections.abc import Mapping

from bot.demo.slack.api.methods import TIER_2, TIER_3, TIER_4, Arguments, Desk, Method, page_of
from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.directory import Member, UserGroup
from bot.demo.slack.wire import Json


def auth_test(desk: Desk, _arguments: Arguments) -> Json:
    """Who the bot is."""
    team, app = desk.workspace.directory.team, desk.workspace.directory.app
    enterprise = {"enterprise_id": team.enterprise_id} if team.enterprise_id else {}
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": app.name,
        "team_id": team.id,
        "user_id": app.user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
        **enterprise,
    }


def connections_open(desk: Desk, _arguments: Arguments) -> Json:
    """An address for one Socket Mode connection."""
    return {"url": desk.socket_url()}


def user_info(desk: Desk, arguments: Arguments) -> Json:
    """One person."""
    member = desk.workspace.directory.members.get(arguments.need("user"))
    if member is None:
        raise SlackRefusalError("user_not_found")
    return {"user": user_object(desk, member)}


def user_list(desk: Desk, arguments: Arguments) -> Json:
    """Everybody, a page at a time."""
    everyone = [user_object(desk, member) for member in desk.workspace.directory.members.values()]
    page, follows = page_of(everyone, arguments, default=200)
    return {"members": page, "response_metadata": {"next_cursor": follows}}


def lookup_by_email(desk: Desk, arguments: Arguments) -> Json:
    """The person with an email address."""
    wanted = arguments.need("email").lower()
    for member in desk.workspace.directory.members.values():
        if member.email.lower() == wanted and not member.deleted:
            return {"user": user_object(desk, member)}
    raise SlackRefusalError("users_not_found")


def group_list(desk: Desk, arguments: Arguments) -> Json:
    """The user groups."""
    with_users, with_disabled = arguments.flag("include_users"), arguments.flag("include_disabled")
    groups = desk.workspace.directory.user_groups.values()
    shown = [_group(desk, g, with_users=with_users) for g in groups if with_disabled or not g.is_disabled]
    return {"usergroups": shown}


def group_users(desk: Desk, arguments: Arguments) -> Json:
    """Who is in a user group."""
    group = desk.workspace.directory.user_groups.get(arguments.need("usergroup"))
    if group is None or (group.is_disabled and not arguments.flag("include_disabled")):
        raise SlackRefusalError("no_such_subteam")
    known = desk.workspace.directory.members
    return {"users": [user for user in group.users if user in known and not known[user].deleted]}


def user_object(desk: Desk, member: Member) -> Json:
    """A person as the Web API tells about them; the email only with its scope."""
    first, _, last = member.real_name.partition(" ")
    profile = {
        "real_name": member.real_name,
        "real_name_normalized": member.real_name,
        "display_name": member.name,
        "display_name_normalized": member.name,
        "first_name": first,
        "last_name": last,
        "title": member.title,
        "team": member.team_id,
    }
    if member.email and "users:read.email" in desk.scopes:
        profile["email"] = member.email
    flags = ("deleted", "is_admin", "is_bot", "is_restricted", "is_ultra_restricted", "is_email_confirmed")
    stranger = {"is_stranger": True} if member.is_stranger else {}
    return {
        "id": member.id,
        "team_id": member.team_id,
        "name": member.name,
        "real_name": member.real_name,
        "color": member.color,
        "tz": member.tz,
        "profile": profile,
        "is_owner": False,
        "is_primary_owner": False,
        "is_app_user": False,
        "updated": 0,
        **{flag: getattr(member, flag) for flag in flags},
        **stranger,
        **_enterprise_user(member),
    }


def _enterprise_user(member: Member) -> Json:
    if not member.enterprise_id:
        return {}
    at = {"id": member.id, "enterprise_id": member.enterprise_id, "teams": list(member.teams)}
    return {"enterprise_user": at}


def _group(desk: Desk, group: UserGroup, *, with_users: bool) -> Json:
    described = {
        "id": group.id,
        "team_id": desk.workspace.directory.team.id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "date_delete": 1 if group.is_disabled else 0,
        "user_count": str(len(group.users)),
    }
    return described | ({"users": group.users[: group.listed_up_to]} if with_users else {})


METHODS: Mapping[str, Method] = {
    "auth.test": Method(run=auth_test, per_minute=600),
    "apps.connections.open": Method(run=connections_open, per_minute=TIER_3, token="app"),
    "users.info": Method(run=user_info, takes="user include_locale", scope="users:read", per_minute=TIER_4),
    "users.list": Method(
        run=user_list, takes="cursor limit include_locale", scope="users:read", per_minute=TIER_2
    ),
    "users.lookupByEmail": Method(
        run=lookup_by_email, takes="email", scope="users:read.email", per_minute=TIER_3
    ),
    "usergroups.list": Method(
        run=group_list,
        takes="include_users include_disabled include_count",
        scope="usergroups:read",
        per_minute=TIER_2,
    ),
    "usergroups.users.list": Method(
        run=group_users, takes="usergroup include_disabled", scope="usergroups:read", per_minute=TIER_2
    ),
}
