"""Odd files of every kind, met by the real command: one message and exit code 1, or named rows."""

import re

import pytest

from standin import StandIn

HEAD = "Child ID,Date,Postcode,Age"
RETURN = "<Message><Children></Children></Message>"
SHAPE = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"WD23CD": '
    '"E05014818", "WD23NM": "Astley Bridge"}, "geometry": {"type": "Polygon", "coordinates": '
    "[[[-2.45, 53.6], POINT, [-2.44, 53.6], [-2.45, 53.6]]]}}]}"
)
DEEP = "[" * 100_000


def extracts(folder):
    """Extracts of which no row can be used: what they are called, and what is wrong with them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    counts = "Ward code,Year,Referrals\nE05014818,2025,12\nE05014819,2025,"
    texts = {
        "counts.csv": f"{counts}²\nE05014820,2025,{'9' * 5000}\n",
        "encoding.xml": f'<?xml version="1.0" encoding="x-unknown"?>{RETURN}',
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    days = pa.array([2**31 - 1, 19_846], pa.int32()).cast(pa.date32())
    rows = {"Child ID": ["CANARY-1", "b"], "Date": days, "Postcode": ["BL1 1AP"] * 2}
    pq.write_table(pa.table(rows), folder / "calendar.parquet")


@pytest.mark.parametrize(
    ("name", "returned", "words"),
    [
        ("counts.csv", 0, "2  count is neither"),
        ("encoding.xml", 1, "cut off, damaged"),
        ("calendar.parquet", 0, "impossible date"),
    ],
)
def test_an_odd_extract(name, returned, words, workspace, command):
    extracts(workspace)
    done = command("check", name, *(("--kind", "referrals") if "parquet" in name else ()))
    assert "Traceback" not in done.stderr, done.stderr[-500:]
    assert done.returncode == returned, done.stderr
    assert words in done.stdout + done.stderr
    assert "CANARY" not in done.stdout + done.stderr


@pytest.mark.parametrize("text", ["columns = 3", f"x = {DEEP[:9000]}"], ids=["type", "depth"])
def test_an_odd_mapping(text, workspace, command, is_refused):
    (workspace / "ours.toml").write_text(text)
    (workspace / "x.csv").write_text(f"{HEAD}\nCANARY-1,2024-05-03,BL1 1AP,7\n")
    done = command("check", "x.csv", "--columns", "ours.toml")
    assert is_refused(done, "mapping")
    assert "CANARY" not in done.stderr


def test_coordinates_that_are_no_numbers(workspace, command, is_refused):
    place = workspace / "data" / "raw" / "ward_boundaries"
    place.mkdir(parents=True)
    (place / "x.geojson").write_text(SHAPE.replace("POINT", "[NaN, 53.61]"))
    assert is_refused(command("build"), "'x.geojson'")


@pytest.mark.parametrize("found", ['"abc"', "[7, [[1, 2]]]"], ids=["text", "number"])
def test_odd_coordinates_in_a_publishers_answer(found, workspace, command):
    """Said in one line of the record; a text was once searched for its first point without end."""
    with StandIn() as publishers:
        whole, odd = '"coordinates":[[[', f'"coordinates":{found},"more":[[['
        publishers.fault("replace", match="/query", old=whole.encode(), new=odd.encode())
        only = ("--only", "ward_boundaries@2023", "--no-build")
        done = command("refresh", *only, env=publishers.env(), timeout=60)
    assert done.stderr == ""
    assert done.returncode == 3
    assert re.search("geometry that is not GeoJSON|coordinates that are not numbers", done.stdout)


def test_an_odd_run_record(workspace, command):
    path = workspace / "data" / "processed" / "run.json"
    path.parent.mkdir(parents=True)
    path.write_text(DEEP)
    done = command("status")
    assert "Traceback" not in done.stderr, done.stderr[-500:]
    assert done.returncode == 0
