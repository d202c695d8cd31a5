"""Audit: who did what, when; nothing of it can be changed."""

from __future__ import annotations

from pages.ui import audit, door, parts

door.guard("audit")

parts.opening("Audit", "Who imported, released, shared, viewed and changed rights.")
audit.whole()
audit.table(audit.filters())
