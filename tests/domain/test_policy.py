"""Who may run what, where, and who decides: the first rule that fits, and none means no."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import NotAllowed, NotAMember, NotHere
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import Group, InputRule, Policy, Rule, StageRule
from bot.domain.workflow import WorkflowSummary

ADA = Person(team_id="T0HARBOUR", user_id="U0ADA")
OPS = Place(channel_id="C0OPS")


def membership(*groups: str, user: str = "U0ADA", member: bool = True) -> Membership:
    """Somebody."""
    person = Person(team_id="T0HARBOUR", user_id=user)
    return Membership(person=person, is_member=member, groups=frozenset(groups))


def workflow(
    *, name: str = "Restart", folder: str = "Operations/VMs", identity: str = "1"
) -> WorkflowSummary:
    """A workflow."""
    return WorkflowSummary(id=identity, name=name, folder=folder)


def rule(name: str = "r", **more: object) -> Rule:
    """A rule for everybody about every workflow, unless said otherwise."""
    given_fields = {"run": Group(everyone=True), "folders": ("**",)} | more
    return Rule(name=name, **given_fields)  # type: ignore[arg-type] # a test names real fields


# which workflows a rule speaks of


@pytest.mark.parametrize(
    ("pattern", "folder", "covers"),
    [
        ("Library/**", "Library", True),
        ("Library/**", "Library/vCenter/Storage", True),
        ("Library/**", "Library2", False),
        ("Library/**", "My/Library", False),
        ("Library/*", "Library/vCenter", True),
        ("Library/*", "Library/vCenter/Storage", False),
        ("Library/*", "Library", False),
        ("Library", "Library", True),
        ("Library", "Library/vCenter", False),
        ("**", "", True),
        ("**", "a/b/c", True),
        ("**/Prod", "a/b/Prod", True),
        ("**/Prod", "a/b/Product", False),
        ("Tenants/*/VMs", "Tenants/Payments/VMs", True),
        ("Tenants/*/VMs", "Tenants/a/b/VMs", False),
        ("Tenants/**/VMs", "Tenants/VMs", True),
        ("Tenants/**/VMs", "Tenants/a/b/VMs", True),
        ("/Library/", "Library", True),
        ("Lib.ary", "Library", False),
        ("Lib(rary", "Lib(rary", True),
        ("library", "Library", False),
    ],
)
def test_a_folder_pattern_fits_or_not(pattern: str, folder: str, *, covers: bool) -> None:
    assert rule(folders=(pattern,)).covers(workflow(folder=folder)) == covers


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_a_pattern_and_without_stars_fits_only_itself(pattern: str, folder: str) -> None:
    covers = rule(folders=(pattern,)).covers(workflow(folder=folder))
    if "*" not in pattern:
        assert covers == (pattern.strip("/") == folder)


_names = st.text("ab*/\n", max_size=8)


@given(st.lists(_names, max_size=4), _names)
def test_the_index_finds_the_patterns_that_fit_a_folder(patterns: list[str], folder: str) -> None:
    """As does a plain regular expression of each pattern, tried on each folder."""
    policy = Policy(rules=tuple(rule(folders=(each,)) for each in patterns))
    words = {"/**": "(?:/.*)?", "**": ".*", "*": "[^/]*"}
    fitting = {
        at
        for at, each in enumerate(patterns)
        if re.fullmatch(
            "".join(words.get(part, part) for part in re.split(r"(/\*\*|\*\*|\*)", each.strip("/"))),
            folder,
            re.DOTALL,
        )
    }
    assert policy.index.in_folder(folder) == fitting
    assert {at for at, each in enumerate(policy.rules) if each.covers(workflow(folder=folder))} == fitting


def test_a_rule_speaks_of_workflows_by_id_name_or_folder() -> None:
    assert rule(folders=(), ids=frozenset({"1"})).covers(workflow())
    assert rule(folders=(), names=frozenset({"Restart"})).covers(workflow())
    assert not rule(folders=(), names=frozenset({"restart"})).covers(workflow())
    assert not rule(folders=()).covers(workflow())


# who may run


def test_without_a_rule_nobody_may_anything() -> None:
    with pytest.raises(
        NotAllowed, match=r"No policy rule is for “Restart”, so nobody may run it\. Nothing was started"
    ):
        Policy().allow(workflow=workflow(), who=membership(), place=OPS)


def test_whoever_is_no_member_may_nothing_even_where_everyone_may() -> None:
    policy = Policy(rules=(rule(),))
    with pytest.raises(NotAMember):
        policy.allow(workflow=workflow(), who=membership(member=False), place=OPS)
    assert policy.find(workflow=workflow(), who=membership(member=False), place=None) is None
    assert policy.index.audiences_with(membership(member=False), OPS) == frozenset()


@pytest.mark.parametrize(
    ("group", "who", "belongs"),
    [
        (Group(everyone=True), membership(), True),
        (Group(users=frozenset({"U0ADA"})), membership(), True),
        (Group(users=frozenset({"U0ADA"})), membership(user="U0BEN"), False),
        (Group(groups=frozenset({"S1", "S2"})), membership("S2"), True),
        (Group(groups=frozenset({"S1"})), membership("S2"), False),
        (Group(groups=frozenset({"U0ADA"})), membership(), False),
        (Group(), membership("S1"), False),
    ],
)
def test_a_group_has_its_users_and_the_members_of_its_groups(
    group: Group, who: Membership, *, belongs: bool
) -> None:
    assert group.has(who) == belongs
    assert bool(Policy(rules=(rule(run=group),)).index.audiences_with(who, OPS)) == belongs


def test_the_first_rule_that_fits_decides() -> None:
    policy = Policy(
        rules=(
            rule("others'", run=Group(users=frozenset({"U0BEN"}))),
            rule("elsewhere", channels=frozenset({"C0DESK"})),
            rule("about others", folders=("Library/**",)),
            rule("first"),
            rule("second", safe_to_repeat=True),
        )
    )
    assert policy.allow(workflow=workflow(), who=membership(), place=OPS).name == "first"
    assert policy.allow(workflow=workflow(), who=membership(user="U0BEN"), place=OPS).name == "others'"
    assert (
        policy.allow(workflow=workflow(), who=membership(), place=Place(channel_id="C0DESK")).name
        == "elsewhere"
    )
    assert (
        policy.allow(workflow=workflow(folder="Library/x"), who=membership(), place=OPS).name
        == "about others"
    )


def test_a_workflow_for_other_channels_names_them() -> None:
    policy = Policy(rules=(rule(channels=frozenset({"C0B", "C0A"})),))
    with pytest.raises(NotHere) as caught:
        policy.allow(workflow=workflow(), who=membership(), place=OPS)
    assert caught.value.channels == ("C0A", "C0B")
    assert "Nothing was started" in caught.value.message


_people = st.builds(
    lambda user, groups, member: membership(*groups, user=user, member=member),
    st.sampled_from(["U0ADA", "U0BEN"]),
    st.sets(st.sampled_from(["S1", "S2"])),
    st.booleans(),
)
_groups = st.builds(
    Group,
    users=st.frozensets(st.sampled_from(["U0ADA", "U0BEN"])),
    groups=st.frozensets(st.sampled_from(["S1", "S2"])),
    everyone=st.booleans(),
)
_rules = st.builds(
    Rule,
    name=st.text(),
    ids=st.frozensets(st.sampled_from("12")),
    names=st.frozensets(st.sampled_from(["Restart", "Delete"])),
    folders=st.lists(st.sampled_from(["**", "Library/**", "Operations/*"])).map(tuple),
    run=_groups,
    channels=st.frozensets(st.sampled_from(["C0OPS", "C0DESK"])),
    approve=st.lists(st.builds(StageRule, by=_groups), max_size=2).map(tuple),
)


@given(
    st.lists(_rules, max_size=5),
    _people,
    st.sampled_from(["C0OPS", "C0DESK"]),
    st.sampled_from(["1", "3"]),
    st.sampled_from(["Restart", "Else"]),
)
def test_finding_by_numbers_is_the_same_as_reading_the_rules_one_by_one(
    rules: list[Rule], who: Membership, channel: str, identity: str, name: str
) -> None:
    policy, asked = Policy(rules=tuple(rules)), workflow(identity=identity, name=name)
    plainly = next(
        (
            each
            for each in rules
            if who.is_member
            and each.run.has(who)
            and (not each.channels or channel in each.channels)
            and each.covers(asked)
        ),
        None,
    )
    assert policy.find(workflow=asked, who=who, place=Place(channel_id=channel)) is plainly
    assert policy.rules_on(asked) == {at for at, each in enumerate(rules) if each.covers(asked)}
    place = Place(channel_id=channel)
    meant = {at for at, each in enumerate(rules) if who.is_member and each.run.has(who)}
    here = {at for at in meant if not rules[at].channels or channel in rules[at].channels}
    assert policy.index.audiences_with(who, None) >= policy.index.audiences_of(meant)
    assert policy.index.audiences_with(who, place) == policy.index.audiences_of(here)
    if plainly is None:
        with pytest.raises((NotAllowed, NotAMember)):
            policy.allow(workflow=asked, who=who, place=Place(channel_id=channel))


def test_a_policy_knows_every_group_and_secret_it_names() -> None:
    policy = Policy(
        rules=(
            rule(run=Group(groups=frozenset({"S1"})), secrets=frozenset({"a"})),
            rule(approve=(StageRule(by=Group(groups=frozenset({"S2"}))),), secrets=frozenset({"b"})),
        )
    )
    assert policy.groups == {"S1", "S2"}
    assert policy.secrets == {"a", "b"}
    assert Policy().groups == Policy().secrets == frozenset()


def test_an_input_without_words_about_it_is_required_text() -> None:
    assert rule(inputs=(("x", InputRule(label="X")),)).input("y") == InputRule()
    assert rule(inputs=(("x", InputRule(label="X")),)).input("x").label == "X"
