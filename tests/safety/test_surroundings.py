"""The figures depend neither on the current folder nor on what the user or the machine sets."""

import json
import os
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from bolton_jsna import surroundings
from bolton_jsna.maps import save_figure

HOSTILE = {
    "PANDAS_COPY_ON_WRITE": "0",
    "PANDAS_FUTURE_INFER_STRING": "0",
    "PANDERA_VALIDATION_ENABLED": "False",
    "PANDERA_VALIDATION_DEPTH": "SCHEMA_ONLY",
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


def test_a_build_gives_the_same_bytes_in_a_hostile_folder_and_environment(empty, tmp_path):
    (tmp_path / "plain").mkdir()
    done = empty.run("build", "--workspace", tmp_path / "plain", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    here = tmp_path / "here"
    here.mkdir()
    (here / "matplotlibrc").write_text(RC)
    (tmp_path / "other").write_text(RC)
    for name in ("pandas", "numpy", "csv", "typer", "requests", "sitecustomize_", "tomllib"):
        (here / f"{name}.py").write_text(MODULE.format(path=str(tmp_path / "was_run")))
    (here / "lookup.csv").write_text("x")
    more = HOSTILE | {"MATPLOTLIBRC": str(tmp_path / "other")}
    done = empty.run("build", "--workspace", empty.workspace, "--quiet", cwd=here, **more)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "was_run").exists()
    plain = json.loads((tmp_path / "plain" / "data" / "processed" / "run.json").read_text())
    assert empty.record()["outputs"] == plain["outputs"]
    assert empty.record()["figures"] == plain["figures"]


@pytest.mark.parametrize("what", ["bytes", "pipe", "folder"])
def test_a_matplotlibrc_that_is_none_neither_stops_nor_holds_up_a_drawing(empty, tmp_path, what):
    here = tmp_path / "here"
    here.mkdir()
    path = here / "matplotlibrc"
    if what == "bytes":
        path.write_bytes(b"\xff\xfe\x00backend: module://evil\n")
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    code = (
        "import sys, os\n"
        "from bolton_jsna.maps.drawing import import_matplotlib\n"
        "import_matplotlib()\n"
        "import matplotlib\n"
        "from bolton_jsna.maps import save_figure\n"
        "from matplotlib.figure import Figure\n"
        "save_figure(Figure(), sys.argv[1])\n"
        "print(os.getcwd(), os.environ.get('MATPLOTLIBRC'))\n"
    )
    import subprocess

    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "x.png")],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(Path(surroundings.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(here), "None"]


def test_the_current_folder_is_no_place_to_import_from(tmp_path, monkeypatch):
    home = str(Path(surroundings.__file__).parents[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), f"{tmp_path}/.", "/usr/lib", home])
    surroundings.leave_current_folder_out()
    assert sys.path == ["/usr/lib", home]
    # In a checkout the library itself lies there.
    monkeypatch.chdir(home)
    surroundings.leave_current_folder_out()
    assert sys.path == ["/usr/lib", home]


def test_what_the_user_has_set_is_there_again_afterwards(tmp_path):
    from matplotlib.figure import Figure

    with mpl.rc_context({"lines.linewidth": 9, "svg.hashsalt": "mine"}):
        save_figure(Figure(), tmp_path / "x.svg")
        assert mpl.rcParams["lines.linewidth"] == 9
        assert mpl.rcParams["svg.hashsalt"] == "mine"


def test_a_session_with_settings_of_its_own_computes_as_any_other(monkeypatch):
    monkeypatch.setenv("GDAL_SKIP", "GPKG")
    monkeypatch.setenv("GDAL_DATA", "/conda/share/gdal")
    with (
        np.errstate(all="raise"),
        pd.option_context("compute.use_bottleneck", True),
        surroundings.own_settings(),
    ):
        assert np.geterr()["invalid"] == "warn"
        assert not pd.get_option("compute.use_bottleneck")
        assert "GDAL_SKIP" not in os.environ
        assert os.environ["GDAL_DATA"] == "/conda/share/gdal"
    assert os.environ["GDAL_SKIP"] == "GPKG"


def test_figures_are_drawn_from_the_librarys_settings_only(monkeypatch, tmp_path):
    """Drawn while the user's settings are in force, as in a notebook."""
    from bolton_jsna.building import gathering
    from bolton_jsna.maps import static_choropleth

    bolton = gathering.gather("Bolton")
    frame = bolton.wards.assign(value=range(len(bolton.wards)))[["area_code", "value"]]

    def drawn(path):
        figure = static_choropleth(frame, "value", boundaries=bolton.wards, title="T")
        return save_figure(figure, path).read_bytes()

    plain = {kind: drawn(tmp_path / f"plain.{kind}") for kind in ("png", "svg")}
    rc = {"text.color": "red", "font.style": "italic", "patch.linewidth": 9.0}
    rc |= {"path.sketch": (10, 10, 10), "savefig.bbox": "tight", "savefig.facecolor": "black"}
    with mpl.rc_context(rc):
        assert {kind: drawn(tmp_path / f"own.{kind}") for kind in plain} == plain


@pytest.mark.parametrize(
    "name",
    ["CON", "con.csv", "NUL.tar.gz", "COM1.csv", "lpt9", "C:x.csv", "x.csv:stream", "x.csv.", "x "],
)
def test_names_that_windows_reads_otherwise_are_refused_in_a_zip(tmp_path, name):
    import zipfile

    from bolton_jsna import checking
    from bolton_jsna.errors import SourceError

    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    with pytest.raises(SourceError, match="no file name on every system"):
        checking.check(path, what="x")


@pytest.mark.parametrize("name", ["CON", "nul.csv", "Com1.csv", "LPT¹.csv", "aux.tar.gz", "C:aux"])
@pytest.mark.parametrize("ending", ["", "csv"])
def test_a_publishers_name_is_never_that_of_a_device(name, ending):
    from bolton_jsna.names import reserved, safe_name

    safe = safe_name(name, ending=ending)
    assert not reserved(safe)
    assert safe_name(safe, ending=ending) == safe


# ---------------------------------------------------------------- options in the environment
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


# ---------------------------------------------------------------- rejects
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
    assert done.returncode == 2
    assert "The rejects would replace" in done.stderr
    assert goal.read_text() == before


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
        goal = Path("/dev/null")
    else:
        goal.mkdir()
    more = ("--kind", "referrals", "--workspace", empty.workspace)
    done = empty.run("check", home / "extract.csv", *more, "--rejects", goal)
    assert done.returncode == 2
    assert "is not a list of rejects" in done.stderr or "directory" in done.stderr
    if what == "another extract":
        assert goal.read_text() == ROWS
    assert Path("/dev/null").is_char_device()


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
    assert "share.csv is passed over" in done.stderr


@pytest.mark.parametrize("name", ["data/raw/x.csv", "data/processed/run.json", "maps/x.html"])
def test_rejects_replace_nothing_that_is_read_or_published(empty, name):
    (empty.home / "extract.csv").write_text(ROWS)
    more = ("--kind", "referrals", "--workspace", empty.workspace)
    goal = empty.workspace / name
    goal.parent.mkdir(parents=True)
    done = empty.run("check", empty.home / "extract.csv", *more, "--rejects", goal)
    assert done.returncode == 2
    assert "for your eyes only" in done.stderr
    assert not goal.exists()
