"""The viewer: one value that every answer needs, so that no figure is computed for nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from echo_metrics.errors import NotAllowed
from echo_metrics.terms import Role


@dataclass(frozen=True)
class Viewer:
    """Who is asking. `networks` is None for all networks of the hub, else the ids that the person may see."""

    role: Role
    name: str = ""
    networks: frozenset[int] | None = None

    @property
    def may_import(self) -> bool:
        """Whether this person brings data in. Only the owner does, and not while looking through other eyes."""
        return self.role is Role.OWNER


LOCAL_OWNER = Viewer(Role.OWNER, "owner")
"""The one person of `local` mode: whoever sits at this computer."""


def view_as(viewer: Viewer, role: Role) -> Viewer:
    """Return what an owner sees through another role's eyes: the real gate, not a costume.

    Raises `NotAllowed` for anybody but the owner who asks for another role.
    """
    if role is viewer.role:
        return viewer
    if viewer.role is not Role.OWNER:
        raise NotAllowed("Only the owner can look through another role's eyes.")
    return replace(viewer, role=role)
