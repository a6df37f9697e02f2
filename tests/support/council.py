"""A council's server: a workspace, an extract, and beside them files that nothing may touch."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from command_line import command
from standin import StandIn

SOURCE = Path(jsna.__file__).parents[1]
"""Where the library lies that is tested: of another version it may be another folder."""
RECORD = Path("data") / "processed" / "run.json"
KEPT = Path("not_for_publication.json")
LOCK = Path("data") / "raw" / "sources.lock.json"

Done = subprocess.CompletedProcess[str]

LATE = ("BOLTON_JSNA_", "HTTP", "NO_PROXY", "REQUESTS_")
"""How variables begin that are read when a command runs, not before."""

NEEDLES = [f"QX{n:04d}ZV" for n in range(40)] + [
    f"{n % 28 + 1:02d}/11/20{n % 10:02d}" for n in range(40)
]
"""Child ids and birth dates that are in no file but the canaries."""
SECRETS = "name,born\n" + "".join(f"{NEEDLES[n]},{NEEDLES[40 + n]}\n" for n in range(40))


@dataclass
class Server:
    """A folder with a workspace, beside it a canary, and the real command line."""

    home: Path
    said: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    small: bool = False

    @property
    def workspace(self) -> Path:
        return self.home / "workspace"

    @property
    def canary(self) -> Path:
        return self.home / "children.csv"

    def environment(self, **more: str) -> dict[str, str]:
        """What its commands are run with: nothing of the session's own settings."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith((*LATE, "MPL"))
        }
        own = {"PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**kept, **own, **self.env, **more}

    def run(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        timeout: float = 300,
        drawn: bool = False,
        before: str = "",
        fresh: bool = False,
        **env: str,
    ) -> Done:
        """Run ``python -m bolton_jsna``, keep what it said, and refuse a traceback."""
        try:
            done = command(
                *arguments,
                cwd=cwd or self.home,
                env=self.environment(**env),
                timeout=timeout,
                drawn=drawn,
                small=self.small,
                # In a folder or an environment of its own it may matter what Python imports, and
                # when.
                fresh=fresh
                or cwd is not None
                or not all(each.upper().startswith(LATE) for each in env),
                before=before,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"no end within {timeout:.0f} seconds: {' '.join(map(str, arguments))}")
        return self._heard(done)

    def python(
        self, *arguments: str, cwd: Path | None = None, timeout: float = 300, **env: str
    ) -> Done:
        """Run Python, keep what it said, and refuse a traceback and a run without end."""
        try:
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=cwd or self.home,
                env=self.environment(**env),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"no end within {timeout:.0f} seconds: {' '.join(arguments)}")
        return self._heard(done)

    def _heard(self, done: Done) -> Done:
        self.said.append(done.stdout + done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def refresh(self, **env: str) -> Done:
        """Refresh one file, and so build again what was built."""
        only = ("--only", "idaci@2025", "--fresh-hours", "0")
        return self.run("refresh", *only, "--workspace", self.workspace, **env)

    @property
    def options(self) -> Path:
        """The file that a rebuild takes its options from; once it was the record itself."""
        return KEPT if (self.workspace / KEPT).exists() else RECORD

    def record(self, name: Path = RECORD) -> dict:
        return json.loads((self.workspace / name).read_text(encoding="utf-8"))

    def tamper(self, change: Callable[[dict], None], name: Path = RECORD) -> None:
        """Change the run record, or another file of the workspace that remembers."""
        facts = self.record(name)
        change(facts)
        (self.workspace / name).write_text(json.dumps(facts), encoding="utf-8")

    def as_before(self) -> None:
        """Turn the record into one of earlier versions, which had the owner's facts in it."""
        kept = self.record(KEPT)
        if kept["accepted"] is not None:
            accepted = self.workspace / "not_for_publication" / "accepted.json"
            accepted.parent.mkdir(mode=0o700)
            accepted.write_text(json.dumps(kept["accepted"]), encoding="utf-8")
            accepted.chmod(0o600)

        def change(record: dict) -> None:
            del record["own_file"]
            record["options"] = kept["options"]
            record["inputs"] |= kept["inputs"]

        self.tamper(change)
        (self.workspace / KEPT).unlink()

    def leaks(self) -> list[str]:
        """Where a word of the canary stands: in an output, a log, a lock, a report or a message."""
        texts = {f"said {n}": said.encode() for n, said in enumerate(self.said)}
        for path in self.workspace.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 2**26:
                texts[str(path)] = path.read_bytes()
        return [
            f"{needle} in {where}"
            for where, text in texts.items()
            for needle in NEEDLES
            if needle.encode() in text
        ]


def canary(path: Path) -> Path:
    path.write_text(SECRETS, encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="session")
def serve() -> Callable[[Path], Server]:
    """What makes a server of a folder."""
    return Server


def build_of_an_extract(home: Path) -> None:
    folder = home / "workspace"
    (folder / "own").mkdir(parents=True)
    extract = folder / "own" / "extract.csv"
    records = jsna.load_local_records().records
    on_a_plan = (records["kind"] == "plan") & ~(records["end_date"] < "2025-03-31")
    records = records[(records["date"] >= "2024-04-01") | on_a_plan]
    records.drop(columns="illustrative").to_csv(extract, index=False)
    extract.chmod(0o600)
    server = Server(home)
    done = server.run("build", "--workspace", folder, "--local-records", extract, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="session")
def built(made_once: Callable[..., Path]) -> Path:
    """A workspace built from an extract that lies in it; it is copied, not changed."""
    return made_once("council", build_of_an_extract) / "workspace"


@pytest.fixture
def empty(tmp_path: Path) -> Server:
    """A server with an empty workspace."""
    (tmp_path / "workspace").mkdir()
    canary(tmp_path / "children.csv")
    return Server(tmp_path)


@pytest.fixture
def apart() -> Iterator[Server]:
    """A server with an empty workspace in a folder that other users can pass through."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)
        (home / "workspace").mkdir()
        canary(home / "children.csv")
        yield Server(home)


@pytest.fixture
def council(empty: Server, built: Path) -> Server:
    """A server whose workspace has been built from an extract."""
    empty.workspace.rmdir()
    shutil.copytree(built, empty.workspace)
    return empty


@pytest.fixture
def nightly(council: Server) -> Iterator[Server]:
    """The same, with publishers on this machine that have something new each night."""
    with StandIn() as publishers:
        council.env = dict(publishers.env())
        council.small = True
        yield council


@pytest.fixture
def small_counts() -> Callable[[Path], int]:
    """How many counts of 1 to 5 a workspace shows of local records."""

    def shown(workspace: Path) -> int:
        table = pd.read_parquet(workspace / "data" / "processed" / "local_counts.parquet")
        return int(table["count"].between(0, 5).sum())

    return shown
