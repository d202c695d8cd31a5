"""Pairs answers of one person: by who they are, by equal codes, and by codes that differ by one character."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from echo_metrics.store import Writer

SHORTEST = 4
"""Codes of fewer characters pair only when equal: among short codes, one character apart is chance."""

Hash = Callable[[str, str], str]


def pair_answers(writer: Writer, networks: Iterable[int]) -> None:
    """Pair the answers of these networks anew, equal keys first."""
    for network_id in networks:
        asked = {"network": network_id}
        writer.run("clear_pairs", asked)
        writer.run("make_pairs", asked)
        writer.run("make_near_pairs", asked)


def code_forms(hashed: Hash, person_key: str, network_id: int, code: str) -> list[dict[str, str]]:
    """The rows by which a code's neighbours are found without keeping the code: see migration 0006.

    Two codes of four characters or more differ by one character (left out, added or another one) exactly if a `less`
    of one is the `whole` of the other, or both have an `at` in common. An empty list for shorter codes.

    `code` is normalised (`normalise_code`). A symmetric-delete index, as for spelling; here over keyed hashes.
    """
    if len(code) < SHORTEST:
        return []
    shorter = [code[:i] + code[i + 1 :] for i in range(len(code))]
    forms = {("whole", hashed("code", f"{network_id}:{code}"))}
    forms |= {("less", hashed("code", f"{network_id}:{rest}")) for rest in shorter}
    forms |= {("at", hashed("code_at", f"{network_id}:{i}:{rest}")) for i, rest in enumerate(shorter)}
    return [{"person_key": person_key, "kind": kind, "form": form} for kind, form in sorted(forms)]
