"""A lock file that was changed by hand, met by the real command."""

import json
import os
from pathlib import Path

import pytest

from standin import StandIn

RAW = Path("data") / "raw"
LOCK = RAW / "sources.lock.json"
KEY = "idaci@2025"


@pytest.mark.parametrize("what", ["large", "pipe", "folder", "link", "deep"])
def test_a_lock_file_that_is_no_file_is_one_message_and_exit_code_1(empty, what):
    path = empty.workspace / LOCK
    path.parent.mkdir(parents=True)
    if what == "large":
        with path.open("wb") as file:
            file.truncate(2**34)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to(empty.canary)
    else:
        path.write_text("[" * 200_000)
    done = empty.run("status", "--workspace", empty.workspace, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("bolton-jsna: ")
    assert "cannot be read as a lock file" in done.stderr
    assert empty.leaks() == []


@pytest.mark.parametrize("name", [".refresh.lock", ".incoming", "sources.lock.json", "."])
def test_a_link_in_the_store_is_neither_emptied_nor_written_through(nightly, name):
    raw = nightly.workspace / RAW
    if name == ".":
        other = nightly.home / "other"
        other.mkdir()
        raw.parent.mkdir(exist_ok=True)
        raw.symlink_to(other)
    else:
        raw.mkdir(parents=True, exist_ok=True)
        (raw / name).symlink_to(nightly.canary)
    before = nightly.canary.read_bytes()
    done = nightly.refresh()
    assert done.returncode == 1
    assert "is a link" in done.stderr
    assert nightly.canary.read_bytes() == before
    assert name != "." or list(other.iterdir()) == []
    assert nightly.leaks() == []


def test_a_refresh_deletes_nothing_but_what_it_fetched(nightly):
    """A lock file that names a file outside the workspace, one behind a link, one added by hand."""
    only = ("--only", "idaci@2025", "--no-build", "--workspace", nightly.workspace)
    assert nightly.run("refresh", *only).returncode == 0
    folder = nightly.workspace / RAW / "idaci" / "2025"
    outside = nightly.home / "outside"
    outside.mkdir()
    (outside / "far.csv").write_text("far")
    (folder / "linked").symlink_to(outside)
    (folder / "mine.csv").write_text("mine")
    fetched = nightly.record(LOCK)
    for path in ("../../../children.csv", "idaci/2025/linked/far.csv", "idaci/2025/mine.csv"):
        nightly.tamper(lambda lock, path=path: lock["files"][KEY].update(path=path), LOCK)
        nightly.run("refresh", "--force", *only)
        (nightly.workspace / LOCK).write_text(json.dumps(fetched))
    assert nightly.canary.exists()
    assert (outside / "far.csv").exists()
    # What was given up is kept as a copy, if it is not in its place.
    assert b"mine" in [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert nightly.leaks() == []


def test_a_name_that_windows_takes_for_a_device_is_not_used(empty):
    """GOV.UK gives a file its name."""
    with StandIn() as publishers:
        publishers.world.options["all_lsoas"] = True
        publishers.fault("evil_name", name="NUL.csv")
        empty.env = dict(publishers.env())
        done = empty.run("refresh", "--only", "idaci@2025", "--workspace", empty.workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    stems = [path.name.partition(".")[0].lower() for path in (empty.workspace / RAW).rglob("*")]
    assert [stem for stem in stems if stem in {"nul", "aux", "con"} or ":" in stem] == []
    assert len(stems) > 3
