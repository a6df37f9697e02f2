"""What the real command writes and deletes where others, or a full disk, are in its way."""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

RAW = Path("data") / "raw"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def hidden(workspace: Path) -> list[str]:
    return [path.name for path in workspace.iterdir() if path.name.startswith(".")]


# ---------------------------------------------------------------- drafts
def test_status_overwrites_no_file_that_a_link_in_its_place_points_to(empty):
    """Of the process number in the name of a draft, another user made a link for each number."""
    raw = empty.workspace / RAW
    raw.mkdir(parents=True)
    before = empty.canary.read_bytes()
    code = (
        "import os, pathlib\n"
        f"raw, goal = pathlib.Path({str(raw)!r}), pathlib.Path({str(empty.canary)!r})\n"
        "for name in ('.status.json', 'sources.lock.json', 'x'):\n"
        "    (raw / f'.{name}.{os.getpid()}.tmp').symlink_to(goal)\n"
        "(raw / '.status.json').symlink_to(goal)\n"
    )
    done = empty.run("status", "--workspace", empty.workspace, before=code)
    assert empty.canary.read_bytes() == before
    assert done.returncode == 0, done.stderr
    remembered = raw / ".status.json"
    assert not remembered.is_symlink()
    assert "uses" in json.dumps(json.loads(remembered.read_text()))


# ---------------------------------------------------------------- what a killed build leaves
def test_what_a_killed_build_left_is_cleared_by_the_next(council):
    """Killed in the midst of its writing, with open counts in its staging folder."""
    workspace = council.workspace
    extract = workspace / "own" / "extract.csv"
    given = ("--local-records", str(extract), "--unprotected", "Audit", "--workspace", workspace)
    killing = (
        "import os, signal\n"
        "from bolton_jsna.building import _pictures\n"
        "_pictures.draw = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = council.run("build", *given, before=killing)
    assert killed.returncode == -signal.SIGKILL
    assert list(workspace.glob(".*/**/local_counts.csv"))
    (left,) = workspace.glob(".bolton-jsna-*")
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    done = council.run("build", "--workspace", workspace, "--quiet")
    assert hidden(workspace) == []
    assert (done.returncode, done.stderr) == (0, "")


def test_where_a_folder_stands_in_the_way_of_one_file_none_is_moved(council):
    workspace = council.workspace
    goal = workspace / "maps" / "ward_referral_rate.png"
    goal.unlink()
    goal.mkdir()
    (goal / "x").write_text("x")
    before = files(workspace)
    done = council.run("build", "--workspace", workspace)
    assert files(workspace) == before
    assert done.returncode == 1
    assert done.stderr.startswith("bolton-jsna: ")
    assert hidden(workspace) == []


# ---------------------------------------------------------------- full disks, folders of others
@pytest.mark.parametrize("size", [0, 3_000, 100_000])
def test_without_room_a_build_is_one_message_and_the_last_one_stays(council, size):
    """No file may grow beyond a size: what a full disk answers, without one."""
    before = files(council.workspace)
    code = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    )
    # What a fork says is in a file too, which may not be empty.
    build = ("build", "--workspace", council.workspace)
    done = council.run(*build, before=code, fresh=size == 0)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("bolton-jsna: ")
    assert files(council.workspace) == before


def mounted(folder: Path, size: str) -> bool:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def filled(path: Path) -> None:
    """Write to a disk until there is no room."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("verb", ["build", "refresh", "status", "check"])
def test_a_full_disk_is_one_message_and_exit_code_1(nightly, tmp_path, verb):
    disk = tmp_path / "disk"
    if not mounted(disk, "64k"):
        pytest.skip("no small disk can be mounted here")
    try:
        (disk / "data" / "raw").mkdir(parents=True)
        filled(disk / "filler")
        more = {
            "refresh": ("--only", "idaci@2025"),
            "check": (nightly.workspace / "own/extract.csv", "--rejects", disk / "r.csv"),
        }
        done = nightly.run(verb, *more.get(verb, ()), "--workspace", disk)
        # What cannot be remembered is worked out again: a status needs no room.
        assert done.returncode == (0 if verb == "status" else 1), done.stdout + done.stderr
        assert verb == "status" or done.stderr.startswith("bolton-jsna: ")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert nightly.leaks() == []


needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user"
)


def as_another(server, *arguments):
    """Run the command line as a user without rights, or skip where that user cannot read it."""
    done = subprocess.run(
        [
            *("setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"),
            *(sys.executable, "-m", "bolton_jsna", *map(str, arguments)),
        ],
        cwd="/",
        env=server.environment(HOME="/nowhere"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "No module named" in done.stderr or str(sys.executable) in done.stderr:
        pytest.skip("another user cannot run this installation")
    return done


@needs_root
@pytest.mark.parametrize("mode", [0o700, 0o711, 0o755])
@pytest.mark.parametrize("verb", ["build", "refresh", "status"])
def test_a_folder_of_another_users_is_one_message(apart, verb, mode):
    apart.workspace.chmod(mode)
    done = as_another(apart, verb, "--workspace", apart.workspace)
    assert "Traceback" not in done.stderr
    if verb == "status" and mode == 0o755:
        assert done.returncode == 0
        return
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.splitlines()[-1].startswith("bolton-jsna: ")


@needs_root
@pytest.mark.parametrize("option", ["file", "--columns"])
def test_a_file_of_another_users_is_one_message(apart, option):
    extract = apart.home / "extract.csv"
    extract.write_text("Child ID,Date,Postcode\nA1,03/05/2024,BL1 1AP\n")
    more = ("--columns", apart.canary) if option == "--columns" else ()
    named = apart.canary if option == "file" else extract
    given = (named, "--kind", "referrals", *more, "--workspace", apart.workspace)
    done = as_another(apart, "check", *given)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("bolton-jsna: ")


@needs_root
def test_raw_files_that_are_closed_are_no_empty_folder(apart):
    """A build from the snapshot in their place would say nothing of what it passed over."""
    folder = apart.workspace / RAW / "idaci"
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    done = as_another(apart, "status", "--workspace", apart.workspace)
    assert done.returncode == 1
    assert "cannot be opened" in done.stderr


# ---------------------------------------------------------------- who else can write
@pytest.mark.parametrize("verb", ["build", "status", "refresh"])
def test_a_workspace_that_others_can_write_into_is_reported(empty, verb):
    empty.workspace.chmod(0o777)
    more = ("--dry-run",) if verb == "refresh" else ()
    done = empty.run(verb, "--workspace", empty.workspace, *more)
    assert done.returncode == 0
    assert "Other users can write into the workspace" in done.stdout + done.stderr
