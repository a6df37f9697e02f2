"""One table for all subjects, from the workspace and the snapshot, and the dictionary's list."""

import zipfile

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.tables import schemas

AREAS = "time_period,time_identifier,geographic_level,region_code,old_la_code,new_la_code,la_name"
BOLTON = "Reporting year,Local authority,,350,E08000001,Bolton"
BURY = "Reporting year,Local authority,,351,E08000002,Bury"
CORNWALL = "Reporting year,Local authority,,908,E06000052,Cornwall"
ENGLAND = "Reporting year,National,,,,"
PLANS = f"{AREAS},CPP_start,CPP_subsequent"


def lay(workspace, folder, name, *lines):
    where = workspace / "data" / "raw" / folder
    where.mkdir(parents=True, exist_ok=True)
    (where / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def reviews(workspace, *lines, name="d6_reviews.csv", folder="children_in_need"):
    head = f"{AREAS},CPP_At31_3Months,Reviewed_within_timescales,Reviewed_within_timescales_percent"
    lay(workspace, folder, name, head, *lines)


# ---------------------------------------------------------------- the table
def test_the_snapshot_has_a_panel_of_bolton_with_its_comparators():
    found = jsna.load_indicators(["Bolton", "North West", "England"], years=2025)
    assert list(found.columns) == schemas.SCHEMAS["indicators"].names
    schemas.check(found, "indicators")
    whole = found.groupby("indicator")["area_code"].nunique()
    assert (whole == 3).sum() >= 14


def test_counts_over_denominators_make_the_values():
    found = jsna.load_indicators("Bolton", indicators=["referrals", "second_or_subsequent_plans"])
    per = found["unit"].map({"per 10,000": 10_000, "per cent": 100})
    expected = found["count"].astype(float) / found["population"] * per
    pd.testing.assert_series_equal(found["value"], expected, check_names=False)


def test_the_rates_of_children_in_need_are_those_of_their_own_loader():
    names = ["referrals", "cpp_started", "cpp_at_31_march", "cin_at_31_march", "cla_at_31_march"]
    ours = jsna.crude_rates(jsna.load_indicators("Bolton", indicators=names))
    theirs = jsna.crude_rates(jsna.load_children_in_need("Bolton", indicators=names))
    key = ["indicator", "year"]
    both = ours.merge(theirs, on=key, suffixes=("", "_there"))
    assert len(both) == len(theirs) > 40
    for column in ("rate", "lower", "upper"):
        pd.testing.assert_series_equal(both[column], both[f"{column}_there"], check_names=False)
    assert both["method"].tolist() == both["method_there"].tolist()


def test_crude_rates_take_the_unit_and_the_state_of_the_count():
    rated = jsna.crude_rates(jsna.load_indicators("Bolton", years=2025)).set_index("indicator")
    share = rated.loc["second_or_subsequent_plans"]
    assert share["rate"] == pytest.approx(share["value"])
    assert share["method"].startswith("Wilson")
    alone = jsna.proportions(
        pd.DataFrame({"count": [share["count"]], "denominator": [share["population"]]})
    ).iloc[0]
    limits = ["lower", "upper"]
    assert share[limits].tolist() == pytest.approx(alone[limits].tolist())
    # Published without a count: the figure stays, and no interval is made up.
    assert rated.loc["neet", "status"] == "not_available"
    assert pd.isna(rated.loc["neet", "rate"])
    assert rated.loc["neet", "value"] > 0


def test_a_rate_of_other_ages_never_has_children_aged_0_to_17_as_its_denominator(tmp_path):
    head = (
        "Indicator ID,Area Code,Area Type,Sex,Age,Category Type,Time period,Value,Count,Denominator"
    )
    rows = [
        f"90284,{code},UA,Persons,<15 yrs,,2023/24,{cells}"
        for code, cells in {"E08000001": "80.8,495,", "E92000001": "75.3,79475,10554000"}.items()
    ]
    lay(tmp_path, "public_health_outcomes", "injuries.csv", head, *rows)
    found = jsna.load_indicators(
        ["Bolton", "England"], indicators="injuries_0_to_14", workspace=tmp_path
    ).set_index("area_name")
    assert pd.isna(found.loc["Bolton", "population"])
    assert (found.loc["Bolton", "value"], found.loc["Bolton", "status"]) == (80.8, "value")
    assert found.loc["England", "population"] == 10_554_000
    rated = jsna.crude_rates(found).loc["Bolton"]
    assert pd.isna(rated["rate"])


def test_the_printed_share_of_england_stays_where_it_is_more_exact(tmp_path):
    # 180 of 2,160 are 8.3 per cent: both are rounded to 10, and 8.5 was worked out before that.
    reviews(tmp_path, f"2024,{ENGLAND},2160,180,8.5", f"2024,{BOLTON},216,18,8.3")
    found = jsna.load_indicators(
        ["England", "Bolton"], indicators="plan_reviews_in_time", years=2024, workspace=tmp_path
    ).set_index("area_name")["value"]
    assert found["England"] == 8.5
    assert found["Bolton"] == pytest.approx(8.333, abs=0.001)


def test_a_share_of_a_hidden_number_is_hidden(tmp_path):
    head = f"{AREAS},Referrals,Re_referrals"
    lines = [f"2024,{BOLTON},c,80", f"2024,{BURY},400,80", f"2024,{ENGLAND},4000,800"]
    lay(tmp_path, "children_in_need", "c1_2013_to_2024.csv", head, *lines)
    found = jsna.load_indicators(
        ["Bolton", "Bury"],
        indicators="re_referrals_within_12_months",
        years=2024,
        release=2024,
        workspace=tmp_path,
    ).set_index("area_name")
    assert found.loc["Bolton", "status"] == "suppressed"
    assert found.loc["Bury", "value"] == 20


def test_a_printed_share_of_hidden_counts_is_the_same_from_any_folder(tmp_path):
    """Isles of Scilly 2017: referrals are hidden, and no re-referrals and 0 per cent printed."""
    head = f"{AREAS},referral_count,rereferral_count,rereferral_percent"
    lines = [f"2025,{BOLTON},c,0,0", f"2025,{BURY},c,c,21.5", f"2025,{ENGLAND},2160,180,8.5"]
    for folder in ("children_in_need", "pupils"):
        lay(tmp_path / folder, folder, "c1_2013_to_2025.csv", head, *lines)
        found = jsna.load_indicators(
            ["Bolton", "Bury", "England"],
            indicators="re_referrals_within_12_months",
            years=2025,
            release=2025,
            workspace=tmp_path / folder,
        ).set_index("area_name")
        assert found["value"].to_dict() == {"Bolton": 0, "Bury": 21.5, "England": 8.5}
        assert found["count_status"].to_dict()["Bury"] == "suppressed"
        assert set(found["status"]) == {"value"}


@pytest.mark.parametrize(
    "measure",
    [
        jsna.recent_trends,
        lambda rows: jsna.compare_with_benchmark(rows, "England"),
        lambda rows: jsna.rate_ratios(rows, rows, on=["area_code", "indicator", "year"]),
    ],
)
def test_shares_are_not_compared_as_rates_of_events(measure):
    """A share of 22.6 per cent was compared as a rate of 2,258 per 10,000."""
    rows = jsna.load_indicators(
        ["Bolton", "England"], indicators=["cpp_started", "re_referrals_within_12_months"]
    )
    with pytest.raises(jsna.UsageError, match=r"per cent: re_referrals.*jsna\.profile"):
        measure(rows)
    assert len(measure(rows[rows["unit"] == "per 10,000"]))


def test_rows_in_different_units_are_not_added_up():
    found = jsna.load_indicators("Bolton", years=2025)
    some = found[found["indicator"].isin(["referrals", "second_or_subsequent_plans"])]
    with pytest.raises(jsna.UsageError, match="different units"):
        jsna.crude_rates(some, by="area_code")


def test_one_release_serves_all_areas_of_a_year(tmp_path):
    """The snapshot's later release has few areas: the others would have no figure."""
    head = f"{AREAS},CPP_start,CPP_subsequent,CPP_subsequent_percent"
    lines = [
        f"{year},{each},400,{n},1"
        for year in (2023, 2024)
        for each, n in ((BOLTON, 80), (CORNWALL, 90), (ENGLAND, 900))
    ]
    lay(tmp_path, "children_in_need", "d3_2024.csv", head, *lines)
    name = "second_or_subsequent_plans"
    both = jsna.load_indicators(
        ["Bolton", "Cornwall"], indicators=name, years=2024, workspace=tmp_path
    )
    assert both["release"].tolist() == ["2024", "2024"]
    alone = jsna.load_indicators("Bolton", indicators=name, years=2024, workspace=tmp_path)
    assert alone["release"].tolist() == ["2025"]


# ---------------------------------------------------------------- files of a workspace
def test_a_file_may_lie_in_the_folder_of_any_dataset_of_indicators(tmp_path):
    for folder in ("children_in_need", "pupils", "social_work_workforce"):
        where = tmp_path / folder
        reviews(where, f"2024,{BOLTON},200,190,95", folder=folder)
        found = jsna.load_indicators("Bolton", indicators="plan_reviews_in_time", workspace=where)
        assert found[["count", "population", "value"]].to_numpy().tolist() == [[190, 200, 95]]
        assert found["source"].tolist() == ["children_in_need@2024"]
        assert jsna.sources(found, workspace=where)["file"].tolist() == ["d6_reviews.csv"]


def test_a_file_used_for_indicators_is_not_reported_as_passed_over(tmp_path):
    reviews(tmp_path, f"2024,{BOLTON},200,190,95")
    lay(tmp_path, "children_in_need", "c1_2024.csv", f"{AREAS},Referrals", f"2024,{BOLTON},9")
    lay(tmp_path, "children_in_need", "teachers.csv", f"{AREAS},Teachers", f"2024,{BOLTON},9")
    jsna.load_children_in_need("Bolton", indicators="referrals", workspace=tmp_path)
    (said,) = [each for each in raw.remarks("children_in_need", tmp_path) if "skipped" in each]
    assert "1 file is not needed there and skipped: teachers.csv" in said
    assert "1 file is used for other indicators: d6_reviews.csv" in said


def test_files_of_no_use_in_a_folder_of_indicators_are_named_and_stop_nothing(tmp_path):
    lay(tmp_path, "pupils", "teachers.csv", f"{AREAS},Teachers", f"2024,{BOLTON},9")
    lay(tmp_path, "pupils", "torn.csv.gz", "not a gzip")
    found = jsna.load_indicators("Bolton", indicators="referrals", years=2025, workspace=tmp_path)
    assert len(found) == 1
    said = " ".join(raw.remarks(raw.INDICATORS, tmp_path))
    assert "teachers.csv" in said
    assert "torn.csv.gz" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("torn.csv.gz", b"not a gzip", "torn.csv.gz"),
        ("torn.zip", b"PK\x03\x04 torn", "torn.zip"),
        ("page.csv", b"<!DOCTYPE html><html></html>", "web page"),
        ("words.csv", f"{PLANS}\n2024,{BOLTON},many,80\n".encode(), "'many'"),
        ("minus.csv", f"{PLANS}\n2024,{BOLTON},9,-7\n".encode(), "below 0"),
    ],
)
def test_a_bad_file_alone_in_a_folder_does_not_take_the_other_folders_away(
    tmp_path, name, content, said
):
    where = tmp_path / "data" / "raw" / "participation_and_neet"
    where.mkdir(parents=True)
    (where / name).write_bytes(content)
    reviews(tmp_path, f"2024,{BOLTON},200,190,95")
    found = jsna.load_indicators(
        "Bolton", indicators=["plan_reviews_in_time", "referrals"], years=2024, workspace=tmp_path
    )
    assert sorted(found["indicator"]) == ["plan_reviews_in_time", "referrals"]
    remarks = [each for each in raw.remarks(raw.INDICATORS, tmp_path) if name in each]
    assert len(remarks) == 1
    assert said in remarks[0]


def test_a_wrong_file_of_children_in_need_leaves_children_looked_after(tmp_path, caplog):
    lay(tmp_path, "children_in_need", "d3_2013_to_2024.csv", PLANS, f"2024,{BOLTON},many,few")
    found = jsna.load_indicators("Bolton", indicators="cla_at_31_march", workspace=tmp_path)
    assert len(found)
    assert "d3_2013_to_2024.csv" in caplog.text
    with pytest.raises(jsna.SchemaError, match=r"d3_2013_to_2024\.csv.*'many'"):
        jsna.load_indicators("Bolton", indicators="cpp_started", workspace=tmp_path)


def test_tables_of_a_zip_that_are_not_opened_are_named(tmp_path):
    reviews(tmp_path, f"2024,{BOLTON},200,190,95")
    file = tmp_path / "data" / "raw" / "children_in_need" / "d6_reviews.csv"
    with zipfile.ZipFile(file.with_name("release.zip"), "w") as archive:
        archive.write(file, "data/d6_reviews.csv")
        archive.writestr("data/more.zip", b"PK")
        archive.writestr("tables.ods", b"PK")
    file.unlink()
    found = jsna.load_indicators("Bolton", indicators="plan_reviews_in_time", workspace=tmp_path)
    assert found["count"].tolist() == [190]
    said = " ".join(raw.remarks(raw.INDICATORS, tmp_path))
    assert "data/more.zip" in said
    assert "tables.ods" in said


def test_files_in_no_folder_of_a_dataset_are_named(tmp_path, caplog):
    reviews(tmp_path, f"2024,{BOLTON},200,190,95", folder="reviews_of_plans")
    lay(tmp_path, ".", "neet.csv", "a,b")
    with pytest.raises(jsna.MissingDataError) as error:
        jsna.load_indicators("Bolton", indicators="plan_reviews_in_time", workspace=tmp_path)
    for text in (str(error.value), caplog.text):
        assert "neet.csv, reviews_of_plans/d6_reviews.csv" in text
        assert "participation_and_neet" in text


def test_two_files_that_contradict_each_other_lose_that_figure_alone(tmp_path):
    reviews(tmp_path, f"2024,{BOLTON},200,190,95", f"2024,{BURY},100,90,90")
    reviews(tmp_path, f"2024,{BOLTON},200,180,90", f"2024,{BURY},100,90,90", name="d6_again.csv")
    found = jsna.load_indicators(indicators="plan_reviews_in_time", workspace=tmp_path)
    found = found.set_index("area_name")
    assert found.loc["Bolton", "status"] == "not_available"
    assert pd.isna(found.loc["Bolton", "value"])
    assert found.loc["Bury", "value"] == 90


def test_a_printed_share_stands_where_its_denominator_is_hidden(tmp_path):
    """Repeat plans of the City of London: none of a hidden number of plans, printed as 0."""
    head = f"{AREAS},CPP_start,CPP_subsequent,CPP_subsequent_percent"
    city = "Reporting year,Local authority,,201,E09000001,City of London"
    lines = [f"2025,{city},c,0,0.0", f"2025,{BOLTON},c,c,c", f"2025,{BURY},400,80,c"]
    lay(tmp_path, "children_in_need", "d3_2025.csv", head, *lines)
    name = "second_or_subsequent_plans"
    found = jsna.load_indicators(
        ["City of London", "Bolton", "Bury"], indicators=name, years=2025, workspace=tmp_path
    ).set_index("area_name")[["value", "status"]]
    assert found.loc["City of London"].tolist() == [0, "value"]
    assert found.loc["Bolton", "status"] == "suppressed"
    assert found.loc["Bury"].tolist() == [20, "value"]


# ---------------------------------------------------------------- what is asked for
def test_an_unknown_name_has_near_matches_and_not_a_long_list():
    with pytest.raises(jsna.UsageError, match="second_or_subsequent_plans") as failed:
        jsna.load_indicators("Bolton", indicators="second_or_subsequent_plan")
    assert len(str(failed.value)) < 400


def test_an_indicator_that_is_not_available_says_which_file_to_lay_in():
    with pytest.raises(jsna.MissingDataError, match=r"data/raw/social_work_workforce/"):
        jsna.load_indicators("Bolton", indicators="social_worker_caseload")


def test_a_release_or_part_that_no_row_has_is_named_with_those_that_there_are():
    name = "re_referrals_within_12_months"
    with pytest.raises(jsna.MissingDataError, match=r"1999.*releases .*2025"):
        jsna.load_indicators("Bolton", indicators=name, release=1999)
    with pytest.raises(jsna.MissingDataError, match=r"'Total'.*breakdowns 'total'"):
        jsna.load_indicators("Bolton", indicators=name, breakdown="Total")


@pytest.mark.parametrize(
    ("name", "fetched"),
    [
        ("cpp_started_by_category", False),
        ("cla_health_assessments", False),
        ("cla_ceased", True),
        ("cin_children_started", True),
    ],
)
def test_a_refresh_is_advised_only_for_what_it_fetches(name, fetched):
    with pytest.raises(jsna.MissingDataError) as failed:
        jsna.load_indicators("Bolton", indicators=name)
    assert ("bolton-jsna refresh" in str(failed.value)) == fetched
    assert "data/raw/" in str(failed.value)
    (how,) = jsna.indicators(name)["how_to_get"].head(1)
    assert ("bolton-jsna refresh" in how) == fetched


@pytest.mark.parametrize(
    "options",
    [
        {"years": 2031},
        {"release": 2011},
        {"breakdown": "Nobody"},
        {"areas": "Cornwall"},
    ],
)
def test_what_no_row_has_is_an_error_that_names_it(options):
    asked = {"areas": "Bolton", "indicators": "referrals", **options}
    with pytest.raises(jsna.MissingDataError, match=str(next(iter(options.values())))):
        jsna.load_indicators(**asked)


# ---------------------------------------------------------------- the list
def test_the_list_has_every_indicator_by_subject_and_what_is_available():
    found = jsna.indicators()
    assert set(found["indicator"]) == set(dictionary())
    runs = found["subject"].ne(found["subject"].shift()).sum()
    assert runs == found["subject"].nunique()
    row = found.set_index("indicator").loc["referrals"]
    assert (row["available"], row["areas"]) == ("2013 to 2025", 19)
    nothing = found.set_index("indicator").loc["social_worker_caseload"]
    assert (nothing["available"], nothing["areas"]) == ("", 0)
    assert "data/raw/social_work_workforce/" in nothing["how_to_get"]


def test_a_search_takes_words_in_any_order_and_case():
    assert list(jsna.indicators("PLANS second")["indicator"])[:1] == ["second_or_subsequent_plans"]
    # A part by its name; and a word that only a note has, where nothing else fits.
    assert "cpp_started_by_category" in list(jsna.indicators("neglect")["indicator"])
    assert len(jsna.indicators("generously occasion")) == 0
    assert list(jsna.indicators("occasions")["indicator"])
    assert jsna.indicators("zebra").empty
    assert list(jsna.indicators("zebra").columns) == list(jsna.indicators().columns)
