"""Make the demonstration programme: raw export files of an invented ECHO hub, each in its tool's own layout.

    python data/demo/make_demo.py [--out DIR]

Everything is synthetic and seeded: running it again writes the same bytes. README.md, written with the
rest, says which mess is in which file. The folder `roi/` is not made here.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a script: make the repository's own modules importable
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from data.demo import _generic, _qualtrics, _readme, _redcap, _registrations, _zoom
from data.demo._programme import Roster, programme_toml, rosters

ROI_LEDGERS = ("psychosocial", "chronic_pain", "care_homes", "pharmacists")


def build() -> dict[str, bytes]:
    """Return every file of the demonstration: path below the folder -> bytes, in the order of import."""
    people = rosters()
    reports = {roster.cohort.key: _zoom.reports(roster) for roster in people}
    texts: dict[str, str] = {"programme.toml": programme_toml()}
    for roster in people:
        cohort = roster.cohort
        name = f"registrations/registration_{cohort.network}_cohort{cohort.number}.csv"
        texts[name] = _registrations.registration_csv(roster)
    texts[f"redcap/{_redcap.DICTIONARY_NAME}"] = _redcap.dictionary_csv()
    came = {key: frozenset(p.email for r in made for p in r.attended) for key, made in reports.items()}
    texts[f"redcap/{_redcap.DATA_NAME}"] = _redcap.data_csv(people, came)
    for roster in people:
        texts.update({f"zoom/{r.name}": r.text for r in reports[roster.cohort.key]})
    for roster in people:
        surveys = _qualtrics.exports(roster, reports[roster.cohort.key])
        texts.update({f"qualtrics/{name}": text for name, text in surveys.items()})
    files = {name: text.encode() for name, text in texts.items()}
    files["forms/supervisor_ratings.xlsx"] = _generic.supervisor_workbook(people)
    files["forum/forum_posts.csv"] = _generic.forum_csv(people).encode()
    files["cases/cases.csv"] = _generic.cases_csv(people).encode()
    files["cycles/pdsa_cycles.csv"] = _generic.cycles_csv().encode()
    files["costs/costs.csv"] = _generic.costs_csv(people).encode()
    files["imports.toml"] = _imports(list(files), people).encode()
    files["README.md"] = _readme.text(list(files), people).encode()
    return files


def _imports(names: list[str], people: list[Roster]) -> str:
    """Return the order of import; network and cohort stand only where the file does not say them itself."""
    by_meeting = {r.network.zoom_meeting_id: r.network.key for r in people}
    lines = ["# SYNTHETIC DEMONSTRATION DATA. The order in which the demonstration is loaded."]
    for name in [*names, *(f"roi/roi_{key}.toml" for key in ROI_LEDGERS)]:
        folder, _, file = name.rpartition("/")
        lines += ["", "[[import]]", f'file = "{name}"']
        if folder == "zoom":
            lines.append(f'network = "{by_meeting[file.split("_")[1]]}"')
        elif folder == "qualtrics":
            lines.append(f'network = "{file.rsplit("_c", 1)[0]}"')
        elif folder == "registrations":
            network, _, cohort = file.removeprefix("registration_").removesuffix(".csv").rpartition("_cohort")
            lines += [f'network = "{network}"', f"cohort = {cohort}"]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Make the synthetic demonstration programme.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent, help="folder to write into")
    folder: Path = parser.parse_args(arguments).out
    files = build()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{len(files)} files written to {folder}")


if __name__ == "__main__":
    main()
