"""The tags of stored bodies: a contract with every database that an earlier or later release wrote.

A tag never changes and never goes away, whatever becomes of the Python class it stands for; a test holds this
table against a list that only grows. Renaming a class changes the right-hand side only. A class may have
several tags: the first is written, all are read. A renamed field keeps its stored name in SPELT.
"""

from __future__ import annotations

from typing import Any

from bot.domain import approval, draft, execution, launch, people, preset, questions, values, workflow
from bot.domain.forms import form, found
from bot.domain.policy import group, rule

FORMAT = (
    2  # written into each root's body; raise it only when a former release must not touch what is written
)

ROOTS: tuple[type[Any], ...] = (launch.Launch, draft.Draft, preset.Preset)  # each the body of a row

TAGS: dict[str, type[Any]] = {
    "Answer": found.Answer,
    "Approval": approval.Approval,
    "Argument": execution.Argument,
    "Attachment": values.Attachment,
    "AttributeReference": values.AttributeReference,
    "Case": form.WhenCase,
    "Choice": form.Choice,
    "Composite": values.Composite,
    "Constraints": form.Constraints,
    "Control": form.Control,
    "Draft": draft.Draft,
    "Editor": preset.Editor,
    "EncryptedText": values.EncryptedText,
    "Field": form.Field,
    "FieldValue": form.FieldValue,
    "Form": form.Form,
    "Found": found.FormAnswers,
    "Group": group.Group,
    "Hold": launch.Hold,
    "HoldKind": launch.HoldKind,
    "Launch": launch.Launch,
    "Literal": form.Literal,
    "Measure": form.Measure,
    "Note": form.Note,
    "Notify": rule.Notify,
    "Offer": draft.PrefillSource,
    "OfferKind": draft.OfferKind,
    "OnExpiry": rule.OnExpiry,
    "Origin": form.Origin,
    "Outcome": launch.Outcome,
    "Page": form.Page,
    "Parameter": workflow.Parameter,
    "ParameterType": workflow.ParameterType,
    "Person": people.Person,
    "Place": people.Place,
    "Preset": preset.Preset,
    "Properties": values.Properties,
    "Question": found.SourceQuery,
    "Remark": form.Remark,
    "Review": launch.Review,
    "Risk": rule.Risk,
    "RunQuestion": questions.RunQuestion,
    "SdkObject": values.SdkObject,
    "SealedSecret": values.SealedSecret,
    "Search": launch.Search,
    "SecretRef": values.SecretRef,
    "Section": form.Section,
    "Source": form.FacetSource,
    "SourceKind": form.SourceKind,
    "Stage": approval.Stage,
    "StageRule": rule.StageRule,
    "State": launch.State,
    "Trouble": found.Trouble,
    "Unreadable": values.UnreadableValue,
    "Validation": form.Validation,
    "Vote": approval.Vote,
    "Workflow": workflow.Workflow,
    "WorkflowRef": workflow.WorkflowRef,
}

SPELT: dict[str, dict[str, str]] = {}  # by tag: the field as this release names it -> as it is stored
