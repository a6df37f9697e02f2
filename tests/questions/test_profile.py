"""The profile of an area in one call: offline, in seconds, with errors that say what to do."""

import pandas as pd
import pytest

import bolton_jsna as jsna
from bolton_jsna.catalogue.indicators import dictionary
from bolton_jsna.core.areas import area, authorities_in
from bolton_jsna.core.errors import MissingDataError, UsageError


def test_bolton_offline_has_its_indicators_with_comparators():
    found = jsna.profile("Bolton").set_index("indicator")
    compared = found[found["england"].notna() & (found["neighbours_used"] == 10)]
    assert len(found) >= 28
    assert len(compared) >= 10
    assert found["england"].notna().sum() >= 28
    assert found.loc["referrals", "value"].round(1) == 503.0
    assert found.loc["re_referrals_within_12_months", "value"].round(1) == 20.5
    assert found.loc["cpp_at_31_march", "trend"] == "decreasing"
    assert found["definition"].str.len().gt(20).all()
    assert (found["status"] == "value").all()


def test_every_missing_verdict_has_its_reason_and_every_verdict_its_p():
    found = jsna.profile("Bolton")
    names = {"england": "against_england", "region": "against_region"}
    names |= {"neighbours": "against_neighbours", "trend": "trend"}
    for name, column in names.items():
        none = found[column].isin(["not_compared", "not_available"])
        assert (found[f"{name}_p"].isna() == none).all()
        word = {"england": "England", "region": "North West"}.get(name, name)
        assert found.loc[none, "why"].str.contains(word).all()
        assert (found[f"{name}_p_adjusted"] >= found[f"{name}_p"] - 1e-12)[~none].all()


def test_the_snapshot_alone_gives_a_panel_with_comparators():
    found = jsna.profile("Bolton")
    compared = found[["england", "region"]].notna().all(axis=1)
    assert (found["value"].notna() & compared).sum() >= 14


def test_a_year_is_exactly_that_year():
    found = jsna.profile("Bolton", year=2024).set_index("indicator")
    assert (found["year"] == 2024).all()
    assert found.loc["referrals", "value"].round(1) == 509.9
    gone = found[found["status"] == "not_available"]
    assert gone[["value", "lower", "count", "england"]].isna().all(axis=None)
    with pytest.raises(MissingDataError, match=r"no figures for 1999\. It has .*2025"):
        jsna.profile("Bolton", year=1999)


def test_indicators_are_named_as_the_dictionary_has_them():
    found = jsna.profile("Bolton", indicators=["cla_started", "referrals", "referrals"])
    assert found["indicator"].tolist() == ["referrals", "cla_started"]
    with pytest.raises(UsageError, match=r"'referals' is not known.*Did you mean 'referrals'"):
        jsna.profile("Bolton", indicators="referals")
    parts = next(name for name, each in dictionary().items() if each.breakdown)
    with pytest.raises(UsageError, match=f"{parts} has parts .*load_indicators"):
        jsna.profile("Bolton", indicators=parts)
    with pytest.raises(MissingDataError, match="section_47"):
        jsna.profile("Bolton", indicators=["referrals", "section_47"])


def test_an_area_without_figures_is_named_with_what_to_fetch():
    with pytest.raises(MissingDataError, match=r"Northumberland.*bolton-jsna refresh"):
        jsna.profile("Northumberland")


def test_england_a_region_and_a_neighbour_have_profiles():
    for name in ("England", "North West", "Rochdale"):
        found = jsna.profile(name)
        assert (found["area_name"] == name).all()
        assert (found["against_neighbours"] == "not_available").all()
        reason = "data/raw/statistical_neighbours" if name == "Rochdale" else "only authorities"
        assert found["why"].str.contains(reason).all()
        assert found["rank"].isna().all()


def test_a_combined_authority_is_the_sum_of_its_authorities(tmp_path):
    head = (
        "time_period,geographic_level,old_la_code,new_la_code,la_name,Referrals,No_Further_Action"
    )
    raw = tmp_path / "data/raw/children_in_need"
    raw.mkdir(parents=True)
    lines = [
        f"2025,Local authority,{each.dfe_number},{each.code},{each.name},1000,{100 + at}"
        for at, each in enumerate(authorities_in(area("Greater Manchester")))
    ]
    lines.append("2025,National,,,,500000,60000")
    (raw / "c1_2025.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    name = "referrals_no_further_action_share"
    row = jsna.profile("Greater Manchester", indicators=name, workspace=tmp_path).iloc[0]
    assert (row["area_name"], row["count"], row["population"]) == (
        "Greater Manchester",
        1045,
        10_000,
    )
    assert (row["value"], row["england"], row["against_england"]) == (10.45, 12, "lower")
    assert row["region_name"] == "North West"
    with pytest.raises(MissingDataError, match="Wigan"):
        jsna.profile("Greater Manchester")


@pytest.mark.reference
def test_published_files_give_a_profile_of_their_year(reference, tmp_path):
    """DfE 2024: assessments within 45 working days and others that are not in the package."""
    raw = tmp_path / "data/raw/children_in_need"
    raw.mkdir(parents=True)
    for stem in ("c2_", "d6_", "c4_"):
        for path in (reference / "safeguarding_2024").glob(f"{stem}*.csv.gz"):
            (raw / path.name).write_bytes(path.read_bytes())
    names = ["assessments_within_45_working_days", "plan_reviews_in_time", "section_47"]
    found = jsna.profile("Bolton", indicators=names, workspace=tmp_path).set_index("indicator")
    row = found.loc["assessments_within_45_working_days"]
    assert (row["year"], round(row["value"], 1), round(row["england"], 1)) == (2024, 84.0, 84.5)
    assert (row["against_england"], row["neighbours_used"]) == ("similar", 10)
    assert (found["neighbours_used"] == 10).all()


def test_the_profile_survives_what_analysts_do_with_frames():
    found = jsna.profile("Bolton", indicators=["referrals", "cpp_started"])
    assert isinstance(found.sort_values("rank"), pd.DataFrame)
    assert found.query("rank == 8")["indicator"].tolist() == ["referrals"]
    assert len(pd.concat([found, found])) == 4
    assert found.to_json().startswith("{")
