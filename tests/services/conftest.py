"""The publishers' stand-in for the tests of clients, which ask services and no refresh."""

from collections.abc import Iterator

import pytest

from standin import StandIn


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in with a world that a test may change."""
    with StandIn() as server:
        for name, value in server.env().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    """A stand-in that the tests of a module share, because its files are large."""
    with StandIn() as server:
        yield server


@pytest.fixture
def server(running: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The shared stand-in without faults; its world stays as it is."""
    for name, value in running.env().items():
        monkeypatch.setenv(name, value)
    running.faults.clear()
    running.extra.clear()
    running.requests.clear()
    return running
