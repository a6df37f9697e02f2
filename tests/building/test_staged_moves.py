"""A build that is killed while its files are moved never leaves files of two builds for good."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bolton_jsna import building
from bolton_jsna.building import _outputs, _staged_moves, lock, paths
from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.errors import BoltonJsnaError, SourceError, WorkspaceError
from standin import StandIn

pytestmark = pytest.mark.usefixtures("sketched")

SUPPORT = Path(__file__).parents[1] / "support"
SOURCE = Path(_outputs.__file__).parents[2]
RELEASE = "data/processed/releases/2026-01-01-E08000001-0123456789ab.json"
KEPT = "not_for_publication.json"
OLD = {
    "data/processed/rates.csv": "old",
    "data/processed/projections.csv": "the same in both",
    "data/processed/local_counts.csv": "not made by the new one",
    "maps/ward_idaci.html": "old",
}
NEW = {
    RELEASE: "told by the new one",
    "data/processed/rates.csv": "new",
    "data/processed/projections.csv": "the same in both",
    "maps/ward_idaci.html": "new",
    "maps/ward_idaci.png": "only made by the new one",
}

DRIVER = """
import json, os, pathlib, shutil, sys
from killing import killed_at
from bolton_jsna.building import _outputs, _staged_moves, lock

def seen(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0][0] != "."
    }

def settle():
    with lock.alone(workspace):
        pass

template, workspace = map(pathlib.Path, sys.argv[1:3])
private, again = json.loads(sys.argv[3])
(staged,) = template.glob(".bolton-jsna-*")
staged = workspace / staged.name
goal = workspace / "not_for_publication" if private else workspace

def build():
    "What a build does at its end, with the lock held."
    with lock._locked(workspace / ".bolton-jsna.lock", 1):
        _outputs.put_in_place(staged, goal)
        shutil.rmtree(staged)

found, number, more = [], 1, True
while more:
    second = 0
    while True:
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.copytree(template, workspace, symlinks=True)
        more = killed_at(number, build)
        between, said = seen(goal), lock.interrupted(workspace)
        twice = killed_at(second, settle) if second else False
        settle()
        hidden = sorted(path.name for path in workspace.iterdir() if path.name[0] == ".")
        found.append([number, second, between, said, seen(goal), hidden])
        second += 1
        if not again or not said or (second > 1 and not twice):
            break
    number += 5 if again else 1
json.dump(found, sys.stdout)
"""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def laid(folder: Path, texts: dict[str, str], **more: object) -> dict[str, str]:
    """Write files with the record that names them, and return all."""
    outputs = {name: digest(text) for name, text in texts.items() if name not in (RELEASE, KEPT)}
    own = {"own_file": KEPT in texts}
    record = json.dumps({"area_code": "E08000001", "outputs": outputs, **own, **more})
    every = texts | {"data/processed/run.json": record}
    for name, text in every.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return every


def template(
    folder: Path, *, private: bool = False, own: bool = True
) -> tuple[dict[str, str], dict[str, str]]:
    """A workspace with an old build and a new one that is about to be moved."""
    was, now = ({}, {}) if private else ({KEPT: "old"}, {KEPT: "new"} if own else {})
    staged = folder / f"{paths.STAGING}abc"
    staged.mkdir(parents=True, mode=0o700)
    goal = folder / paths.PRIVATE if private else folder
    more = {"unprotected": "For the audit"} if private else {}
    old = laid(goal, OLD | was, finished="2026-01-01T00:00:00+00:00", **more)
    new = laid(staged, NEW | now, finished="2026-01-02T00:00:00+00:00", **more)
    return old, new


def driven(tmp_path: Path, *, private: bool = False, again: bool = False) -> list[list]:
    arguments = [str(tmp_path / "template"), str(tmp_path / "w"), json.dumps([private, again])]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *arguments],
        env={**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{SUPPORT}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---------------------------------------------------------------- killed at every step
@pytest.mark.parametrize(
    ("private", "own"),
    [(False, True), (False, False), (True, True)],
    ids=["published", "not of an own file", "not for publication"],
)
def test_killed_at_any_step_the_next_build_finds_one_build_whole(tmp_path, private, own):
    old, new = template(tmp_path / "template", private=private, own=own)
    assert ((KEPT in old), (KEPT in new)) == (not private, own and not private)
    found = driven(tmp_path, private=private)
    mixed = 0
    for number, _, between, said, after, hidden in found:
        assert after in (old, new), (number, after)
        assert hidden == [], number
        if between not in (old, new):
            mixed += 1
            assert "interrupted while its files were moved" in said, number
    # The steps were those meant: there were mixtures, and at last a build that was not killed.
    assert mixed >= 4
    assert (found[0][4], found[-1][2]) == (old, new)


def test_killed_again_while_it_is_completed_it_is_completed_by_the_one_after(tmp_path):
    old, new = template(tmp_path / "template")
    found = driven(tmp_path, again=True)
    assert {second for _, second, *_ in found} >= set(range(10))
    for number, second, _, said, after, hidden in found:
        assert after in (old, new), (number, second, after)
        assert hidden == []
        assert not (said and after == old), "what was told of local records is remembered"


def killed(
    tmp_path: Path, *, moved: int, private: bool = False, own: bool = True
) -> tuple[Path, dict, dict]:
    """A workspace where a build was killed before its n-th move."""
    workspace = tmp_path / "workspace"
    old, new = template(workspace, private=private, own=own)
    code = (
        "import os, pathlib, signal, sys\n"
        "from bolton_jsna.building import _outputs\n"
        "left = [int(sys.argv[3])]\n"
        "def replace(path, goal):\n"
        "    if '.before' not in pathlib.Path(path).parts:\n"
        "        left[0] -= 1\n"
        "        if left[0] < 0:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(path, goal)\n"
        "real, os.replace = os.replace, replace\n"
        "_outputs.put_in_place(*map(pathlib.Path, sys.argv[1:3]))\n"
    )
    goal = workspace / paths.PRIVATE if private else workspace
    (staged,) = workspace.glob(f"{paths.STAGING}*")
    done = subprocess.run(
        [sys.executable, "-c", code, str(staged), str(goal), str(moved)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    return workspace, old, new


def seen(workspace: Path) -> dict[str, str]:
    return {
        path.relative_to(workspace).as_posix(): path.read_text()
        for path in workspace.rglob("*")
        if path.is_file() and path.relative_to(workspace).parts[0][0] != "."
    }


def settle(workspace: Path) -> None:
    with lock.alone(workspace):
        pass


def test_with_the_real_command(council):
    """A build of other outputs is killed: status reports it, and a build that fails mends it."""
    before = council.record()
    killing = (
        "import os, pathlib, signal\n"
        "moved = []\n"
        "def replace(path, goal):\n"
        "    if pathlib.Path(path).suffix in ('.png', '.html', '.csv', '.parquet'):\n"
        "        moved.append(path)\n"
        "        if len(moved) == 9:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(path, goal)\n"
        "real, os.replace = os.replace, replace\n"
    )
    workspace = council.workspace
    done = council.run("build", "--workspace", workspace, before=killing)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert council.record() == before
    told = council.run("status", "--workspace", workspace)
    assert (
        "Run bolton-jsna build with the same options: it first completes the build" in told.stdout
    )
    failed = council.run("build", "--workspace", workspace, "--local-records", "no-such-file.csv")
    assert failed.returncode == 1
    assert "had been interrupted while its files were moved" in failed.stderr
    record = council.record()
    assert record["illustrative"]
    assert record["finished"] != before["finished"]
    assert {
        name: hashlib.sha256((workspace / name).read_bytes()).hexdigest()
        for folder in ("data/processed", "maps")
        for path in (workspace / folder).iterdir()
        if path.is_file() and (name := path.relative_to(workspace).as_posix()) in paths.OUTPUTS
    } == record["outputs"]
    assert lock.interrupted(workspace) == ""


def test_a_rebuild_after_a_refresh_builds_what_the_interrupted_build_was_of(tmp_path, monkeypatch):
    workspace, _, new = killed(tmp_path, moved=0, own=False)
    (workspace / paths.RECORD).unlink()  # a first build: there is no record yet
    asked = []
    monkeypatch.setattr(building, "build", lambda code, **_: asked.append(code))
    building.rebuild(workspace)
    assert asked == ["E08000001"]
    assert (workspace / paths.RECORD).read_text() == new["data/processed/run.json"]


def test_a_refresh_that_fetches_nothing_new_builds_again_where_a_build_was_interrupted(
    tmp_path, monkeypatch
):
    """Else the files of two builds would stay until a publisher has something new."""
    workspace, _, _ = killed(tmp_path, moved=2)
    rebuilt = []
    monkeypatch.setattr(building, "rebuild", rebuilt.append)
    with StandIn() as publishers:
        for name, value in publishers.env().items():
            monkeypatch.setenv(name, value)
        for builds, count in ((False, 0), (False, 0), (True, 1)):
            record = refresh(
                workspace=workspace, only="idaci@2025", fresh_hours=0, rebuild=builds, force=True
            )
            assert len(rebuilt) == count, record
    assert not record.changes


# ---------------------------------------------------------------- two at once
def test_a_build_that_waits_completes_the_one_that_was_killed_before_it(tmp_path):
    workspace = tmp_path / "workspace"
    _, new = template(workspace)
    (staged,) = workspace.glob(f"{paths.STAGING}*")
    moving = (
        "import os, pathlib, sys, time\n"
        "from bolton_jsna.building import _outputs, lock\n"
        "def replace(path, goal):\n"
        "    if pathlib.Path(path).name == 'rates.csv':\n"
        "        print('moving', flush=True)\n"
        "        time.sleep(60)\n"
        "    return real(path, goal)\n"
        "real, os.replace = os.replace, replace\n"
        "staged, workspace = map(pathlib.Path, sys.argv[1:3])\n"
        "with lock._locked(workspace / '.bolton-jsna.lock', 1):\n"
        "    _outputs.put_in_place(staged, workspace)\n"
    )
    waiting = (
        "import pathlib, sys\n"
        "from bolton_jsna.building import lock\n"
        "print('waiting', flush=True)\n"
        "with lock.alone(pathlib.Path(sys.argv[2])):\n"
        "    print('held', flush=True)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(SOURCE)}
    runs = []
    try:
        for code in (moving, waiting):
            arguments = [sys.executable, "-c", code, str(staged), str(workspace)]
            runs.append(
                subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            )
            runs[-1].stdout.readline()
        first, second = runs
        # While it is at work it is not one that was interrupted.
        assert _staged_moves.unfinished(workspace) == [staged]
        assert lock.interrupted(workspace) == ""
        first.kill()
        said, _ = second.communicate(timeout=60)
        assert (second.returncode, said) == (0, b"held\n")
    finally:
        for run in runs:
            run.kill()
            run.communicate()
    assert seen(workspace) == new


def test_on_a_disk_that_cannot_lock_moves_are_completed_when_no_build_can_be_at_them(
    tmp_path, monkeypatch
):
    import fcntl

    def unable(*_):
        raise OSError(37, "No locks available")

    workspace, _, new = killed(tmp_path, moved=2)
    monkeypatch.setattr(fcntl, "flock", unable)
    between = seen(workspace)
    with pytest.raises(BoltonJsnaError, match="Wait ten minutes and build again"):
        settle(workspace)
    assert seen(workspace) == between
    (listed,) = workspace.rglob("moves.json")
    os.utime(listed, (time.time() - 700,) * 2)
    settle(workspace)
    assert seen(workspace) == new


# ---------------------------------------------------------------- in the way, changed since
@pytest.mark.parametrize("what", ["folder", "pipe", "link to a folder"])
def test_what_stands_in_the_way_is_named_and_once_away_the_build_is_completed(tmp_path, what):
    workspace, _, new = killed(tmp_path, moved=2)
    goal = workspace / "maps" / "ward_idaci.png"
    elsewhere = tmp_path / "elsewhere"
    if what == "folder":
        goal.mkdir()
    elif what == "pipe":
        os.mkfifo(goal)
    else:
        goal.parent.rename(elsewhere)
        goal.parent.symlink_to(elsewhere)
    for _ in range(2):
        with pytest.raises(WorkspaceError, match="interrupted while its files were moved"):
            settle(workspace)
        assert lock.interrupted(workspace)
    if what == "link to a folder":
        goal.parent.unlink()
        elsewhere.rename(goal.parent)
    else:
        goal.rename(tmp_path / "away")
    settle(workspace)
    assert seen(workspace) == new
    assert lock.interrupted(workspace) == ""


def test_where_a_moved_file_was_changed_since_the_earlier_ones_are_put_back(tmp_path, caplog):
    """Else files that somebody restored would be mixed with those still to come."""
    workspace, old, new = killed(tmp_path, moved=3)
    changed = workspace / "data/processed/projections.csv"
    changed.write_text("changed by hand")
    settle(workspace)
    mine = {"data/processed/projections.csv": "changed by hand", RELEASE: new[RELEASE]}
    assert seen(workspace) == old | mine
    assert "those of the build before were put back" in caplog.text
    assert not list(workspace.glob(".*"))


def test_where_files_cannot_be_put_back_the_next_build_does_it(tmp_path, monkeypatch):
    """As on Windows, where a program holds one of them open for a while."""
    workspace = tmp_path / "workspace"
    old, new = template(workspace)
    (template_,) = workspace.glob(f"{paths.STAGING}*")
    stuck = [True]

    def replace(path, goal):
        back = Path(path).name == "rates.csv" and _staged_moves.BEFORE in Path(path).parts
        if stuck[0] and (back or Path(goal).name == "ward_idaci.png"):
            raise PermissionError(13, "Permission denied")
        return real(path, goal)

    real = os.replace
    monkeypatch.setattr(os, "replace", replace)
    with _outputs.staging(workspace) as staged:
        shutil.copytree(template_, staged, dirs_exist_ok=True)
        shutil.rmtree(template_)
        with pytest.raises(WorkspaceError, match="build again, which corrects it"):
            _outputs.put_in_place(staged, workspace)
    assert lock.interrupted(workspace)
    with pytest.raises(WorkspaceError, match=r"rates.csv cannot be put back.*Close it"):
        settle(workspace)
    stuck[0] = False
    settle(workspace)
    assert seen(workspace) == old | {RELEASE: new[RELEASE]}


# ---------------------------------------------------------------- the list is data
def tampered(workspace: Path, how: str, canary: Path) -> None:
    (listed,) = workspace.rglob("moves.json")
    staged = listed.parents[1]
    facts = json.loads(listed.read_text())
    some = digest("x")
    texts = {
        "no JSON": "{",
        "deep": "[" * 200_000,
        "a list": "[]",
        "twice": listed.read_text().replace('"private"', '"private": false, "private"', 1),
    }
    changes = {
        "absolute": {"new": facts["new"] | {str(canary): some}},
        "out of it": {"new": facts["new"] | {"../children.csv": some}},
        "through it": {"new": facts["new"] | {"maps/../../children.csv": some}},
        "raw data": {"new": facts["new"] | {"data/raw/sources.lock.json": some}},
        "a release to delete": {"old": {RELEASE: digest(NEW[RELEASE])}},
        "an extract to delete": {"old": {"own/extract.csv": some}},
        "the record to delete": {"old": {"data/processed/run.json": some}},
        "the owner's file elsewhere": {"new": facts["new"] | {f"maps/{KEPT}": some}},
        "no release": {"new": facts["new"] | {"data/processed/releases/../../x": some}},
        "no record": {"new": {"maps/ward_idaci.png": some}},
        "no digest": {"new": facts["new"] | {"maps/ward_idaci.png": 5}},
        "names a list": {"new": list(facts["new"])},
        "not a flag": {"private": "no"},
        "another folder": {"private": True},
        "fresh a number": {"fresh": 3},
        "one key more": {"more": 1},
    }
    if how in changes:
        listed.write_text(json.dumps(facts | changes[how]))
    elif how in texts:
        listed.write_text(texts[how])
    elif how == "a linked folder":
        listed.parent.rename(canary.parent / "away")
        listed.parent.symlink_to(canary.parent / "away")
    elif how == "a linked record":
        (staged / paths.RECORD).unlink()
        (staged / paths.RECORD).symlink_to(canary)
    else:
        raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    [
        *("no JSON", "deep", "a list", "twice", "absolute", "out of it", "through it", "raw data"),
        *("a release to delete", "an extract to delete", "the record to delete", "no release"),
        *("no record", "no digest", "names a list", "not a flag", "another folder"),
        "the owner's file elsewhere",
        *("fresh a number", "one key more", "a linked folder", "a linked record"),
    ],
)
def test_a_list_that_no_build_wrote_moves_nothing_and_deletes_nothing(tmp_path, how):
    workspace, _, _ = killed(tmp_path, moved=2)
    canary = tmp_path / "children.csv"
    canary.write_text("x")
    (workspace / "own").mkdir()
    (workspace / "own" / "extract.csv").write_text("x")
    tampered(workspace, how, canary)
    between = seen(workspace)
    with pytest.raises(SourceError, match="Delete the folder") as caught:
        settle(workspace)
    assert (seen(workspace), canary.read_text()) == (between, "x")
    # What the message asks for ends it.
    (staged,) = workspace.glob(f"{paths.STAGING}*")
    assert str(staged) in str(caught.value)
    shutil.rmtree(staged)
    settle(workspace)
    assert lock.interrupted(workspace) == ""


def test_a_file_to_be_moved_that_became_a_link_is_not_moved(tmp_path):
    workspace, old, new = killed(tmp_path, moved=2)
    canary = tmp_path / "children.csv"
    canary.write_text(NEW["maps/ward_idaci.png"])
    (staged,) = workspace.glob(f"{paths.STAGING}*")
    (staged / "maps/ward_idaci.png").unlink()
    (staged / "maps/ward_idaci.png").symlink_to(canary)
    settle(workspace)
    assert seen(workspace) == old | {RELEASE: new[RELEASE]}
    assert canary.exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_the_staging_folder_of_another_user_is_not_moved_from(tmp_path):
    workspace, _, _ = killed(tmp_path, moved=2)
    (staged,) = workspace.glob(f"{paths.STAGING}*")
    os.chown(staged, 12345, 12345)
    between = seen(workspace)
    settle(workspace)
    assert seen(workspace) == between


def test_open_counts_are_completed_where_only_their_owner_can_enter(tmp_path):
    workspace, _, new = killed(tmp_path, moved=2, private=True)
    goal = workspace / paths.PRIVATE
    goal.chmod(0o755)
    settle(workspace)
    assert seen(goal) == new
    assert goal.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in workspace.iterdir()] == [goal.name]
