"""What a person sees while a refresh runs: a line that moves, and a line for each file."""

import contextlib
import io
import os
import re
import select
import subprocess
import sys
import threading
import time

import pytest

from bolton_jsna.cli._progress import Watch, watching
from bolton_jsna.services.http import Session
from standin import StandIn

LOOKUP = "lookup@lsoa21-ward25"
PROJECTIONS = "population_projections@2022"
# What moves the cursor, clears a line or colours it.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def words(folder, *names: str) -> list[str]:
    only = [word for name in names for word in ("--only", name)]
    return ["refresh", "--workspace", str(folder), "--fresh-hours", "0", *only]


def on_a_terminal(arguments, env, *, width=100, until=60.0):
    """Run a command on a pseudo-terminal; return its screen in pieces, each with its moment."""
    pty = pytest.importorskip("pty")
    termios = pytest.importorskip("termios")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, width)) if hasattr(termios, "tcsetwinsize") else None
    around = {**os.environ, "TERM": "xterm", "COLUMNS": str(width), **env}
    run = subprocess.Popen(
        [sys.executable, "-m", "bolton_jsna", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=around,
    )
    os.close(theirs)
    began, pieces = time.monotonic(), []
    while time.monotonic() - began < until:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        pieces.append((time.monotonic() - began, piece))
    code = run.wait(timeout=30)
    os.close(ours)
    return code, pieces


def screen(pieces) -> str:
    return b"".join(piece for _, piece in pieces).decode("utf-8", errors="replace")


@pytest.fixture
def slow(tmp_path):
    """Publishers whose Nomis says nothing for two seconds, once."""
    with StandIn() as server:
        server.fault("timeout", match="/nomis/", times=1, seconds=2)
        yield server


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are not there")
def test_the_line_moves_while_nomis_says_nothing(slow, tmp_path):
    code, pieces = on_a_terminal(words(tmp_path, PROJECTIONS, LOOKUP), slow.env())
    text = screen(pieces)
    assert code == 0, text
    seen = CONTROL.sub("", text)
    drawn = re.findall(r"(\S) 1 of 2, (\d+) s  (\S+): Nomis, waiting for an answer", seen)
    assert {file for *_, file in drawn} == {f"{PROJECTIONS}/E08000001"}
    # The turning mark and the seconds both change.
    assert len({turn for turn, *_ in drawn}) > 3
    assert {"0", "1"} <= {seconds for _, seconds, _ in drawn}
    assert "trying again in 1 s (2nd of 5 tries)" in seen
    assert re.search(r"received", seen)
    assert f"1 of 2  updated    {PROJECTIONS}/E08000001 (Bolton): " in seen
    assert f"2 of 2  updated    {LOOKUP}/E08000001 (Bolton): 177 rows" in seen
    assert seen.index("1 of 2  updated") < seen.index("2 of 2  updated")


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are not there")
@pytest.mark.parametrize(
    ("env", "width"),
    [
        ({"NO_COLOR": "1"}, 100),
        ({"PYTHONIOENCODING": "cp1252"}, 100),
        ({"PYTHONIOENCODING": "cp437"}, 40),
        ({"TERM": "dumb"}, 80),
        ({}, 30),
    ],
)
def test_any_terminal_will_do(tmp_path, env, width):
    with StandIn() as server:
        code, pieces = on_a_terminal(words(tmp_path, LOOKUP), {**server.env(), **env}, width=width)
    text = screen(pieces)
    assert code == 0, text
    assert f"1 of 1  updated    {LOOKUP}/E08000001 (Bolton): 177 rows" in text
    assert "Traceback" not in text
    assert COLOUR.sub("", text) == text
    if "PYTHONIOENCODING" in env:
        assert "\N{BRAILLE PATTERN DOTS-124}" not in text
        assert text.isascii()
    # A drawing that is wider than the terminal would leave bits of itself behind.
    drawn = re.findall(r"[^\r\n]*1 of 1, [^\r\n]*", CONTROL.sub("", text))
    assert all(len(each) < width for each in drawn)


def test_without_a_terminal_there_is_a_line_for_each_file_at_once(slow, tmp_path):
    """In the order of work; the first is there before the second file is done."""
    slow.faults.clear()
    slow.fault("timeout", match="LSOA21_WD25", times=1, seconds=2)
    run = subprocess.Popen(
        [sys.executable, "-m", "bolton_jsna", *words(tmp_path, PROJECTIONS, LOOKUP)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **slow.env()},
    )
    killer = threading.Timer(60, run.kill)
    killer.start()
    first = run.stdout.readline()
    early = run.poll() is None
    rest, trouble = run.communicate()
    killer.cancel()
    assert first.startswith(f"1 of 2  updated    {PROJECTIONS}/E08000001 (Bolton): ")
    assert early
    assert rest.startswith(f"2 of 2  updated    {LOOKUP}/E08000001 (Bolton): 177 rows\n")
    assert trouble == ""
    assert "\x1b" not in first + rest


def test_the_line_says_who_is_asked_and_what_comes():
    watch = Watch(print, turns="-")
    with Session() as session:
        watch.follow(session)
        watch.start(3, 20, "idaci@2025")
        assert watch.text() == "- 3 of 20, 0 s  idaci@2025"
        session.asking = "govuk"
        assert watch.text().endswith("idaci@2025: GOV.UK, waiting for an answer")
        session.bytes_received += 4_096
        assert watch.text().endswith("GOV.UK, 4.1 kB received")
        session.progress("file.csv", 1_500_000, 3_000_000)
        assert watch.text().endswith("GOV.UK, 1.5 MB of 3.0 MB received")
        session.waiting("no answer, trying again in 4 s (2nd of 5 tries)")
        assert watch.text(width=200).endswith(
            "GOV.UK, no answer, trying again in 4 s (2nd of 5 tries)"
        )
        session.requests_sent += 1  # it is tried again
        assert "trying" not in watch.text(width=200)
        again = "no answer, trying again in 4 s (2nd of 5 tries)"
        session.waiting(again)
        assert watch.text(width=79) == f"- 3 of 20, 0 s  GOV.UK, {again}"
        assert watch.text(width=70) == f"- 3 of 20, 0 s  {again}"
        assert len(watch.text(width=20)) == 19
        watch.start(4, 20, "idaci@2019")
        assert watch.text() == "- 4 of 20, 0 s  idaci@2019"


def test_a_file_gets_what_is_written_to_it_while_the_terminal_has_the_line(monkeypatch):
    """``bolton-jsna refresh > log.txt``: the lines are in the file, what moves is not."""

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    terminal, file = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    with contextlib.redirect_stdout(file), watching(print) as watch:
        watch.start(1, 1, "idaci@2025")
        watch.done("updated    idaci@2025: 289 rows")
    assert file.getvalue() == "1 of 1  updated    idaci@2025: 289 rows\n"
    assert "updated" not in terminal.getvalue()


def test_what_a_code_page_cannot_show_is_written_out(tmp_path):
    """A pipe in a Windows code page: no error, and JSON stays JSON."""
    there = tmp_path / "ŵ\N{BLACK STAR}"
    there.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "bolton_jsna", "status", "--workspace", there],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"\\u0175\\u2605" in done.stdout


# ---------------------------------------------------------------- a build that failed
@pytest.mark.parametrize("how", ["lines", "--quiet", "--json"])
def test_the_reason_of_a_failed_build_is_printed_once(live, tmp_path, how):
    record = tmp_path / "data" / "processed" / "run.json"
    record.parent.mkdir(parents=True)
    record.write_text("{")
    live.world.options["all_lsoas"] = False
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bolton_jsna", *words(tmp_path, LOOKUP)),
            *([] if how == "lines" else [how]),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, **live.env()},
        check=False,
    )
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("The last build cannot be repeated") == 1


ENDED = """
import sys
from bolton_jsna.cli import main
from bolton_jsna.ingest.diff import report
def write_build(*_, **__):
    raise OSError(28, "No space left on device")
report.write_build = write_build
sys.argv = ["bolton-jsna", *sys.argv[1:]]
main.main()
"""


def test_a_failed_build_is_logged_if_the_refresh_ends_without_a_record(live, tmp_path):
    """Its warning was once lost: the command left it out of the log, and then printed nothing."""
    record = tmp_path / "data" / "processed" / "run.json"
    record.parent.mkdir(parents=True)
    record.write_text("{")
    live.world.options["all_lsoas"] = False
    done = subprocess.run(
        [sys.executable, "-c", ENDED, *words(tmp_path, LOOKUP)],
        capture_output=True,
        text=True,
        env={**os.environ, **live.env()},
        check=False,
    )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    warning = "WARNING bolton_jsna.building.refresh: the build after the refresh failed: "
    assert done.stderr.count(f"{warning}The last build cannot be repeated") == 1


def test_other_warnings_of_the_same_logger_are_printed(capsys):
    import logging

    from bolton_jsna.cli._terminal import StandardError, printing_record

    log, root = logging.getLogger("bolton_jsna.building.refresh"), logging.getLogger()
    handler = StandardError()
    root.addHandler(handler)
    try:
        with printing_record():
            log.warning("in the record", extra={"in_record": True})
            log.warning("not in the record")
    finally:
        root.removeHandler(handler)
    assert capsys.readouterr().err == "not in the record\n"
