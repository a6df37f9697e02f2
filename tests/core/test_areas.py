"""Every authority is found under every name, code and number that official files give it."""

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.areas import (
    GROUPS,
    Area,
    area,
    areas,
    authorities_in,
    district_codes,
    find,
    register,
)
from bolton_jsna.core.errors import AreaNotFoundError, BoltonJsnaError, UsageError

NOW = [each for each in register() if each.level == "authority" and each.until is None]
GONE = [each for each in register() if each.until is not None]


def test_the_register_holds_england_its_regions_and_its_authorities():
    """ONS, April 2023: 153 upper-tier authorities with the City of London and Scilly."""
    assert len(NOW) == len({each.code for each in NOW}) == 153
    assert len({each.dfe_number for each in NOW}) == 153
    assert [each.name for each in register() if each.level == "country"] == ["England"]
    # Nine regions, and Inner and Outer London as DfE prints them.
    assert len([each for each in register() if each.level == "region"]) == 11


def test_authorities_of_each_kind():
    """ONS: 36 metropolitan districts, 33 in London, 21 counties and 63 unitary authorities."""
    kinds = [code[:3] for code in (each.code for each in NOW)]
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds))} == {
        "E06": 63,
        "E08": 36,
        "E09": 33,
        "E10": 21,
    }


@pytest.mark.parametrize("each", register(), ids=lambda each: each.code)
def test_an_area_is_found_by_everything_it_is_called(each):
    for code in each.codes:
        assert area(code) is each
        assert area(f" {code.lower()} ") is each
    assert area(each.name) is each
    assert area(each.name.upper()) is each
    assert area(each.name.replace(" and ", " & ")) is each
    assert area(each) is each
    assert find(each.name) is each
    if each.dfe_number is not None:
        assert area(each.dfe_number) is each
        assert area(str(each.dfe_number)) is each
    if each.level == "authority":
        assert area(each.region_code).name == each.region


def test_groups_are_made_of_authorities_of_today():
    """ONS, local authority to combined authority lookup, May 2025; the metropolitan counties."""
    groups = [each for each in register() if each.level in GROUPS]
    assert len([each for each in groups if each.level == "combined authority"]) == 15
    for each in groups:
        members = authorities_in(each)
        assert len(members) == len(each.members) >= 2
        assert set(members) <= set(NOW)
        assert {code for one in members for code in one.codes} <= district_codes(each)
    assert all(not each.members for each in register() if each not in groups)


@pytest.mark.parametrize(
    ("written", "name", "members"),
    [
        ("Greater Manchester", "Greater Manchester", 10),
        ("E47000001", "Greater Manchester", 10),
        ("E11000001", "Greater Manchester", 10),
        ("greater manchester combined authority", "Greater Manchester", 10),
        ("GMCA", "Greater Manchester", 10),
        ("Sheffield City Region", "South Yorkshire", 4),
        ("E11000005", "West Midlands Combined Authority", 7),
        ("Liverpool City Region", "Liverpool City Region", 6),
        ("Merseyside", "Merseyside", 5),
        ("E11000004", "Tyne and Wear", 5),
    ],
)
def test_groups_by_name_and_code(written, name, members):
    found = area(written)
    assert found.name == name
    assert len(authorities_in(found)) == members


def test_a_region_keeps_its_name_where_a_combined_authority_shares_it():
    for name in ("North East", "East Midlands", "West Midlands"):
        assert area(name).level == "region"
    assert area("Lancashire").level == "authority"
    assert area("Greater Manchester").region == "North West"
    # Lincolnshire is in the East Midlands, North Lincolnshire in Yorkshire and The Humber.
    assert area("Greater Lincolnshire").region == area("Greater Lincolnshire").region_code == ""


def test_no_code_number_or_name_means_two_areas():
    codes = [code for each in register() for code in each.codes]
    assert len(codes) == len(set(codes))
    names = [each.name for each in register()]
    assert len(names) == len(set(names))


@given(st.sampled_from([(code, each) for each in register() for code in each.codes]))
def test_each_code_leads_to_its_area(pair):
    code, each = pair
    assert area(code).code == each.code
    assert code in district_codes(each)


@pytest.mark.reference
def test_every_authority_of_the_release_of_2025(reference):
    """DfE, Characteristics of children in need 2025, C1: names, codes and numbers 2013-2025."""
    path = (
        reference
        / "safeguarding"
        / "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv.gz"
    )
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["geographic_level"] == "Local authority"]
    seen = set()
    for row in rows:
        found = area(row["new_la_code"])
        assert area(row["old_la_code"]) is found
        # The release calls old and new Dorset by one name; the codes tell them apart.
        assert area(row["la_name"]) is found or found.code == "E10000009"
        seen.add(found)
    assert len({each for each in seen if each.until is None}) >= 151
    assert {each for each in seen if each.until} == set(GONE)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("bolton", "E08000001"),
        ("  BOLTON  ", "E08000001"),
        ("Bristol, City of", "E06000023"),
        ("Bristol", "E06000023"),
        ("City of Bristol", "E06000023"),
        ("Hull", "E06000010"),
        ("Kingston upon Hull", "E06000010"),
        ("kingston-upon-hull, city of", "E06000010"),
        ("Herefordshire", "E06000019"),
        ("Herefordshire, County of", "E06000019"),
        ("Durham", "E06000047"),
        ("County Durham", "E06000047"),
        ("St. Helens", "E08000013"),
        ("St Helens", "E08000013"),
        ("SAINT HELENS", "E08000013"),
        ("Telford & Wrekin", "E06000020"),
        ("Telford  and   Wrekin", "E06000020"),
        ("Brighton & Hove", "E06000043"),
        ("Stockton on Tees", "E06000004"),
        ("Yorkshire & The Humber", "E12000003"),
        ("East", "E12000006"),
        ("london", "E12000007"),
        ("City of London", "E09000001"),
        ("London, City of", "E09000001"),
        ("london (inner)", "E13000001"),
        ("Dorset", "E06000059"),
        ("england", "E92000001"),
    ],
)
def test_forgiving_names(written, code):
    assert area(written).code == code


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        # ONS Code History Database: boundary orders that left the place as it was.
        ("Barnsley", ("E08000016", "E08000038")),
        ("Sheffield", ("E08000019", "E08000039")),
        ("Gateshead", ("E08000020", "E08000037")),
        ("Northumberland", ("E06000048", "E06000057")),
        # Counties that became unitary with their boundary.
        ("Buckinghamshire", ("E10000002", "E06000060")),
        ("North Yorkshire", ("E10000023", "E06000065")),
        ("Somerset", ("E10000027", "E06000066")),
    ],
)
def test_changed_codes_lead_to_one_area(name, codes):
    found = area(name)
    assert {area(code) for code in codes} == {found}
    assert set(codes) <= set(found.codes)
    assert set(codes) <= district_codes(name)


@pytest.mark.parametrize(
    ("name", "number", "until", "successors"),
    [
        ("Cumbria", 909, 2023, ["Cumberland", "Westmorland and Furness"]),
        ("Northamptonshire", 928, 2021, ["North Northamptonshire", "West Northamptonshire"]),
        ("Poole", 836, 2019, ["Bournemouth, Christchurch and Poole"]),
        ("Bournemouth", 837, 2019, ["Bournemouth, Christchurch and Poole"]),
        (
            "Dorset (to March 2019)",
            835,
            2019,
            ["Bournemouth, Christchurch and Poole", "Dorset"],
        ),
    ],
)
def test_abolished_authorities_say_when_and_what_followed(name, number, until, successors):
    found = area(number)
    assert (found.name, found.until) == (name, until)
    assert sorted(area(code).name for code in found.successors) == successors
    assert all(area(code).until is None for code in found.successors)


def test_old_and_new_dorset_are_two_places():
    old, new = area(835), area(838)
    assert (old.code, new.code) == ("E10000009", "E06000059")
    assert area("Dorset (Pre LGR 2019)") is old


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("Boltn", "'Bolton'"),
        ("Bristl", "'Bristol, City of'"),
        ("Hul", "'Kingston upon Hull, City of'"),
        ("Newcastle", "'Newcastle upon Tyne'"),
        ("Stoke", "'Stoke-on-Trent'"),
        ("Richmond", "'Richmond upon Thames'"),
        ("Southend", "'Southend-on-Sea'"),
    ],
)
def test_near_matches(written, near):
    with pytest.raises(AreaNotFoundError) as caught:
        area(written)
    assert f"No area is called {written!r}. Did you mean {near}" in str(caught.value)
    assert isinstance(caught.value, UsageError)
    assert isinstance(caught.value, LookupError)
    assert find(written) is None


def test_what_no_area_is_like():
    with pytest.raises(AreaNotFoundError, match=r"'xyzzy'\. Areas are England, its regions, comb"):
        area("xyzzy")
    with pytest.raises(AreaNotFoundError, match="code of a ward or district"):
        area("E05000650")
    for strange in ("", "-350", -350, 0, 10**9, "E99999999", "350.0"):
        with pytest.raises(AreaNotFoundError):
            area(strange)


@pytest.mark.parametrize("wrong", [None, True, 350.0, ["Bolton"], b"Bolton"])
def test_wrong_types(wrong):
    with pytest.raises(UsageError, match=r"expected an area \(name, GSS code, DfE number"):
        area(wrong)


def test_numbers_of_a_frame_are_numbers():
    import numpy as np

    assert area(np.int64(350)) is area("Bolton")
    assert areas(np.int64(350)) == (area("Bolton"),)


def test_several_areas_each_once_in_the_order_given():
    found = areas(["Rochdale", "E08000001", 350, area("Bolton"), "bolton"])
    assert [each.name for each in found] == ["Rochdale", "Bolton"]
    assert areas("Bolton") == areas(area("Bolton")) == (area("Bolton"),)
    assert areas(iter(["Bolton"])) == (area("Bolton"),)
    assert areas([]) == ()
    with pytest.raises(UsageError, match=r"place=5\.0 is of the type float"):
        areas(5.0)


def test_bolton():
    assert area("Bolton") == Area(
        "E08000001", "Bolton", "authority", "North West", "E12000002", dfe_number=350
    )
    assert str(area(350)) == "Bolton"


def test_districts():
    assert district_codes("Bolton") == {"E08000001"}
    assert len(district_codes("Lancashire")) == 1 + 12
    # Buckinghamshire: the county's code and its four former districts.
    assert district_codes("Buckinghamshire") == {
        "E06000060",
        "E10000002",
        "E07000004",
        "E07000005",
        "E07000006",
        "E07000007",
    }
    # Christchurch was a district; Bournemouth and Poole were authorities of their own.
    assert district_codes("Bournemouth, Christchurch and Poole") == {
        "E06000058",
        "E06000028",
        "E06000029",
        "E07000048",
    }
    owners = [
        (code, each.code) for each in NOW for code in district_codes(each) if code not in each.codes
    ]
    assert len(owners) == len(dict(owners)), "a district lies in two authorities"
    with pytest.raises(BoltonJsnaError):
        district_codes("Nowhere")


@pytest.mark.reference
def test_districts_since_2011_lead_to_their_authority(reference):
    """ONS Code History Database, June 2026: every district code and its upper-tier authority."""
    path = reference / "geography" / "england_lad_all_codes.csv"
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    lost = [row for row in rows if row["LADCD"] not in district_codes(row["UTLACD"])]
    assert len(rows) == 346
    assert lost == []


@pytest.mark.reference
def test_the_upper_tier_of_ons_and_dfe(reference):
    """ONS register of upper-tier authorities with DfE's numbers, as published."""
    path = reference / "geography" / "england_upper_tier_la.csv"
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 153
    for row in rows:
        found = area(row["new_la_code"])
        assert found is area(row["old_la_code"]) is area(row["la_name"])
        assert found.region_code == row["region_code"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bolton MBC", "Bolton"),
        ("Bury Council", "Bury"),
        ("Bolton (Met)", "Bolton"),
        ("City of Bradford Metropolitan District Council", "Bradford"),
        ("Nottingham City Council", "Nottingham"),
        ("Nottinghamshire County Council", "Nottinghamshire"),
        ("Nottingham County Council", None),
        ("North West Council", None),
        ("Bolton Town Council", None),
    ],
)
def test_a_council_is_its_authority(text, name):
    found = find(text)
    assert (found and found.name) == name
