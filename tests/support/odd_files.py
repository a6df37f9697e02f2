"""Canary records beside a workspace, and the command line under a limit of memory."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from command_line import command as typed

MEMORY = 4 * 2**30
"""What a command may take in these tests: enough for any file, not for a bomb."""


@dataclass
class Canaries:
    """A file of records that nothing may quote, and a search for what it holds."""

    path: Path
    marks: tuple[str, ...]

    def in_text(self, *texts: str) -> list[str]:
        return [mark for mark in self.marks for text in texts if mark in text]

    def in_files(self, folder: Path) -> list[str]:
        return [
            f"{path.name}: {mark}"
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path != self.path
            for mark in self.marks
            if mark.encode() in path.read_bytes()
        ]


@pytest.fixture
def canaries(tmp_path):
    """Forty children with birth dates, which their owner alone may read."""
    lines = [f"CANARY-{n:03d},1{n % 9 + 1}/07/2013,{370_000 + n},{410_000 + n}" for n in range(40)]
    path = tmp_path / "beside" / "records.csv"
    path.parent.mkdir()
    path.write_text("\n".join(["WD23CD,born,x,y", *lines, ""]))
    path.chmod(0o600)
    return Canaries(path, ("CANARY-", "/07/2013"))


@pytest.fixture
def workspace(tmp_path):
    """A workspace of its own."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def command(workspace):
    """The real command line, in the workspace and within a limit of memory."""

    def run(*arguments, memory=MEMORY, timeout=120, env=None):
        around = {**os.environ, **(env or {})}
        try:
            return typed(*arguments, cwd=workspace, env=around, timeout=timeout, memory=memory)
        except subprocess.TimeoutExpired:
            pytest.fail(f"no end within {timeout} seconds: {arguments}")

    return run


def refused(done, *words):
    """One message of the family, exit code 1 (2 for wrong use), and nothing else."""
    assert done.returncode in {1, 2}, (done.returncode, done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("bolton-jsna: ")
    for word in words:
        assert word in done.stderr, done.stderr
    return True


@pytest.fixture
def is_refused():
    return refused
