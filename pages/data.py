"""Data: files in, what came of every row, and names that wait for a decision."""

from __future__ import annotations

from pages.ui import door, files, parts

door.guard("data")

parts.opening("Data", "Nothing is lost on the way in: every row of every file is accounted for.")
if door.viewer().may_import:
    files.upload()
files.account(door.imports())
if door.viewer().may_import:
    files.review(door.queue())
