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
    """A session that does not sleep; it waits as long as a busy machine may need to answer."""
    with Session(sleep=lambda _: None, timeout=(1, 30), retries=2) as opened:
        yield opened
