"""Of real runs: passwords of proxies and mirrors are in nothing that is printed or kept."""

import base64
import http.server
import json
import re
import threading
from urllib.parse import unquote

import pytest

SECRET = "S3cr3tW0rd"  # noqa: S105 (made up for these tests)
SERVICES = (
    *("nomis", "arcgis", "govuk", "govuk_assets", "ees_content", "ees_site", "ons"),
    "fingertips",
)
FORMS = (
    f"me:{SECRET}@127.0.0.1:9",
    f"http://me:{SECRET}/x@127.0.0.1:9",
    f"http://me:{SECRET}@",
)


@pytest.mark.parametrize("form", FORMS)
def test_a_proxy_with_a_password_leaves_it_nowhere(empty, form):
    """Nothing printed, logged, written to the lock file, or shown by a later status has it."""
    env = {f"{name}_proxy": form for name in ("http", "https", "HTTPS", "no")}
    env |= {"HTTP_PROXY": form, "BOLTON_JSNA_ONS_URL": "http://127.0.0.1:9"}
    only = ("--only", "population_projections", "--no-build")
    empty.run("--verbose", "refresh", *only, "--json", "--workspace", empty.workspace, **env)
    empty.run("status", "--json", "--workspace", empty.workspace)
    printed = "".join(empty.said)
    printed += "".join(path.read_text() for path in empty.workspace.rglob("*.json"))
    assert "population_projections" in printed
    assert SECRET not in printed


@pytest.mark.parametrize("form", [f"http://me:{SECRET}@", f"http://me:{SECRET}/x@"])
def test_a_mirror_with_a_password_leaves_it_nowhere(nightly, form):
    """The publishers' stand-in behind a password, and one that is not there."""
    name = "BOLTON_JSNA_GOVUK_URL"
    base = nightly.env[name]
    nightly.env[name] = base.replace("http://", form)
    nightly.env["BOLTON_JSNA_GOVUK_ASSETS_URL"] = form + "127.0.0.1:9"
    nightly.refresh()
    nightly.run("status", "--json", "--workspace", nightly.workspace)
    printed = "".join(nightly.said)
    printed += "".join(path.read_text() for path in nightly.workspace.rglob("*.json"))
    assert SECRET not in printed
    lock = nightly.workspace / "data" / "raw" / "sources.lock.json"
    assert not lock.exists() or json.loads(lock.read_text())["version"] == 1


@pytest.fixture
def echo():
    """A server that sends back what it was asked with, in the reason and the body."""

    class Echo(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            said = self.headers.get("Authorization", "")
            plain = base64.b64decode(said.rpartition(" ")[2]).decode()
            body = f"{said} is not welcome here; {plain} neither".encode()
            self.send_response(403, f"no {said}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("password", [SECRET, f"{SECRET}%2Bx", "Ab1"])
def test_a_service_that_sends_the_password_back_is_not_quoted_with_it(empty, echo, password):
    for name in SERVICES:
        empty.env[f"BOLTON_JSNA_{name.upper()}_URL"] = f"http://me:{password}@{echo}/x"
    empty.run("--verbose", "refresh", "--no-build", "--json", "--workspace", empty.workspace)
    empty.run("status", "--json", "--workspace", empty.workspace)
    printed = "".join(empty.said)
    printed += "".join(path.read_text() for path in empty.workspace.rglob("*.json"))
    assert "answered 403" in printed
    pair = f"me:{unquote(password)}"
    for secret in (password, unquote(password), base64.b64encode(pair.encode()).decode()):
        assert re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", printed) is None
