"""The client of Explore education statistics finds files by title and counts what the API gives."""

from dataclasses import replace

import pytest

from bolton_jsna.core.areas import area
from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import StoredCopy, Wanted, ees
from bolton_jsna.tables import children_in_need
from standin import ees as publisher_ees

ASK = {
    "publication": publisher_ees.CIN,
    "release": "2025",
    "file": "^c1[ _:-]",
    "name": "c1_children_in_need_referrals_and_rereferrals",
}
REFERRALS = Wanted("children_in_need", "2025", "ees", ASK)
LOOKED_AFTER = Wanted(
    "children_looked_after",
    "2025",
    "ees",
    {"publication": publisher_ees.CLA, "file": "number and rate", "name": "cla_number_and_rate"},
)


def figure(table, indicator, place, year):
    row = table[
        (table["indicator"] == indicator)
        & (table["area_code"] == area(place).code)
        & (table["year"] == year)
    ]
    return row["count"].item()


def test_referrals_are_read_as_they_are_left(publisher, session, tmp_path):
    fetched = ees.fetch(REFERRALS, session, tmp_path)
    assert fetched.name == "c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
    table = children_in_need.read(fetched.path)
    assert set(table["source"]) == {"children_in_need@2025"}
    for place in ("Bolton", "Barnsley", "Lancashire", "England"):
        expected = publisher.world.count("referrals", area(place).code, 2025)
        assert figure(table, "referrals", place, 2025) == expected
    with fetched.path.open(encoding="utf-8") as file:
        assert fetched.rows == sum(1 for _ in file) - 1
    hidden = table[(table["area_name"] == "City of London") & (table["indicator"] == "referrals")]
    assert set(hidden["status"]) == {"suppressed"}


@pytest.mark.parametrize(
    ("pattern", "indicator"),
    [("^b1", "cin_at_31_march"), ("^d3", "cpp_started"), ("^d5", "cpp_at_31_march")],
)
def test_the_other_files_of_children_in_need(publisher, session, tmp_path, pattern, indicator):
    wanted = replace(REFERRALS, ask={**ASK, "file": pattern, "name": ""})
    table = children_in_need.read(ees.fetch(wanted, session, tmp_path).path)
    expected = publisher.world.count(indicator, "E08000001", 2025)
    assert figure(table, indicator, "Bolton", 2025) == expected


def test_children_looked_after_are_read_as_they_are_left(publisher, session, tmp_path):
    table = children_in_need.read(ees.fetch(LOOKED_AFTER, session, tmp_path).path)
    assert set(table["source"]) == {"children_looked_after@2025"}
    assert publisher.world.count("looked_after", "E08000001", 2025) in set(table["count"])


def test_an_unchanged_file_is_not_transferred(publisher, session, tmp_path):
    first = ees.fetch(REFERRALS, session, tmp_path)
    known = StoredCopy(first.address, first.etag, first.last_modified, stamp=first.stamp)
    again = ees.fetch(REFERRALS, session, tmp_path, known)
    assert again.path is None
    assert publisher.requests[-1].status == 304
    assert "/ees_site/data-catalogue/data-set/" in again.address


def test_without_marks_the_version_of_the_release_stands_for_the_bytes(
    publisher, session, tmp_path
):
    first = ees.fetch(REFERRALS, session, tmp_path)
    known = StoredCopy(first.address, stamp=first.stamp)
    publisher.requests.clear()
    assert ees.fetch(REFERRALS, session, tmp_path, known).path is None
    assert not [each for each in publisher.requests if each.path.endswith("/csv")]
    publisher.world.revise("children_in_need")
    again = ees.fetch(REFERRALS, session, tmp_path, known)
    assert again.path is not None
    assert again.stamp != first.stamp


def test_the_latest_release_is_the_default(publisher, session, tmp_path):
    assert ees.latest_release(session, publisher_ees.CIN) == "2025"
    publisher.world.release = 2026
    ask = {each: ASK[each] for each in ("publication", "file", "name")}
    fetched = ees.fetch(replace(REFERRALS, ask=ask), session, tmp_path)
    assert fetched.name.endswith("_2013_to_2026.csv")
    assert set(children_in_need.read(fetched.path)["release"]) == {"2026"}


def test_an_older_release_comes_from_its_own_version(publisher, session, tmp_path):
    publisher.world.release = 2026
    fetched = ees.fetch(REFERRALS, session, tmp_path)
    assert "/ees_content/releases/" in fetched.address
    assert set(children_in_need.read(fetched.path)["release"]) == {"2025"}


def test_a_release_that_is_not_out_is_named_with_the_latest(publisher, session, tmp_path):
    wanted = replace(REFERRALS, ask={**ASK, "release": "2031"})
    with pytest.raises(SourceError, match=r"no release '2031' .*the latest is '2025'"):
        ees.fetch(wanted, session, tmp_path)


def test_an_unknown_publication_is_named(publisher, session, tmp_path):
    wanted = replace(REFERRALS, ask={**ASK, "publication": "nothing"})
    with pytest.raises(SourceError, match="no publication 'nothing'"):
        ees.fetch(wanted, session, tmp_path)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("^z9", r"has no files like '\^z9': it has B1 Children"), ("child", "has 4 files like")],
)
def test_a_pattern_must_fit_one_file(publisher, session, tmp_path, pattern, said):
    with pytest.raises(SourceError, match=said):
        ees.fetch(replace(REFERRALS, ask={**ASK, "file": pattern}), session, tmp_path)


def test_the_file_of_the_version_serves_where_the_link_does_not(publisher, session, tmp_path):
    publisher.fault("no_link")
    fetched = ees.fetch(REFERRALS, session, tmp_path)
    assert "/ees_content/releases/" in fetched.address
    assert "answered 404" in fetched.notes[0]
    assert len(children_in_need.read(fetched.path))


def test_a_web_page_in_place_of_the_csv_is_rejected(publisher, session, tmp_path):
    publisher.fault("html", match="/csv|/files/")
    with pytest.raises(SourceError, match=r"(?s)a web page.*a web page"):
        ees.fetch(REFERRALS, session, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_page_of_the_release_serves_where_the_content_api_does_not(
    publisher, session, tmp_path
):
    publisher.fault("next_data")
    assert ees.fetch(REFERRALS, session, tmp_path).rows > 2000


@pytest.mark.parametrize("ask", [{}, {"publication": "a/../b", "file": "x"}, {"file": "x"}])
def test_a_request_that_is_not_understood_is_the_catalogues(session, tmp_path, ask):
    with pytest.raises(SourceError, match="Correct the catalogue"):
        ees.fetch(replace(REFERRALS, ask=ask), session, tmp_path)
