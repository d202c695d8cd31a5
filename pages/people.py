"""People: who may come in, in which role, over which networks."""

from __future__ import annotations

from pages.ui import access_door, door, parts, people

door.guard("people")

parts.opening("People", "Who may come in, in which role, and over which networks.")
if access_door.local():
    people.no_accounts()
else:
    everybody = access_door.every_account()
    people.table(everybody)
    people.invitation()
    people.one_account(everybody)
