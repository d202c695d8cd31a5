"""Community of practice: do people feel connected, and does the forum live? Both side by side."""

from __future__ import annotations

from pages.ui import community, door, parts

door.guard("community")
answer = door.answer("community")

parts.opening("Community of practice", "What people say of their connection, beside what they do in the forum.", answer)
community.felt(door.answer("connection"))
community.forums(answer)
community.how(answer)
