"""The client of ONS's own files meets what its contract names."""

import io
import zipfile
from dataclasses import replace

import pytest

from bolton_jsna.core.errors import SourceError
from bolton_jsna.ingest._validate import check
from bolton_jsna.services import StoredCopy, Wanted, ons
from bolton_jsna.services.http import Session
from bolton_jsna.tables import population
from standin import Answer
from standin import ons as site

MIGCAT, FIVE_YEARS, OLD = site.FILES
WANTED = Wanted("population_projections", "2022", "ons", {"uri": MIGCAT})


def known_of(fetched):
    return StoredCopy(fetched.address, fetched.etag, fetched.last_modified)


@pytest.mark.parametrize(
    ("uri", "meaning"),
    [
        (MIGCAT, ("2022", "migration category")),
        (FIVE_YEARS, ("2022", "five-year migration")),
        (OLD, ("2018", "principal")),
    ],
)
def test_each_pinned_zip_is_read_as_it_is_left(server, session, tmp_path, uri, meaning):
    edition, variant = meaning
    wanted = replace(WANTED, edition=edition, ask={"uri": uri})
    fetched = ons.fetch(wanted, session, tmp_path)
    assert fetched.name == uri.rpartition("/")[2]
    frame = population.read_projections(fetched.path, areas=["E08000001"], ages=(0, 17))
    assert frame["variant"].unique().tolist() == [variant]
    assert frame["base_year"].unique().tolist() == [int(edition)]
    assert len(frame) == 26 * 18 * 3
    row = frame.query("year == 2040 and age == 3 and sex == 'males'").iloc[0]
    expected = server.world.projection("E08000001", int(edition), 2040, 3, "males")
    assert row["population"] == pytest.approx(expected, abs=0.001)
    assert check(fetched.path, what="the zip").rows == (1 + 9 + len(site.HELD)) * 92 * 3


def test_unchanged_files_are_not_sent_again(server, session, tmp_path):
    first = ons.fetch(WANTED, session, tmp_path)
    sent = server.bodies()
    again = ons.fetch(WANTED, session, tmp_path, known_of(first))
    assert again.path is None
    assert again.address == first.address
    assert server.bodies() == sent
    dated = replace(known_of(first), etag="")
    assert ons.fetch(WANTED, session, tmp_path, dated).path is None
    # The copy of another address says nothing of this one.
    other = replace(WANTED, edition="2018", ask={"uri": OLD})
    assert ons.fetch(other, session, tmp_path, known_of(first)).path is not None


def test_the_library_names_itself_and_other_names_are_rejected_with_the_reason(
    server, session, tmp_path
):
    with (
        Session(user_agent="python-requests/2", sleep=lambda _: None) as stranger,
        pytest.raises(SourceError, match=r"answered 403 .*give no name.*python-requests"),
    ):
        ons.fetch(WANTED, stranger, tmp_path)


def test_too_many_requests_are_waited_out_as_long_as_asked(server, session, pauses, tmp_path):
    server.fault("too_many", match="/ons/", times=1, after=7)
    assert ons.fetch(WANTED, session, tmp_path).path is not None
    assert pauses == [7]
    server.fault("too_many", match="/ons/", after=3600)
    with pytest.raises(SourceError, match=r"answered 429.*3,600 seconds.*ONS limits the number"):
        ons.fetch(WANTED, session, tmp_path)


def test_a_moved_file(server, session, tmp_path):
    wanted = replace(WANTED, ask={"uri": "/somewhere/else.zip"})
    with pytest.raises(SourceError, match=r"answered 404 .*has moved.*landing page: https"):
        ons.fetch(wanted, session, tmp_path)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("html", r"a web page: .*DOCTYPE.*text/html.*Expected a ZIP file"),
        ("empty", r"an empty body .*Expected a ZIP file"),
        ("other_layout", r"'table.csv' has the headings CODE, NAME, HOUSEHOLDS; expected"),
        ("cut", r"ended its answer too early"),
    ],
)
def test_what_is_no_table_of_projections(server, session, tmp_path, kind, message):
    server.fault(kind, match="/ons/")
    with pytest.raises(SourceError, match=message):
        ons.fetch(WANTED, session, tmp_path)


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (zipped(readme="none"), "without a CSV in it"),
        (b"PK\x03\x04 and no more", "sent a damaged zip"),
    ],
)
def test_zips_that_are_none(server, session, tmp_path, body, message):
    server.route("/ons/file", Answer(200, {"Content-Type": "application/zip"}, body))
    with pytest.raises(SourceError, match=message):
        ons.fetch(WANTED, session, tmp_path)


def test_another_base_year_is_rejected(server, session, tmp_path):
    wanted = replace(WANTED, ask={"uri": OLD})
    with pytest.raises(SourceError, match=r"years from 2018\. Expected .* based on 2022"):
        ons.fetch(wanted, session, tmp_path)


@pytest.mark.parametrize("uri", ["", "no/slash.zip", "/a/..", "/a/page", "/a/.hidden.zip"])
def test_an_odd_uri_never_becomes_a_file_name(server, session, tmp_path, uri):
    with pytest.raises(SourceError, match="Expected a path such as"):
        ons.fetch(replace(WANTED, ask={"uri": uri}), session, tmp_path)
    assert not server.requests


@pytest.mark.parametrize(
    ("kind", "message"), [("evil_zip", "not a safe file name"), ("zip_bomb", "unpacks to")]
)
def test_a_malicious_zip_is_rejected_before_it_is_kept(server, session, tmp_path, kind, message):
    server.fault(kind, match="/ons/")
    with pytest.raises(SourceError, match=message):
        check(ons.fetch(WANTED, session, tmp_path).path, what="the zip")
