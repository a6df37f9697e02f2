"""The lock file says what was fetched; edited by hand, it deletes and reads nothing else."""

import dataclasses
import json

import pytest

from bolton_jsna.cli import _status
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, WorkspaceError
from bolton_jsna.ingest import _previous_copies, lockfile, store
from bolton_jsna.ingest.lockfile import LockEntry, LockFile

KEY = "idaci@2025"


def add_file(workspace, text="a\n1\n", name="old.csv", **options):
    """Put a file in the store as a refresh does."""
    with store.guarded(workspace) as incoming:
        new = incoming / "new"
        new.write_text(text)
        return store.put(
            new, LockEntry("idaci", "2025", path=f"idaci/2025/{name}"), workspace, **options
        )


def edit(workspace, change):
    path = workspace / store.RAW / lockfile.NAME
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def fetched(server, name="idaci.csv"):
    """A server whose store was filled by the stand-in's publishers."""
    done = server.refresh()
    assert done.returncode == 0, done.stdout + done.stderr
    return server.workspace / store.RAW


@pytest.mark.parametrize(
    "path",
    [
        "../../../children.csv",
        "idaci/2025/../../../../../children.csv",
        "/etc/hostname",
        "idaci\\2025\\..\\x.csv",
        "C:x.csv",
        "idaci/2025/x.csv:hidden",
        "idaci/2025/NUL.csv",
        "idaci/2025/con",
        "idaci/2025/x.csv.",
        "idaci/2025/x.csv ",
        "idaci/2025",
        "idaci/2019/x.csv",
        "lookup/2025/x.csv",
        "idaci/2025/deep/x.csv",
        "idaci//x.csv",
        "sources.lock.json",
        "idaci/2025/\x1b[2J.csv",
    ],
)
def test_a_path_that_no_refresh_uses_is_rejected(empty, path):
    add_file(empty.workspace)
    edit(empty.workspace, lambda content: content["files"][KEY].update(path=path))
    with pytest.raises(SourceError, match=r"has the path .*A fetched file is in idaci/2025/"):
        store.entries(empty.workspace)
    assert empty.canary.exists()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 1, "files": []}',
        '{"version": true, "files": {}, "next": []}',
        '{"version": "1", "files": {}}',
        '{"version": 2, "files": {}}',
        '{"version": 1, "files": {"idaci@2025": 3}}',
        '{"version": 1, "files": {"idaci@2025": {}}}',
        '{"version": 1, "files": {"idaci@2025": {"dataset": "idaci", "edition": ["2025"]}}}',
        '{"version": 1, "files": {"idaci@2025": {"dataset": "idaci", "edition": "2019"}}}',
        '{"version": 1, "files": {"idaci@2025": {"dataset": "idaci", "edition": "2025",'
        ' "size": -1}}}',
        '{"version": 1, "files": {"idaci@2025": {"dataset": "idaci", "edition": "2025",'
        ' "rows": "9"}}}',
        '{"version": 1, "files": {"idaci@2025": {"dataset": "idaci", "edition": "2025",'
        ' "columns": "abc"}}}',
        '{"version": 1, "files": {"idaci@2025": {"dataset": "idaci", "edition": "2025",'
        ' "notes": [[]]}}}',
        '{"version": 1, "files": {"idaci@2025/x": {"dataset": "idaci", "edition": "2025",'
        ' "area_code": "x"}}}',
        "[" * 200_000,
        '{"version":' * 100_000,
        '{"version": ' + "9" * 10_000 + "}",
    ],
    ids=range(19),
)
def test_wrong_types_and_great_depth_are_one_message(empty, text):
    path = empty.workspace / store.RAW / lockfile.NAME
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(SourceError, match="cannot be read as a lock file") as caught:
        store.entries(empty.workspace)
    assert len(str(caught.value)) < 600


def test_words_of_a_lock_file_never_steer_a_terminal(empty):
    add_file(empty.workspace)
    said = {"failed": "2026-11-01T00:00:00+00:00", "failure": "\x1b]0;owned\x07\u202egnp"}
    edit(empty.workspace, lambda content: content["files"][KEY].update(said))
    done = empty.run("status", "--workspace", empty.workspace)
    assert done.returncode == 0
    assert "owned" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)


def test_an_unknown_area_is_shown_by_its_code(empty):
    text = {"dataset": "lookup", "edition": "lsoa21-ward24", "area_code": "E99999999"}
    content = {"version": 1, "files": {"lookup@lsoa21-ward24/E99999999": text}}
    path = empty.workspace / store.RAW / lockfile.NAME
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content))
    (found,) = [each for each in _status.status(workspace=empty.workspace).holdings if each.area]
    assert found.area == "E99999999"


def test_headings_stay_as_they_were_published(empty):
    """A space that does not break is no character to print, and part of a heading all the same."""
    add_file(empty.workspace)
    edit(empty.workspace, lambda content: content["files"][KEY].update(columns=["a\u00a0b"]))
    assert store.entries(empty.workspace)[KEY].columns == ("a\u00a0b",)


# ---------------------------------------------------------------- what is deleted
def moved_on(workspace, path, text):
    """Leave a lock file as a killed refresh does: a new file in place, the old one to delete."""
    raw = workspace / store.RAW
    new = raw / "idaci/2025/new.csv"
    new.parent.mkdir(parents=True, exist_ok=True)
    new.write_text("a\n2\n")
    mark = store.fingerprint(new)
    entry = LockEntry(
        "idaci", "2025", path="idaci/2025/new.csv", sha256=mark, size=new.stat().st_size
    )
    before = dataclasses.replace(entry, path=path, sha256="0" * 64, size=1)
    lockfile.write(raw, LockFile({KEY: before}, {KEY: entry}))
    old = raw / path
    old.write_text(text)
    return old


def test_of_a_file_added_by_hand_the_bytes_are_kept_when_a_lock_file_gives_it_up(empty):
    old = moved_on(empty.workspace, "idaci/2025/mine.csv", "mine")
    with store.guarded(empty.workspace):
        pass
    (copy,) = (old.parent / store.SUPERSEDED).iterdir()
    assert copy.read_text() == "mine"


def test_nothing_is_deleted_through_a_linked_folder(empty):
    outside = empty.home / "outside"
    outside.mkdir()
    raw = empty.workspace / store.RAW
    (raw / "idaci").mkdir(parents=True)
    (raw / "idaci" / "2025").symlink_to(outside)
    (outside / "old.csv").write_text("a\n1\n")
    mark = store.fingerprint(outside / "old.csv")
    entry = LockEntry("idaci", "2025", path="idaci/2025/old.csv", sha256=mark, size=4)
    lockfile.write(raw, LockFile({KEY: entry}))
    with store.guarded(empty.workspace) as incoming:
        (incoming / "new").write_text("a\n2\n")
        new = LockEntry("idaci", "2025", path="idaci/2025/new.csv")
        with pytest.raises(BoltonJsnaError, match="is a link"):
            store.put(incoming / "new", new, empty.workspace, keep=0)
    assert [path.name for path in outside.iterdir()] == ["old.csv"]


def test_a_copy_of_what_was_replaced_is_not_written_through_a_link(empty):
    """A link that points nowhere looks like no file at all."""
    add_file(empty.workspace)
    raw = empty.workspace / store.RAW
    folder = raw / "idaci" / "2025" / store.SUPERSEDED
    folder.mkdir()
    goal = empty.home / "made"
    mark = _previous_copies.mark(KEY)
    (folder / f"0_{mark}_old.csv").symlink_to(goal)
    add_file(empty.workspace, "a\n2\n")
    assert not goal.exists()
    (copy,) = folder.iterdir()
    assert (copy.read_text(), copy.is_symlink()) == ("a\n1\n", False)


def test_a_folder_where_a_fetched_file_goes_is_one_message(empty):
    (empty.workspace / store.RAW / "idaci/2025/old.csv").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="is a folder, where a file is to be written"):
        add_file(empty.workspace)
