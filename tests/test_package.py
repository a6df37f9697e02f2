"""The wheel: it holds what the library reads, and works away from the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import bolton_jsna as jsna
from bolton_jsna import snapshot
assert jsna.__file__.startswith(sys.argv[1]), jsna.__file__
snapshot.verify()
record = jsna.build(workspace=sys.argv[2])
print(record.figures["rates"][0]["rate"], "maps/ward_referral_rate.html" in record.outputs)
"""


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=120)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_data_types_and_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith("METADATA"))
        text = archive.read(metadata).decode()
    for name in (
        "py.typed",
        "core/areas.csv",
        "core/districts.csv",
        "core/groups.csv",
        "catalogue/datasets.toml",
        "drawing/palettes.toml",
        "chapter/page/page.css",
        "chapter/page/page.js",
        "maps/html/page.css",
        "maps/html/parts.css",
        "maps/html/script/parts.js",
        "maps/html/third_party/leaflet.css",
        "maps/html/third_party/leaflet.js",
        "maps/html/third_party/LICENSE-leaflet.txt",
        "snapshot/manifest.json",
        "snapshot/wards_2023.geojson",
        "snapshot/local_records.parquet",
    ):
        assert f"bolton_jsna/{name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/LICENSE-DATA.md") for name in names)
    assert any(name.endswith("LICENSE-leaflet.txt") for name in names if "licenses/" in name)
    assert "License-Expression: MIT AND BSD-2-Clause" in text
    # A package that runs code at each start of Python, for the sake of two files.
    assert "xstatic" not in text.lower()
    assert not [name for name in names if name.startswith("tests/")]


def test_the_embedded_snapshot_stays_under_a_megabyte(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = [
            each.file_size
            for each in archive.infolist()
            if each.filename.startswith("bolton_jsna/snapshot/")
        ]
    assert 0 < sum(sizes) < 1_000_000


def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    installed, workspace = tmp_path / "site", tmp_path / "workspace"
    workspace.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    command = [sys.executable, "-I", "-c", SCRIPT, str(installed), str(workspace)]
    done = subprocess.run(
        command, cwd=workspace, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["503.0", "True"]
