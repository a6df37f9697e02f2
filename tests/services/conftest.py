"""Stand-ins and sessions for the tests of services, store and refresh."""

import pytest
from standin import StandIn
from standin.world import small_catalogue

from bolton_jsna import catalogue
from bolton_jsna.services.http import Session


@pytest.fixture
def live(monkeypatch):
    """The publishers' stand-in, in place of every service."""
    with StandIn() as server:
        for name, value in server.env().items():
            monkeypatch.setenv(name, value)
        small = small_catalogue()
        monkeypatch.setattr(catalogue, "_catalogue", lambda: small)
        yield server


@pytest.fixture
def session():
    """A session that does not sleep and waits half a second for an answer."""
    with Session(sleep=lambda _: None, timeout=(1, 0.5), retries=2) as opened:
        yield opened
