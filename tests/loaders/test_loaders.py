"""The loaders: workspace first, snapshot next, a plain refusal otherwise."""

import functools
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.core.areas import area, areas, authorities_in
from bolton_jsna.core.errors import MissingDataError
from bolton_jsna.ingest import raw_tables
from bolton_jsna.loaders import _resolve, indicators, safeguarding

HEAD = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,"
    "region_name,old_la_code,new_la_code,la_name,category,referral_count\n"
)
BOLTON = "Local authority,E92000001,England,E12000002,North West,350,E08000001,Bolton,x"


def lay(workspace: Path, dataset: str, name: str, text: str) -> None:
    folder = workspace / "data" / "raw" / dataset
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def referrals(workspace: Path) -> pd.Series:
    frame = jsna.load_children_in_need("Bolton", indicators="referrals", workspace=workspace)
    return frame.set_index("year")["count"]


def test_a_raw_file_goes_before_the_snapshot_for_its_own_indicator_only(tmp_path: Path) -> None:
    lay(tmp_path, "children_in_need", "c1_2025.csv", f"{HEAD}2025,Reporting year,{BOLTON},3810\n")

    assert referrals(tmp_path).to_dict() == {2025: 3810}
    plans = jsna.load_children_in_need("Bolton", indicators="cpp_at_31_march", workspace=tmp_path)
    assert plans.set_index("year")["count"][2025] == 319


def test_a_changed_raw_file_is_read_again(tmp_path: Path) -> None:
    lay(tmp_path, "children_in_need", "c1_2025.csv", f"{HEAD}2025,Reporting year,{BOLTON},3810\n")
    assert referrals(tmp_path)[2025] == 3810
    lay(tmp_path, "children_in_need", "c1_2025.csv", f"{HEAD}2025,Reporting year,{BOLTON},38100\n")
    assert referrals(tmp_path)[2025] == 38100


def test_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    for name, count in (("c1_a.csv", 3810), ("c1_b.csv", 3811)):
        text = f"{HEAD}2025,Reporting year,{BOLTON},{count}\n"
        lay(tmp_path, "children_in_need", name, text)
    with pytest.raises(
        jsna.SchemaError, match=r"'c1_a\.csv', 'c1_b\.csv' contradict each other in 1 rows \(\("
    ):
        referrals(tmp_path)


def test_lookups_that_put_an_area_in_two_wards_are_refused(tmp_path: Path) -> None:
    for name, ward in (("a.csv", "E05014818"), ("b.csv", "E05014819")):
        text = f"LSOA21CD,LSOA21NM,WD24CD,WD24NM\nE01004803,Bolton 033A,{ward},Somewhere\n"
        lay(tmp_path, "lookup", name, text)
    with pytest.raises(jsna.SchemaError, match=r"'a\.csv', 'b\.csv' contradict each other in 2"):
        jsna.load_lookup("Bolton", to="ward24", workspace=tmp_path)


def test_each_year_comes_from_the_latest_release_that_has_it(tmp_path: Path) -> None:
    old = HEAD.replace("category,referral_count", "Category,Referrals,Referrals_rate")
    text = f"{old}2022,Reporting year,{BOLTON},5675,823.3\n"
    lay(tmp_path, "children_in_need", "c1_2013_to_2022.csv", text)
    load = jsna.load_children_in_need
    latest = load("Bolton", indicators="referrals", years=[2022], workspace=tmp_path)
    assert latest["release"].tolist() == ["2025"]
    older = load("Bolton", indicators="referrals", release=2022, workspace=tmp_path)
    assert older[["published_rate", "published_rate_status"]].to_numpy().tolist() == [
        [823.3, "value"]
    ]
    assert older["population"].tolist() == [71411]


def test_denominators_are_the_mid_year_before() -> None:
    frame = jsna.load_children_in_need(["Bolton", "England"], years=[2025])
    estimates = jsna.load_population_estimates(["Bolton", "England"], years=[2024])
    expected = estimates.set_index("area_code")["population"]
    assert (frame["population"] == frame["area_code"].map(expected)).all()


def test_a_request_outside_the_snapshot_names_the_gap_and_the_way_out(tmp_path: Path) -> None:
    for load, words in (
        (lambda: jsna.load_idaci("Leeds", workspace=tmp_path), "edition 2025 of Leeds"),
        (lambda: jsna.load_idaci("Bolton", edition=2015, workspace=tmp_path), "edition 2015"),
        (lambda: jsna.load_boundaries("Bolton", year=2019, workspace=tmp_path), "of 2019"),
        (lambda: jsna.load_lookup("Bolton", to="ward19", workspace=tmp_path), "lsoa21 to ward19"),
        (lambda: jsna.load_statistical_neighbours("Leeds", workspace=tmp_path), "Leeds"),
        (lambda: jsna.load_population_projections("Leeds", workspace=tmp_path), "Leeds"),
        (lambda: jsna.load_children_in_need("Cornwall", workspace=tmp_path), "Cornwall"),
    ):
        with pytest.raises(jsna.MissingDataError, match=words) as caught:
            load()
        assert "in data/raw/" in str(caught.value)


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_bolton_wards_of_2023_to_2025_are_the_same(year: int) -> None:
    wards = jsna.load_boundaries("Bolton", year=year)
    lookup = jsna.load_lookup("Bolton", to=f"ward{year % 100}")
    assert set(wards["area_code"]) == set(lookup["to_code"])
    assert wards["year"].unique().tolist() == [year]


def test_loaders_hand_out_tables_of_their_own() -> None:
    first = jsna.load_idaci("Bolton")
    first["idaci_score"] = 0.0
    assert jsna.load_idaci("Bolton")["idaci_score"].max() > 0.5


@pytest.mark.parametrize(
    "held", [safeguarding.figures_held, functools.partial(indicators.held, None)]
)
def test_what_is_kept_of_the_snapshot_is_not_handed_out(held, tmp_path: Path) -> None:
    first = held(tmp_path)
    before = first["count"].sum()
    first.iloc[:, first.columns.get_loc("count")] = 0
    first["value"] = 0
    assert held(tmp_path)["count"].sum() == before > 0


def test_figures_of_a_file_are_not_kept_when_it_is_gone(tmp_path: Path) -> None:
    text = f"{HEAD}2031,Reporting year,{BOLTON},3810\n"
    assert 2031 not in set(indicators.held(None, tmp_path)["year"])
    lay(tmp_path, "children_in_need", "c1_2031.csv", text)
    assert 2031 in set(indicators.held(None, tmp_path)["year"])
    (tmp_path / "data" / "raw" / "children_in_need" / "c1_2031.csv").unlink()
    assert 2031 not in set(indicators.held(None, tmp_path)["year"])


def test_sources_of_a_raw_file_have_its_fingerprint(tmp_path: Path) -> None:
    lay(tmp_path, "children_in_need", "c1_2025.csv", f"{HEAD}2025,Reporting year,{BOLTON},3810\n")
    frame = jsna.load_children_in_need("Bolton", indicators="referrals", workspace=tmp_path)
    found = jsna.sources(frame, workspace=tmp_path).set_index("source")
    assert found.loc["children_in_need@2025", "file"] == "c1_2025.csv"
    assert len(found.loc["children_in_need@2025", "sha256"]) == 64
    assert found.loc["population_estimates@2024", "publisher"].startswith("Office for National")


def test_own_records_are_placed_by_the_workspaces_postcodes(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "postcodes",
        "postcodes_2025.csv",
        "pcds,lsoa21cd,wd23cd\nOL16 1AA,E01005604,E05005680\n",
    )
    extract = tmp_path / "extract.csv"
    extract.write_text("child_id,date,postcode\na,01/02/2025,ol161aa\nb,01/02/2025,BL1 1AP\n")
    local = jsna.load_local_records(extract, kind="referrals", workspace=tmp_path)
    assert local.records["lsoa_code"].tolist() == ["E01005604", "E01004817"]


def test_one_year_may_stand_by_itself() -> None:
    load = jsna.load_children_in_need
    assert load("Bolton", years=2025).equals(load("Bolton", years=[2025]))
    assert jsna.load_population_projections(years=2030)["year"].unique().tolist() == [2030]
    assert jsna.load_population_estimates(years=2024)["population"].tolist() == [75599]
    assert jsna.load_idaci(edition="2019").equals(jsna.load_idaci(edition=2019))


@pytest.mark.parametrize("years", ["2025", 2025.5, ["2025"], True, []])
def test_years_that_are_none_are_refused(years: object) -> None:
    with pytest.raises(jsna.UsageError, match=r"^years.*(expected a whole number|not a year)"):
        jsna.load_children_in_need("Bolton", years=years)


YEARS = {
    "years": [
        jsna.load_children_in_need,
        jsna.load_population_projections,
        jsna.load_population_estimates,
        lambda years: jsna.count_events(pd.DataFrame(), "referrals", years=years),
    ],
    "year": [jsna.load_boundaries, jsna.compare_with_neighbours, jsna.build],
    "base_year": [jsna.load_population_projections],
    "edition": [jsna.load_idaci],
    "idaci_edition": [jsna.load_population_estimates, jsna.build],
    "model": [jsna.load_statistical_neighbours, jsna.compare_with_neighbours],
    "release": [jsna.load_children_in_need],
    "last": [lambda last: jsna.recent_trends(pd.DataFrame(), last=last)],
}
"""Every option that is a year, by its name."""


@pytest.mark.parametrize("year", [20245, 24, 0, -1, 2024.5, "2024/25", True, float("nan"), 3000])
def test_what_is_not_a_year_is_rejected_as_that_wherever_it_is_given(year: object) -> None:
    for option, calls in YEARS.items():
        for call in calls:
            with pytest.raises(
                jsna.UsageError,
                match=rf"^{option}=.*(is not a year|is of the type|is not a number)",
            ):
                call(**{option: year})


@pytest.mark.parametrize(
    "load",
    [
        jsna.load_children_in_need,
        jsna.load_population_projections,
        jsna.load_population_estimates,
    ],
)
@pytest.mark.parametrize("nothing", [[], (), iter([])])
def test_a_list_of_no_areas_is_refused_and_not_answered_with_all(load, nothing) -> None:
    with pytest.raises(jsna.UsageError, match=r"names no area\. Write one, such as 'Bolton'"):
        load(nothing)


@pytest.mark.parametrize("nothing", [[], ()])
def test_a_list_of_no_indicators_is_refused(nothing: object) -> None:
    with pytest.raises(jsna.UsageError, match=r"indicators=.* is empty\. Name one or several"):
        jsna.load_children_in_need("Bolton", indicators=nothing)


@pytest.mark.parametrize("ages", [5, "0-17", (0, 17, 18), (17, 0), (-1, 3)])
def test_ages_that_are_no_span_are_refused(ages: object) -> None:
    with pytest.raises(
        jsna.UsageError, match=r"ages=.*(not a range of ages|expected \(a whole number)"
    ):
        jsna.load_population_projections(ages=ages)


def test_illustrative_records_of_one_kind() -> None:
    everything = jsna.load_local_records().records
    plans = jsna.load_local_records(kind="plans").records
    assert plans["kind"].unique().tolist() == ["plan"]
    referrals = jsna.load_local_records(kind="referrals").records
    assert len(plans) + len(referrals) == len(everything)
    with pytest.raises(jsna.UsageError, match="kind='visits' is not known"):
        jsna.load_local_records(kind="visits")


def marked(path: Path, *flags: str) -> Path:
    rows = [f"c{n},{n + 1:02}/05/2024,BL1 1AP,{flag}\n" for n, flag in enumerate(flags)]
    path.write_text("child_id,date,postcode,illustrative\n" + "".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("flags", "made_up"),
    [(("TRUE", "true", "1"), True), (("FALSE", "no", "0"), False), (("", "", ""), False)],
)
def test_records_are_all_made_up_or_all_own(tmp_path: Path, flags, made_up) -> None:
    local = jsna.load_local_records(marked(tmp_path / "x.csv", *flags), kind="referrals")
    assert local.records["illustrative"].tolist() == [made_up] * 3


@pytest.mark.parametrize("other", ["FALSE", ""])
def test_records_of_which_some_are_made_up_are_rejected(tmp_path: Path, other: str) -> None:
    path = marked(tmp_path / "x.csv", "TRUE", other, "maybe", other, "TRUE", other)
    with pytest.raises(
        jsna.SchemaError,
        match=r"'x\.csv' has TRUE in the column 'illustrative' \(made up\) in 2 of the 5 rows "
        r"that can be used\. .* leave the column out; if not, put the made-up rows",
    ):
        jsna.load_local_records(path, kind="referrals")


def test_a_row_of_two_records_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "Child ID,Date of referral,Child Protection Plan Start Date,Postcode,Illustrative\n"
        "a,01/05/2024,02/05/2024,BL1 1AP,TRUE\nb,01/05/2024,02/05/2024,BL1 1AP,FALSE\n"
        "c,01/05/2024,,BL1 1AP,FALSE\n"
    )
    with pytest.raises(jsna.SchemaError, match="in 1 of the 3 rows"):
        jsna.load_local_records(path)


def test_own_records_beside_made_up_ones_of_the_other_kind_load_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "kind,child_id,date,postcode,illustrative\n"
        "referral,a,01/05/2024,BL1 1AP,TRUE\nplan,b,01/05/2024,BL1 1AP,FALSE\n"
    )
    with pytest.raises(jsna.SchemaError, match="in 1 of the 2 rows"):
        jsna.load_local_records(path)
    assert not jsna.load_local_records(path, kind="plans").records["illustrative"].any()


def test_a_region_is_all_of_its_authorities_or_the_message_names_the_others(monkeypatch) -> None:
    """A file of the whole of England has the LSOAs of a region under its districts."""
    (own,) = jsna.load_idaci("Bolton").iloc[:1].to_dict("records")
    codes = [each.code for each in authorities_in(area("North West"))]
    rows = pd.DataFrame([{**own, "area_code": code, "lsoa_code": f"E{code}"} for code in codes])
    rows.loc[rows["area_code"] == area("Cumberland").code, "area_code"] = "E07000026"  # Allerdale
    held = [rows]
    monkeypatch.setattr(raw_tables, "table", lambda *_, **__: held[0])

    assert len(jsna.load_idaci("North West")) == len(codes) == 24
    held[0] = rows[rows["area_code"] != area("Wigan").code]
    with pytest.raises(MissingDataError, match=r"It has no LSOAs of Wigan\. Fetch it: "):
        jsna.load_idaci("North West")
    with pytest.raises(MissingDataError, match=r"of all England\. Available: 23 of 33,755 LSOAs"):
        jsna.load_idaci("England")


@pytest.mark.parametrize(
    "load",
    [
        jsna.load_idaci,
        jsna.load_boundaries,
        jsna.load_lookup,
        lambda place, **options: jsna.load_population_estimates(place, level="lsoa", **options),
    ],
)
def test_what_is_missing_of_england_or_a_region_can_be_got_as_the_message_says(
    load: Callable[..., object], tmp_path: Path
) -> None:
    for place in ("England", "North West"):
        with pytest.raises(MissingDataError) as caught:
            load(place, workspace=tmp_path)
        said = str(caught.value)
        asked = re.findall(r'--area ("[^"]+"|\S+)', said)
        assert all(area(name.strip('"')).level == "authority" for name in asked)
        assert "Fetch it: " in said or "for one authority at a time" in said
        assert " in data/raw/" in said
    with pytest.raises(jsna.UsageError, match="which authorities are in Inner London"):
        load("Inner London", workspace=tmp_path)


def test_a_few_lsoas_are_not_england(tmp_path: Path) -> None:
    with pytest.raises(jsna.MissingDataError, match=r"Available: 177 of 33,755 LSOAs\."):
        jsna.load_idaci("England", workspace=tmp_path)


@pytest.mark.parametrize(
    ("load", "options", "named"),
    [
        (jsna.load_children_in_need, {"areas": "Bolton", "years": [2012, 2025]}, "year 2012"),
        (
            jsna.load_children_in_need,
            {"areas": ["Bolton", "Kent"], "indicators": "referrals", "years": 2025},
            "rows of Kent",
        ),
        (
            jsna.load_children_in_need,
            {"areas": "Bolton", "indicators": ["referrals", "section_47"]},
            "has section_47",
        ),
        (
            jsna.load_children_in_need,
            {"indicators": ["referrals", "cpp_started"], "years": range(2024, 2028)},
            "year 2026, year 2027",
        ),
        (jsna.load_population_projections, {"years": [2022, 2060]}, "year 2060"),
        (jsna.load_population_estimates, {"years": [1990, 2024]}, "year 1990"),
        (
            jsna.load_population_estimates,
            {"areas": ["Bolton", "Rochdale"], "years": [2024, 2025]},
            "year 2025",
        ),
        (jsna.load_population_estimates, {"level": "ward", "years": [1990, 2024]}, "mid-1990"),
    ],
)
def test_what_was_asked_for_by_name_and_is_not_there_is_named(
    load: Callable[..., pd.DataFrame], options: dict[str, object], named: str, tmp_path: Path
) -> None:
    with pytest.raises(MissingDataError, match=named):
        load(**options, workspace=tmp_path)


def test_a_gap_of_one_area_is_named_with_what_it_goes_with() -> None:
    frame = pd.DataFrame(
        {"area_code": ["E08000001", "E08000001", "E08000005"], "year": [2024, 2025, 2024]}
    )
    found = _resolve.complete(
        "population_estimates",
        frame,
        areas(["Bolton", "Rochdale"]),
        asked="anything",
        named={"year": [2024, 2025]},
    )
    assert isinstance(found, _resolve.Missing)
    assert "snapshot has Rochdale 2025. " in found.message
    assert [each.name for each in found.areas] == ["Rochdale"]
