"""The viewer: one value that every answer needs, so that no figure is computed for nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace

from echo_metrics.errors import NotAllowed
from echo_metrics.terms import Role


@dataclass(frozen=True)
class Viewer:
    """Who is asking. `networks` is None for all networks of the hub, else the ids that the person may see.

    `network_keys` names the same networks. `row_level` is the right to exact small groups and to single people's rows;
    the owner, who holds the raw files, always has it. `account` is the account's id, '' in local mode.
    """

    role: Role
    name: str = ""
    networks: frozenset[int] | None = None
    row_level: bool = False
    account: str = ""
    network_keys: frozenset[str] | None = None

    @property
    def may_import(self) -> bool:
        """Whether this person brings data in. Only the owner does, and not while looking through other eyes."""
        return self.role is Role.OWNER

    @property
    def may_share(self) -> bool:
        """Whether this person freezes releases and hands out links."""
        return self.role in (Role.OWNER, Role.EVALUATOR)


LOCAL_OWNER = Viewer(Role.OWNER, "owner", row_level=True)
"""The one person of `local` mode: whoever sits at this computer."""


def view_as(viewer: Viewer, role: Role) -> Viewer:
    """Return what an owner sees through another role's eyes: the real gate, not a costume, and no row-level right.

    Raises `NotAllowed` for anybody but the owner who asks for another role.
    """
    if role is viewer.role:
        return viewer
    if viewer.role is not Role.OWNER:
        raise NotAllowed("Only the owner can look through another role's eyes.")
    return replace(viewer, role=role, row_level=False)
