"""Stand-ins and sessions for the tests of services, store and refresh."""

import pytest
from standin import in_place

from bolton_jsna.services.http import Session


@pytest.fixture
def live(monkeypatch):
    """The publishers' stand-in, in place of every service."""
    with in_place(monkeypatch) as server:
        yield server


@pytest.fixture
def session():
    """A session that does not sleep; it waits as long as a busy machine may need to answer."""
    with Session(sleep=lambda _: None, timeout=(1, 30), retries=2) as opened:
        yield opened
