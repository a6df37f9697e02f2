"""A council's network: one message for all files, that says what to ask ICT and what to set."""

import contextlib
import http.server
import math
import os
import re
import socket
import ssl
import threading
from pathlib import Path
from typing import ClassVar

import certifi
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services import _diagnosis
from bolton_jsna.services._request import Request
from bolton_jsna.services.endpoints import SERVICES
from bolton_jsna.services.outages import Outages
from command_line import command

DEBRIS = re.compile(
    r"Caused by|Max retries|HTTPSConnection|ConnectionPool|object at 0x|Errno|OSError|SSLError|"
    r"_ssl\.c|Traceback|urllib3|\[SSL"
)


class Proxy(http.server.BaseHTTPRequestHandler):
    """A proxy that answers each CONNECT with one status."""

    status = 407
    asked: ClassVar[list[str]] = []

    def do_CONNECT(self):
        self.asked.append(self.path)
        self.send_response(self.status)
        if self.status == 407:
            self.send_header("Proxy-Authenticate", "NTLM")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_CONNECT  # noqa: N815 (named by http.server)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(handler, context=None):
    """Serve a handler on loopback, with TLS where there is a context; yield the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def inspected():
    """The port of a server with a certificate that only a council's own authority has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA(organization_name="Council inspection")
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with served(Proxy, context) as port:
        yield port, authority


def around(port, **more):
    """The environment of a refresh whose services are on a port of this machine."""
    bare = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    bare.pop("REQUESTS_CA_BUNDLE", None)
    bare.pop("CURL_CA_BUNDLE", None)
    named = {
        f"BOLTON_JSNA_{key.upper()}_URL": f"https://127.0.0.1:{port}/{key}" for key in SERVICES
    }
    return bare | named | more


def closed_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def refreshed(tmp_path, env, *more):
    """Refresh; what is printed comes back with lines as they are, and without line breaks."""
    done = command("refresh", "--no-build", *more, cwd=tmp_path, env=env)
    done.words = " ".join(done.stdout.split())
    return done


@pytest.mark.parametrize(
    ("status", "found", "ask", "setting"),
    [
        (
            407,
            "wants a user name and a password (407)",
            "NTLM",
            "HTTPS_PROXY=http://USER:PASSWORD@",
        ),
        (403, "does not allow connections to 127.0.0.1", "to let this computer connect", "none"),
        (
            502,
            "does not connect to 127.0.0.1",
            "which proxy programs use",
            "HTTPS_PROXY=http://",
        ),
    ],
)
def test_a_proxy_that_does_not_connect_is_one_message(tmp_path, status, found, ask, setting):
    handler = type("Proxy", (Proxy,), {"status": status})
    with served(handler) as port:
        proxy = f"http://me:S3cr3tW0rd@127.0.0.1:{port}"
        done = refreshed(tmp_path, around(9, HTTPS_PROXY=proxy, https_proxy=proxy))
    assert done.returncode == 3
    assert done.words.count("Ask ICT") == 1
    assert found in done.words
    assert ask in done.words
    assert f"Setting: {setting}" in done.words
    assert f"Now: Proxy in use: HTTPS_PROXY=http://***@127.0.0.1:{port}" in done.words
    assert _diagnosis.GUIDE in done.stdout
    assert DEBRIS.findall(done.stdout + done.stderr) == []
    # A line for each file, with one short reason.
    lines = re.findall(r"^ *\d+ of 20 +(?:stale|missing) .*", done.stdout, re.MULTILINE)
    assert len(lines) == 20
    assert {line.count("could not be reached") for line in lines} == {1}
    end = done.stdout.partition("Ask ICT")[2].partition("\n  Now: ")[0]
    assert max(map(len, end.splitlines())) <= 100
    assert "S3cr3tW0rd" not in done.stdout + done.stderr


def test_a_proxy_that_is_not_there_is_one_message(tmp_path):
    proxy = f"http://127.0.0.1:{closed_port()}"
    done = refreshed(tmp_path, around(9, HTTPS_PROXY=proxy, https_proxy=proxy))
    assert done.returncode == 3
    assert done.words.count("The proxy that is set here cannot be reached") == 1
    assert "To try again when the network problem below is solved: bolton-jsna" in done.words
    assert "remove HTTPS_PROXY and HTTP_PROXY" in done.words
    assert DEBRIS.findall(done.stdout + done.stderr) == []


@pytest.mark.parametrize("proxy", ["http://", "proxy.example:port", "socks5://127.0.0.1:9"])
def test_an_address_of_a_proxy_that_is_not_valid_is_one_message(tmp_path, proxy):
    done = refreshed(tmp_path, around(9, HTTPS_PROXY=proxy, https_proxy=proxy))
    assert done.returncode == 3
    assert done.words.count("The address of the proxy that is set here is not valid") == 1
    assert DEBRIS.findall(done.stdout + done.stderr) == []


def test_a_certificate_of_the_council_s_own_is_one_message_and_its_setting_works(
    tmp_path, inspected
):
    port, authority = inspected
    done = refreshed(tmp_path, around(port))
    assert done.returncode == 3
    assert done.words.count("is not one that this program trusts") == 1
    assert "Setting: REQUESTS_CA_BUNDLE=FILE" in done.words
    assert DEBRIS.findall(done.stdout + done.stderr) == []
    bundle = tmp_path / "council.pem"
    bundle.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
    again = refreshed(tmp_path, around(port, REQUESTS_CA_BUNDLE=str(bundle)))
    # The server is reached now: what it answers (407 to everything) is another matter.
    assert "is not one that this program trusts" not in again.words
    assert "wants a user name and a password (407)" in again.words


@pytest.mark.parametrize("content", [None, "hello", ""])
def test_a_file_of_certificates_that_is_none_is_one_message(tmp_path, inspected, content):
    bundle = tmp_path / "council.pem"
    if content is not None:
        bundle.write_text(content)
    done = refreshed(tmp_path, around(inspected[0], REQUESTS_CA_BUNDLE=str(bundle)))
    assert done.returncode == 3
    assert done.words.count("The file of certificates that is set here cannot be used") == 1
    assert f"certificates: REQUESTS_CA_BUNDLE={bundle}" in done.words
    assert DEBRIS.findall(done.stdout + done.stderr) == []


def test_no_network_is_one_message(tmp_path):
    named = {f"BOLTON_JSNA_{key.upper()}_URL": f"https://{key}.invalid/x" for key in SERVICES}
    done = refreshed(tmp_path, around(9) | named)
    assert done.returncode == 3
    assert done.words.count("Ask ICT") == 1
    assert "This computer finds no address for" in done.words
    assert DEBRIS.findall(done.stdout + done.stderr) == []


def test_a_closed_port_is_one_message(tmp_path):
    done = refreshed(tmp_path, around(closed_port()))
    assert done.words.count("No connection can be made to 127.0.0.1") == 1
    assert DEBRIS.findall(done.stdout + done.stderr) == []


def test_a_filter_that_forbids_everything_is_one_message_and_one_publisher_s_403_is_none(
    live, tmp_path
):
    live.fault("status", code=403, body=b"<html>Blocked by policy</html>")
    done = refreshed(tmp_path, dict(os.environ))
    assert done.words.count("A filter of this network probably sends them") == 1
    live.faults.clear()
    live.fault("status", code=403, match="/nomis/")
    one = refreshed(tmp_path, dict(os.environ), "--only", "population_estimates")
    assert "Ask ICT" not in one.stdout


@pytest.mark.parametrize("kind", ["drop", "cut", "truncated_gzip", "status", "empty", "html"])
def test_a_fault_of_everything_leaves_no_debris_and_is_not_put_down_to_the_network(
    live, tmp_path, kind
):
    live.fault(kind)
    done = refreshed(tmp_path, dict(os.environ), "--only", "idaci", "--only", "lookup")
    assert done.returncode == 3
    assert DEBRIS.findall(done.stdout + done.stderr) == []
    assert re.findall(r"[A-Z][a-z]+Error\b|\w+\(\\?['\"]", done.stdout) == []
    assert "Ask ICT" not in done.stdout


def test_what_a_loader_says_has_the_advice_once(tmp_path, monkeypatch):
    import bolton_jsna as jsna

    proxy = f"http://127.0.0.1:{closed_port()}"
    for name, value in around(9, HTTPS_PROXY=proxy, https_proxy=proxy).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(jsna.MissingDataError) as found:
        jsna.load_boundaries("Rochdale", year=2024, workspace=tmp_path, download=True)
    assert str(found.value).count("Ask ICT") == 1
    assert DEBRIS.findall(str(found.value)) == []


def test_a_build_that_fetches_has_the_advice_once_and_asks_each_service_once(tmp_path):
    handler = type("Proxy", (Proxy,), {"status": 403, "asked": []})
    with served(handler) as port:
        proxy = f"http://127.0.0.1:{port}"
        env = around(9, HTTPS_PROXY=proxy, https_proxy=proxy, BOLTON_JSNA_DOWNLOAD="1")
        done = command("build", "--area", "Rochdale", cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert done.stderr.count("Ask ICT") == 1
    assert "things are missing" in done.stderr
    assert 0 < len(handler.asked) <= len(SERVICES)


def test_the_page_has_every_address_and_every_message(root):
    page = (root / _diagnosis.GUIDE).read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    for each in SERVICES.values():
        assert f"> - {each.hosts[0]}\n" in page
    for said in _diagnosis.advice_for().values():
        found = said.found.replace("{hosts}", "...")
        row = [line for line in rows if found.startswith(line[2:].partition(" | ")[0])]
        assert len(row) == 1, found
        setting = said.setting.partition("=")[0]
        assert (setting if setting.isupper() else "none") in row[0]


# ------------------------------------------------------------------ what is left alone, and when
def asked(found, service, kind, seconds, tried=2):
    """Ask a service unless it is left alone; return the seconds that it took."""
    if found.everything or service in found.down:
        return 0
    request = Request("GET", service, f"https://{service}.example/x")
    if kind == "ok":
        found.answered(request)
        return 1
    found.failed(request, kind, seconds, SourceError(f"{service} failed."), tried=tried)
    return seconds


@given(st.lists(st.tuples(st.sampled_from(sorted(SERVICES)), st.integers(1, 60)), max_size=60))
def test_silence_everywhere_ends_within_two_minutes(files):
    found, spent = Outages(), 0
    for service, seconds in files:
        found.begin()
        limits = found.patience(service, 5)
        longest = min(seconds, 30, limits.silence)
        tried = 2 if limits.tries > 1 and longest < limits.waiting else 1
        spent += asked(found, service, "silent", longest * tried, tried)
    assert spent <= 120


@given(st.lists(st.sampled_from(["broken", "silent", "ok"]), min_size=1, max_size=30))
def test_a_service_is_left_alone_after_two_files_running_and_only_then(kinds):
    found = Outages()
    found.begin()
    asked(found, "nomis", "ok", 1)  # one that has never answered may be left alone sooner
    running = 0
    for kind in kinds:
        found.begin()
        asked(found, "nomis", kind, 1)
        running = 0 if kind == "ok" else running + 1
        if running == 2:
            break
    assert ("nomis" in found.down) == (running == 2)
    assert not found.everything


def test_one_publisher_s_outage_stops_no_other():
    found = Outages()
    for service in ("nomis", "ons", "arcgis"):
        for _ in range(2):
            found.begin()
            asked(found, service, "silent", 60)
    assert set(found.down) == {"nomis", "ons", "arcgis"}
    found.begin()
    assert found.patience("govuk", 5).tries == 2
    assert not found.everything
    asked(found, "govuk", "ok", 1)
    found.ended()
    found.begin()
    # A file has come: from here on patience is as at the beginning.
    assert found.patience("fingertips", 5).tries == 5


USELESS = SourceError("It answered 403.")


def ask_slowly(found, service, kind, seconds):
    """Ask a service that answers after so many seconds, but never with what was asked for."""
    if found.everything or service in found.down:
        return 0
    request = Request("GET", service, f"https://{service}.example/x")
    if kind == "page":
        found.answered(request, seconds)
    elif kind == "forbidden":
        found.useless(request, seconds, USELESS, status=403)
    else:
        found.useless(request, seconds, SourceError("It redirects to another host."))
    return seconds


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(SERVICES)),
            st.sampled_from(["page", "forbidden", "redirect"]),
            st.integers(5, 30),
        ),
        max_size=60,
    )
)
def test_slow_answers_of_no_use_from_everywhere_end_within_two_minutes(files):
    found, spent, publishers = Outages(), 0, set()
    for service, kind, seconds in files:
        if len(publishers) > 1 and spent > 90:
            assert found.everything
        found.begin(f"{service}@1")
        took = ask_slowly(found, service, kind, seconds)
        if took:
            publishers.add(SERVICES[service].publisher)
        spent += took
        found.ended("No file came.")


def test_a_quick_answer_that_forbids_is_no_file_that_came():
    found = Outages()
    for service, kind in (("nomis", "silent"), ("govuk", "forbidden"), ("arcgis", "silent")):
        found.begin()
        if kind == "silent":
            asked(found, service, kind, 30)
        else:
            ask_slowly(found, service, kind, 0.1)
        found.ended("No file came.")
    assert found.patience("fingertips", 5).tries == 2
    assert not found.everything
    # GOV.UK is not left alone: it answered at once.
    assert "govuk" not in found.down


def test_one_file_that_fails_for_several_authorities_does_not_stop_the_others_of_its_service():
    found, request = Outages(), Request("GET", "arcgis", "https://arcgis.example/wards")
    for _ in range(2):
        found.begin("ward_boundaries@2025")
        found.check(request)
        asked(found, "arcgis", "broken", 1)
    # It is not asked a third time, but another file is.
    found.begin("ward_boundaries@2025")
    with pytest.raises(SourceError, match="not asked again, because it had failed before"):
        found.check(request)
    found.begin("ward_boundaries@2024")
    found.check(request)
    asked(found, "arcgis", "ok", 1)
    found.begin("lookup@lsoa21-ward25")
    assert found.patience("arcgis", 5).tries > 1
    # Two different files are enough.
    for name in ("lookup@lsoa21-ward25", "lookup@lsoa21-ward24"):
        found.begin(name)
        asked(found, "arcgis", "broken", 1)
    assert "arcgis" in found.down


def test_one_slow_file_does_not_make_the_next_one_of_its_service_hurry():
    found = Outages()
    found.begin("idaci@2025")
    asked(found, "govuk", "ok", 1)
    found.begin("population_projections@2022")
    asked(found, "nomis", "ok", 1)
    asked(found, "nomis", "silent", 61)
    found.begin("population_estimates@latest")
    assert found.patience("nomis", 5).silence == math.inf
    # The same file of another authority does, and so do others once more has failed.
    found.begin("population_projections@2022")
    assert found.patience("nomis", 5).silence <= 15
    found.begin("population_estimates@latest")
    asked(found, "arcgis", "silent", 20)
    assert found.patience("nomis", 5).silence <= 15


def test_a_service_that_takes_all_the_time_of_a_file_is_left_alone_at_once():
    found = Outages()
    found.begin("idaci@2025")
    asked(found, "govuk", "broken", 1200)
    assert "govuk" in found.down


@pytest.mark.parametrize(("seconds", "left"), [(1, False), (14, True)])
def test_a_service_that_answers_slowly_with_something_else_is_left_alone(seconds, left):
    found = Outages()
    for name in ("ward_boundaries@2025", "ward_boundaries@2024"):
        found.begin(name)
        ask_slowly(found, "arcgis", "page", seconds)
        found.ended("It answered with a web page.")
    assert ("arcgis" in found.down) == left
    # One whose slow answers are files is not.
    for name in ("idaci@2025", "idaci@2019"):
        found.begin(name)
        ask_slowly(found, "govuk", "page", 14)
        found.ended()
    assert "govuk" not in found.down


class Limited:
    final, pause, kind = False, 1.0, "broken"


def test_a_pause_that_is_asked_for_is_no_reason_to_wait_for_slow_answers():
    patience = Outages().patience("nomis", 5)
    assert patience.again(Limited, 1, after=60, paused=59)
    assert not patience.again(Limited, 2, after=60, paused=2)
    assert not patience.again(Limited, 2, after=118, paused=117)


def test_the_file_of_certificates_is_shown_without_passwords_and_control_characters(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "http://me:secret99@mirror/\x1b[31mca.pem\nSECOND")
    said = _diagnosis.advice({"certificate": {"govuk": "www.gov.uk"}})
    assert "REQUESTS_CA_BUNDLE=http://***@mirror/ [31mca.pem SECOND." in said
    assert "secret99" not in said
    assert all(each.isprintable() for each in said.splitlines())
