"""The dialects of Orchestrator the pretend one can speak, each as a set of habits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never


class Dialect(Enum):
    """Whose wire format is spoken."""

    V7 = "7"
    V8 = "8"
    V9 = "9"
    PAGE = "page"  # what the public documentation page says, to the letter


class Complaint(Enum):
    """How a request body that does not fit is refused; the status is always 400."""

    EMPTY = "empty"  # seen on 7.4
    HTML = "html"  # seen on 8 behind its gateway
    JSON = "json"  # names the key


class Unauthorized(Enum):
    """What a caller without a valid login gets."""

    HTML = "html"  # 401, Tomcat's page
    JSON = "json"  # 401
    LOGIN_PAGE = "login page"  # 200 and the identity provider's HTML
    REDIRECT = "redirect"  # 302 to the login page


@dataclass(frozen=True, kw_only=True)
class Habits:
    """Everything in which dialects differ; `dataclasses.replace` makes a server of mixed manners."""

    version: str
    context_key: str = "parameters"
    complaint: Complaint = Complaint.HTML
    unauthorized: Unauthorized = Unauthorized.JSON
    body_required: bool = True
    xml_unless_asked: bool = False  # without an explicit Accept for JSON
    # starting
    start_status: int = 202
    start_body: bool = True
    start_details: bool = False  # the answer to a start has all a GET has; the one recorded on 8.5 had less
    start_location: bool = True
    location_slash: bool = False
    hex_ids: bool = False
    honours_execution_id: bool = False  # what a client-given executionId does is documented nowhere
    # reading
    epoch_dates: bool = False
    upper_states: bool = False
    state_key: str = "value"
    attribute_key: str = "attributes"
    page_names: bool = False  # inputParameters for input-parameters, and workflow-item
    empty_parameter_lists: bool = True  # [] rather than no key
    valueless_description: bool = True
    runtime_details: bool = True  # running-instance-id, workflow-attributes and their kin
    # lists
    filters_workflows: bool = False
    pages_workflows: bool = False
    counts_workflows: bool = True  # queryCount=true is understood
    total_unknown: bool = False  # total is -1
    sorts_executions: bool = True
    run_catalogue_refusal: int = 0  # status of GET /catalog/System/WorkflowExecution, 0 when it is served
    # what exists
    presentation: bool = True  # gone from what 8.18 and 9 document
    forms: bool = True
    content: bool = True  # GET /workflows/{id}/content, documented from 8 on
    evaluates_to_envelopes: bool = False  # or to bare JSON; what a result looks like was never recorded
    syslogs_by_post: bool = False
    newest_syslogs_first: bool = False
    interaction_lists: bool = True
    cancels_interaction: bool = True
    cancel_of_finished: int = 400  # status of a DELETE of a finished run's state
    logins: frozenset[str] = frozenset({"basic", "csp"})  # of basic, csp, oauth; a bearer always works


def habits_of(dialect: Dialect) -> Habits:
    """The habits of a dialect as recorded or documented."""
    match dialect:
        case Dialect.V7:
            return _V7
        case Dialect.V8:
            return Habits(version="8.18.1.24181405")
        case Dialect.V9:
            return _V9
        case Dialect.PAGE:
            return _PAGE
        case _:
            assert_never(dialect)


_V7 = Habits(
    version="7.6.0.15276017",
    complaint=Complaint.EMPTY,
    unauthorized=Unauthorized.HTML,
    body_required=False,
    xml_unless_asked=True,
    start_body=False,
    location_slash=True,
    hex_ids=True,
    epoch_dates=True,
    empty_parameter_lists=False,
    valueless_description=False,
    runtime_details=False,
    filters_workflows=True,
    pages_workflows=True,
    forms=False,
    content=False,
    syslogs_by_post=True,
    interaction_lists=False,
    cancels_interaction=False,
    cancel_of_finished=204,
    logins=frozenset({"basic"}),
)

_V9 = Habits(
    version="9.1.0.0.24957131",
    state_key="state",
    start_details=True,
    filters_workflows=True,
    counts_workflows=False,
    total_unknown=True,
    sorts_executions=False,
    newest_syslogs_first=True,
    presentation=False,
    evaluates_to_envelopes=True,
    cancel_of_finished=404,
    logins=frozenset({"oauth"}),
)

_PAGE = Habits(
    version="8.0.0.0",
    context_key="parameter",
    complaint=Complaint.JSON,
    body_required=False,
    start_status=200,
    start_location=False,
    upper_states=True,
    state_key="state",
    attribute_key="attribute",
    page_names=True,
    start_details=True,
    filters_workflows=True,
    pages_workflows=True,
    forms=False,
    content=False,
    logins=frozenset({"basic"}),
)
