"""What a workspace remembers is in files like any other: believed as far as a build writes them.

``run.json`` names what was made, and the owner's file beside it what a rebuild needs of the
authority's own file.
"""

import json
import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from bolton_jsna.building import _last_build, _outputs, next_steps, paths, rebuild
from bolton_jsna.cli import _status
from bolton_jsna.core.errors import SourceError

pytestmark = pytest.mark.usefixtures("sketched")

TABLE = "data/processed/rates.csv"


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


# ---------------------------------------------------------------- what is deleted


def test_every_output_of_a_build_is_one_that_the_next_may_delete(council):
    """A new table or map must be named in ``writing.OUTPUTS``, or it would never be cleared."""
    assert set(council.record()["outputs"]) <= _outputs.OUTPUTS


def test_an_output_that_is_not_made_any_more_is_still_cleared(tmp_path):
    staged = tmp_path / ".staged"
    for folder, names in ((tmp_path, ("rates.csv", "local_counts.csv")), (staged, ("rates.csv",))):
        (folder / "data" / "processed").mkdir(parents=True)
        for name in names:
            (folder / "data" / "processed" / name).write_text(folder.name)
    gone = tmp_path / "data" / "processed" / "local_counts.csv"
    (tmp_path / paths.RECORD).write_text(
        json.dumps({"outputs": {"data/processed/local_counts.csv": digest(gone)}})
    )
    _outputs.put_in_place(staged, tmp_path)
    assert not gone.exists()
    assert (tmp_path / TABLE).read_text() == ".staged"


# ---------------------------------------------------------------- what is built with


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule": {"name": "Local default: 0 to 5", "threshold": 5, "width": 6}}, "its rule"),
        ({"rule": "none"}, "its rule"),
        ({"rule": ["local"]}, "its rule"),
        ({"wards_only": "no"}, "its wards_only"),
        ({"year": "2025; rm"}, "its year"),
        ({"year": True}, "its year"),
        ({"idaci_edition": 1e400}, "a number that is not valid"),
        ({"kind": "plans\x1b[2J"}, "its kind"),
        ({"columns": {"child_id": {"a": "b"}}}, "its columns"),
        ({"columns": ["child_id"]}, "its columns"),
        ({"local_records": 7}, "its local_records"),
        ({"local_records": "../children.csv"}, "'..' as a part"),
        ({"local_records": "own/extract.csv:hidden"}, "a colon"),
        ({"local_records": "own/NUL"}, "a name that Windows reserves"),
        ({"local_records": "C:/x.csv"}, "a colon"),
        ({"local_records": "//server/share/x.csv"}, "a network path"),
        ({"local_records": "/dev/zero"}, "a link, a folder, a pipe or a device"),
        ({"local_records": "/proc/self/environ"}, "cannot be"),
        ({"local_records": "own"}, "a link, a folder, a pipe or a device"),
    ],
)
def test_options_of_another_kind_than_a_build_writes_are_one_message(council, change, words):
    council.tamper(lambda kept: kept["options"].update(change), paths.KEPT)
    with pytest.raises(SourceError, match=words) as caught:
        rebuild(council.workspace)
    assert "\x1b" not in str(caught.value)


def test_a_record_of_an_earlier_version_is_believed_no_further(council):
    council.as_before()
    council.tamper(lambda record: record["options"]["rule"].update(threshold=1))
    with pytest.raises(SourceError, match="its rule is not one of those with a name"):
        rebuild(council.workspace)
    council.tamper(lambda record: record["options"].update(rule="local", local_records="/dev/zero"))
    with pytest.raises(SourceError, match="a link, a folder, a pipe or a device"):
        rebuild(council.workspace)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"own_file": "yes"}, "not_for_publication.json in the workspace belongs to it"),
        ({"finished": "2025-01-01T00:00:00+00:00"}, "belongs to another build"),
        ({"area_code": "E08000002"}, "belongs to another build"),
        (None, "not_for_publication.json in the workspace belongs to it"),
    ],
)
def test_the_owners_file_belongs_to_one_record(council, change, words):
    """Else the files of one build would be built with the options of another."""
    council.tamper(
        lambda record: record.pop("own_file") if change is None else record.update(change)
    )
    with pytest.raises(SourceError, match=words):
        rebuild(council.workspace)


@pytest.mark.parametrize(
    "what", ["gone", "link", "pipe", "folder", "no table", "a list", "no marks"]
)
def test_an_owners_file_that_is_none_is_one_message(council, what):
    path = council.workspace / paths.KEPT
    text = path.read_text()
    path.unlink()
    if what == "link":
        path.symlink_to(council.canary)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what != "gone":
        other = {"no table": "{", "a list": "[]", "no marks": text.replace('"inputs"', '"x"')}
        path.write_text(other[what])
    with pytest.raises(SourceError, match=r"cannot be repeated.*not_for_publication.json"):
        rebuild(council.workspace)
    told = council.run("status", "--workspace", council.workspace)
    assert "Changed since the last build: unknown, because" in told.stdout
    assert council.leaks() == []


def test_a_path_written_into_the_record_is_not_read(council):
    """Whoever can change the outputs cannot name a file: that takes the owner's file."""
    change = {"options": {"local_records": str(council.canary), "columns": str(council.canary)}}
    council.tamper(lambda record: record.update(change))
    assert _last_build.last_build(council.workspace).options.local_records.name == "extract.csv"
    council.tamper(lambda record: record.update(own_file=False))
    last = _last_build.last_build(council.workspace)
    assert (last.options.local_records, last.options.columns) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '"x"',
        "null",
        "{}",
        '{"area_code": 350}',
        '{"area_code": "E08000001", "options": []}',
        '{"area_code": ["E08000001"], "options": {}}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"area_code": ' + "9" * 5000 + "}",
        "\xff\xfe",
        '{"area_code": "E99999999"}',
    ],
    ids=range(13),
)
def test_a_record_that_no_build_writes_is_one_message_and_no_build(council, text):
    (council.workspace / paths.RECORD).write_bytes(text.encode("latin-1"))
    with pytest.raises(SourceError, match=r"cannot be repeated.*Run bolton-jsna build"):
        rebuild(council.workspace)
    assert _status._built(council.workspace) == ""
    # An area that is one may be named, whatever else is wrong with the record.
    named = '"E08000001", "options": []' in text
    assert next_steps.built_area(council.workspace) == ("Bolton" if named else "")


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "large"])
def test_a_record_that_is_no_file_is_not_waited_for(council, what):
    path = council.workspace / paths.RECORD
    path.unlink()
    if what == "link":
        path.symlink_to(council.canary)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(2**34)
    with pytest.raises(SourceError, match="cannot be repeated"):
        _last_build.last_build(council.workspace)
    assert council.run("status", "--workspace", council.workspace, timeout=120).returncode == 0
    assert council.leaks() == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("form", ["kept", "before"])
@pytest.mark.parametrize("owner", ["names", "extract"])
def test_a_file_names_only_files_of_the_user_who_wrote_it(council, owner, form):
    """Else whoever may write into it could have root's night script read root's files."""
    names = paths.KEPT if form == "kept" else paths.RECORD
    if form == "before":
        council.as_before()
    os.chown(council.workspace / (names if owner == "names" else "own/extract.csv"), 12345, -1)
    with pytest.raises(SourceError, match="belongs to another user"):
        _last_build.last_build(council.workspace)


@pytest.mark.parametrize("form", ["kept", "before"])
def test_a_file_that_others_can_write_names_no_file(council, form):
    if form == "before":
        council.as_before()
    path = council.workspace / (paths.KEPT if form == "kept" else paths.RECORD)
    path.chmod(path.stat().st_mode | stat.S_IWOTH)
    with pytest.raises(SourceError, match="other users can write"):
        _last_build.last_build(council.workspace)


def test_an_extract_that_others_can_swap_is_not_read(council):
    """A link could be put in its place between the look at it and the reading of it."""
    folder = council.workspace / "own"
    folder.chmod(0o777)
    with pytest.raises(SourceError, match="other users can write into the folder"):
        _last_build.last_build(council.workspace)
    folder.chmod(0o1777)  # as /tmp, where each takes away what is their own
    assert _last_build.last_build(council.workspace).options.local_records is not None


def test_a_link_in_place_of_the_extract_is_not_followed(council):
    path = council.workspace / "own" / "extract.csv"
    path.unlink()
    path.symlink_to(council.canary)
    with pytest.raises(SourceError, match="is a link"):
        rebuild(council.workspace)


# ---------------------------------------------------------------- what is remembered of releases


@pytest.mark.parametrize("how", ["renamed", "link", "pipe", "deep"])
def test_a_release_that_is_no_release_stops_the_build(council, how):
    from bolton_jsna.building._release_history import earlier_releases

    (path,) = (council.workspace / _outputs.RELEASES).iterdir()
    if how == "renamed":
        path.rename(path.with_name("copy.json"))
    elif how == "link":
        other = council.home / path.name
        path.rename(other)
        path.symlink_to(other)
    elif how == "pipe":
        path.unlink()
        os.mkfifo(path)
    else:
        path.write_text("[" * 200_000)
    with pytest.raises(SourceError, match="what an earlier build published of small numbers"):
        earlier_releases(council.workspace, "E08000001")
