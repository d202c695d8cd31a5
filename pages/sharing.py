"""Sharing: freeze a release, see what it hides, hand out links and end them."""

from __future__ import annotations

from pages.ui import comments, door, parts, sharing, sharing_door, sharing_links

door.guard("sharing")

parts.opening(
    "Sharing",
    "A release freezes chosen figures after the disclosure rules were applied. A link shows one release to one "
    "recipient, until it ends or you end it.",
)
releases, links = sharing_door.releases(), sharing_door.links()
made, shared, said = sharing.tabs(len(releases), len(links))
with made:
    sharing.make()
    sharing.listing(releases)
with shared:
    sharing_links.make(releases)
    sharing_links.listing()
with said:
    comments.tab()
