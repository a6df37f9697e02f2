"""Own tables find their areas by code or name, and never the wrong one."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna import snapshot
from bolton_jsna.core.area_matching import key_column, labels_as_column, match_areas
from bolton_jsna.core.errors import AreaNotFoundError, SchemaError, VintageError
from bolton_jsna.core.known_areas import KnownAreas

WARDS = snapshot.read(snapshot.newest("ward_boundaries"))[
    ["area_code", "area_name", "authority_code"]
]
BOLTON = KnownAreas.of(WARDS, "the wards")
CODES, NAMES = list(WARDS["area_code"]), list(WARDS["area_name"])

SPELLINGS = {
    "as it is": lambda name: name,
    "and": lambda name: name.replace("&", "and"),
    "capitals": str.upper,
    "Ward": lambda name: f"{name} Ward",
    "apostrophe": lambda name: name.replace("Queens", "Queen's").replace("Hill", "Hill\u2019"),
    "blanks": lambda name: f"  {name.replace(' ', '  ')}\u00a0",
    "hyphens": lambda name: name.replace(" ", "-"),
    "authority before": lambda name: f"Bolton - {name}",
    "authority in brackets": lambda name: f"{name} (Bolton)",
    "authority behind": lambda name: f"{name} Ward, Bolton",
    "as in HTML": lambda name: name.replace("&", "&amp;"),
    "accent": lambda name: name.replace("o", "\u00f3"),
    "underscores": lambda name: name.replace(" ", "_").lower(),
}


OF_2023 = KnownAreas.of(WARDS.assign(year=2023, source="ward_boundaries@2023"), "the wards")


def known(*names, codes=None, authorities=None):
    codes = codes or [f"E0500000{at}" for at in range(len(names))]
    owners = authorities or [None] * len(names)
    return KnownAreas(tuple(codes), tuple(names), tuple(owners), "the shapes")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_twenty_of_twenty_wards_are_found_in_each_usual_spelling(spelling):
    own = pd.DataFrame({"Ward": map(SPELLINGS[spelling], NAMES)})
    matched = match_areas(own, BOLTON)
    assert list(matched.codes) == CODES
    assert set(matched.how) <= {"name", "spelling"}


def test_saint_is_st_with_or_without_a_dot():
    shapes = known("St Mary's", "Saint Andrew", "St. Peter and St. Paul")
    own = pd.DataFrame({"name": ["Saint Marys", "ST. ANDREW", "St Peter & Saint Paul Ward"]})
    assert list(match_areas(own, shapes).codes) == list(shapes.codes)


@given(
    st.sampled_from(range(20)),
    st.lists(st.sampled_from(list(SPELLINGS)), max_size=3),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abe -&.")), max_size=2),
)
def test_a_changed_name_is_the_right_ward_or_none(at, spellings, typed):
    name = NAMES[at]
    for each in spellings:
        name = SPELLINGS[each](name)
    for place, letter in typed:
        name = name[:place] + letter + name[place + 1 :]
    codes, _ = BOLTON.found(name)
    assert codes in ([], [CODES[at]])
    if not typed and len(set(spellings)) == len(spellings) <= 1:
        assert codes


@pytest.mark.parametrize(
    "heading",
    ["area_code", "ward_code", "WD23CD", "wd24cd", "Ward code", "Ward code (2023)", "Electoral", 7],
)
def test_codes_are_found_under_any_heading(heading):
    own = pd.DataFrame({"n": range(20), heading: [f" {code.lower()}" for code in CODES]})
    assert list(match_areas(own, BOLTON).codes) == CODES


def test_the_code_of_a_larger_area_is_passed_over():
    own = pd.DataFrame({"area_code": "E08000001", "lsoa_code": ["E01004766", "E01004767"]})
    lsoas = known("Bolton 005A", "Bolton 005B", codes=["E01004766", "E01004767"])
    assert key_column(own, lsoas) == "lsoa_code"


def test_codes_of_another_year_come_before_names_that_are_the_same():
    own = pd.DataFrame({"WD22CD": ["E05000650", "E05000663"], "ward": ["Bradshaw", "Rumworth"]})
    with pytest.raises(VintageError, match=r"E05000650, E05000663.*Wards change"):
        match_areas(own, BOLTON).reject_unmatched()


def test_small_areas_on_larger_ones_are_to_be_added_up():
    with pytest.raises(VintageError, match=r"rows are of LSOAs.*to_areas"):
        match_areas(pd.DataFrame({"LSOA21CD": ["E01004766"]}), BOLTON).reject_unmatched()


def test_each_name_without_an_area_is_reported_with_names_like_it():
    own = pd.DataFrame({"ward": [*NAMES[:17], "Breightmt", "Crompton", "Rumworth (Bury)"]})
    with pytest.raises(AreaNotFoundError) as caught:
        match_areas(own, BOLTON).reject_unmatched()
    message = str(caught.value)
    assert "3 of 20 names in 'ward'" in message
    assert "'Breightmt' (did you mean 'Breightmet'?)" in message
    assert "'Crompton'," in message
    assert "'Rumworth (Bury)' (did you mean 'Rumworth'?)" in message


@pytest.mark.parametrize(
    ("names", "given_name"),
    [
        (("St Mary's", "Saint Marys"), "St Mary's"),
        (("Castle", "Castle Ward"), "Castle"),
        (("Hill & Dale", "Hill and Dale"), "Hill & Dale"),
    ],
)
def test_a_name_that_two_areas_have_is_rejected_even_if_one_is_written_so(names, given_name):
    with pytest.raises(SchemaError, match=r"is the name of 2 areas.*Give codes"):
        match_areas(pd.DataFrame({"ward": [given_name]}), known(*names))


def test_a_name_in_two_authorities_needs_its_authority():
    shapes = known("Moorside", "Moorside", authorities=["E08000002", "E08000001"])
    with pytest.raises(SchemaError, match=r"such as 'Moorside \(Bury\)'"):
        match_areas(pd.DataFrame({"ward": ["Moorside"]}), shapes)
    both = pd.DataFrame({"ward": ["Moorside (Bury)", "Bolton: MOORSIDE"]})
    assert list(match_areas(both, shapes).codes) == list(shapes.codes)


def test_a_name_that_reads_in_two_ways_is_rejected():
    shapes = known("Bolton North", "North", authorities=["E08000001"] * 2)
    with pytest.raises(SchemaError, match="2 areas"):
        match_areas(pd.DataFrame({"ward": ["Bolton - North"]}), shapes)


def test_two_columns_of_different_areas_need_the_name_of_one():
    own = pd.DataFrame({"home": ["Rumworth", "Kearsley"], "school": ["Kearsley", "Halliwell"]})
    with pytest.raises(SchemaError, match=r"code='home' or code='school'"):
        match_areas(own, BOLTON)
    assert match_areas(own, BOLTON, code="school").codes.iloc[0] == CODES[NAMES.index("Kearsley")]
    with pytest.raises(SchemaError, match=r"code='hom'.*Did you mean 'home'"):
        match_areas(own, BOLTON, code="hom")


@pytest.mark.parametrize("heading", ["area_code", "ward_code"])
def test_codes_and_names_that_were_sorted_apart_are_rejected(heading):
    own = pd.DataFrame({heading: CODES, "ward": sorted(NAMES, reverse=True)})
    with pytest.raises(SchemaError, match=r"not the same: a row has 'E05014818' and 'Westhoughton"):
        match_areas(own, BOLTON)


def test_columns_of_the_same_areas_are_one():
    own = pd.DataFrame({"WD23CD": CODES, "WD23NM": NAMES, "ward": map(str.upper, NAMES)})
    assert key_column(own, BOLTON) == "WD23CD"


def test_a_remark_with_the_name_of_a_ward_is_no_key():
    own = pd.DataFrame({"ward": NAMES, "remark": ["Rumworth", *["moved"] * 19]})
    assert key_column(own, BOLTON) == "ward"


def test_a_column_headed_ward_comes_before_one_with_names_of_wards():
    own = pd.DataFrame(
        {"Ward": ["Unsworth", "Holyrood"], "nearest": ["Kearsley", "Farnworth South"]}
    )
    assert key_column(own, BOLTON) == "Ward"
    with pytest.raises(AreaNotFoundError, match=r"'Unsworth'.*'Holyrood'"):
        match_areas(own, BOLTON).reject_unmatched()


def test_a_column_with_few_names_is_not_taken_unless_it_is_named():
    own = pd.DataFrame({"place": ["Elsewhere", "Nowhere", "Hulton"], "remark": ["x", "y", "z"]})
    with pytest.raises(SchemaError, match=r"Fewer than half .*'place'.*code='place'"):
        match_areas(own, BOLTON)
    assert match_areas(own, BOLTON, code="place").strays == ["Elsewhere", "Nowhere"]
    assert key_column(own.rename(columns={"place": "Ward name"}), BOLTON) == "Ward name"


def test_a_frame_without_areas_shows_what_was_expected():
    with pytest.raises(SchemaError, match=r"such as E05014818, 'Astley Bridge'.*'n'.*code="):
        match_areas(pd.DataFrame({"n": [1, 2]}), BOLTON)


def test_labels_of_groups_are_a_column():
    visits = pd.DataFrame({"ward": ["Hulton", "Kearsley"], "year": 2025, "n": [3, 4]})
    for by in ("ward", ["ward", "year"]):
        own = labels_as_column(visits.groupby(by).sum())
        assert list(match_areas(own, BOLTON).how) == ["name", "name"]
    assert "index" not in labels_as_column(visits)


def test_empty_cells_are_counted():
    own = pd.DataFrame({"ward": ["Hulton", " ", None]}, dtype="string")
    with pytest.raises(SchemaError, match="2 of 3 are empty in 'ward'"):
        match_areas(own, BOLTON).reject_unmatched()


@given(st.lists(st.text("St.ab&- '", min_size=1, max_size=6), min_size=2, max_size=6, unique=True))
def test_any_names_mean_their_own_area_or_are_rejected(names):
    shapes = known(*names)
    for code, name in zip(shapes.codes, names, strict=True):
        for text in (name, name.upper(), f"{name} Ward", f" {name.replace('&', 'and')} "):
            codes, _ = shapes.found(text)
            assert code in codes or not codes


@pytest.mark.parametrize(
    ("heading", "cells", "matched"),
    [
        ("LA", ["Bury", "Bury"], 0),
        ("LAD24CD", ["E08000002", "E08000001"], 1),
        ("authority", ["Bolton MBC", "Salford City Council"], 1),
        ("authority", ["Bolton", "Boltn"], 1),
        ("LA number", [350.0, 351.0], 1),
        ("place", ["Burnley", "E07000117"], 0),
        ("area_code", ["E08000002", "E08000002"], 0),
        ("region", ["North West", "North West"], 2),
        ("zone", ["South West", "North East"], 2),
        ("subject", ["Reading", "Reading"], 2),
        ("LA", ["Yes", "No"], 2),
        ("council", ["Bolton", None], 2),
    ],
)
def test_a_row_of_another_authority_is_not_matched(heading, cells, matched):
    own = pd.DataFrame({heading: cells, "Ward": ["Rumworth", "Kearsley"]})
    found = match_areas(own, BOLTON)
    assert found.codes.notna().sum() == matched
    if matched < 2:
        with pytest.raises(AreaNotFoundError, match=f"name another authority.*in '{heading}'"):
            found.reject_unmatched()


def test_another_column_settles_in_which_authority_a_ward_lies():
    shapes = known("Moorside", "Moorside", authorities=["E08000002", "E08000001"])
    own = pd.DataFrame({"ward": ["Moorside"] * 2, "council": ["Bolton Council", "Bury"]})
    assert list(match_areas(own, shapes).codes) == [shapes.codes[1], shapes.codes[0]]


def test_empty_cells_do_not_hide_other_texts():
    own = pd.DataFrame({"ward": ["Hulton", "Not known", None]})
    with pytest.raises(SchemaError, match=r"1 of 3 are empty.*'Not known'.*unmatched='show'"):
        match_areas(own, BOLTON).reject_unmatched()


@pytest.mark.parametrize(
    "heading", ["WD22NM", "wd11_name", "Ward 2011", "Ward (2022/23)", "WD22CD"]
)
def test_names_of_an_earlier_year_are_not_matched(heading):
    with pytest.raises(VintageError, match=r"of areas of 20\d\d, not of 2023 as the wards"):
        match_areas(pd.DataFrame({heading: ["Rumworth", "Hulton"]}), OF_2023)
    with pytest.raises(VintageError):
        match_areas(pd.DataFrame({heading: ["Rumworth", "Nowhere"]}), OF_2023, code=heading)
    codes = pd.DataFrame({heading: [CODES[0], "E05000650"]})
    assert list(match_areas(codes, OF_2023).how) == ["code", "not matched"]


@pytest.mark.parametrize("heading", ["WD23NM", "WD24NM", "wd25nm", "Ward (2023)", "Ward 7"])
def test_names_of_the_same_areas_are_matched_whatever_the_year(heading):
    assert list(match_areas(pd.DataFrame({heading: NAMES}), OF_2023).codes) == CODES


def test_names_of_a_later_year_are_matched_only_if_each_has_its_area():
    with pytest.raises(VintageError, match="of areas of 2026"):
        match_areas(pd.DataFrame({"WD26NM": [*NAMES, "New Ward"]}), OF_2023)


def test_areas_read_as_of_a_later_year_are_those_of_their_file_too():
    later = KnownAreas.of(WARDS.assign(year=2025, source="ward_boundaries@2023"), "the wards")
    assert list(match_areas(pd.DataFrame({"WD23NM": NAMES}), later).codes) == CODES


@pytest.mark.parametrize(
    ("old", "taken"),
    [
        ("Home ward", "School ward"),
        ("Area", "Hub"),
        ("area_code", "Hub"),
        ("Wards of 2011", "Area"),
        ("Ward", "Hub"),
    ],
)
def test_a_heading_that_claims_the_areas_is_not_passed_over(old, taken):
    own = pd.DataFrame({old: ["Crompton", "Harper Green", "Breightmt"], taken: NAMES[:3]})
    if old == "Ward":
        assert key_column(own, BOLTON) == old
        return
    with pytest.raises(SchemaError, match=f"'{old}'.*'Breightmt'.*code='{taken}' or code='{old}'"):
        match_areas(own, BOLTON)
    assert list(match_areas(own, BOLTON, code=taken).codes) == CODES[:3]


@pytest.mark.parametrize("other", ["Area", "School", "Hub area"])
def test_a_column_headed_ward_is_taken_next_to_larger_areas(other):
    own = pd.DataFrame({other: ["North", "South", "North"], "Ward": NAMES[:3]})
    assert key_column(own, BOLTON) == "Ward"


def test_a_code_with_the_name_of_another_area_is_said_to_be_so():
    own = pd.DataFrame({"ward": ["E05014818 Bradshaw", "Hulton"]})
    with pytest.raises(SchemaError, match=r"E05014818 is 'Astley Bridge'. Correct the code or the"):
        match_areas(own, BOLTON)
