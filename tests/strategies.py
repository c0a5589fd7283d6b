"""Anything the domain can express, for Hypothesis: texts with mischief, values, forms, launches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.domain.approval import Approval, Stage, Vote
from bot.domain.draft import Draft
from bot.domain.execution import Argument
from bot.domain.forms.fitting import fitted
from bot.domain.forms.plain import plain_form
from bot.domain.launch import (
    Event,
    Happening,
    Hold,
    HoldKind,
    Launch,
    Outcome,
    Review,
    Search,
    State,
)
from bot.domain.people import Person, Place
from bot.domain.policy import Group, InputRule, OnExpiry, Risk, Rule, StageRule
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
    UnreadableValue,
)
from bot.domain.workflow import Parameter, ParameterType, Workflow, WorkflowRef

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

# texts

MISCHIEF = (
    "<!channel>",
    "<!here|x>",
    "<@U0GRACE>",
    "<#C0OPS>",
    "<!subteam^S0APPROVERS>",
    "<https://evil.example|click>",
    "&lt;!channel&gt;",
    "&amp;",
    "*bold* _it_ ~no~ `code` ```block```",
    ":tada: :not_an_emoji:",
    "\u202egnp.exe\u202c",
    "\u2066x\u2069\u200f",
    "zero\u200bwidth\u2060\ufeff",
    "👩\u200d👩\u200d👧\u200d👦 🇳🇱 é",
    "שלום עולם مرحبا",
    "one\ntwo\r\nthree\rfour",
    "\x00\x07\x1b[31m",
    "\ud800 half",
    "> quoted",
    '{"a": [1, null]}',
    "../../x?y=z#w",
    "x" * 3000,
    "&" * 800,
    "<" * 3000,
    "😀" * 2999,
)
mischief = st.integers(0, len(MISCHIEF) - 1).map(MISCHIEF.__getitem__)  # a short name in Hypothesis's reports
texts = st.one_of(
    st.text(max_size=60),
    mischief,
    st.lists(mischief, min_size=1, max_size=3).map(" ".join),
    st.builds(lambda piece, times: piece[:40] * times, mischief, st.integers(1, 100)),
)
storable = texts.map(lambda text: text.encode(errors="replace").decode())  # no half surrogates
names = st.one_of(st.from_regex(r"[A-Za-z_]\w{0,20}", fullmatch=True), texts.filter(bool))
moments = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
identities = st.from_regex(r"[0-9a-f]{8}-[0-9a-f]{4}", fullmatch=True)

# values

DECLARED = (
    "string",
    "Text",
    "Path",
    "number",
    "boolean",
    "Date",
    "SecureString",
    "EncryptedString",
    "Regexp",
    "MimeAttachment",
    "Properties",
    "Any",
    "Array",
    "Array/string",
    "Array/number",
    "Array/boolean",
    "Array/Date",
    "Array/Any",
    "Array/SecureString",
    "Array/VC:VirtualMachine",
    "Array/Properties",
    "VC:VirtualMachine",
    "CompositeType(a:string,b:number,c:Array/string,d:Properties):Thing",
    "CompositeType(inner:CompositeType(x:boolean,y:Date),secret:SecureString):Outer",
    "Something",
)
types = st.builds(ParameterType, declared=st.one_of(st.sampled_from(DECLARED), texts))
typeable = st.builds(ParameterType, declared=st.sampled_from(DECLARED))
numbers = st.one_of(st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False))

shown_secrets = st.one_of(
    st.builds(SecretRef, name=texts),
    st.builds(SealedSecret, slot=texts),
    st.builds(EncryptedText, text=texts),
)
_leaves = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    texts,
    moments,
    shown_secrets,
    st.builds(SdkObject, type=texts, id=texts, name=texts, href=texts),
    st.builds(Attachment, name=texts, mime_type=texts, content=st.binary(max_size=40)),
    st.builds(AttributeReference, config_id=texts, config_key=texts, config_name=texts),
    st.builds(UnreadableValue, kind=texts, json=texts),
)


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    pairs = st.lists(st.tuples(texts, inner), max_size=3).map(tuple)
    return st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.builds(Properties, entries=pairs),
        st.builds(Composite, type=texts, members=pairs),
    )


values = st.recursive(_leaves, _nested, max_leaves=6)
clear_secrets = st.builds(SecretText, text=texts.filter(bool))

# people, workflows, forms

people = st.builds(
    Person,
    team_id=st.sampled_from(["T0HARBOUR", "T0ELSEWHR"]),
    user_id=st.from_regex(r"U[0-9A-Z]{1,10}", fullmatch=True),
)
places = st.builds(Place, channel_id=st.from_regex(r"[CDG][0-9A-Z]{1,10}", fullmatch=True))
parameters = st.builds(Parameter, name=names, type=types, description=texts)


def _named_apart(found: list[Parameter]) -> tuple[Parameter, ...]:
    return tuple({parameter.name: parameter for parameter in found}.values())


workflows = st.builds(
    Workflow,
    id=identities,
    name=names,
    folder=texts,
    version=texts,
    description=texts,
    inputs=st.lists(parameters, max_size=8).map(_named_apart),
)
choices = st.lists(texts.filter(str.strip), min_size=1, max_size=120, unique=True).map(tuple)
input_rules = st.builds(
    InputRule,
    required=st.booleans(),
    label=st.one_of(st.just(""), texts),
    hint=st.one_of(st.just(""), texts),
    default=st.one_of(st.just(""), texts, numbers.map(str), moments.map(str)),
    choices=st.one_of(st.just(()), choices),
    minimum=st.one_of(st.none(), st.floats(-1e6, 1e6)),
    maximum=st.one_of(st.none(), st.floats(-1e6, 1e6)),
    pattern=st.sampled_from(["", "CHG[0-9]{7}", ".*", "a|b"]),
)
forms = st.builds(
    lambda workflow, rules: fitted(
        plain_form(workflow),
        Rule(
            name="r",
            run=Group(everyone=True),
            typed_secrets=True,
            inputs=tuple(zip((each.name for each in workflow.inputs), rules, strict=False)),
        ),
    ),
    workflows,
    st.lists(input_rules, max_size=8),
)
drafts = st.builds(
    Draft, id=identities, person=people, place=places, workflow=workflows, form=forms, expires_at=moments
)

# launches

arguments = st.builds(
    Argument,
    name=names,
    type=types,
    value=values,
    scope=st.sampled_from(["local", "token"]),
    description=texts,
)
several = st.lists(arguments, max_size=4).map(tuple)
refs = st.builds(WorkflowRef, id=identities, name=names, version=texts, folder=texts)
groups = st.builds(
    Group,
    users=st.frozensets(st.from_regex(r"U[0-9A-Z]{1,8}", fullmatch=True), max_size=12),
    groups=st.frozensets(st.from_regex(r"S[0-9A-Z]{1,8}", fullmatch=True), max_size=12),
)
pauses = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=9))
stage_rules = st.builds(
    StageRule,
    by=groups,
    count=st.integers(1, 5),
    within=pauses,
    remind=st.lists(pauses, max_size=3).map(lambda found: tuple(sorted(found))),
    escalate=st.none() | groups,
    escalate_after=st.none() | pauses,
)
votes = st.builds(
    Vote,
    by=people,
    at=moments,
    approved=st.booleans(),
    comment=texts,
    email=texts,
    stands_in_for=st.none() | people,
    other_email=texts,
    withdrawn_at=st.none() | moments,
)
stages = st.builds(
    Stage,
    rule=stage_rules,
    opened_at=moments,
    expires_at=moments,
    reminded=st.integers(0, 3),
    escalated_at=st.none() | moments,
    votes=st.lists(votes, max_size=4).map(tuple),
)
approvals = st.builds(
    Approval,
    stages=st.lists(stages, min_size=1, max_size=3).map(tuple),
    editors_may_not=st.booleans(),
    on_expiry=st.sampled_from(OnExpiry),
)
holds = st.builds(
    Hold,
    kind=st.sampled_from(HoldKind),
    since=moments,
    until=st.none() | moments,
    why=texts,
    place=st.integers(0, 99),
    behind=st.just("") | identities,
    behind_of=st.none() | people,
)
searches = st.builds(
    Search,
    cause=texts,
    looks=st.integers(0, 3),
    looked_at=st.none() | moments,
    candidates=st.lists(identities, max_size=25, unique=True).map(tuple),
    needs_person=st.booleans(),
)
outcomes = st.builds(Outcome, detail=texts, outputs=several, business_state=texts)
launches = st.builds(
    Launch,
    id=st.uuids().map(str),
    workflow=refs,
    arguments=several,
    requester=people,
    place=places,
    rule=texts,
    requested_at=moments,
    state=st.sampled_from(State),
    approval=st.none() | approvals,
    digest=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    start_at=st.none() | moments,
    break_glass=st.just("") | texts,
    review=st.none() | st.builds(Review, by=people, at=moments, comment=texts),
    hold=st.none() | holds,
    lock=st.just("") | texts,
    risk=st.none() | st.sampled_from(Risk),
    labels=st.lists(st.tuples(names, texts), max_size=4).map(tuple),
    hidden=st.frozensets(st.sampled_from(["password", "note"])),
    safe_to_repeat=st.booleans(),
    tries=st.integers(0, 9),
    starting_at=st.none() | moments,
    search=st.none() | searches,
    execution_id=st.none() | texts,
    started_at=st.none() | moments,
    cancel_asked_by=st.none() | people,
    missing_since=st.none() | moments,
    ended_at=st.none() | moments,
    outcome=st.none() | outcomes,
    version=st.integers(1, 99),
    fence=st.integers(0, 99),
)
details = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(HoldKind).map(lambda kind: kind.value),
        "until": moments.map(datetime.isoformat),
        "why": texts,
        **dict.fromkeys(("place", "have", "need", "stage", "stages"), st.integers(1, 20)),
    }
)
events = st.builds(
    Event,
    launch_id=identities,
    seq=st.integers(1, 99),
    what=st.sampled_from(Happening),
    at=moments,
    by=st.none() | people,
    note=texts,
    detail=details,
)
