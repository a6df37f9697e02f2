"""What a build leaves about the authority's own file: in one file for its owner, and nowhere else.

The extract is called canary77.csv, lies in canary88, and loses exactly 7 rows. Neither name, nor
that number of rows, nor the number of a row may stand in anything else that is written.
"""

import contextlib
import io
import json
import os
import re
import select
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import bolton_jsna as jsna
from bolton_jsna.building import (
    _last_build,
    _reader_notes,
    _rebuild_settings,
    _rejects,
    lock,
    paths,
    rebuild,
)
from bolton_jsna.building.inputs import Ingredients, gather
from bolton_jsna.core.errors import UsageError

pytestmark = pytest.mark.usefixtures("sketched")

LOST = 7
ACCEPT = "A fifth of the records, for a test"
SOURCE = Path(__file__).resolve().parents[2] / "src"
NAMES = re.compile(rb"canary[78]")
ROWS = re.compile(
    rb"(?<![\d.,])(?<!rank )7 (?:of (?:the )?\d|rows?\b|records?\b)|\brows? (?:no\. )?\d"
)


def extract(path: Path, every: int = 5, lost: int = LOST, more: int = 0) -> Path:
    """An extract of part of the invented records, with so many impossible dates."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    records = jsna.load_local_records().records.drop(columns="illustrative").iloc[::every]
    records = records.assign(date=records["date"].dt.strftime("%Y-%m-%d"))
    records.iloc[50 : 50 + lost, records.columns.get_loc("date")] = "2025-02-31"
    again = records.tail(more).assign(child_id=[f"more{n}" for n in range(more)])
    pd.concat([records, again]).to_csv(path, index=False)
    path.chmod(0o600)
    return path


PNG = b"\x89PNG"


def inside(path: Path) -> bytes:
    """Everything that a file says: also what is packed in it."""
    content = path.read_bytes()
    found = [content]
    if content.startswith(PNG):
        place = 8
        while place < len(content):
            (size,) = struct.unpack(">I", content[place : place + 4])
            kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
            if kind in {b"zTXt", b"iTXt"}:
                for start in range(len(data)):
                    try:
                        found.append(zlib.decompress(data[start:]))
                    except zlib.error:
                        continue
            place += size + 12
        assert place == len(content)
    elif path.suffix == ".parquet":
        file = pq.ParquetFile(path)
        found += [str(file.metadata.metadata).encode(), file.read().to_pandas().to_csv().encode()]
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(path) as parts:
            found += [parts.read(name) + name.encode() for name in parts.namelist()]
    return b"\n".join(found)


def telling(workspace: Path, pattern: re.Pattern[bytes]) -> list[str]:
    """Which files of a workspace tell something, the owner's left out."""
    return [
        f"{path.relative_to(workspace)}: {found[0]!r}"
        for path in sorted(workspace.rglob("*"))
        if path.is_file() and path != workspace / paths.KEPT
        if (found := pattern.findall(path.name.encode() + b"\n" + inside(path)))
    ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, serve) -> tuple[Path, str]:
    """A council whose workspace was built from the canary, and what the build printed."""
    server = serve(tmp_path_factory.mktemp("council"))
    server.workspace.mkdir()
    path = extract(server.home / "canary88" / "canary77.csv")
    given = ("--workspace", server.workspace, "--local-records", path, "--accept", ACCEPT)
    done = server.run("build", *given, drawn=True)
    assert done.returncode == 0, done.stderr
    return server.home, done.stdout


@pytest.fixture
def canary(home, nightly):
    """The same with publishers that have something new each night."""
    shutil.rmtree(nightly.workspace)
    shutil.copytree(home[0], nightly.home, dirs_exist_ok=True)
    nightly.tamper(
        lambda kept: kept["options"].update(
            local_records=str(nightly.home / "canary88" / "canary77.csv")
        ),
        paths.KEPT,
    )
    return nightly


# ---------------------------------------------------------------- what is written
def test_neither_the_file_nor_its_rejected_rows_are_shown(home):
    workspace, said = home[0] / "workspace", home[1]
    assert telling(workspace, NAMES) == []
    assert telling(workspace, ROWS) == []
    # It is looked for where it would be found, and the screen has it all.
    kinds = {path.suffix for path in workspace.rglob("*") if path.is_file()}
    assert kinds >= {".json", ".csv", ".parquet", ".html", ".png", ".svg", ".txt"}
    assert all(each.read_bytes().startswith(PNG) for each in workspace.rglob("*.png"))
    assert "7 rows of the local file were rejected: impossible date (rows 52, 53, " in said
    assert "Fewer than 10 rows of the local file were rejected" in said
    record = json.loads((workspace / paths.RECORD).read_text(encoding="utf-8"))
    assert record["own_file"] is True
    assert set(record["options"]) == {
        *("year", "idaci_edition", "rule", "wards_only", "charts", "chapter", "draft", "if_told")
    }
    assert not set(_rebuild_settings.OWN) & record["inputs"].keys()
    assert [note for note in record["notes"] if "Fewer than 10 rows" in note]


def test_what_a_rebuild_needs_is_in_one_file_of_the_owner(home):
    workspace = home[0] / "workspace"
    path = workspace / paths.KEPT
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert Path(facts["options"]["local_records"]).name == "canary77.csv"
    assert facts["accepted"]["reason"] == ACCEPT
    assert not (workspace / paths.PRIVATE).exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    record = json.loads((workspace / paths.RECORD).read_text(encoding="utf-8"))
    assert path.name not in record["outputs"]


# ---------------------------------------------------------------- what is built again
def test_a_refresh_builds_again_from_an_extract_and_reveals_nothing_of_it(canary):
    before = canary.record()["finished"]
    done = canary.refresh()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Bolton was built again" in done.stdout
    assert canary.record()["finished"] != before
    assert canary.record()["accepted"] == ACCEPT
    assert telling(canary.workspace, NAMES) == []
    assert telling(canary.workspace, ROWS) == []
    assert "Bolton was built again" in (canary.workspace / "data/processed/changes.md").read_text()


def test_an_extract_that_is_gone_is_one_message_and_the_outputs_stay(canary):
    before = canary.record()
    (canary.home / "canary88" / "canary77.csv").unlink()
    done = canary.refresh()
    assert done.returncode == 1
    assert done.stdout.count("The own file of the last build is no longer there") == 1
    assert "canary77.csv" in done.stdout
    assert canary.record() == before
    assert telling(canary.workspace, NAMES) == []
    page = (canary.workspace / "data/processed/changes.md").read_text()
    assert "may reveal details of the authority's own file: bolton-jsna refresh prints it" in page


def test_true_numbers_of_a_build_that_failed_are_not_in_the_report(canary):
    path = extract(canary.home / "canary88" / "canary77.csv", lost=43)
    done = canary.refresh()
    assert done.returncode == 1
    assert "43 of the 2,968 rows of the local file (1.4%) were rejected" in done.stdout
    assert telling(canary.workspace, re.compile(rb"(?<!\d)43 of|2,968")) == []
    assert path.exists()


def test_a_record_of_an_earlier_version_is_built_again_and_shown_no_more(canary):
    canary.as_before()
    assert telling(canary.workspace, NAMES) != []
    told = canary.run("status", "--workspace", canary.workspace)
    assert "the form of data/processed/run.json" in told.stdout
    done = canary.refresh()
    assert done.returncode == 0, done.stdout + done.stderr
    assert telling(canary.workspace, NAMES) == []
    assert (canary.workspace / paths.KEPT).exists()
    assert not (canary.workspace / "not_for_publication" / "accepted.json").exists()
    assert canary.record()["accepted"] == ACCEPT


def test_a_build_without_an_own_file_takes_the_owners_file_away(canary):
    done = canary.run("build", "--workspace", canary.workspace, "--quiet")
    assert done.returncode == 0, done.stderr
    assert not (canary.workspace / paths.KEPT).exists()
    assert canary.record()["own_file"] is False
    assert telling(canary.workspace, NAMES) == []
    assert canary.run("status", "--workspace", canary.workspace).returncode == 0


# ---------------------------------------------------------------- two builds at once
WAITING = """
import pathlib, sys
import bolton_jsna as jsna
from bolton_jsna.building import _maps, _release_history
real, home = _release_history.earlier_releases, pathlib.Path(sys.argv[1])
def earlier(*given):
    found = real(*given)
    print("read", len(found), flush=True)
    sys.stdin.readline()
    return found
_release_history.earlier_releases = earlier
_maps.draw = lambda *_: None
accept = "A part of the records, for a test"
jsna.build(workspace=home / "workspace", local_records=home / sys.argv[2], accept=accept)
"""


def test_of_two_builds_at_once_the_second_is_compared_with_the_first(tmp_path):
    """It must not read what earlier builds published before the first has written its own."""
    (tmp_path / "workspace").mkdir()
    extract(tmp_path / "one.csv")
    extract(tmp_path / "two.csv", more=40)
    with contextlib.ExitStack() as ending:

        def started(name: str) -> subprocess.Popen[str]:
            run = subprocess.Popen(
                [sys.executable, "-c", WAITING, str(tmp_path), name],
                env={**os.environ, "PYTHONPATH": str(SOURCE)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            ending.enter_context(run)
            ending.callback(run.kill)
            return run

        first = started("one.csv")
        assert first.stdout.readline() == "read 0\n"
        second = started("two.csv")
        # Its first word is that it waits: it has read nothing by then.
        assert select.select([second.stderr], [], [], 120)[0]
        said = second.stderr.readline()
        assert "another build is running" in said
        assert "waiting for it to end, 600 seconds at most" in said
        first.stdin.write("on\n")
        first.stdin.flush()
        assert second.stdout.readline() == "read 1\n"
        assert first.wait(timeout=120) == 0, first.stderr.read()
        _, rest = second.communicate("on\n", timeout=300)
        assert second.returncode == 0, rest
        assert "waiting" not in rest
    processed = tmp_path / "workspace" / paths.PROCESSED
    told = sorted(
        (json.loads(path.read_text())["finished"], path.stem)
        for path in (processed / "releases").iterdir()
    )
    assert len(told) == 2
    facts = json.loads((processed / "sign_off.json").read_text(encoding="utf-8"))
    assert facts["compared_with"] == [told[0][1]]
    assert not (tmp_path / "workspace" / lock._LOCK).exists()


def test_a_rebuild_reads_what_was_built_when_it_holds_the_workspace(tmp_path, monkeypatch):
    """Else a build that ends meanwhile would be replaced by the one before it."""
    held = []

    def last_build(folder: Path) -> None:
        held.append((folder / lock._LOCK).exists())

    monkeypatch.setattr(_last_build, "last_build", last_build)
    assert rebuild(tmp_path) is None
    assert held == [True]


# ---------------------------------------------------------------- numbers of rows, and reasons
@pytest.fixture(scope="module")
def bolton() -> Ingredients:
    return gather("Bolton")


def losing(bolton: Ingredients, reasons: dict[str, int]) -> Ingredients:
    """The same, with so many rows rejected for each reason."""
    every = [reason for reason, number in reasons.items() for _ in range(number)]
    lost = pd.DataFrame({"row": range(2, len(every) + 2), "reason": every})
    return replace(bolton, local=replace(bolton.local, rejects=lost))


def test_what_is_written_is_the_same_for_all_numbers_near_each_other(bolton):
    """With one figure there is no sum and no difference that gives the exact one back."""
    found: dict[tuple[str, ...], set[int]] = {}
    for number in range(1, 60):
        made_from = losing(bolton, {"impossible date": number, "headings again": number % 7})
        said = [*_rejects.rounded(made_from), _rejects.many(made_from)]
        said = [each for each in said if "take nothing" not in each]
        figures = {int(each) for text in said for each in re.findall(r"\d+", text)}
        assert figures <= {1, 10, (number + 5) // 10 * 10}
        found.setdefault(tuple(said), set()).add(number)
    assert all(len(numbers) >= 5 for numbers in found.values())
    assert min(len(numbers) for numbers in found.values() if min(numbers) < 10) == 9


def test_the_number_of_reasons_reveals_no_number_of_rows(bolton):
    """Nine reasons of fewer than ten rows would be nine rows."""
    three, nine = (
        " ".join(
            _rejects.rounded(losing(bolton, {f"reason {chr(97 + n)}": 1 for n in range(number)}))
        )
        for number in (4, 9)
    )
    assert three == nine
    assert "others" in three
    assert _rejects.rounded(losing(bolton, {})) == []


def test_what_was_accepted_has_no_exact_number_of_rows(bolton):
    from bolton_jsna.building._local_doubts import Doubt
    from bolton_jsna.building._protected_counts import local_counts

    made_from = losing(bolton, {"impossible date": 163})
    doubt = Doubt("rows", "163 of the 14,839 rows of the local file (1.1%) were rejected.")
    local = replace(local_counts(bolton), doubts=(doubt,), accepted="It is right")
    (said,) = _reader_notes.accepted(made_from, local)
    assert "163" not in said
    assert "More than 1% of the rows of the local file were rejected (about 160)" in said
    note = _reader_notes.map_note(made_from, local, "referrals")
    assert note == (
        "More than 1% of the rows of the local file were rejected (about 160); accepted with the "
        "reason: It is right."
    )


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Only 7 have a wrong date", "the number 7"),
        ("163 and 8 are wrong", "the number 163"),
        ("170 are wrong", "the number 170"),
        ("Row 12 is wrong", "names a row"),
        ("As in canary77.csv", "names a file"),
        ("As in Canary77", "names a file"),
        ("See /srv/canary88/x", "names a file"),
        (r"See C:\canary88", "names a file"),
    ],
)
def test_a_reason_names_neither_the_file_nor_its_rows(bolton, reason, words):
    made_from = losing(bolton, {"impossible date": 7, "unknown kind": 163})
    own = {"local_records": "/srv/canary88/canary77.csv", "columns": None}
    with pytest.raises(UsageError, match=words):
        _rejects.check_reason(reason, made_from, own)
    _rejects.check_reason("Two teams and 2 offices are on another system", made_from, own)
