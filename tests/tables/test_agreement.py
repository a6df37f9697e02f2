"""Two files of one dataset: contradictions are named, and no result depends on a file's name."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.ingest import raw_tables as raw

HEAD = (
    "time_period,time_identifier,geographic_level,country_code,country_name,new_la_code,la_name,"
    "category,referral_count\n"
)
BOTH_ORDERS = pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])


def lay(workspace, dataset, files):
    folder = workspace / "data" / "raw" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def said(workspace, dataset):
    return " ".join(raw.remarks(dataset, workspace))


def layer(wards, *, year=23, **more):
    shapes = wards[["geometry"]].to_crs(4326)
    named = {f"WD{year}CD": wards["area_code"], f"WD{year}NM": wards["area_name"]}
    return shapes.assign(**named, **more).to_json()


def directory(**codes):
    rows = {f"BL1 1A{letter}": "E01004766" for letter in "ABDEFG"} | {
        key.replace("_", " "): code for key, code in codes.items()
    }
    return "pcds,lsoa21cd\n" + "".join(f"{each},{code}\n" for each, code in rows.items())


@BOTH_ORDERS
def test_a_ward_of_two_shapes_leaves_out_itself(tmp_path, names):
    wards = jsna.load_boundaries("Bolton")
    other = wards.copy()
    other.loc[3, "geometry"] = other.loc[4, "geometry"]
    files = (layer(wards), layer(other))
    lay(tmp_path, "ward_boundaries", {f"{n}.geojson": t for n, t in zip(names, files, strict=True)})
    found = jsna.load_boundaries("Bolton", workspace=tmp_path)
    assert set(wards["area_code"]) - set(found["area_code"]) == {wards.loc[3, "area_code"]}
    assert "contradict each other in 1 rows" in said(tmp_path, "ward_boundaries")


def test_layers_that_put_every_ward_elsewhere_are_refused(tmp_path):
    wards = jsna.load_boundaries("Bolton")
    other = wards.assign(geometry=wards.geometry.to_numpy()[::-1])
    lay(tmp_path, "ward_boundaries", {"a.geojson": layer(wards), "b.geojson": layer(other)})
    with pytest.raises(jsna.SchemaError, match=r"'a\.geojson', 'b\.geojson' contradict"):
        jsna.load_boundaries("Bolton", workspace=tmp_path)


@BOTH_ORDERS
def test_of_two_degrees_of_detail_the_finer_is_drawn(tmp_path, names):
    wards = jsna.load_boundaries("Bolton")
    coarse = wards.assign(geometry=wards.geometry.simplify(100))
    files = (layer(wards), layer(coarse))
    lay(tmp_path, "ward_boundaries", {f"{n}.geojson": t for n, t in zip(names, files, strict=True)})
    found = jsna.load_boundaries("Bolton", workspace=tmp_path)
    points = found.geometry.count_coordinates().sum()
    assert points == wards.geometry.count_coordinates().sum()
    assert said(tmp_path, "ward_boundaries") == ""


@BOTH_ORDERS
def test_a_postcode_in_two_lsoas_counts_as_not_known(tmp_path, names):
    files = (directory(), directory(BL1_1AB="E01004767"))
    lay(tmp_path, "postcodes", {f"{n}_2025.csv": t for n, t in zip(names, files, strict=True)})
    known = raw.table("postcodes", tmp_path).set_index("postcode")["lsoa_code"]
    assert known.index[known.isna()].tolist() == ["BL1 1AB"]
    assert "'BL1 1AB'" in said(tmp_path, "postcodes")


@BOTH_ORDERS
def test_the_newest_edition_of_a_postcode_is_used(tmp_path, names):
    files = {
        f"{names[0]}_2025.csv": directory(BL1_1AB="E01004767", BL1_1AD=""),
        f"{names[1]}_2022.csv": directory(),
        "0.csv": directory(BL1_1AB="E01004768"),
    }
    lay(tmp_path, "postcodes", files)
    known = raw.table("postcodes", tmp_path).set_index("postcode")["lsoa_code"]
    assert known["BL1 1AB"] == "E01004767"
    assert known["BL1 1AD"] == "E01004766"
    assert said(tmp_path, "postcodes") == ""


@BOTH_ORDERS
def test_a_marker_in_one_file_does_not_hide_the_figure_of_the_other(tmp_path, names):
    of = "2025,Reporting year,Local authority,E92000001,England,E08000001,Bolton,x,"
    files = {
        f"c1_{names[0]}_2025.csv": f"{HEAD}{of}c\n",
        f"c1_{names[1]}_2025.csv": f"{HEAD}{of}7\n",
    }
    lay(tmp_path, "children_in_need", files)
    found = jsna.load_children_in_need("Bolton", indicators="referrals", workspace=tmp_path)
    assert found[["count", "status"]].to_numpy().tolist() == [[7, "value"]]


@BOTH_ORDERS
def test_names_that_only_one_file_has_are_kept(tmp_path, names):
    bare = "LSOA21CD,WD24CD,LAD24CD\nE01004803,E05014818,E08000001\n"
    full = "LSOA21CD,WD24CD,WD24NM,LAD24CD\nE01004803,E05014818,Somewhere,E08000001\n"
    lay(tmp_path, "lookup", {f"{names[0]}.csv": bare, f"{names[1]}.csv": full})
    found = raw.table("lookup", tmp_path)
    assert isinstance(found, pd.DataFrame)
    assert found["to_name"].tolist() == ["Somewhere"]


def test_an_own_layer_of_another_level_is_passed_over_by_name(tmp_path):
    wards = jsna.load_boundaries("Bolton")
    small = jsna.load_boundaries("Bolton", level="lsoa")[["area_code", "area_name", "geometry"]]
    other = small.to_crs(4326).to_json()
    lay(tmp_path, "ward_boundaries", {"w.geojson": layer(wards), "lsoas_2021.geojson": other})
    assert len(jsna.load_boundaries("Bolton", workspace=tmp_path)) == 20
    assert "skipped: lsoas_2021.geojson" in said(tmp_path, "ward_boundaries")


def test_a_lookup_leads_to_every_larger_area_that_the_file_has(tmp_path):
    head = "LSOA21CD,WD24CD,WD24NM,LAD24CD,LAD24NM,CTYUA24CD,CTYUA24NM"
    rows = [
        f"E0100480{n},E0501481{8 + n % 2},Ward {n % 2},E08000001,Bolton,E08000001,Bolton"
        for n in range(6)
    ]
    rows += ["E01004990,E05000681,Elsewhere,E08000002,Bury,E08000002,Bury"]
    lay(tmp_path, "lookup", {"l.csv": "\n".join([head, *rows]) + "\n"})
    for of, to, number in (
        ("lsoa21", "ward24", 6),
        ("lsoa21", "authority24", 6),
        ("ward24", "upper_tier24", 2),
        ("ward24", "authority24", 2),
        ("authority24", "upper_tier24", 1),
    ):
        found = jsna.load_lookup("Bolton", of=of, to=to, workspace=tmp_path)
        assert len(found) == number
        assert found["from_code"].is_unique
        told = jsna.sources(found, workspace=tmp_path)
        assert told["file"].tolist() == ["l.csv"]
    with pytest.raises(jsna.MissingDataError, match="upper_tier24 to ward24"):
        jsna.load_lookup("Bolton", of="upper_tier24", to="ward24", workspace=tmp_path)
    assert len(jsna.load_lookup("Bolton", workspace=tmp_path)) == 177
