"""Redirects that come slowly have the time of one request together."""

import time

import pytest

from bolton_jsna.core.errors import SourceError
from bolton_jsna.services.http import Session
from standin import NO_WORLD, Answer, StandIn


def test_slow_redirects_have_the_time_of_one_answer(monkeypatch):
    with StandIn(world=NO_WORLD) as publishers:
        for name, value in publishers.env().items():
            monkeypatch.setenv(name, value)

        def on(request):
            publishers.closing.wait(0.4)
            return Answer(302, {"Location": f"{request.path}x"})

        publishers.route("/ons/a.*", on)
        with Session(sleep=lambda _: None, timeout=(1, 1), retries=0) as session:
            session.begin("x@1")
            began = time.monotonic()
            with pytest.raises(SourceError, match="did not answer within 1 seconds"):
                session.get("ons", "a")
            assert time.monotonic() - began < 2
