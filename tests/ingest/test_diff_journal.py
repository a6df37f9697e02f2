"""The journal and the record of changes are read as data that anyone may have edited."""

import json
import logging
import os

import pytest

from bolton_jsna.core.untrusted import UntrustedError
from bolton_jsna.ingest import diff, lockfile, store
from bolton_jsna.ingest.diff import Change, Revision, _change_json, journal, report
from bolton_jsna.ingest.lockfile import LockEntry
from stored import changed_files

WHEN = "2026-11-24T06:00:00+00:00"
NAME = "000001-0123456789abcdef"


def put(workspace, text="a\n1\n", *, name="a.csv", **facts):
    """Put a file in the store with its change, as a refresh does, but do not report it."""
    raw = workspace / store.RAW
    with store.guarded(workspace) as incoming:
        new = incoming / "new"
        new.write_text(text)
        entry = LockEntry("idaci", "2025", path=f"idaci/2025/{name}", retrieved=WHEN)
        whole = LockEntry(
            "idaci",
            "2025",
            path=entry.path,
            retrieved=WHEN,
            sha256=store.fingerprint(new),
            size=len(text),
        )
        change = Change("idaci@2025", entry.path, first=False, rows=1, **facts)
        change = journal.add(raw, change, whole, moment=WHEN)
        store.put(new, entry, workspace)
    return change


def publish(workspace, when=WHEN):
    with store.guarded(workspace):
        left = journal.begin(workspace / store.RAW)
        return report.publish(workspace, when=when, left=left)


def noted(workspace):
    folder = workspace / store.RAW / journal.FOLDER
    return sorted(folder.iterdir()) if folder.is_dir() else []


def content(**more):
    given = _change_json.facts_of(Change("idaci@2025", "idaci/2025/a.csv", first=True, rows=1))
    texts = {"moment": WHEN, "key": "idaci@2025", "path": "idaci/2025/a.csv", "sha256": "0"}
    return {
        "version": 1,
        **texts,
        "retrieved": WHEN,
        "size": 4,
        "there": False,
        "change": given,
    } | more


@pytest.mark.parametrize("ending", [".json", ".coming.json"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 200_000,
        '{"version": ' + "9" * 10_000 + "}",
        '{"version": 2}',
        json.dumps(content(key=["idaci@2025"])),
        json.dumps(content(size="4")),
        json.dumps(content(there=0)),
        json.dumps(content(change=None)),
        json.dumps(content(change={})),
        json.dumps(content(change={**content()["change"], "rows": "9"})),
        json.dumps(content(change={**content()["change"], "rows": 2**70})),
        json.dumps(content(change={**content()["change"], "rows": -1})),
        json.dumps(content(change={**content()["change"], "revisions": [3]})),
        json.dumps(content(change={**content()["change"], "revisions": [{"where": 3}]})),
        json.dumps(content(change={**content()["change"], "columns_renamed": [["a"]]})),
        json.dumps(content(change={**content()["change"], "columns_added": "abc"})),
        json.dumps(content(change={**content()["change"], "first": 1})),
        json.dumps(content())[:-1] + ', "version": 1}',
        json.dumps(content(change={**content()["change"], "beyond": 0.5})),
        "\ud800",
    ],
    ids=range(22),
)
def test_a_damaged_journal_is_one_warning_and_stops_nothing(tmp_path, caplog, text, ending):
    good = put(tmp_path)
    for number in (1, 2):
        path = tmp_path / store.RAW / journal.FOLDER / f"00000{number}-{number:016x}{ending}"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = publish(tmp_path)
    assert [each.id for each in found] == [good.id]
    warned = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(warned) == 1
    assert "2 files of data/raw/.changes/ cannot be read" in warned[0]
    assert warned[0].isprintable()
    assert len(warned[0]) < 800
    assert noted(tmp_path) == []


@pytest.mark.parametrize("what", ["large", "link", "folder", "pipe"])
def test_what_is_not_a_file_of_the_journal_is_one_warning(tmp_path, caplog, what):
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(content()))
    good = put(tmp_path)
    path = tmp_path / store.RAW / journal.FOLDER / f"{NAME}.json"
    if what == "large":
        with path.open("wb") as file:
            file.truncate(2**34)
    elif what == "link":
        path.symlink_to(secret)
    elif what == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    assert [each.id for each in publish(tmp_path)] == [good.id]
    assert sum(each.levelno >= logging.WARNING for each in caplog.records) == 1 + (what == "folder")
    assert secret.exists()
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("what", ["file", "link"])
def test_a_link_in_the_place_of_the_journal_is_not_followed(tmp_path, caplog, what):
    other = tmp_path / "other"
    other.mkdir()
    (other / f"{NAME}.json").write_text(json.dumps(content()))
    raw = tmp_path / store.RAW
    raw.mkdir(parents=True)
    if what == "file":
        (raw / journal.FOLDER).write_text("mine")
    else:
        (raw / journal.FOLDER).symlink_to(other)
    assert publish(tmp_path) == ()
    assert "is not a folder of this library" in caplog.text
    put(tmp_path)
    assert len(publish(tmp_path)) == 1
    assert len(list(other.iterdir())) == 1


def test_words_of_a_journal_bring_no_markup_and_steer_no_terminal(tmp_path):
    evil = "\x1b[2J<img src=x>|[x](javascript:y)`\u202e\n# title\\"
    put(tmp_path, "a\n1\n")
    (path,) = noted(tmp_path)
    given = json.loads(path.read_text())
    row = {"where": {evil: evil}, "column": evil, "old": evil, "new": None, "by": None}
    row |= {"old_state": evil, "new_state": evil, "names": {evil: evil}}
    given["moment"] = evil
    given["change"] |= {
        **dict.fromkeys(("file", "path", "added_what", "removed_what"), evil),
        **dict.fromkeys(("service", "service_before", "id", "left"), evil),
        **{name: [evil] for name in ("columns_added", "columns_removed", "new_editions")},
        "columns_renamed": [[evil, evil]],
        "revisions": [row],
        "added": 1,
        "removed": 1,
    }
    path.write_text(json.dumps(given))
    (change,) = publish(tmp_path, when=evil)
    assert change.id == path.name.removesuffix(".json").removesuffix(".coming")
    page = (tmp_path / diff.REPORT).read_text()
    assert page.replace("\n", "").isprintable()
    assert "<" not in page
    assert not [line for line in page.splitlines() if line.startswith("# title")]
    for mark in "[]`":
        assert page.count(mark) == page.count(f"\\{mark}"), mark
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {7, 6}


def test_figures_and_texts_beyond_all_measure_are_cut(tmp_path):
    row = Revision({"x": "y" * 10_000}, "z" * 10_000, 1, 2, 1.0)
    given = _change_json.facts_of(Change("f", "p", first=False, rows=1, revisions=(row,) * 5_000))
    given["columns_added"] = ["c" * 10_000] * 5_000
    found = _change_json.change_of(json.loads(json.dumps(given)))
    assert len(found.revisions) == diff.MOST
    assert len(found.columns_added) == 1_000
    assert len(found.revisions[0].column) == len(found.revisions[0].where["x"]) == 500


def test_a_change_too_large_for_the_journal_is_noted_without_its_figures(tmp_path):
    rows = tuple(
        Revision({f"{n}{m}": "y" * 500 for m in range(60)}, "z", 1, 2, 1.0) for n in range(300)
    )
    put(tmp_path, revised=300, revisions=rows)
    (change,) = publish(tmp_path)
    assert (change.revised, change.revisions) == (300, ())


def test_the_journal_is_no_data_and_a_store_that_is_cleared_keeps_it(tmp_path):
    put(tmp_path)
    assert [each.name for each in store.raw_files("idaci", tmp_path)] == ["a.csv"]
    assert changed_files(tmp_path) == ()
    store.clear(tmp_path / store.RAW)
    assert len(noted(tmp_path)) == 1
    assert len(publish(tmp_path)) == 1


def test_the_copy_is_known_by_its_bytes_where_the_lock_file_is_gone(tmp_path):
    put(tmp_path)
    (tmp_path / store.RAW / lockfile.NAME).unlink()
    assert len(publish(tmp_path)) == 1
    put(tmp_path, "a\n2\n", name="b.csv")
    (tmp_path / store.RAW / lockfile.NAME).unlink()
    (tmp_path / store.RAW / "idaci/2025/b.csv").write_text("other")
    assert publish(tmp_path) == ()


# ---------------------------------------------------------------- the record
def test_the_report_keeps_the_last_ten_runs_the_newest_first(tmp_path):
    for number in range(12):
        put(tmp_path, f"a\n{number}\n", revised=number + 1)
        publish(tmp_path, f"2026-11-{number + 1:02d}T06:00:00+00:00")
        report.write_build(tmp_path, f"Build {number + 1} was made.")
    runs = report.read(tmp_path)
    assert [run.changes[0].revised for run in runs] == list(range(12, 2, -1))
    assert [run.build for run in runs] == [f"Build {n} was made." for n in range(12, 2, -1)]
    record = json.loads((tmp_path / diff.RECORD).read_text())
    assert set(record) == {"refreshed", "build", "changes", "earlier"}
    assert record["refreshed"] == "2026-11-12T06:00:00+00:00"
    assert record["changes"][0]["revised"] == 12
    page = (tmp_path / diff.REPORT).read_text()
    heads = [line for line in page.splitlines() if line.startswith("# ")]
    assert heads[0] == "# What the refresh of 2026-11-12 06:00 UTC changed"
    assert heads[-1] == "# What the refresh of 2026-11-03 06:00 UTC changed"
    assert page.index("Build 12 was made.") < page.index("Build 11 was made.")


def test_a_build_is_written_to_the_refresh_that_it_followed(tmp_path):
    """Another refresh may have been at work while it was made."""
    put(tmp_path, "a\n1\n")
    publish(tmp_path, "2026-11-01T06:00:00+00:00")
    put(tmp_path, "a\n2\n")
    publish(tmp_path, "2026-11-02T06:00:00+00:00")
    report.write_build(tmp_path, "First.", when="2026-11-01T06:00:00+00:00")
    report.write_build(tmp_path, "Later.", when="2026-11-09T06:00:00+00:00")
    assert [run.build for run in report.read(tmp_path)] == ["Later.", "First."]


def test_a_record_of_the_former_kind_is_taken_over_as_an_earlier_run(tmp_path):
    old = {
        "refreshed": "2026-11-01T06:00:00+00:00",
        "build": "Bolton was built again: 44 files.",
        "changes": [
            {
                "file": "idaci@2025",
                "path": "idaci/2025/f.csv",
                "first": False,
                "rows": 9,
                "added": 0,
                "removed": 0,
                "revised": 1,
                "revisions": [
                    {
                        "where": {"year": 2025},
                        "column": "count",
                        "old": 7,
                        "new": 2608.0,
                        "by": 2601.0,
                    }
                ],
                "new_editions": [],
                "columns_added": [],
                "columns_removed": [],
                "columns_renamed": [["a", "b"]],
            }
        ],
    }
    (tmp_path / diff.RECORD).parent.mkdir(parents=True)
    (tmp_path / diff.RECORD).write_text(json.dumps(old))
    put(tmp_path)
    publish(tmp_path)
    first, second = report.read(tmp_path)
    assert (first.refreshed, second.refreshed) == (WHEN, old["refreshed"])
    page = (tmp_path / diff.REPORT).read_text()
    assert "Build: Bolton was built again: 44 files." in page
    assert "| 2025 | count | 7 | 2,608 | +2,601 |" in page
    assert "Columns renamed: a is now b." in page


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"changes": [3]}', '{"changes": [], "earlier": 3}']
)
def test_a_record_that_cannot_be_read_is_started_again(tmp_path, caplog, text):
    (tmp_path / diff.RECORD).parent.mkdir(parents=True)
    (tmp_path / diff.RECORD).write_text(text)
    with pytest.raises(UntrustedError):
        report.read(tmp_path)
    put(tmp_path)
    assert len(publish(tmp_path)) == 1
    assert len(report.read(tmp_path)) == 1
    assert "data/processed/changes.json cannot be read: " in caplog.text


def test_a_long_record_can_be_read_again(tmp_path):
    """An authority's name in each of 200 figures of many files is more than is read at once."""
    row = Revision({"area_code": "E08000001"}, "count", 1, 2, 1.0, names={"E08000001": "x" * 400})
    run = report.Run(
        WHEN, tuple(Change(f"f{n}", "p", False, 1, revisions=(row,) * 200) for n in range(150))
    )
    text = report._text((run,) * 4)
    assert len(text) < 16 * 2**20
    (tmp_path / diff.RECORD).parent.mkdir(parents=True)
    (tmp_path / diff.RECORD).write_text(text)
    found = report.read(tmp_path)
    assert [len(each.changes) for each in found] == [150] * 4
    assert len(found[0].changes[0].revisions) == diff.SHOWN
