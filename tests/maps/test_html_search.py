"""What a page can be searched by: postcodes of its areas, and larger areas drawn over them."""

import json
import re

import pandas as pd
import pytest

from bolton_jsna import snapshot
from bolton_jsna.core.errors import SchemaError, UsageError, VintageError
from bolton_jsna.maps import choropleth_map, layered_map, spec_of
from bolton_jsna.maps.html._search import packed


@pytest.fixture
def postcodes():
    return pd.DataFrame(
        {"postcode": ["BL1 1AA", "BL1 1AB", "BL9 9ZZ"], "ward": ["E05099001", "E05099002", "E0"]}
    )


def test_every_postcode_of_bolton_is_found_in_its_ward():
    held = snapshot.read("postcodes@2025")[["postcode", "ward_code"]]
    codes = sorted(held["ward_code"].unique())
    found = packed(held, codes)
    assert len(json.dumps(found)) < 30_000
    unpacked = {
        f"{sector}{units[at : at + 2]}": codes[place]
        for sector, parts in found.items()
        for place, units in parts
        for at in range(0, len(units), 2)
    }
    assert unpacked == dict(zip(held["postcode"], held["ward_code"], strict=True))


def test_a_map_names_the_owners_of_postcodes_and_keeps_both_in_layers(figures, wards, postcodes):
    plain = choropleth_map(figures, "idaci", boundaries=wards, subtitle="2025")
    searched = choropleth_map(
        figures, "idaci", boundaries=wards, postcodes=postcodes, lines=wards.iloc[:2]
    )
    spec = spec_of(layered_map(plain, searched, title="Both"))
    assert spec.postcodes == {"BL1 1": [(0, "AA"), (1, "AB")]}
    assert list(spec.lines["area_name"]) == ["Ash Green", "Brook & Mill"]
    assert [layer.subtitle for layer in spec.layers] == ["2025", ""]
    assert any("Royal Mail data © Royal Mail copyright" in line for line in spec.sources)
    assert any("Postcodes: each is counted in one ward" in line for line in spec.notes)
    own = ["Contains Royal Mail data © Royal Mail copyright and database right 2025."]
    given = choropleth_map(figures, "idaci", boundaries=wards, postcodes=postcodes, sources=own)
    assert spec_of(given).sources == tuple(own)
    page = given.get_root().render()
    assert "Find a ward by name or postcode" in page
    assert re.search(r'"postcodes":\{"BL1 1":\[\[0,"AA"\],\[1,"AB"\]\]\}', page)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"ward": ["E0", "E1", "E2"]}, VintageError, r"No column .* codes of the map \(E05099001"),
        ({"other": ["E05099003"] * 3}, UsageError, r"2 columns .*ward, other.*Keep one"),
        ({"postcode": ["BL1 1AA", "Bolton", "x"]}, SchemaError, r"1 postcodes are not .*Bolton"),
        ({"postcode": ["BL1 1AA", "bl11aa", "x"]}, SchemaError, r"more than one place \(BL1 1AA"),
    ],
)
def test_postcodes_that_cannot_be_used_are_rejected(postcodes, change, error, message):
    codes = [f"E0509900{at}" for at in range(1, 10)]
    with pytest.raises(error, match=message):
        packed(postcodes.assign(**change), codes)


def test_other_things_in_place_of_postcodes_or_lines_are_rejected(figures, wards):
    with pytest.raises(UsageError, match=r"postcodes=.*expected a DataFrame"):
        choropleth_map(figures, "idaci", boundaries=wards, postcodes=["BL1 1AA"])
    with pytest.raises(SchemaError, match="table of postcodes has no column 'postcode'"):
        choropleth_map(figures, "idaci", boundaries=wards, postcodes=figures)
    with pytest.raises(UsageError, match="lines is of the type DataFrame; expected a GeoDataFrame"):
        choropleth_map(figures, "idaci", boundaries=wards, lines=figures)
    away = wards.set_geometry(wards.translate(20_000))
    with pytest.raises(UsageError, match=r"9 of 9 areas of lines= \(Ash Green.* not on the map"):
        choropleth_map(figures, "idaci", boundaries=wards, lines=away)
    lines = wards.set_crs(None, allow_override=True)
    with pytest.raises(SchemaError, match="have no CRS"):
        choropleth_map(figures, "idaci", boundaries=wards, lines=lines)
