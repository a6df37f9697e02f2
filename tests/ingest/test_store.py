"""The store is as it was or as it was to be, also after a failure in between."""

import json
from pathlib import Path

import pytest

from bolton_jsna.core.errors import SchemaError, SourceError
from bolton_jsna.ingest import _validate, lockfile, store
from bolton_jsna.ingest.lockfile import LockEntry
from stored import changed_files, previous_copies


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it on purpose."""


def entry(name: str = "old.csv", **facts) -> LockEntry:
    facts = {"retrieved": "2026-10-03T04:00:00+00:00", "service": "govuk"} | facts
    return LockEntry("idaci", "2025", path=f"idaci/2025/{name}", **facts)


def add_file(workspace: Path, content: str, made: LockEntry, *, keep: int = 1) -> LockEntry:
    with store.guarded(workspace) as incoming:
        new = incoming / Path(made.path).name
        new.write_text(content)
        return store.put(new, made, workspace, keep=keep)


def visible(workspace: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in store.raw_files("idaci", workspace)}


def test_what_is_put_is_found_and_verified(tmp_path):
    made = add_file(tmp_path, "a\n1\n", entry())
    assert visible(tmp_path) == {"old.csv": "a\n1\n"}
    assert store.entries(tmp_path) == {"idaci@2025": made}
    assert changed_files(tmp_path) == ()
    assert not (tmp_path / store.RAW / ".incoming").exists()
    written = json.loads((tmp_path / store.RAW / lockfile.NAME).read_text())
    assert written["files"]["idaci@2025"]["sha256"] == made.sha256
    assert "next" not in written


def test_a_superseded_copy_is_kept_out_of_sight_as_many_as_asked(tmp_path):
    for day in range(1, 6):
        moment = f"2026-10-0{day}T04:00:00+00:00"
        made = add_file(tmp_path, f"a\n{day}\n", entry(retrieved=moment), keep=2)
    assert visible(tmp_path) == {"old.csv": "a\n5\n"}
    copies = previous_copies(made, tmp_path)
    assert [each.read_text() for each in copies] == ["a\n3\n", "a\n4\n"]
    made = add_file(tmp_path, "a\n6\n", entry(), keep=0)
    assert previous_copies(made, tmp_path) == ()


def test_a_new_file_name_takes_the_old_one_away(tmp_path):
    add_file(tmp_path, "a\n1\n", entry("2013_to_2025.csv"))
    made = add_file(tmp_path, "a\n2\n", entry("2013_to_2026.csv"))
    assert visible(tmp_path) == {"2013_to_2026.csv": "a\n2\n"}
    assert [each.read_text() for each in previous_copies(made, tmp_path)] == ["a\n1\n"]


def test_a_file_that_is_gone_or_was_changed_does_not_match_its_entry(tmp_path):
    add_file(tmp_path, "a\n1\n", entry())
    path = tmp_path / store.RAW / "idaci/2025/old.csv"
    path.write_text("a\n2\n")
    assert changed_files(tmp_path) == ("idaci/2025/old.csv",)
    path.unlink()
    assert changed_files(tmp_path) == ("idaci/2025/old.csv",)


def test_a_file_changed_by_hand_is_kept_when_it_is_replaced(tmp_path):
    add_file(tmp_path, "a\n1\n", entry())
    (tmp_path / store.RAW / "idaci/2025/old.csv").write_text("by hand")
    for keep in (1, 0):
        add_file(tmp_path, f"a\n{keep}\n", entry(), keep=keep)
    # Whatever is kept of fetched copies: these bytes are nowhere else.
    kept = (tmp_path / store.RAW / "idaci/2025/.superseded").iterdir()
    assert [each.read_text() for each in kept] == ["by hand"]


STEPS = ("write", "replace", "unlink", "hardlink_to")


@pytest.mark.parametrize("name", ["old.csv", "new.csv"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(12))
def test_killed_at_any_step_the_store_is_as_before_or_as_after(
    tmp_path, monkeypatch, name, after, step
):
    add_file(tmp_path, "a\n1\n", entry())
    new = tmp_path / name
    new.write_text("a\n2\n")
    done = []

    def counted(kind):
        true = getattr(Path, kind) if kind != "write" else lockfile.write_atomically

        def stand_in(*args, **options):
            if len(done) == step and not after:
                raise Killed
            result = true(*args, **options)
            done.append(kind)
            if len(done) == step + 1 and after:
                raise Killed
            return result

        return stand_in

    with monkeypatch.context() as patched:
        for kind in STEPS[1:]:
            patched.setattr(Path, kind, counted(kind))
        patched.setattr(lockfile, "write_atomically", counted("write"))
        try:
            store.put(new, entry(name), tmp_path)
            finished = True
        except Killed:
            finished = False
    assert changed_files(tmp_path) == ()
    found = visible(tmp_path)
    assert found in ({"old.csv": "a\n1\n"}, {name: "a\n2\n"})
    if finished:
        assert found == {name: "a\n2\n"}
    # The next refresh settles it and leaves nothing about.
    with store.guarded(tmp_path):
        pass
    assert visible(tmp_path) == found
    assert changed_files(tmp_path) == ()
    raw = tmp_path / store.RAW
    assert lockfile.read(raw).coming == {}
    assert list(raw.rglob("*.tmp")) == []


def test_temporary_files_of_a_killed_run_are_cleared(tmp_path):
    raw = tmp_path / store.RAW
    (raw / ".incoming" / "x").mkdir(parents=True)
    (raw / ".incoming" / "x" / "half.csv").write_text("half")
    (raw / f".{lockfile.NAME}.1234.tmp").write_text("{")
    with store.guarded(tmp_path):
        pass
    assert sorted(each.name for each in raw.iterdir()) == [".refresh.lock"]


def test_a_second_refresh_waits_and_then_says_so(tmp_path):
    with (
        store.guarded(tmp_path),
        pytest.raises(SourceError, match="Another refresh has been running"),
        store.guarded(tmp_path, wait=0.05),
    ):
        pass


def test_a_lock_file_that_is_none_says_what_to_do(tmp_path):
    raw = tmp_path / store.RAW
    raw.mkdir(parents=True)
    for content in ("{", "[]", '{"version": 1}', '{"version": 99, "files": {}}'):
        (raw / lockfile.NAME).write_text(content)
        with pytest.raises(SourceError, match=r"cannot be read as a lock file.*Move it away"):
            store.entries(tmp_path)


def test_a_path_in_the_lock_file_cannot_lead_out_of_the_store(tmp_path):
    raw = tmp_path / store.RAW
    raw.mkdir(parents=True)
    facts = {"dataset": "idaci", "edition": "2025", "path": "../../evil", "sha256": "x"}
    (raw / lockfile.NAME).write_text(json.dumps({"version": 1, "files": {"idaci@2025": facts}}))
    with pytest.raises(SourceError, match="cannot be read as a lock file"):
        changed_files(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "found an empty body"),
        ("a.csv", b"<!DOCTYPE html><p>Sorry", "expected a .csv file, found a web page"),
        ("a.csv", b"\xef\xbb\xbf  <html>", "found a web page"),
        ("a.csv", b'{"error":"Cannot create query"}', "expected a .csv file, found JSON"),
        ("a.csv", b"PK\x03\x04rest", "expected a .csv file, found something other than text"),
        ("a.zip", b"a,b\n1,2\n", "expected a .zip file, found something other than zip"),
        ("a.geojson", b"[1]", "expected features"),
        ("a.geojson", b'{"error":{"code":400}}', "expected features"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00half", "is damaged"),
        ("a.exe", b"MZ", "has an unknown ending"),
        ("a.csv", b"code,name\n1,<script>alert(1)</script>\n", "a tag of a web page"),
        ("a.csv", b"code,name\n1,<img src=x onerror=alert(1)>\n", "a tag of a web page"),
        ("a.geojson", b'{"features":[{"properties":{"n":"<b>x</b>"}}]}', "a tag of a web page"),
    ],
)
def test_bytes_that_are_something_else_are_rejected(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        _validate.check(path, what="govuk, idaci@2025")


def test_rows_are_counted_against_the_promise_and_headings_against_the_catalogue(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfLSOA  Code (2021),"Name, long"\r\nE01,"x\ny"\r\n\r\nE02,z\r\n')
    found = _validate.check(path, what="x", columns=["lsoa code (2021)|lsoa code"], promised=2)
    assert found == _validate.Checked(2, ("LSOA  Code (2021)", "Name, long"))
    with pytest.raises(SourceError, match="the file has 2 rows, but the service reports 3"):
        _validate.check(path, what="x", promised=3)
    with pytest.raises(SchemaError, match=r"no column 'Score'. It has 'LSOA  Code \(2021\)'"):
        _validate.check(path, what="x", columns=["Score"])


def zipped(path: Path, **files: bytes) -> Path:
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_read_whole_and_its_rows_added_up(tmp_path):
    good = zipped(tmp_path / "a.zip", **{"f.csv": b"a,b\n1,2\n", "m.csv": b"a,b\n3,4\n5,6\n"})
    assert _validate.check(good, what="x", columns=["A"]) == _validate.Checked(3, ("a", "b"))


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/cron.d/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:\\x.csv"]
)
def test_a_zip_entry_outside_its_folder_is_rejected(tmp_path, name):
    evil = zipped(tmp_path / "a.zip", **{name: b"a,b\n1,2\n"})
    with pytest.raises(SourceError, match="which is not a safe file name"):
        _validate.check(evil, what="ons")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.zip"]


def test_a_zip_bomb_is_not_opened(tmp_path):
    bomb = zipped(tmp_path / "a.zip", **{"f.csv": bytes(50 * 2**20)})
    with pytest.raises(SourceError, match="unpacks to 52,428,800 bytes"):
        _validate.check(bomb, what="ons")
    many = zipped(tmp_path / "b.zip", **{f"{number}.csv": b"a" for number in range(600)})
    with pytest.raises(SourceError, match="more than 500 files"):
        _validate.check(many, what="ons")


@pytest.mark.parametrize("keep", [0, 1])
def test_a_file_added_by_hand_under_the_same_name_is_kept_for_any_value_of_keep(tmp_path, keep):
    place = tmp_path / store.RAW / "idaci" / "2025"
    place.mkdir(parents=True)
    (place / "old.csv").write_text("own\n")
    with store.guarded(tmp_path) as incoming:
        for number in (1, 2, 3):
            new = incoming / "new"
            new.write_text(f"a\n{number}\n")
            made = entry("old.csv", retrieved=f"2026-10-0{number}T04:00:00+00:00")
            store.put(new, made, tmp_path, keep=keep)
    kept = {each.read_text() for each in (place / store.SUPERSEDED).iterdir()}
    assert kept == ({"own\n"} if keep == 0 else {"own\n", "a\n2\n"})
    assert store.added_by_hand("idaci", tmp_path) == ()
    (place / "mine.csv").write_text("own\n")
    assert [each.name for each in store.added_by_hand("idaci", tmp_path)] == ["mine.csv"]
