"""Qualtrics survey definition (QSF, JSON): wordings and the codes of choices, which need not be 1 to n."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from echo_metrics.errors import FileRefused
from echo_metrics.ingest.readers.base import Context, Match, new_account
from echo_metrics.ingest.records import Column, DictionaryField, Origin, Parsed
from echo_metrics.ingest.source import Document
from echo_metrics.text import without_html

FORMAT = "qualtrics_definition"
FORM_PREFIX = "qualtrics:"


def recognise(document: Document, context: Context) -> Match | None:
    """Claim a JSON text with Qualtrics' survey entry and elements."""
    head = document.text[:200].lstrip()
    if head.startswith("{") and '"SurveyEntry"' in head and '"SurveyElements"' in document.text:
        return Match(0.99, "survey definition (QSF)", None, "SurveyEntry and SurveyElements")
    return None


def read(document: Document, match: Match, context: Context) -> Parsed:
    """Read one field a question, or a statement of a matrix. Raises `FileRefused` for JSON that breaks off."""
    try:
        body = json.loads(document.text)
        name = str(body["SurveyEntry"]["SurveyName"])
        elements = [e for e in body["SurveyElements"] if isinstance(e, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileRefused(
            document.name, "is a Qualtrics survey definition that was cut off or changed.", "Export the survey again."
        ) from error
    account = new_account(document.tables)
    account.loaded = account.read
    fields: list[DictionaryField] = []
    for element in elements:
        payload = element.get("Payload")
        if element.get("Element") == "SQ" and isinstance(payload, dict):
            fields += _fields(payload, f"{FORM_PREFIX}{name}")
    return Parsed(
        format=FORMAT,
        variant=match.variant,
        header_row=None,
        account=account,
        columns=tuple(Column(i, f.code, f"wording: {f.wording[:80]}", 1.0) for i, f in enumerate(fields)),
        dictionary=tuple(fields),
    )


def _fields(payload: Mapping[str, Any], form: str) -> Iterator[DictionaryField]:
    tag, stem = str(payload.get("DataExportTag") or ""), without_html(payload.get("QuestionText"))
    kind = str(payload.get("QuestionType") or "")
    if not tag:
        return
    choices, recodes = _displays(payload.get("Choices")), payload.get("RecodeValues")
    if kind != "Matrix":
        yield DictionaryField(Origin("", 1), form, tag, kind, stem, _coded(choices, recodes))
        return
    answers = _coded(_displays(payload.get("Answers")), recodes)
    tags = payload.get("ChoiceDataExportTags")
    for key, statement in choices.items():
        own = tags.get(key) if isinstance(tags, dict) else None
        code = str(own) if own else f"{tag}_{key}"
        yield DictionaryField(Origin("", 1), form, code, kind, f"{stem} - {statement}", answers)


def _displays(choices: object) -> dict[str, str]:
    """Choice texts by key; a list (older definitions) counts from 1."""
    if isinstance(choices, list):
        choices = {str(i): c for i, c in enumerate(choices, 1)}
    if not isinstance(choices, dict):
        return {}
    return {str(k): without_html(c.get("Display")) for k, c in choices.items() if isinstance(c, dict)}


def _coded(displays: Mapping[str, str], recodes: object) -> dict[str, str]:
    """Labels by the code that an export writes: the recode value where there is one, else the key."""
    values = recodes if isinstance(recodes, dict) else {}
    return {str(values.get(key, key)): label for key, label in displays.items()}
