"""Services that send page after page are ended."""

import csv
import io
import json

import pytest

from bolton_jsna.building.refresh import refresh
from bolton_jsna.core.errors import SourceError
from bolton_jsna.services.endpoints import SERVICES
from bolton_jsna.services.http import Session
from standin.server import Answer
from stored import changed_files

MANY = 10**9


def as_json(body) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def arcgis_pages(request):
    """A layer that counts a billion rows, and gives another one each time."""
    if request.one("returnCountOnly"):
        return as_json({"count": MANY})
    number = int(request.one("resultOffset") or 0) + 1
    facts = {"ObjectId": number, "LSOA21CD": f"E01{number:06}", "WD25CD": "E05000001"}
    return as_json({"features": [{"attributes": facts}], "exceededTransferLimit": True})


def nomis_pages(request):
    """A table that counts a billion rows, and gives one of another area each time."""
    columns = request.one("select").upper().split(",")
    facts = {"RECORD_COUNT": MANY, "OBS_VALUE": 1, "C_AGE": 101, "GENDER": 0, "MEASURES": 20100}
    facts["GEOGRAPHY_CODE"] = f"E01{int(request.one('RecordOffset')):06}"
    out = io.StringIO()
    csv.writer(out).writerows([columns, [facts.get(each, "2024") for each in columns]])
    return Answer(200, {"Content-Type": "text/csv"}, out.getvalue().encode())


@pytest.fixture
def limited():
    with Session(sleep=lambda _: None, retries=2, max_answers=40) as opened:
        yield opened


ENDLESS = {
    "lookup@lsoa21-ward25": ("arcgis", "/arcgis/.*/query", arcgis_pages),
    "population_estimates@latest/lsoas": ("nomis", r"/nomis/.*\.data\.csv", nomis_pages),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_refresh_ends_pages_without_end_and_goes_on(live, limited, tmp_path, name):
    service, pattern, pages = ENDLESS[name]
    live.route(pattern, pages)
    record = refresh(workspace=tmp_path, only=[name, "idaci@2025"], session=limited)
    found = {each.dataset: each for each in record.outcomes}
    assert found["idaci"].verdict == "updated"
    endless = found[name.partition("@")[0]]
    assert endless.verdict in {"stale", "missing"}
    assert endless.reason.startswith(
        f"{SERVICES[service].name} (127.0.0.1) gave more than 40 answers for one file"
    )
    assert "its pages seem to have no end" in endless.reason
    assert len(live.requests) < 60
    assert changed_files(tmp_path) == ()


def test_what_is_held_in_memory_has_a_limit_for_each_file(live):
    live.route("/nomis/page", Answer(200, {}, b"0" * 600_000))
    with Session(sleep=lambda _: None, max_held=2**20) as session:
        for _ in range(2):
            session.begin()
            session.get("nomis", "page")
            with pytest.raises(SourceError, match=r"Nomis .* gave more than 1 MB in pages"):
                session.get("nomis", "page")


def test_the_usual_limits_are_far_from_what_a_whole_refresh_needs(live, tmp_path, monkeypatch):
    asked, held = [], []
    begin = Session.begin

    def counted(self, file):
        asked.append(self._allowance.asked)
        held.append(self._allowance.taken)
        begin(self, file)

    monkeypatch.setattr(Session, "begin", counted)
    refresh("Lancashire", workspace=tmp_path, rebuild=False)
    assert 0 < max(asked) * 20 < Session.max_answers
    assert 0 < max(held) * 5 < Session.max_held
