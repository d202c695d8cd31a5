"""Somebody who is forgotten: no trace in any table, nobody else changed, no way back, and the proof that it is so."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo_metrics.cli import main
from echo_metrics.doctor import examine
from echo_metrics.errors import UserError
from echo_metrics.ingest import forget as forgetting
from echo_metrics.ingest.forget import allow_again, find_target, forget
from echo_metrics.ingest.load import import_bytes, import_path
from echo_metrics.ingest.redact import REMOVED, redact, wanted
from echo_metrics.store import Store
from echo_metrics.store.rewrite import rewrite
from echo_metrics.store.rewrite import wanted as rewrite_wanted
from tests.conftest import DEMO
from tests.store.test_imports import everything

NAME, ADDRESS, MARK = "Elvel Holvell", "elvel.holvell@example.org", "holvell"
FILES = [
    ("programme.toml", "", ""),
    ("registrations/registration_chronic_pain_cohort1.csv", "chronic_pain", "1"),
    ("redcap/ECHOOutcomes_DataDictionary_2022-08-15.csv", "", ""),
    ("redcap/ECHOOutcomes_DATA_2022-08-15_0930.csv", "", ""),
    *((f"zoom/{p.name}", "chronic_pain", "") for p in sorted((DEMO / "zoom").glob("*86020304050*"))),
    ("forum/forum_posts.csv", "", ""),
]


def bring(store: Store, folder: Path) -> None:
    for name, network, cohort in FILES:
        report = import_path(store, folder / name, network, cohort)
        assert report.status == "loaded", report.message


def without(folder: Path) -> Path:
    """The same raw files without the lines that are the person's: by hand, knowing nothing of the product."""
    for name, _, _ in FILES:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        data = (DEMO / name).read_bytes()
        if MARK.encode() in data.lower():
            lines = data.decode("utf-8-sig").splitlines()
            records = {line.split(",")[0] for line in lines if MARK in line.lower()} if "DATA_" in name else set()
            kept = [x for x in lines if MARK not in x.lower() and x.split(",")[0] not in records]
            data = "\r\n".join(kept).encode()
        place.write_bytes(data)
    return folder


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    (tmp_path / "hub.key").write_bytes(bytes(range(32)))
    store = Store.open(tmp_path / "hub.duckdb")
    bring(store, DEMO)
    return store


def all_cells(path: Path) -> list[tuple[str, str, Any]]:
    """Every cell of every table, read by the database's own means."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = [t for (t,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        found = []
        for table in tables:
            result = connection.execute(f'SELECT * FROM "{table}"')
            columns = [c[0] for c in result.description or ()]
            found += [(table, c, v) for row in result.fetchall() for c, v in zip(columns, row, strict=True)]
    return found


def test_no_cell_of_any_table_knows_the_person(filled: Store) -> None:
    target = find_target(filled, ADDRESS)
    people, hashes = set(target.people), set(target.hashes)
    done = forget(filled, target, "test")
    path = filled.path
    filled.close()
    assert rewrite_wanted(path)
    rewrite(path)
    assert not rewrite_wanted(path)
    assert done.rows > 100 and done.tombstones >= 3
    for table, column, value in all_cells(path):
        assert MARK not in str(value).lower(), (table, column, value)
        if table != "forgotten":
            assert value not in hashes, (table, column)
        if column in ("person_id", "candidate_id", "merged_into") or (table, column) == ("person", "id"):
            assert value not in people, (table, column)
    assert MARK.encode() not in path.read_bytes().lower()
    with Store.open(path) as store:
        assert not any(f.rows for f in examine(store))


def test_everybody_else_is_as_if_the_person_had_never_come(filled: Store, tmp_path: Path) -> None:
    forget(filled, find_target(filled, NAME), "test")
    (tmp_path / "never.key").write_bytes(bytes(range(32)))
    with Store.open(tmp_path / "never.duckdb") as never:
        bring(never, without(tmp_path / "raw"))
        assert everything(filled) == everything(never)


def test_the_accounts_of_the_files_go_on_to_balance(filled: Store) -> None:
    before = {r["name"]: r for r in filled.records("files")}
    forget(filled, find_target(filled, ADDRESS), "test")
    ignored = {(f, rule): n for f, rule, n in filled.rows("ignored_of_files")}
    for row in filled.records("files"):
        lines = (DEMO / next(n for n, _, _ in FILES if n.endswith(row["name"]))).read_bytes().lower()
        gone = ignored.get((row["id"], "forgotten on request"), 0)
        assert row["rows_read"] == before[row["name"]]["rows_read"]
        assert row["rows_loaded"] == before[row["name"]]["rows_loaded"] - gone
        if "DATA_" not in row["name"]:  # there, rows of later events do not bear the address
            assert gone == sum(MARK.encode() in x for x in lines.splitlines())
        else:
            assert gone == 4


def test_a_later_export_does_not_bring_the_person_back(filled: Store) -> None:
    forget(filled, find_target(filled, ADDRESS), "test")
    before, people = everything(filled), filled.rows("people_by_name")
    for name, network, cohort in FILES:
        if not name.endswith(".csv") or "Dictionary" in name:
            continue
        # The same rows with another line end: another file to the store, the same people.
        data = (DEMO / name).read_bytes().rstrip() + b"\r\n\r\n"
        report = import_bytes(filled, Path(name).name, data, network, cohort)
        assert report.status in ("loaded", "superseded") and report.balanced
        theirs = sum(MARK in line.lower() for line in data.decode("utf-8-sig").splitlines())
        if theirs:
            assert report.rows_ignored["forgotten on request"] == (4 if "DATA_" in name else theirs), name
    assert everything(filled) == before
    assert sorted(filled.rows("people_by_name")) == sorted(people)
    filled.close()
    assert not [c for c in all_cells(filled.path) if MARK in str(c[2]).lower()]


def test_a_request_can_be_withdrawn(filled: Store) -> None:
    forget(filled, find_target(filled, ADDRESS), "test")
    name, network, cohort = FILES[1]
    data = (DEMO / name).read_bytes()
    with pytest.raises(UserError, match="Nobody"):
        allow_again(filled, "somebody@example.org")
    assert allow_again(filled, ADDRESS) >= 3
    import_bytes(filled, "again.csv", data.rstrip() + b"\r\n\r\n", network, cohort)
    assert find_target(filled, NAME).people


def test_a_request_outlives_a_rebuilt_store_and_an_older_backup(filled: Store, tmp_path: Path) -> None:
    path = filled.path
    filled.close()
    shutil.copy(path, tmp_path / "backup.duckdb")
    with Store.open(path) as store:
        forget(store, find_target(store, ADDRESS), "test")
    assert MARK not in path.with_suffix(".forgotten").read_text(encoding="utf-8").lower()
    path.unlink()
    with Store.open(path) as rebuilt:  # only the key and the requests are left
        name, network, cohort = FILES[1]
        report = import_path(rebuilt, DEMO / name, network, cohort)
        assert report.rows_ignored["forgotten on request"] == 1
    path.unlink()
    shutil.copy(tmp_path / "backup.duckdb", path)
    with Store.open(path) as restored:
        assert [f.rows > 0 for f in examine(restored) if "forgotten" in f.check] == [True]
        forget(restored, find_target(restored, ADDRESS), "test")
        assert not any(f.rows for f in examine(restored))


def test_a_rehearsal_tells_the_same_and_changes_nothing(filled: Store) -> None:
    target = find_target(filled, ADDRESS)
    version, answers = filled.version, everything(filled)
    rehearsed = forget(filled, target, "test", rehearse=True)
    assert filled.version == version and everything(filled) == answers
    assert forget(filled, target, "test") == rehearsed


@pytest.mark.parametrize("kept", ["forum_post", "connection", "submission", "person_identifier"])
def test_where_something_is_left_nothing_is_changed(kept: str, filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof is no ornament: a table that is skipped stops the whole."""
    real = forgetting.remove_with
    monkeypatch.setattr(
        forgetting, "remove_with", lambda w, place, values: 0 if place.table == kept else real(w, place, values)
    )
    monkeypatch.setattr(forgetting, "replace_text", lambda *_: 0)
    answers = everything(filled)
    with pytest.raises(RuntimeError, match=f"traces are left.*{kept}"):
        forget(filled, find_target(filled, ADDRESS), "test")
    assert everything(filled) == answers


def test_others_who_quote_the_person_keep_their_words(store: Store) -> None:
    rows = [
        "network,author,posted_at,thread,kind,text,likes",
        'pain,Ann Other,2026-01-02 10:00,T,post,"I asked Élvel Holvell, and HOLVELL, ELVEL agreed.",0',
        "pain,Elvel Holvell,2026-01-03 10:00,T,reply,Yes,0",
    ]
    import_bytes(store, "posts.csv", "\n".join(rows).encode())
    import_bytes(
        store,
        "r.csv",
        b"First Name,Last Name,Email,Registration Time,Approval Status\nElvel,Holvell,e@x.org,2026-01-01,approved\n",
        "pain",
    )
    done = forget(store, find_target(store, "Holvell, Elvel"), "test")
    assert done.removed["forum_post"] == 1 and done.texts_changed == {"forum_post.body": 1}
    store.close()
    bodies = [v for t, c, v in all_cells(store.path) if (t, c) == ("forum_post", "body")]
    assert bodies == [f"I asked {REMOVED}, and {REMOVED} agreed."]


def people_file(*rows: str) -> bytes:
    return "\n".join(["First Name,Last Name,Email,Registration Time,Approval Status", *rows]).encode()


def test_two_of_one_name_are_told_apart(store: Store) -> None:
    two = people_file("Jo,Park,jo@a.org,2026-01-01,approved", "Jo,Park,jo@b.org,2026-01-01,approved")
    import_bytes(store, "r.csv", two, "pain")
    with pytest.raises(UserError, match="number") as refusal:
        find_target(store, "Jo Park")
    numbers = re.findall(r"number (\d+)", str(refusal.value))
    assert len(numbers) == 2
    done = forget(store, find_target(store, "jo@a.org"), "test")
    assert any("same name" in r for r in done.remarks)
    # The namesake stands, and stays when the file comes again.
    assert len(find_target(store, "Jo Park").people) == 1
    report = import_bytes(store, "r2.csv", two + b"\n\n", "pain")
    assert report.rows_ignored["forgotten on request"] == 1
    assert len(find_target(store, "Jo Park").people) == 1


def test_a_namesake_with_another_address_is_loaded_and_named(store: Store) -> None:
    import_bytes(store, "r.csv", people_file("Jo,Park,jo@a.org,2026-01-01,approved"), "pain")
    forget(store, find_target(store, "Jo Park"), "test")
    report = import_bytes(store, "r2.csv", people_file("Jo,Park,new@b.org,2026-02-01,approved"), "pain")
    assert report.rows_loaded == 2 - sum(report.rows_ignored.values())
    assert [i.code for i in report.issues if i.code == "namesake"] == ["namesake"]
    assert len(find_target(store, "new@b.org").people) == 1


def test_a_code_is_forgotten_in_its_network(store: Store) -> None:
    def answers(day: str) -> bytes:
        lines = ["Timestamp,Your code,Moment,I can bear it"]
        lines += [f"2026-01-{day} 10:00,{code},baseline,{n % 5 + 1}" for n, code in enumerate(["MA14V", "KO22T"])]
        return "\n".join(lines).encode()

    import_bytes(store, "a.csv", answers("10"), "pain", "One")
    with pytest.raises(UserError, match="--network"):
        find_target(store, "ma-14-v", code=True)
    done = forget(store, find_target(store, "ma-14-v", "pain", code=True), "test")
    assert done.removed["submission"] == 1
    report = import_bytes(store, "b.csv", answers("11"), "pain", "One")
    assert report.rows_ignored["forgotten on request"] == 1 and report.balanced


@pytest.mark.parametrize(
    ("who", "words"),
    [("", "Say whom"), ("Elvel", "single name"), ("99999999", "no person number")],
)
def test_whom_nobody_can_mean_is_refused(who: str, words: str, filled: Store) -> None:
    with pytest.raises(UserError, match=words):
        find_target(filled, who)


def test_the_command_says_what_else_holds_the_person(
    filled: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled.path
    filled.close()
    done = tmp_path / "inbox" / "done"
    done.mkdir(parents=True)
    shutil.copy(DEMO / "zoom" / "participants_86020304050_2021_02_23.csv", done)
    shutil.copy(DEMO / "programme.toml", done)
    monkeypatch.setenv("ECHO_INBOX", str(tmp_path / "inbox"))
    assert main(["forget", ADDRESS, "--store", str(path), "--json"]) == 0
    rehearsed = json.loads(capsys.readouterr().out)
    assert rehearsed["done"] is False
    assert main(["forget", ADDRESS, "--store", str(path), "--json", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows_removed"] == rehearsed["rows_removed"] and told["traces_left"] == 0
    there = " ".join(told["elsewhere"])
    assert "participants_86020304050_2021_02_23.csv" in there and "programme.toml" not in there
    assert "Backups" in there
    assert main(["forget", ADDRESS, "--store", str(path)]) == 0
    assert "Nothing about this person is in the store" in capsys.readouterr().out
    assert main(["forget", NAME, "--store", str(path), "--allow-again"]) == 0
    # The audit says that it happened, never to whom.
    control = path.with_name("hub.control.duckdb")
    assert not [c for c in all_cells(control) if MARK in str(c[2]).lower()]
    assert [v for t, c, v in all_cells(control) if (t, c) == ("audit", "action")][-2:] == [
        "person_forgotten",
        "person_allowed_again",
    ]


def test_somebody_unknown_can_be_kept_out_beforehand(store: Store) -> None:
    done = forget(store, find_target(store, "never@example.org"), "test")
    assert (done.rows, done.tombstones) == (0, 1)
    report = import_bytes(store, "r.csv", people_file("A,Bee,never@example.org,2026-01-01,approved"), "pain")
    assert report.rows_ignored["forgotten on request"] == 1


WORDS = st.text(st.characters(whitelist_categories=["Lu", "Ll", "Nd", "Zs", "Po"]), max_size=40)


@given(WORDS, WORDS, st.sampled_from(["Elvel Holvell", "HOLVELL, Élvel", "holvell  elvel", "Elvel\u0301 Holvell"]))
def test_a_name_goes_and_the_rest_stays(before: str, after: str, name: str) -> None:
    looked_for = wanted(["Elvel Holvell"], [ADDRESS])
    plain = redact(before, looked_for), redact(after, looked_for)
    found = redact(f"{before} | {name} | {after}", looked_for)
    assert found == f"{plain[0]} | {REMOVED} | {plain[1]}"


@given(WORDS)
def test_a_text_without_the_name_is_left_alone(text: str) -> None:
    if MARK not in text.lower():
        assert redact(text, wanted(["Elvel Holvell"], [])) == text


def test_names_inside_other_words_are_left_alone() -> None:
    looked_for = wanted(["Ann Lee"], ["ann@x.org"])
    for text in ("Joann Leeds", "ann@x.org.uk", "joann@x.org", "Ann and Lee"):
        assert redact(text, looked_for) == text
