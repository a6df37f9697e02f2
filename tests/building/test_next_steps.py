"""What a refresh and ``status`` say to do next works when it is run as it is printed."""

import itertools
import re
import shlex
import shutil

import pytest
from typer.testing import CliRunner

from bolton_jsna import building
from bolton_jsna.building import next_steps
from bolton_jsna.cli import _status
from bolton_jsna.cli import main as cli
from bolton_jsna.cli._status_text import status_lines
from bolton_jsna.ingest import store
from quick_build import quick_build

pytestmark = pytest.mark.usefixtures("sketched")

IOD = "idaci@2025"
SMALL = ("--only", IOD, "--only", "lookup@lsoa21-ward25")


def run(*words: str):
    return CliRunner().invoke(cli.app, [*map(str, words)])


def commands(text: str) -> list[list[str]]:
    """Every command that a text asks for, without ``bolton-jsna``."""
    found = re.findall(r"^[A-Z0-9].*: bolton-jsna (.+)$", text, re.MULTILINE)
    return [shlex.split(each) for each in dict.fromkeys(found)]


@pytest.fixture
def here(live, tmp_path, monkeypatch):
    """The current folder is the workspace; builds are quick."""
    monkeypatch.setattr(building, "build", quick_build)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def missing_is_named(area: str, where: list[str]) -> list[str]:
    """Refresh too little for a build; return the command that is named for what is missing."""
    done = run("refresh", *where, "--area", area, *SMALL)
    (status,) = commands(done.output)
    assert sorted(status) == sorted(["status", *where, "--area", area])
    told = run(*status)
    assert f"A build of {area} cannot be made now" in told.output
    (refresh,) = commands(told.output)
    assert sorted(refresh) == sorted(["refresh", *where, "--area", area])
    return refresh


@pytest.mark.parametrize(("area", "only"), [("Bolton", SMALL), ("Rochdale", ())])
@pytest.mark.usefixtures("live")
def test_after_the_first_refresh_the_build_it_names_can_be_made(tmp_path, monkeypatch, area, only):
    elsewhere = area == "Rochdale"
    folder = tmp_path / "my work"
    folder.mkdir()
    monkeypatch.chdir(tmp_path if elsewhere else folder)
    monkeypatch.setattr("bolton_jsna.building._maps.draw", lambda *_: None)
    where = ["--workspace", "my work"] if elsewhere else []
    refresh = ["refresh", *where, "--area", area, *only]
    if elsewhere:
        refresh = missing_is_named(area, where)
    first = run(*refresh)
    assert first.exit_code == 0, first.output
    (build,) = commands(first.output)
    assert "Nothing is built yet. Next: " in first.output
    assert ("--workspace" in build) is elsewhere
    assert ("--area" in build) is (area != "Bolton")
    told = run("status", *where, "--area", area).output
    assert commands(told) == [build]
    assert "cannot be made" not in told
    done = run(*build, "--quiet")
    assert done.exit_code == 0, done.output
    assert next_steps.built_area(folder) == area
    after = run("refresh", *where, "--area", area, *only)
    assert commands(after.output) == []
    assert f"The outputs are in {next_steps.outputs(where[1] if where else '.')}." in after.output


def test_what_could_not_be_renewed_is_asked_for_again_by_the_command(here, live):
    assert run("refresh", *SMALL).exit_code == 0
    live.fault("status", match="/govuk", code=404)
    done = run("refresh", *SMALL, "--fresh-hours", "0")
    assert done.exit_code == 3
    assert "1 file is not renewed; the reasons are above. To try again later: " in done.output
    (build, again) = commands(done.output)
    assert (build, again) == (["build"], ["refresh", *SMALL])
    told = run("status")
    assert "1 file is missing or not renewed. To try again: bolton-jsna refresh\n" in told.output
    live.faults.clear()
    done = run(*again)
    assert done.exit_code == 0, done.output
    assert "not renewed" not in done.output


def test_outputs_that_are_out_of_date_have_one_advice(here, live):
    assert run("refresh", *SMALL).exit_code == 0
    quick_build("Rochdale", workspace=here)
    shutil.copy(here / store.RAW / store.entries(here)[IOD].path, here / "copy.csv")
    (here / "copy.csv").rename(here / store.RAW / "idaci" / "mine.csv")
    left = run("refresh", "--area", "Bolton", *SMALL, "--no-build")
    for text in (left.output, run("status", "--area", "Rochdale").output):
        assert "Changed since the last build: data/raw/idaci/mine.csv is new.\n" in text
        assert commands(text) == [["refresh", "--area", "Rochdale"]]
    done = run("refresh", "--area", "Rochdale", *SMALL)
    assert "Rochdale was built again: 2 files." in done.output
    assert "The outputs are in data/processed/ and maps/." in done.output
    assert commands(done.output) == []


def test_a_dry_run_names_the_run(here):
    done = run("refresh", "--dry-run", *SMALL)
    assert commands(done.output) == [["refresh", *SMALL]]
    assert run(*commands(done.output)[0]).exit_code == 0


# ---------------------------------------------------------------- status
def lines_of(area, folder) -> list[str]:
    return status_lines(_status.status(area, workspace=folder)).splitlines()


def line(text: list[str], begins: str) -> str:
    """The one line of a source, with what goes on below it."""
    ((at, _),) = [each for each in enumerate(text) if each[1].startswith(f"{begins} ")]
    more = itertools.takewhile(lambda each: each.startswith(" "), text[at + 1 :])
    return " ".join(" ".join([text[at], *more]).replace("ago  ", "ago; ").split())


def test_an_empty_folder_has_the_snapshot_for_bolton_only(here):
    bolton, rochdale = lines_of("Bolton", here), lines_of("Rochdale", here)
    assert line(bolton, "idaci@2019") == "idaci@2019 snapshot Bolton and its comparators"
    snapshot = "snapshot Bolton and its comparators"
    assert line(bolton, "children_looked_after@2025") == f"children_looked_after@2025 {snapshot}"
    assert line(rochdale, "idaci") == "idaci none not fetched yet"
    assert not any("snapshot  " in each for each in rochdale)
    assert all(len(each) <= 100 for each in bolton)


def test_each_source_has_one_line_and_each_message_stands_once(here, live):
    live.fault("status", match="/ees_", code=403)
    names = [f"children_in_need@latest/{each}" for each in ("referrals", "plans", "in_need")]
    done = run("refresh", *[word for name in names for word in ("--only", name)])
    assert done.exit_code == 3
    text = lines_of("Bolton", here)
    told = " ".join(" ".join(text).split())
    assert line(text, "children_in_need@latest").startswith(
        "children_in_need@latest fetched 1 of 3 files, 20"
    )
    assert "1 perhaps not the newest; 2 not available (1)" in told
    assert "(2)" not in told
    assert told.count("answered 403") == 1
    assert "snapshot in place of what is missing (Bolton and its comparators)" in told
    assert "Stale since" not in told
    assert "A build would use: " in told
    assert "cannot be made" not in told


def test_files_added_changed_or_deleted_by_hand_say_so_on_their_line(here):
    assert run("refresh", "--only", "idaci", "--only", "lookup").exit_code == 0
    changed, gone = (
        here / store.RAW / store.entries(here)[name].path
        for name in ("idaci@2019", "lookup@lsoa21-ward24/E08000001")
    )
    added = here / store.RAW / "idaci" / "my_2025_File_7.csv"
    shutil.copy(here / store.RAW / store.entries(here)[IOD].path, added)
    changed.write_bytes(changed.read_bytes() + b"\n")
    gone.unlink()
    text = lines_of("Bolton", here)
    assert line(text, "idaci") == "idaci added by hand my_2025_File_7.csv"
    assert line(text, "idaci@2019").endswith("changed by hand (1)")
    # Nothing says how old a file is that is not there.
    assert line(text, "lookup@lsoa21-ward24") == "lookup@lsoa21-ward24 none gone (2)"
    assert not any(each.startswith("lookup@lsoa21-ward23  snapshot") for each in text)
    assert "1 file is missing or not renewed. To try again: bolton-jsna refresh" in text
    assert run("refresh", "--only", "idaci", "--only", "lookup").exit_code == 0
    text = lines_of("Bolton", here)
    assert "changed by hand" not in " ".join(text)
    assert "gone" not in " ".join(text)


def test_the_snapshot_s_copy_of_a_very_edition_is_on_its_line(here, live):
    live.fault("status", match="/govuk", code=404)
    done = run("refresh", "--only", "idaci")
    assert commands(done.output)[-1] == ["refresh", "--only", "idaci"]
    text = lines_of("Bolton", here)
    said = "snapshot in place of the publisher's, which is not available"
    assert line(text, "idaci@2025") == f"idaci@2025 {said} (1)"
    assert line(text, "idaci@2019") == f"idaci@2019 {said} (2)"


def test_files_of_other_authorities_are_not_counted_as_this_one_s(here):
    assert run("refresh", "--area", "Rochdale", "--only", "lookup").exit_code == 0
    bolton, rochdale = lines_of("Bolton", here), lines_of("Rochdale", here)
    assert line(bolton, "lookup@lsoa21-ward23").startswith("lookup@lsoa21-ward23 snapshot ")
    assert "Also here, not used for Bolton: 4 files of Rochdale." in bolton
    assert line(rochdale, "lookup@lsoa21-ward23").startswith("lookup@lsoa21-ward23 fetched 20")


def test_every_moment_on_the_screen_has_one_form(here, live):
    assert run("refresh", *SMALL).exit_code == 0
    quick_build(workspace=here)
    live.fault("status", match="/govuk", code=403)
    screens = [run("refresh", *SMALL).output, run("refresh", *SMALL, "--fresh-hours", "0").output]
    screens += [run("status").output]
    form = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC, [a-z0-9 ]+? ago")
    for screen in screens:
        assert form.search(screen)
        rest = form.sub("", screen)
        assert not re.search(r"20\d\d-\d\d-\d\d", rest), rest
        assert " ago" not in rest
        assert " old" not in rest


@pytest.mark.parametrize("more", [[], ["second\nFake: line.csv"]])
def test_a_file_name_with_a_line_feed_stays_on_its_line(tmp_path, more):
    folder = tmp_path / store.RAW / "idaci" / "2025"
    folder.mkdir(parents=True)
    for name in ["first\n\x1b[31mFake: nothing to do.csv", *more]:
        (folder / name).write_text("x")
    text = status_lines(_status.status("Bolton", workspace=tmp_path))
    assert "first" in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("Fake")]
    assert "\x1b" not in text
