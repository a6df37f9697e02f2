"""Upper-tier authorities from layers of authorities, of districts and of wards; none in part."""

from pathlib import Path

import pytest

import bolton_jsna as jsna
from authority_layers import districts, write_layer
from bolton_jsna.core.areas import area, authorities_in, districts_in_force
from bolton_jsna.core.errors import MissingDataError


def load(workspace: Path, place: str = "Essex", **options: object):
    return jsna.load_boundaries(place, level="authority", workspace=workspace, **options)


def test_a_county_is_put_together_from_its_districts(tmp_path: Path) -> None:
    write_layer(tmp_path, districts("Essex", "Southend-on-Sea", "Thurrock"))
    essex = load(tmp_path)
    assert essex["area_code"].tolist() == ["E10000012"]
    assert essex["area_name"].tolist() == ["Essex"]
    assert (essex["level"].item(), essex["year"].item()) == ("authority", 2024)
    assert essex["source"].item() == "authority_boundaries@2024"
    of_each = load(tmp_path, "Thurrock").area.item()
    assert essex.area.item() == pytest.approx(12 * of_each, rel=0.05)
    assert essex.crs.to_epsg() == 27700


@pytest.mark.parametrize("lost", [0, 5, 11])
def test_a_county_without_one_of_its_districts_is_rejected(tmp_path: Path, lost: int) -> None:
    parts = districts("Essex")
    del parts[lost]
    write_layer(tmp_path, parts)
    with pytest.raises(MissingDataError, match="does not have the whole of Essex"):
        load(tmp_path)


def test_a_layer_from_before_an_authority_began_is_rejected_and_names_it(tmp_path: Path) -> None:
    gone = ("Cumberland", "Westmorland and Furness")
    region = [each for each in authorities_in(area("North West")) if each.name not in gone]
    before = [*region, area("Cumbria")]
    every = [(each.code, each.name) for each in dict.fromkeys(before)]
    write_layer(tmp_path, every, kind="CTYUA", year=2021)
    assert load(tmp_path, "Bury")["year"].item() == 2021
    with pytest.raises(MissingDataError, match="Cumberland") as raised:
        load(tmp_path, "North West")
    assert "data/raw/authority_boundaries/" in str(raised.value)


def test_a_year_that_is_not_there_is_rejected(tmp_path: Path) -> None:
    write_layer(tmp_path, districts("Bury"))
    assert load(tmp_path, "Bury", year=2024)["year"].item() == 2024
    with pytest.raises(MissingDataError, match="of 2019"):
        load(tmp_path, "Bury", year=2019)


def test_a_code_that_was_changed_is_that_of_the_register(tmp_path: Path) -> None:
    write_layer(tmp_path, [("E08000039", "Sheffield")])
    assert load(tmp_path, "Sheffield")["area_code"].tolist() == ["E08000019"]


def test_without_a_layer_the_wards_are_put_together(tmp_path: Path) -> None:
    bolton = load(tmp_path, "Bolton")
    wards = jsna.load_boundaries("Bolton")
    assert bolton.geometry.item().area == pytest.approx(wards.area.sum(), rel=1e-6)
    with pytest.raises(MissingDataError):
        load(tmp_path, "Bury")


def test_the_districts_in_force_are_those_of_counties() -> None:
    assert len(districts_in_force(area("Essex"))) == 12
    # Somerset and Cumberland are authorities without districts since April 2023.
    for name in ("Somerset", "Cumberland", "Bolton"):
        assert not districts_in_force(area(name))


@pytest.mark.reference
def test_all_authorities_of_england_from_districts_and_from_wards(
    reference: Path, tmp_path: Path
) -> None:
    found = {}
    for name, dataset in (
        ("lad24_england.parquet", "authority_boundaries"),
        ("wd25_simplified60m_england.parquet", "ward_boundaries"),
    ):
        folder = tmp_path / dataset / "data" / "raw" / dataset
        folder.mkdir(parents=True)
        (folder / name).write_bytes((reference / "england" / name).read_bytes())
        shapes = jsna.load_boundaries("England", level="authority", workspace=tmp_path / dataset)
        found[dataset] = shapes.set_index("area_code").area
    assert len(found["authority_boundaries"]) == len(found["ward_boundaries"]) == 153
    ratio = found["authority_boundaries"] / found["ward_boundaries"]
    # Both leave out different parts of coasts; the Isles of Scilly are nothing but coast.
    assert ratio.drop("E06000053").between(0.9, 1.1).mean() > 0.97
