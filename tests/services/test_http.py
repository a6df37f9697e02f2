"""The session withstands what the services do; each message says what was found and what to do."""

import contextlib
import gzip
import socket
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from bolton_jsna.core.errors import SourceError, UsageError
from bolton_jsna.services import StoredCopy, _streaming, endpoints
from bolton_jsna.services.http import Session
from bolton_jsna.services.redaction import network_settings
from bolton_jsna.services.responses import StatusError, UnreachableError
from standin import NO_WORLD, Answer, StandIn

BODY = b"code,value\n" + b"E08000001,503\n" * 4000
FILE = Answer(
    200,
    {
        "Content-Type": "text/csv",
        "ETag": '"one"',
        "Last-Modified": "Tue, 03 Nov 2026 09:30:00 GMT",
    },
    BODY,
)


@pytest.fixture
def publishers(monkeypatch):
    with StandIn(world=NO_WORLD) as server:
        for name, value in server.env().items():
            monkeypatch.setenv(name, value)
        server.route("/[a-z_]+/file.csv", FILE)
        yield server


@pytest.fixture
def session(pauses):
    with Session(sleep=pauses.append, timeout=(1, 30)) as opened:
        yield opened


def test_get_names_itself_and_asks_for_gzip(publishers, session):
    seen = {}

    def answer(request):
        seen.update(request.headers)
        return Answer(200, {}, b"\xef\xbb\xbf{}")

    publishers.route("/nomis/a", answer)
    reply = session.get("nomis", "a", params={"x": [1, 2], "none": None})
    assert reply.json() == {}
    assert seen["user-agent"].startswith("bolton-jsna/")
    assert seen["accept-encoding"] == "gzip"
    assert publishers.requests[-1].path == "/nomis/a?x=1&x=2"


@pytest.mark.parametrize("code", [500, 502, 503])
def test_passing_server_errors_are_tried_again(publishers, session, pauses, code):
    publishers.fault("status", code=code, times=3)
    assert session.get("ons", "file.csv").content == BODY
    assert len(pauses) == 3
    assert all(later > earlier for earlier, later in pairwise(pauses))


def test_lasting_server_error_has_status_and_body(publishers, session, pauses):
    publishers.fault("status", code=503, body=b"maintenance")
    with pytest.raises(StatusError, match=r"/ons/file.csv answered 503 .*'maintenance'") as found:
        session.get("ons", "file.csv")
    assert found.value.status == 503
    assert len(pauses) == 4


def test_retry_after_in_seconds_and_as_date_is_obeyed(publishers, session, pauses):
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 20))
    publishers.fault("too_many", after=7, times=1)
    publishers.fault("too_many", after=soon, times=1)
    assert session.get("nomis", "file.csv").status == 200
    assert pauses[0] == 7
    assert 15 < pauses[1] <= 20


def test_a_service_that_asks_for_an_hour_is_left_alone(publishers, session, pauses):
    publishers.fault("too_many", after=3600, times=1)
    with pytest.raises(SourceError, match="asks for a pause of 3,600 seconds"):
        session.get("ons", "file.csv")
    asked = len(publishers.requests)
    with pytest.raises(SourceError, match="3,600 seconds"):
        session.get("ons", "file.csv")
    assert len(publishers.requests) == asked
    assert pauses == []


def test_4xx_is_final_unless_accepted(publishers, session, pauses):
    with pytest.raises(StatusError, match=r"answered 404 Not Found: 'no route /nomis/x'"):
        session.get("nomis", "x")
    assert session.get("nomis", "x", accept=(404,)).status == 404
    assert pauses == []


@pytest.mark.parametrize("kind", ["cut", "truncated_gzip", "drop"])
def test_cut_answers_are_tried_again(publishers, session, tmp_path, kind):
    publishers.fault(kind, times=2)
    done = session.download("govuk_assets", "file.csv", tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == BODY
    assert (done.size, done.etag, done.content_type) == (len(BODY), '"one"', "text/csv")


@pytest.mark.parametrize("kind", ["cut", "truncated_gzip", "drop"])
def test_an_answer_that_stays_cut_is_an_error(publishers, session, tmp_path, kind):
    publishers.fault(kind)
    with pytest.raises(SourceError, match=r"ended its answer too early \(.*\)\."):
        session.download("govuk_assets", "file.csv", tmp_path / "x")


def test_silence_is_an_error_with_the_time_waited(publishers, pauses):
    publishers.fault("timeout", seconds=5)
    with (
        Session(sleep=pauses.append, timeout=(1, 0.1), retries=1) as session,
        pytest.raises(SourceError, match=r"Nomis \(127.0.0.1\) did not answer within 0.1 seconds"),
    ):
        session.get("nomis", "file.csv")
    assert len(pauses) == 1


def test_conditions_are_sent_to_the_same_address_only(publishers, session, tmp_path):
    first = session.download("ons", "file.csv", tmp_path / "x")
    known = StoredCopy(first.url, etag=first.etag, last_modified=first.last_modified)
    before = publishers.bodies()
    assert session.download("ons", "file.csv", tmp_path / "x", known=known).path is None
    only_date = StoredCopy(first.url, last_modified=first.last_modified)
    assert session.download("ons", "file.csv", tmp_path / "x", known=only_date).path is None
    assert publishers.bodies() == before
    elsewhere = StoredCopy("https://www.ons.gov.uk/file.csv", etag=first.etag)
    assert session.download("ons", "file.csv", tmp_path / "x", known=elsewhere).path is not None


def test_declared_and_endless_giants_are_rejected(publishers, session, tmp_path):
    publishers.fault("oversized", times=1)
    with pytest.raises(SourceError, match=r"declares 10,737,418,240 bytes, more than 512 MB"):
        session.download("ons", "file.csv", tmp_path / "x")
    publishers.fault("oversized", times=1, endless=True)
    with pytest.raises(SourceError, match=r"sent more than 1 MB, .* The answer was not stored"):
        session.download("ons", "file.csv", tmp_path / "x", max_bytes=2**20)


def test_a_small_gzip_that_unpacks_to_a_giant_is_rejected(publishers, session, tmp_path):
    import gzip

    bomb = gzip.compress(bytes(64 * 2**20))
    publishers.route("/ons/bomb", Answer(200, {"Content-Encoding": "gzip"}, bomb))
    with pytest.raises(SourceError, match="sent more than 1 MB"):
        session.download("ons", "bomb", tmp_path / "x", max_bytes=2**20)


def test_redirects_are_followed_within_the_service_only(publishers, session):
    publishers.fault("redirect", match="/govuk/old", to="/govuk_assets/file.csv", times=1)
    assert session.get("govuk", "old").content == BODY
    public = "https://assets.publishing.service.gov.uk/file.csv"
    publishers.fault("redirect", match="/govuk/old", to=public, times=1)
    assert session.get("govuk", "old").content == BODY
    publishers.fault("redirect", match="/govuk/old", to="https://evil.example/x", times=1)
    with pytest.raises(SourceError, match=r"evil.example, which is not its own"):
        session.get("govuk", "old")


def test_a_circle_and_a_long_chain_of_redirects_end(publishers, session):
    publishers.fault("redirect_loop", times=1)
    with pytest.raises(SourceError, match="redirects in a circle"):
        session.get("govuk", "old")
    for step in range(9):
        publishers.fault("redirect", match=f"/s{step}$", to=f"/govuk/s{step + 1}")
    with pytest.raises(SourceError, match="redirects more than 5 times"):
        session.get("govuk", "s0")


def test_an_error_under_200_can_be_tried_again(publishers, session, pauses):
    publishers.fault("json_error", times=1)
    reply = session.get(
        "nomis", "file.csv", again=lambda found: "busy" if found.content[:1] == b"{" else ""
    )
    assert reply.content == BODY
    publishers.fault("json_error")
    last = session.get("nomis", "file.csv", again=lambda found: "busy")
    assert last.json() == {"error": "Cannot create query"}


def test_unreachable_services_are_given_up_with_the_settings(monkeypatch, pauses):
    for key in endpoints.SERVICES:
        monkeypatch.setenv(f"BOLTON_JSNA_{key.upper()}_URL", f"http://127.0.0.1:9/{key}")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    began = time.monotonic()
    with Session(sleep=pauses.append) as session:
        for key in endpoints.SERVICES:
            with pytest.raises(UnreachableError, match=r"could not be reached|was not asked"):
                session.get(key, "x")
        asked = session.requests_sent
        with pytest.raises(
            UnreachableError, match=r"Nomis \(127.0.0.1\) (could not be reached|was not asked)"
        ):
            session.get("nomis", "x")
        assert session.requests_sent == asked
        assert "certificates: REQUESTS_CA_BUNDLE not set" in session.network
    assert time.monotonic() - began < 10


def test_a_proxy_that_is_not_there_is_named_without_its_password(monkeypatch, pauses):
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://me:secret@127.0.0.1:9")
    with (
        Session(sleep=pauses.append) as session,
        pytest.raises(UnreachableError, match=r"the proxy cannot be reached") as found,
    ):
        session.get("nomis", "x")
    assert "HTTPS_PROXY=http://***@127.0.0.1:9" in session.network
    assert "secret" not in str(found.value) + session.network
    assert "secret" not in network_settings()


def test_a_bundle_of_certificates_that_is_not_there_is_named(monkeypatch, pauses):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem")
    with (
        Session(sleep=pauses.append) as session,
        pytest.raises(UnreachableError, match="the file of trusted certificates cannot be used"),
    ):
        session.get("nomis", "x")
    assert "REQUESTS_CA_BUNDLE=/no/such/bundle.pem" in session.network
    assert pauses == []


def test_a_base_that_is_no_address_is_wrong_use(monkeypatch):
    monkeypatch.setenv("BOLTON_JSNA_ONS_URL", "ftp://mirror")
    with pytest.raises(UsageError, match="'ftp://mirror' is not a valid base address"):
        endpoints.resolve("ons", "x")


def test_absolute_addresses_are_rewritten_to_a_mirror(monkeypatch):
    monkeypatch.setenv("BOLTON_JSNA_ARCGIS_URL", "https://mirror.example/gis/")
    public = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/ArcGIS/rest/services/A/FeatureServer"
    assert endpoints.resolve("arcgis", public) == "https://mirror.example/gis/A/FeatureServer"
    assert endpoints.resolve("arcgis", "") == "https://mirror.example/gis"
    with pytest.raises(SourceError, match="not its own"):
        endpoints.resolve("arcgis", "https://services1.arcgis.com/another/rest/services/A")
    with pytest.raises(SourceError, match="not its own"):
        endpoints.resolve("govuk", "https://www.gov.uk@evil.example/x")
    plain = endpoints.resolve("govuk", "http://www.gov.uk/x?a=1")
    assert plain == "https://www.gov.uk/x?a=1"


def test_only_what_a_folder_takes_is_written(publishers, session, tmp_path: Path):
    shown = []
    session.progress = lambda *facts: shown.append(facts)
    session.download("ons", "file.csv", tmp_path / "x")
    assert shown[-1] == ("x", len(BODY), len(BODY))


def test_an_unchanged_answer_that_declares_the_length_of_its_body_is_no_cut_one(monkeypatch):
    """RFC 9110 allows a 304 to carry the Content-Length of the body that it does not send."""
    said = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 5000\r\n\r\n'
    with raw_server([said]) as base, Session(sleep=lambda _: None) as session:
        monkeypatch.setenv("BOLTON_JSNA_NOMIS_URL", base)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        reply = session.get("nomis", "x", headers={"If-None-Match": '"1"'}, accept=(304,))
    assert (reply.status, reply.content) == (304, b"")
    assert session.requests_sent == 1


def test_a_body_that_trickles_is_given_up(monkeypatch, tmp_path):
    """Each byte comes in time, so that only the time of the whole file ends it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 5000\r\n\r\n"
    with (
        raw_server([head, *[b"a"] * 200], pause=0.02) as base,
        Session(sleep=lambda _: None, patience=0.3) as session,
    ):
        monkeypatch.setenv("BOLTON_JSNA_ONS_URL", base)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        began = time.monotonic()
        session.begin()
        with pytest.raises(SourceError, match="took more than 0 minutes over one file"):
            session.download("ons", "file.csv", tmp_path / "x")
        assert time.monotonic() - began < 3.5
        # Pages without end are ended alike.
        with pytest.raises(SourceError, match="over one file"):
            session.get("ons", "more.csv")


def test_chunked_bodies_are_read_whole_and_cut_ones_reported(monkeypatch, tmp_path):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = [head, b"4\r\na,b\n\r\n", b"4\r\n1,2\n\r\n", b"0\r\n\r\n"]
    with raw_server(whole) as base, Session() as session:
        monkeypatch.setenv("BOLTON_JSNA_ONS_URL", base)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert session.get("ons", "x").content == b"a,b\n1,2\n"
    with raw_server(whole[:2]) as base, Session(sleep=lambda _: None, retries=1) as session:
        monkeypatch.setenv("BOLTON_JSNA_ONS_URL", base)
        with pytest.raises(SourceError, match="ended its answer too early"):
            session.get("ons", "x")


def test_a_gzip_body_of_several_members_is_read_to_its_end(publishers, session):
    body = gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n")
    publishers.route("/ons/two", Answer(200, {"Content-Encoding": "gzip"}, body))
    publishers.route("/ons/half", Answer(200, {"Content-Encoding": "gzip"}, body[:-6]))
    assert session.get("ons", "two").content == b"a,b\n1,2\n"
    with pytest.raises(SourceError, match="ends before its end mark"):
        session.get("ons", "half")
    pieces = iter(bytes([each]) for each in body)
    assert b"".join(_streaming.unpacked(pieces, "gzip", limit=99, url="x")) == b"a,b\n1,2\n"


def test_a_service_that_is_silent_for_two_files_is_left_alone_the_others_not(publishers, pauses):
    with Session(sleep=pauses.append, timeout=(1, 30), retries=1) as session:
        session.begin()
        assert session.get("ons", "file.csv").status == 200
        session.timeout = (1, 0.05)
        publishers.fault("timeout", match="/(ons|nomis)/", seconds=0.3)
        for _ in range(2):
            session.begin()
            with pytest.raises(SourceError, match="did not answer"):
                session.get("ons", "file.csv")
        asked = session.requests_sent
        session.begin()
        with pytest.raises(UnreachableError, match=r"was not asked again.*did not answer"):
            session.get("ons", "file.csv")
        assert session.requests_sent == asked
        # One that has never answered is not asked again at all.
        for _ in range(2):
            with pytest.raises(SourceError, match="did not answer"):
                session.get("nomis", "file.csv")
        assert session.requests_sent == asked + 2
        session.timeout = (1, 30)
        assert session.get("govuk", "file.csv").status == 200


def test_a_connection_that_is_taken_and_swallowed_counts_as_none(monkeypatch, pauses):
    """A firewall that accepts and says nothing: the handshake ends in the time to connect."""
    with raw_server([], hold=3) as base:
        for key in ("nomis", "ons"):
            monkeypatch.setenv(f"BOLTON_JSNA_{key.upper()}_URL", base.replace("http:", "https:"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with Session(sleep=pauses.append, timeout=(0.2, 30), retries=0) as session:
            with pytest.raises(UnreachableError, match=r"could not be reached: no answer"):
                session.get("nomis", "x")
            assert list(session.outages.down) == ["nomis"]
            assert "Proxy in use" in session.network


def test_a_service_that_keeps_answering_429_is_left_alone(publishers, session):
    publishers.fault("too_many", match="/nomis/", after=1)
    with pytest.raises(StatusError, match="answered 429"):
        session.get("nomis", "file.csv")
    asked = session.requests_sent
    with pytest.raises(SourceError, match="answered 429"):
        session.get("nomis", "other.csv")
    assert session.requests_sent == asked


def test_a_redirect_from_the_root_is_followed_behind_a_mirror_that_hands_it_on(publishers, session):
    """GOV.UK answers 303 to a path of its own, which a mirror may not have rewritten."""
    publishers.route("/govuk/api/content/a", Answer(303, {"Location": "/api/content/b"}))
    publishers.route("/govuk/api/content/b", Answer(200, {}, b"{}"))
    assert session.get("govuk", "api/content/a").json() == {}
    publishers.route("/nomis/old", Answer(302, {"Location": "/elsewhere/x"}))
    with pytest.raises(SourceError, match="is not its own"):
        session.get("nomis", "old")


def test_user_and_password_of_a_mirror_stand_in_no_message(publishers, session, monkeypatch):
    base = publishers.env()["BOLTON_JSNA_NOMIS_URL"].replace("http://", "http://me:secret@")
    monkeypatch.setenv("BOLTON_JSNA_NOMIS_URL", base)
    publishers.fault("redirect_loop", match="/nomis/")
    with pytest.raises(SourceError, match="redirects in a circle") as found:
        session.get("nomis", "x")
    assert "secret" not in str(found.value)
    monkeypatch.setenv("BOLTON_JSNA_NOMIS_URL", "http://me:secret@host/?x=1")
    with pytest.raises(UsageError, match="is not a valid base address") as wrong:
        session.get("nomis", "x")
    assert "secret" not in str(wrong.value)


@contextlib.contextmanager
def raw_server(parts, pause=0.0, hold=0.0):
    """A server that sends the same bytes to every client, part by part, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            while True:
                try:
                    there, _ = listening.accept()
                except OSError:
                    return
                with there, contextlib.suppress(OSError):
                    time.sleep(hold)
                    there.recv(65536)
                    for part in parts:
                        there.sendall(part)
                        time.sleep(pause)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
