"""The client of Fingertips meets every quirk and fault that its contract names."""

import csv
from dataclasses import replace

import pytest

from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest._validate import check
from bolton_jsna.services import StoredCopy, Wanted, fingertips
from bolton_jsna.tables import fingertips as table
from standin import Answer

DATA = "/all_data/"
WANTED = Wanted("fingertips", "latest", "fingertips", {"indicators": [90803, 90886]})


def rows_of(fetched):
    return list(csv.DictReader(fetched.path.read_text(encoding="utf-8").splitlines()))


def test_indicators_become_counts_and_rates(server, session, tmp_path):
    fetched = fingertips.fetch(WANTED, session, tmp_path)
    assert fetched.name == "fingertips_90803_90886.csv"
    frame = table.read(fetched.path)
    assert len(frame) == (153 + 9 + 1) * 2 * 5
    row = frame.query(
        "area_code == 'E08000001' and year == 2025 and indicator == 'cpp_at_31_march'"
    ).iloc[0]
    count = server.world.count("cpp_at_31_march", "E08000001", 2025)
    assert (row["count"], row["status"], row["release"]) == (count, "value", "2025")
    assert row["published_rate"] == pytest.approx(count / row["population"] * 10_000)
    hidden = frame[frame["area_code"] == "E09000001"]
    assert set(hidden["status"]) == set(hidden["published_rate_status"]) == {"suppressed"}
    assert hidden["count"].isna().all()


def test_england_stands_once_and_categories_are_left_out(server, session, tmp_path):
    fetched = fingertips.fetch(WANTED, session, tmp_path)
    rows = rows_of(fetched)
    assert fetched.rows == len(rows) == check(fetched.path, what="fingertips").rows
    england = [
        each
        for each in rows
        if (each["Area Code"], each["Indicator ID"], each["Time period"], each["Sex"])
        == ("E92000001", "90803", "2024/25", "Persons")
    ]
    assert len(england) == 1
    assert "Category" not in rows[0]


def test_the_varying_column_is_read_by_name(server, session, tmp_path):
    wanted = replace(WANTED, ask={**WANTED.ask, "parent_area_type": 15})
    frame = table.read(fingertips.fetch(wanted, session, tmp_path).path)
    assert set(frame["area_level"]) == {"country", "authority"}


def test_a_discontinued_indicator_is_taken_by_the_newest_type_that_has_it(
    server, session, tmp_path
):
    server.fault("discontinued", match="indicator/90886")
    fetched = fingertips.fetch(WANTED, session, tmp_path)
    assert fetched.notes == ("indicator 90886 has no figures by area type 502; took 402",)
    assert fetched.etag == ""
    assert len(table.read(fetched.path)) == (153 + 9 + 1) * 2 * 5
    asked = [each.path for each in server.requests if DATA in each.path]
    assert [("502" in each, "402" in each) for each in asked] == [(True, False), (False, True)]
    with pytest.raises(SourceError, match=r"by the area types 102, 202, 302, 402, not by 502"):
        fingertips.fetch(
            replace(WANTED, ask={**WANTED.ask, "area_types": [502]}), session, tmp_path
        )


def test_a_withdrawn_indicator(server, session, tmp_path):
    with pytest.raises(SourceError, match=r"no figures of indicator 1: it may be withdrawn"):
        fingertips.fetch(replace(WANTED, ask={"indicators": [1]}), session, tmp_path)
    with pytest.raises(SourceError, match="without 'indicators'"):
        fingertips.fetch(replace(WANTED, ask={}), session, tmp_path)


def test_unchanged_figures_are_not_sent_again(server, session, tmp_path):
    first = fingertips.fetch(WANTED, session, tmp_path)
    known = StoredCopy(first.address, first.etag)
    sent = server.bodies()
    again = fingertips.fetch(WANTED, session, tmp_path, known)
    assert again.path is None
    assert server.bodies() == sent
    server.world.revise("children_in_need")
    changed = fingertips.fetch(WANTED, session, tmp_path, known)
    assert changed.path is not None
    assert changed.etag != first.etag
    # Without a mark the stored copy is compared by its bytes, by the store.
    assert fingertips.fetch(WANTED, session, tmp_path, StoredCopy(first.address)).path is not None


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("empty", {}, r"sent an empty body for indicator 90803, 90886 by area type 502"),
        ("header_only", {}, r"sent headings but no rows for indicator 90803"),
        ("html", {}, r"something other than CSV for 90803.*DOCTYPE html"),
        ("json_error", {}, r"something other than CSV for 90803"),
        (
            "renamed_column",
            {"old": b"Value note", "new": b"Notes"},
            r"no column 'Value note' for 90803",
        ),
        ("two_figures", {}, r"two figures of 90803, E92000001, Persons"),
        ("replace", {"old": b",1y\r\n", "new": b"\r\n"}, r"does not fit its headings"),
        (
            "status",
            {"code": 400, "body": b"ChildAreaTypeId cannot be null"},
            r"answered 400 .*'ChildAreaTypeId cannot be null'",
        ),
        ("status", {"code": 500, "body": b"System.NullReference"}, r"500 .*System.NullReference"),
    ],
)
def test_what_is_no_table_is_rejected(server, session, tmp_path, kind, options, message):  # noqa: PLR0917
    server.fault(kind, match=DATA, **options)
    with pytest.raises(SourceError, match=message):
        fingertips.fetch(WANTED, session, tmp_path)


def test_rate_limit_is_waited_out(server, session, tmp_path):
    server.fault("too_many", match="/fingertips/", times=2, after=1)
    assert fingertips.fetch(WANTED, session, tmp_path).rows


def test_an_answer_that_is_not_a_list_is_an_error(server, session, tmp_path):
    server.route("/fingertips/available_data", Answer(200, {}, b'{"Message":"gone"}'))
    with pytest.raises(SourceError, match="something other than a list"):
        fingertips.fetch(WANTED, session, tmp_path)
