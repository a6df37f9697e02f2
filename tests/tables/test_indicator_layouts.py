"""Layouts of indicators in releases that the reference files do not have: rows of Bolton.

Figures of DfE: children in need 2025 (c4), children looked after 2024. Those of free school meals
are made up, under the headings of later releases.
"""

import pytest

from bolton_jsna.tables import indicators

PLACE = "time_period,time_identifier,geographic_level,country_code,country_name"
REGION = "region_code,region_name"


def read(folder, name, *lines):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return indicators.read(path).set_index("indicator")


def test_section_47_of_2025_without_rates(tmp_path) -> None:
    rows = read(
        tmp_path,
        "c4_children_in_need_section_47s_and_icpcs_2013_to_2025.csv",
        f"{PLACE},{REGION},old_la_code,new_la_code,la_name,category,Section47,Section47_child,ICPC,"
        "ICPC_child,Duration_0-10_days,Duration_11-15_days,Duration_16-20_days,Duration_21+_days,"
        "Duration_25th_Percentile,Duration_median,Duration_75th_Percentile",
        "2025,Reporting year,Local authority,E92000001,England,E12000002,North West,350,E08000001,"
        "Bolton,Section 47s and Initial Child Protection Conferences,1436,1242,446,438,49,353,21,"
        "23,12,14,15",
    )

    assert dict(rows["count"]) == {
        "section_47": 1436,
        "section_47_children": 1242,
        "icpc": 446,
        "icpc_within_15_working_days": 402,
    }
    assert rows.loc["icpc_within_15_working_days", "value"] == pytest.approx(402 / 446 * 100)
    assert rows["published_value"].isna().all()


def test_looked_after_under_the_headings_before_2025(tmp_path) -> None:
    bolton = "2024,Reporting year,Local authority,E92000001,England,E12000002,North West,350,Bolton"
    rows = read(
        tmp_path,
        "cla_number_and_rate_per_10k_children.csv",
        f"{PLACE},{REGION},old_la_code,la_name,new_la_code,population_count,population_estimate,"
        "number,rate_per_10000",
        f"{bolton},E08000001,Children ceasing to be looked after each year,73832,202,27",
        f"{bolton},E08000001,Children looked after at 31 March each year,73832,571,77",
        f"{bolton},E08000001,Children starting to be looked after each year,73832,210,28",
    )

    assert dict(rows["count"]) == {"cla_at_31_march": 571, "cla_ceased": 202, "cla_started": 210}
    assert rows.loc["cla_at_31_march", "published_value"] == 77
    assert rows.loc["cla_at_31_march", "value"] == pytest.approx(571 / 73832 * 10_000)
    assert rows.loc["cla_at_31_march", "period"] == "at 31 March 2024"


@pytest.mark.parametrize("total", ["Total", None])
def test_free_school_meals_of_the_later_file(tmp_path, total) -> None:
    place = (
        "202425,Academic year,Local authority,E92000001,England,E12000002,North West,350,Bolton,"
        "E08000001"
    )
    known = "known to be eligible for free school meals"
    lines = [
        f"{place},{phase},{group},{count},{share}"
        for phase, number, meals in (("Total", 400, 100), ("State-funded primary", 200, 60))
        for group, count, share in (
            (known, meals, meals / number * 100),
            (f"{known} (used for FSM in Performance Tables)", meals + 9, 99),
            (total, number, 100),
        )
        if group
    ]
    rows = read(
        tmp_path,
        "spc_pupils_fsm.csv",
        f"{PLACE},{REGION},old_la_code,la_name,new_la_code,phase_type_grouping,fsm,headcount,"
        "percent_of_pupils",
        *lines,
    )

    assert dict(rows["value"]) == {"free_school_meals": 25, "free_school_meals_primary": 30}
    assert dict(rows["count"]) == {"free_school_meals": 100, "free_school_meals_primary": 60}
    assert set(rows["period"]) == {"January 2025"}
    assert rows["population"].isna().all() == (total is None)
