"""Data: files in, what came of every row, and names that wait for a decision."""

from __future__ import annotations

from pages.ui import corrections, door, files, intake, parts, queue

door.guard("data")

parts.opening("Data", "Nothing is lost on the way in: every row of every file is accounted for.")
if door.viewer().may_import:
    intake.draw()
found = door.imports()
files.account(found)
if door.viewer().may_import:
    files.take_back(found)
    corrections.draw()
    queue.draw()
