"""Nothing is written through a link, half, or beside what a killed build left."""

import ast
import contextvars
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bolton_jsna.building import _outputs, lock
from bolton_jsna.building._staged_moves import BEFORE
from bolton_jsna.core import atomic
from bolton_jsna.core.errors import BoltonJsnaError, WorkspaceError
from bolton_jsna.core.permissions import writable_by_others
from bolton_jsna.ingest import store

PROCESSED = Path("data") / "processed"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def seen(workspace: Path) -> dict[str, bytes]:
    """The files of a workspace that somebody looks at."""
    return {name: text for name, text in files(workspace).items() if not name.startswith(".")}


# ---------------------------------------------------------------- drafts
def test_a_draft_is_made_anew_under_a_name_that_cannot_be_guessed(tmp_path, monkeypatch):
    seen = []

    def opened(path, flags, *mode, **options):
        seen.append((Path(path).name, flags))
        return real(path, flags, *mode, **options)

    real = os.open
    monkeypatch.setattr(os, "open", opened)
    for _ in range(2):
        atomic.write(tmp_path / "x.csv", "x")
    drafts = [(name, flags) for name, flags in seen if name.startswith(".x.csv.")]
    assert len({name for name, _ in drafts}) == 2
    for name, flags in drafts:
        assert len(name) > len(".x.csv.") + 16
        assert str(os.getpid()) not in name
        assert flags & os.O_EXCL
        assert flags & os.O_NOFOLLOW


WRITERS = {"write_text", "write_bytes", "to_csv", "to_parquet", "savefig", "mkstemp", "copyfile"}
STAGED = {
    "core/atomic.py": "the one writer",
    "core/reading/worker.py": "answers through its pipe; it may write no file",
    "building/_outputs.py": "tables, into the staging folder",
    "building/__init__.py": "the record, into the staging folder",
    "building/_release_history.py": "a release, into the staging folder",
    "drawing/shown_figure.py": "bytes in memory, for a notebook",
    "cli/check_records.py": "a text, for the one writer",
    "cli/_tables.py": "a text, for the screen",
    "drawing/saving.py": "bytes in memory, for the one writer",
    "charts/_web.py": "a text, for the one writer",
    "building/_chapter.py": "the chapter, into the staging folder",
    "building/site.py": "pages, into the staging folder that then takes the place of the site",
    "site/_csvw.py": "a text, for the staging folder",
    "building/_ward_layer.py": "the wards of a map, into the staging folder",
    "building/many/_task.py": "published figures, into a folder of its own that is then renamed",
    "building/_charts.py": "captions, into the staging folder",
    "services/arcgis.py": "into the private folder of what is under way",
    "services/_csv_file.py": "into the private folder of what is under way",
    "services/http.py": "into the private folder of what is under way",
    "services/nomis.py": "into the private folder of what is under way",
}


def test_only_the_one_writer_writes_into_a_workspace(root):
    """Whoever writes elsewhere writes into a folder that nobody else can enter, and says why."""
    package = root / "src" / "bolton_jsna"
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                modes = [
                    each.value
                    for each in (*node.args, *(key.value for key in node.keywords))
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                opens = node.func.attr in {"open", "fdopen"} and {"w", "wb", "a", "x"} & set(modes)
                conditional = node.func.attr == "open" and any(
                    isinstance(each, ast.IfExp) for each in node.args
                )
                if node.func.attr in WRITERS or opens or conditional:
                    found.add(path.relative_to(package).as_posix())
    assert found == set(STAGED)


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_what_is_no_file_is_not_replaced(tmp_path, what):
    """The rejects of a check, named as a device, would replace the device for everybody."""
    goal = tmp_path / "goal"
    goal.mkdir() if what == "folder" else os.mkfifo(goal)
    with pytest.raises(WorkspaceError, match="where a file is to be written"):
        atomic.write(goal, "x", private=True)
    assert [path.name for path in tmp_path.iterdir()] == ["goal"]


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path):
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "x").symlink_to(tmp_path / "kept")
    atomic.write(tmp_path / "x", "new")
    assert (tmp_path / "kept").read_text() == "kept"
    assert not (tmp_path / "x").is_symlink()


# ---------------------------------------------------------------- what a killed build leaves


def test_clearing_follows_no_link_and_takes_no_other_folder(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "x").write_text("x")
    (tmp_path / f"{lock.STAGING}link").symlink_to(tmp_path / "kept")
    (tmp_path / f"{lock.STAGING}old").mkdir()
    (tmp_path / f"{lock.STAGING}old" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / ".bolton-other").mkdir()
    with lock.alone(tmp_path):
        pass
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".bolton-jsna-link", ".bolton-other", "kept"]
    assert (tmp_path / "kept" / "x").exists()


def test_a_build_under_way_is_not_cleared_and_another_waits_for_it(tmp_path, caplog):
    def other() -> None:
        with (
            pytest.raises(
                BoltonJsnaError, match=r"running in .* for 1 seconds\. Nothing was built"
            ),
            lock.alone(tmp_path, wait=0.6),
        ):
            raise AssertionError

    with lock.alone(tmp_path):
        mine = tmp_path / f"{lock.STAGING}mine"
        mine.mkdir()
        contextvars.Context().run(other)
        assert mine.is_dir()
        with lock.alone(tmp_path):  # as the build within a rebuild
            pass
        assert (tmp_path / ".bolton-jsna.lock").exists()
    (said,) = caplog.messages
    assert "waiting for it to end, 1 seconds at most" in said


def test_many_builds_at_once_hold_the_workspace_one_after_the_other(tmp_path):
    """The lock is deleted each time: whoever waited for the old one must not hold it with a new."""
    code = (
        "import sys, time, pathlib\n"
        "from bolton_jsna.building import lock\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "for _ in range(15):\n"
        "    with lock.alone(folder):\n"
        "        (folder / 'held').mkdir()\n"  # fails if another holds it
        "        time.sleep(0.002)\n"
        "        (folder / 'held').rmdir()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(store.__file__).parents[2])}
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=env) for _ in range(4)
    ]
    assert [run.wait(timeout=300) for run in runs] == [0] * 4
    assert list(tmp_path.iterdir()) == []


def test_on_a_disk_that_cannot_lock_nothing_of_another_build_is_cleared(
    tmp_path, monkeypatch, caplog
):
    import fcntl

    def unable(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unable)
    (tmp_path / f"{lock.STAGING}other").mkdir()
    with lock.alone(tmp_path):
        assert (tmp_path / f"{lock.STAGING}other").is_dir()
    assert "cannot lock files" in caplog.text
    assert not (tmp_path / ".bolton-jsna.lock").exists()


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_a_lock_that_is_no_file_is_not_followed_and_not_waited_for(tmp_path, what):
    path = tmp_path / ".bolton-jsna.lock"
    (tmp_path / "kept").write_text("kept")
    if what == "link":
        path.symlink_to(tmp_path / "kept")
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(WorkspaceError), lock.alone(tmp_path):
        raise AssertionError
    assert (tmp_path / "kept").read_text() == "kept"


# ---------------------------------------------------------------- all or nothing
def staged(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace with an old build, and a new build to be moved into place."""
    workspace, new = tmp_path / "workspace", tmp_path / "workspace" / ".bolton-jsna-x"
    for folder, words in ((workspace, "old"), (new, "new")):
        for name in (
            "data/processed/rates.csv",
            "data/processed/run.json",
            "data/processed/releases/2026-01-01-E08000001-0123456789ab.json",
            "maps/ward_idaci.html",
            "maps/ward_idaci.png",
        ):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(words)
    (workspace / "data/processed/releases/2026-01-01-E08000001-0123456789ab.json").unlink()
    return new, workspace


@pytest.mark.parametrize("what", ["folder", "full folder", "pipe", "linked folder", "file"])
@pytest.mark.parametrize("name", ["maps/ward_idaci.png", "data/processed/run.json"])
def test_where_something_stands_in_the_way_nothing_is_moved(tmp_path, what, name):
    new, workspace = staged(tmp_path)
    goal = workspace / name
    if what == "linked folder":
        folder = goal.parent
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
    elif what == "file":
        folder = goal.parent
        folder.rename(tmp_path / "elsewhere")
        folder.write_text("a file where a folder should be")
    else:
        goal.unlink()
        if what == "pipe":
            os.mkfifo(goal)
        else:
            goal.mkdir()
            if what == "full folder":
                (goal / "x").write_text("x")
    before = seen(workspace)
    with pytest.raises(BoltonJsnaError):
        _outputs.put_in_place(new, workspace)
    assert seen(workspace) == before


@pytest.mark.parametrize("number", range(5))
def test_whichever_move_fails_those_before_it_are_taken_back(tmp_path, monkeypatch, number):
    new, workspace = staged(tmp_path)
    before = seen(workspace)
    moves = []

    def replace(path, goal):
        if path.is_relative_to(new) and BEFORE not in path.parts:
            moves.append(path)
            if len(moves) == number + 1:
                raise PermissionError(13, "Permission denied")
        return real(path, goal)

    real = Path.replace
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(WorkspaceError, match="Nothing was changed"):
        _outputs.put_in_place(new, workspace)
    assert seen(workspace) == before


def test_a_file_that_may_only_be_read_and_a_link_are_replaced(tmp_path):
    new, workspace = staged(tmp_path)
    (workspace / "maps/ward_idaci.html").chmod(0o400)
    kept = tmp_path / "kept"
    kept.write_text("kept")
    (workspace / "maps/ward_idaci.png").unlink()
    (workspace / "maps/ward_idaci.png").symlink_to(kept)
    _outputs.put_in_place(new, workspace)
    assert kept.read_text() == "kept"
    assert {
        (workspace / name).read_text() for name in ("maps/ward_idaci.png", "maps/ward_idaci.html")
    } == {"new"}


# ---------------------------------------------------------------- full disks, folders of others


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_open_counts_do_not_go_into_a_folder_of_another_users(tmp_path):
    goal = tmp_path / "not_for_publication"
    goal.mkdir()
    os.chown(goal, 12345, 12345)
    with pytest.raises(WorkspaceError, match="belongs to another user"):
        _outputs.make_private(tmp_path, goal)
    goal.rmdir()
    goal.symlink_to(tmp_path)
    with pytest.raises(WorkspaceError, match="is a link"):
        _outputs.make_private(tmp_path, goal)


# ---------------------------------------------------------------- who else can write


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o755])
def test_a_workspace_of_its_owner_is_not(tmp_path, mode):
    tmp_path.chmod(mode)
    assert writable_by_others(tmp_path) == []


def test_each_folder_is_looked_at(tmp_path):
    (tmp_path / "data" / "processed").mkdir(parents=True)
    (tmp_path / "data" / "processed").chmod(0o757)
    assert writable_by_others(tmp_path) == ["data/processed"]
