"""An indicator is added by a table of the dictionary alone: no code knows one."""

import re
import textwrap
from pathlib import Path

import pytest

import bolton_jsna as jsna
from bolton_jsna.catalogue import indicators as catalogue

PAGE = Path(__file__).resolve().parents[2] / "docs" / "indicators.md"


def example(language):
    """The block of the page on indicators that is in a language."""
    text = PAGE.read_text(encoding="utf-8")
    block = re.search(rf"^ *```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return textwrap.dedent(block[1])


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with the file, and a dictionary with the entry."""
    text = catalogue._text()
    monkeypatch.setattr(catalogue, "_text", lambda: text + example("toml"))
    for each in (catalogue.dictionary, catalogue.folders):
        each.cache_clear()
    folder = tmp_path / "data" / "raw" / "pupils"
    folder.mkdir(parents=True)
    (folder / "absence_made_up.csv").write_text(example("csv"), encoding="utf-8")
    yield tmp_path
    monkeypatch.undo()
    for each in (catalogue.dictionary, catalogue.folders):
        each.cache_clear()


def test_a_table_of_the_dictionary_is_all_that_a_new_indicator_needs(workspace):
    found = jsna.load_indicators(
        indicators="persistent_absence_of_pupils", years=2024, workspace=workspace
    )
    by_name = found.set_index("area_name")
    assert by_name.loc["Bolton", ["count", "population", "value"]].tolist() == [5320, 53200, 10]
    assert by_name.loc["Rochdale", "status"] == "suppressed"
    assert by_name.loc["England", "period"] == "academic year 2023/24"
    rated = jsna.crude_rates(found).set_index("area_name").loc["Bolton"]
    assert (rated["rate"], rated["method"]) == (10, "Wilson")
    listed = jsna.indicators("persistent_absence_of_pupils", workspace=workspace)
    assert listed[["available", "areas"]].to_numpy().tolist() == [["2023 to 2024", 3]]
    row = jsna.profile(
        "Bolton", indicators="persistent_absence_of_pupils", workspace=workspace
    ).iloc[0]
    assert (row["value"], row["against_england"]) == (10, "lower")
    sources = jsna.sources(found, workspace=workspace)
    assert sources["publisher"].tolist() == ["Department for Education"]
