"""The figures depend neither on the current folder nor on what the user or the machine sets."""

import os
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from bolton_jsna.core import isolation
from bolton_jsna.maps import save_figure


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
        "from bolton_jsna.drawing.matplotlib_setup import import_matplotlib\n"
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
        env={**os.environ, "PYTHONPATH": str(Path(isolation.__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(here), "None"]


def test_the_current_folder_is_no_place_to_import_from(tmp_path, monkeypatch):
    home = str(Path(isolation.__file__).parents[2])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), f"{tmp_path}/.", "/usr/lib", home])
    isolation.leave_current_folder_out()
    assert sys.path == ["/usr/lib", home]
    # In a checkout the library itself lies there.
    monkeypatch.chdir(home)
    isolation.leave_current_folder_out()
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
        isolation.own_settings(),
    ):
        assert np.geterr()["invalid"] == "warn"
        assert not pd.get_option("compute.use_bottleneck")
        assert "GDAL_SKIP" not in os.environ
        assert os.environ["GDAL_DATA"] == "/conda/share/gdal"
    assert os.environ["GDAL_SKIP"] == "GPKG"


def test_figures_are_drawn_from_the_librarys_settings_only(monkeypatch, tmp_path):
    """Drawn while the user's settings are in force, as in a notebook."""
    from bolton_jsna.building import inputs
    from bolton_jsna.maps import static_choropleth

    bolton = inputs.gather("Bolton")
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

    from bolton_jsna.core.errors import SourceError
    from bolton_jsna.ingest import _validate

    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    with pytest.raises(SourceError, match="not a safe file name"):
        _validate.check(path, what="x")


@pytest.mark.parametrize("name", ["CON", "nul.csv", "Com1.csv", "LPT¹.csv", "aux.tar.gz", "C:aux"])
@pytest.mark.parametrize("ending", ["", "csv"])
def test_a_publishers_name_is_never_that_of_a_device(name, ending):
    from bolton_jsna.core.naming import reserved, safe_name

    safe = safe_name(name, ending=ending)
    assert not reserved(safe)
    assert safe_name(safe, ending=ending) == safe


# ---------------------------------------------------------------- options in the environment


# ---------------------------------------------------------------- rejects
