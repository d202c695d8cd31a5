"""Downloads: each looks up again who is asking and what they may have, whatever a screen offered."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, time, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from echo_metrics.access import audit
from echo_metrics.access.audit import Action
from echo_metrics.access.identity import Identity
from echo_metrics.server.context import Context
from echo_metrics.terms import Role
from echo_metrics.text import spreadsheet_safe

NOT_YOURS = "This download is not part of what you may have."
NO_STORE = {"Cache-Control": "no-store"}
MOST_ROWS = 1_000_000


def routes(context: Context) -> list[Route]:
    """The routes of downloads."""

    async def audit_csv(request: Request) -> Response:
        person = await run_in_threadpool(context.viewer_of, request)
        if person is None:
            return PlainTextResponse("Sign in first.", 401, NO_STORE)
        if person.role is not Role.OWNER:
            return PlainTextResponse(NOT_YOURS, 403, NO_STORE)
        return await run_in_threadpool(_audit_csv, context, person, dict(request.query_params))

    return [Route("/download/audit.csv", audit_csv, methods=["GET"])]


def _audit_csv(context: Context, person: Identity, asked: dict[str, str]) -> Response:
    try:
        action = Action(asked["action"]) if asked.get("action") else None
        since = _day(asked.get("since", ""))
        until = _day(asked.get("until", ""))
    except (ValueError, OverflowError):
        return PlainTextResponse("These filters can't be read.", 400, NO_STORE)
    found = audit.entries(
        context.control,
        who=asked.get("who", ""),
        action=action,
        since=since,
        until=until + timedelta(days=1) if until else None,
        text=asked.get("text", ""),
        limit=MOST_ROWS,
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["number", "time (UTC)", "who", "account", "action", "subject", "details"])
    for e in found:
        detail = json.dumps(dict(e.detail), ensure_ascii=False) if e.detail else ""
        cells = (str(e.number), e.at.isoformat(" ", "seconds"), e.who_name, e.who, e.action, e.subject, detail)
        writer.writerow([spreadsheet_safe(cell) for cell in cells])
    audit.record(context.control, person.account or audit.LOCAL, Action.EXPORTED, "audit.csv", {"rows": len(found)})
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), 200, headers, "text/csv")


def _day(text: str) -> datetime | None:
    day = date.fromisoformat(text) if text else None
    return datetime.combine(day, time()) if day and day.year < 9999 else None
