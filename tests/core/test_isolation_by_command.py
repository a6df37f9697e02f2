"""What lies around a real run: a hostile folder, odd settings, and rejects named as an input."""

import json
import os
import stat

import pytest

HOSTILE = {
    "PANDAS_COPY_ON_WRITE": "0",
    "PANDAS_FUTURE_INFER_STRING": "0",
    "GDAL_SKIP": "GeoJSON,GPKG",
    "GDAL_DRIVER_PATH": "/nowhere",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "1",
    "OGR_SKIP": "GeoJSON",
    "PROJ_NETWORK": "ON",
    "PYOGRIO_USE_ARROW": "x",
    "LC_ALL": "tr_TR.UTF-8",
    "TZ": "Pacific/Kiritimati",
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "7",
}


RC = """
text.color: red
font.style: italic
lines.linewidth: 9
patch.linewidth: 9
patch.force_edgecolor: True
text.usetex: True
savefig.facecolor: black
savefig.bbox: tight
figure.autolayout: True
path.sketch: 10, 10, 10
axes.unicode_minus: False
svg.hashsalt: other
hatch.color: red
"""


MODULE = "import pathlib\npathlib.Path({path!r}).write_text('run')\nraise SystemExit(9)\n"


def test_a_build_gives_the_same_bytes_in_a_hostile_folder_and_environment(
    empty, tmp_path, bolton_built
):
    here = tmp_path / "here"
    here.mkdir()
    (here / "matplotlibrc").write_text(RC)
    (tmp_path / "other").write_text(RC)
    (here / "lookup.csv").write_text("x")
    more = HOSTILE | {"MATPLOTLIBRC": str(tmp_path / "other")}
    done = empty.run("build", "--workspace", empty.workspace, "--quiet", cwd=here, **more)
    assert (done.returncode, done.stderr) == (0, "")
    plain = json.loads((bolton_built / "data" / "processed" / "run.json").read_text())
    assert empty.record()["outputs"] == plain["outputs"]
    assert empty.record()["figures"] == plain["figures"]


def test_code_in_the_current_folder_is_not_run_in_place_of_a_library(empty):
    here, mark = empty.home / "here", empty.home / "was_run"
    here.mkdir()
    for name in ("pandas", "numpy", "csv", "typer", "requests", "sitecustomize_", "tomllib"):
        (here / f"{name}.py").write_text(MODULE.format(path=str(mark)))
    done = empty.run("status", "--workspace", empty.workspace, cwd=here)
    assert not mark.exists()
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BOLTON_JSNA_WORKSPACE", "/nowhere/at/all"),
        ("BOLTON_JSNA_WORKSPACE", "/dev/null"),
        ("BOLTON_JSNA_WORKSPACE", "x" * 5000),
        ("BOLTON_JSNA_DOWNLOAD", "perhaps"),
        ("BOLTON_JSNA_NOMIS_URL", "http://["),
        ("BOLTON_JSNA_NOMIS_URL", "http://host:port"),
        ("BOLTON_JSNA_GOVUK_URL", "file:///etc/passwd"),
        ("HTTP_PROXY", "http://["),
        ("HTTP_PROXY", "socks9://x"),
        ("http_proxy", "me:SECRETWORD@"),
        ("REQUESTS_CA_BUNDLE", "/nowhere"),
        ("COLUMNS", "no number"),
        ("PYTHONIOENCODING", "ascii"),
        ("LC_ALL", "C"),
    ],
)
def test_options_of_the_environment_are_one_message_at_most(nightly, variable, value):
    del nightly.env["BOLTON_JSNA_GOVUK_URL"]
    nightly.env["BOLTON_JSNA_GOVUK_URL"] = "http://127.0.0.1:9"
    more = {variable: value}
    where = () if variable == "BOLTON_JSNA_WORKSPACE" else ("--workspace", nightly.workspace)
    done = nightly.run("refresh", "--only", "population_projections", "--no-build", *where, **more)
    assert done.returncode in {0, 1, 2, 3}
    assert "SECRETWORD" not in done.stdout + done.stderr


ROWS = "Child ID,Date,Postcode\nA1,03/05/2024,BL1 1AP\nA1,03/05/2024,BL1 1AP\n"


@pytest.mark.parametrize("how", ["same", "dotted", "link", "linked folder", "second name", "case"])
@pytest.mark.parametrize("what", ["extract", "columns"])
def test_rejects_never_replace_an_input(empty, how, what):
    home = empty.home
    extract, columns = home / "extract.csv", home / "ours.toml"
    extract.write_text(ROWS)
    columns.write_text('[columns]\nchild_id = "Child ID"\n')
    goal = extract if what == "extract" else columns
    named = {
        "same": goal,
        "dotted": home / "workspace" / ".." / goal.name,
        "link": home / "link",
        "linked folder": home / "folder" / goal.name,
        "second name": home / "second",
        "case": home / goal.name.upper(),
    }[how]
    if how == "link":
        named.symlink_to(goal)
    elif how == "linked folder":
        (home / "folder").symlink_to(home)
    elif how == "second name":
        named.hardlink_to(goal)
    elif how == "case" and not named.exists():
        pytest.skip("this disk tells capital letters from small ones")
    before = goal.read_text()
    more = ("--kind", "referrals", "--columns", columns, "--workspace", empty.workspace)
    done = empty.run("check", extract, *more, "--rejects", named)
    assert goal.read_text() == before
    assert done.returncode == 2
    assert "The list of rejects would replace" in done.stderr


@pytest.mark.parametrize("what", ["another extract", "a link", "a device", "a folder"])
def test_rejects_replace_an_earlier_list_of_rejects_only(empty, what):
    home = empty.home
    (home / "extract.csv").write_text(ROWS)
    goal = home / "other.csv"
    if what == "another extract":
        goal.write_text(ROWS)
    elif what == "a link":
        (home / "far.csv").write_text("row,reason\n")
        goal.symlink_to(home / "far.csv")
    elif what == "a device":
        # One of its own: whoever broke this would replace the device of the machine.
        try:
            os.mknod(goal, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except OSError:
            pytest.skip("only root may make a device")
    else:
        goal.mkdir()
    more = ("--kind", "referrals", "--workspace", empty.workspace)
    done = empty.run("check", home / "extract.csv", *more, "--rejects", goal)
    assert done.returncode == 2
    assert "is not a list of rejects" in done.stderr or "directory" in done.stderr
    if what == "another extract":
        assert goal.read_text() == ROWS
    assert what != "a device" or goal.is_char_device()


def test_counts_are_checked_against_the_workspace_that_was_named(empty):
    """And rejects are written only when the check has come to its end."""
    here = empty.home / "here"
    (here / "data" / "raw" / "lookup").mkdir(parents=True)
    (here / "data" / "raw" / "lookup" / "lookup_x.csv").write_text("garbage\n")
    (empty.home / "counts.csv").write_text("ward_code,year,referrals\nE05014818,2025,9\n")
    more = ("--rejects", empty.home / "r.csv")
    named = empty.run("check", "../counts.csv", "--workspace", empty.workspace, *more, cwd=here)
    assert named.returncode == 0, named.stderr
    (empty.home / "r.csv").unlink()
    damaged = empty.run("check", "../counts.csv", *more, cwd=here)
    assert damaged.returncode == 1
    assert "garbage" not in damaged.stderr
    assert not (empty.home / "r.csv").exists()


@pytest.mark.parametrize("linked", [False, True])
def test_nothing_of_a_file_in_the_wrong_folder_is_quoted(empty, linked):
    """Records without headings, or a file of another kind that a link leads to."""
    folder = empty.workspace / "data" / "raw" / "idaci"
    folder.mkdir(parents=True)
    rows = "QX0001ZV,Smith,Jane,female,BL1 1AP\nQX0002ZV,Smith,John,male,BL1 1AP\n"
    if linked:
        secret = empty.home / "secret.csv"
        secret.write_text(rows)
        (folder / "x.csv").symlink_to(secret)
    else:
        (folder / "x.csv").write_text(rows)
    for command in ("status", "build"):
        done = empty.run(command, "--workspace", empty.workspace)
        assert "Smith" not in done.stdout + done.stderr
    assert not [each for each in empty.leaks() if "data/raw/idaci/x.csv" not in each]


def test_a_broken_link_among_the_raw_files_is_named(empty):
    folder = empty.workspace / "data" / "raw" / "idaci"
    folder.mkdir(parents=True)
    (folder / "share.csv").symlink_to("/nowhere/at/all.csv")
    done = empty.run("status", "--workspace", empty.workspace)
    assert "share.csv is not used" in done.stderr


@pytest.mark.parametrize("name", ["data/raw/x.csv", "data/processed/run.json", "maps/x.html"])
def test_rejects_replace_nothing_that_is_read_or_published(empty, name):
    (empty.home / "extract.csv").write_text(ROWS)
    more = ("--kind", "referrals", "--workspace", empty.workspace)
    goal = empty.workspace / name
    goal.parent.mkdir(parents=True)
    done = empty.run("check", empty.home / "extract.csv", *more, "--rejects", goal)
    assert done.returncode == 2
    assert "The list of rejects is private" in done.stderr
    assert not goal.exists()
