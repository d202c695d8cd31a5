"""SQL texts by name, read once from the `.sql` files beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def query(name: str) -> str:
    """Return the text of queries/<name>.sql. Raises `KeyError` for a name that has no file."""
    path = HERE / "queries" / f"{name}.sql"
    if not path.is_file():
        raise KeyError(name)
    return path.read_text(encoding="utf-8")


@cache
def migrations(folder: str = "migrations") -> tuple[tuple[int, str, str], ...]:
    """Return (number, name, text) of every migration in `folder`, in order."""
    found = []
    for path in sorted((HERE / folder).glob("*.sql")):
        number, _, name = path.stem.partition("_")
        found.append((int(number), name, path.read_text(encoding="utf-8")))
    return tuple(found)
