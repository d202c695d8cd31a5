"""Connection: do people feel part of a community of practice, and work better across disciplines?"""

from __future__ import annotations

from pages.ui import door, outcome, own, parts

door.guard("connection")
connection = door.answer("connection")
measures = door.definitions().measures

collaboration = door.answer("collaboration")
parts.opening("Connection", measures["connection"].why, connection, collaboration)
outcome.change(connection, measures["connection"], people="connection")
outcome.change(collaboration, measures["collaboration"], "Inter-personal collaboration", people="collaboration")
own.measures(connection, collaboration)
