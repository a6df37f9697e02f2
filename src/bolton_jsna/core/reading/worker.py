"""The child process of ``reading.isolated``: set limits, start the reader, answer questions."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from bolton_jsna.core.errors import BoltonJsnaError
from bolton_jsna.core.reading import limits

Answers = Callable[[dict[str, Any]], tuple[dict[str, Any], list[bytes]]]


def main() -> None:
    """Read one file, answer the questions about it and end."""
    _limit()
    # What a library prints must not mix with the answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = sys.stdin.buffer
    task = json.loads(source.readline())
    content = source.read(task["size"])
    module, _, function = task["task"].partition(":")
    answer: Answers | None = None
    while line := source.readline():
        try:
            if answer is None:
                answer = getattr(importlib.import_module(module), function)(content, task["name"])
            facts, parts = answer(json.loads(line))
        except BoltonJsnaError as error:
            facts, parts = {"failed": str(error)}, []
        except BaseException:  # noqa: BLE001 (a panic of Rust is not an Exception)
            facts, parts = {"failed": "damaged"}, []
        head = json.dumps({**facts, "sizes": [len(each) for each in parts]}).encode()
        out.write(len(head).to_bytes(8, "little") + head)
        for each in parts:
            out.write(each)
        out.flush()


def _limit() -> None:
    try:
        import resource
    except ImportError:
        # Windows has no such limits: there the parent limits the time only.
        return
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.MEMORY),
        # A little more than in the parent, whose message gives the reason.
        (resource.RLIMIT_CPU, int(limits.SECONDS) + 5),
        # It writes to its pipe only.
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # Not every system knows every limit.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (allowed, allowed))
