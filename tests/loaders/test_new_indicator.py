"""An indicator is added by a table of the dictionary alone: no code knows one."""

import pytest

import bolton_jsna as jsna
from bolton_jsna.catalogue import indicators as catalogue

ENTRY = """
[suspensions]
subject = "Pupils"
title = "Suspensions from school"
definition = "Suspensions of pupils in the school year, for every 100 pupils."
numerator = "suspensions"
denominator = "pupils"
unit = "per cent"
dataset = "pupils"
period = "academic year"
first = 2017
last = 2024
columns = [
    { count = "suspension", population = "headcount", where = { education_phase = "Total" } },
]
"""
EXCERPT = """\
time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,\
old_la_code,new_la_code,la_name,education_phase,headcount,suspension
202223,Academic year,National,E92000001,England,,,,,,Total,8400000,780000
202223,Academic year,Local authority,E92000001,England,E12000002,North West,350,E08000001,Bolton,\
Total,53000,4240
202324,Academic year,National,E92000001,England,,,,,,Total,8450000,950000
202324,Academic year,Local authority,E92000001,England,E12000002,North West,350,E08000001,Bolton,\
Total,53200,5320
202324,Academic year,Local authority,E92000001,England,E12000002,North West,350,E08000001,Bolton,\
Special,900,c
202324,Academic year,Local authority,E92000001,England,E12000002,North West,354,E08000005,\
Rochdale,Total,41000,c
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with the file, and a dictionary with the entry."""
    text = catalogue._text()
    monkeypatch.setattr(catalogue, "_text", lambda: text + ENTRY)
    for each in (catalogue.dictionary, catalogue.folders):
        each.cache_clear()
    folder = tmp_path / "data" / "raw" / "pupils"
    folder.mkdir(parents=True)
    (folder / "suspensions_made_up.csv").write_text(EXCERPT, encoding="utf-8")
    yield tmp_path
    monkeypatch.undo()
    for each in (catalogue.dictionary, catalogue.folders):
        each.cache_clear()


def test_a_table_of_the_dictionary_is_all_that_a_new_indicator_needs(workspace):
    found = jsna.load_indicators(indicators="suspensions", years=2024, workspace=workspace)
    by_name = found.set_index("area_name")
    assert by_name.loc["Bolton", ["count", "population", "value"]].tolist() == [5320, 53200, 10]
    assert by_name.loc["Rochdale", "status"] == "suppressed"
    assert by_name.loc["England", "period"] == "academic year 2023/24"
    rated = jsna.crude_rates(found).set_index("area_name").loc["Bolton"]
    assert (rated["rate"], rated["method"]) == (10, "Wilson")
    listed = jsna.indicators("suspensions", workspace=workspace)
    assert listed[["available", "areas"]].to_numpy().tolist() == [["2023 to 2024", 3]]
    row = jsna.profile("Bolton", indicators="suspensions", workspace=workspace).iloc[0]
    assert (row["value"], row["against_england"]) == (10, "lower")
    sources = jsna.sources(found, workspace=workspace)
    assert sources["publisher"].tolist() == ["Department for Education"]
