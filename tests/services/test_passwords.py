"""Passwords of proxies and mirrors are in no message, log, lock, record or report."""

import base64

import pytest

from bolton_jsna.core.errors import SourceError, UsageError
from bolton_jsna.services import endpoints
from bolton_jsna.services.redaction import network_settings, scrubbed, shown, without_password

SECRET = "S3cr3tW0rd"  # noqa: S105 (made up for these tests)
FORMS = [
    f"http://me:{SECRET}@127.0.0.1:9",
    f"me:{SECRET}@127.0.0.1:9",
    f"{SECRET}@127.0.0.1:9",
    f"//me:{SECRET}@127.0.0.1:9",
    f"HTTP://me:{SECRET}@127.0.0.1:9",
    f"http://me:{SECRET}@more@127.0.0.1:9",
    f"http://me:{SECRET}/x@127.0.0.1:9",
    f"http://me:{SECRET}?x@127.0.0.1:9",
    f"http://me:{SECRET}#x@127.0.0.1:9",
    f"http://me:{SECRET}%40x@127.0.0.1:9",
    f"socks5://me:{SECRET}@127.0.0.1:9",
    f"{SECRET}://me@127.0.0.1:9",
    f"http://me:{SECRET}@",
    f"http://127.0.0.1:9/?token={SECRET}",
    f"http://127.0.0.1:9/#{SECRET}",
    f"http://me:{SECRET}",
    f"me:{SECRET}",
]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_before_the_last_at_sign_is_shown(form):
    assert SECRET not in without_password(form)


@pytest.mark.parametrize("form", ["http://proxy.example:8080", "http://[::1]:3128/", "proxy:8080"])
def test_what_holds_no_password_is_shown_whole(form):
    assert without_password(form) == form


@pytest.mark.parametrize(
    "name", ["token", "access_token", "X-Amz-Signature", "sig", "apikey", "subscription-key", "uid"]
)
def test_keys_in_a_query_are_not_shown(name):
    assert SECRET not in shown(f"https://example.org/a?{name}={SECRET}&date=latest")
    assert "date=latest" in shown(f"https://example.org/a?{name}={SECRET}&date=latest")


def test_messages_of_other_libraries_are_scrubbed(monkeypatch):
    monkeypatch.setenv("https_proxy", f"me:{SECRET}@proxy")
    monkeypatch.setenv("HTTPS_PROXY", f"me:{SECRET}@proxy")
    for said in (
        f"Failed to parse: me:{SECRET}@proxy",
        f"Max retries at 'http://me:{SECRET}@proxy' ({SECRET})",
        f"invalid literal for int(): '{SECRET}'",
    ):
        assert SECRET not in scrubbed(said)


@pytest.mark.parametrize("form", [each for each in FORMS if "socks" not in each])
def test_a_mirror_whose_host_is_not_certain_is_rejected_without_its_password(form, monkeypatch):
    monkeypatch.setenv("BOLTON_JSNA_NOMIS_URL", form)
    try:
        printed = shown(endpoints.service("nomis").base)
    except UsageError as error:
        printed = str(error)
    assert SECRET not in printed


@pytest.mark.parametrize("form", FORMS)
def test_messages_that_quote_a_proxy_in_part_are_scrubbed(form, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, form)
    for said in (
        f"Failed to parse: {form}",
        f"'me:{SECRET}' is no host",
        f"port {SECRET}: no number",
    ):
        assert SECRET not in scrubbed(said)


@pytest.mark.parametrize(
    "text",
    [
        "idaci@2025: updated",
        "lookup@lsoa21-ward23/E08000001: fetched",
        "bolton_jsna.ingest.store: x",
    ],
)
def test_what_is_no_address_stays(text, monkeypatch):
    monkeypatch.setenv("http_proxy", "jsna@proxy")
    assert scrubbed(text) == text


def test_an_address_in_an_answer_is_named_without_its_password():
    with pytest.raises(SourceError) as caught:
        endpoints.resolve("nomis", f"http://me:{SECRET}@example.org/x?token={SECRET}")
    assert SECRET not in str(caught.value)


def test_parts_of_a_proxy_are_scrubbed_in_any_case_and_as_they_are_sent(monkeypatch):
    monkeypatch.setenv("https_proxy", f"http://{SECRET}.example:9/{SECRET}Path?x")
    monkeypatch.setenv("http_proxy", f"http://me:{SECRET}@proxy.example:8080/{SECRET}")
    sent = base64.b64encode(f"me:{SECRET}".encode()).decode()
    assert scrubbed(f"sent Basic {sent}") == "sent Basic ***" + "=" * sent.count("=")
    assert SECRET.lower() not in scrubbed(f"no host {SECRET.lower()}@proxy")
    printed = network_settings()
    assert "proxy.example:8080/***" in printed
    assert f"{SECRET}Path" not in printed
