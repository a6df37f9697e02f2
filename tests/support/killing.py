"""Children that are killed before each of their steps in the file system, one after the other.

Drivers import this in a process of their own: it takes ``os.fsync`` away.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

STEPS = ("replace", "rename", "link", "unlink", "mkdir", "rmdir")
os.fsync = lambda _: None  # a kill loses nothing that was written


def killed_at(number: int, doing: Callable[[], Any]) -> bool:
    """Run something in a child that is killed before its n-th step; say whether it was."""
    child = os.fork()
    if not child:
        left = [number]

        def counted(real):
            def step(*args, **options):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return step

        for name in STEPS:
            setattr(os, name, counted(getattr(os, name)))
        try:
            doing()
        except BaseException:  # noqa: BLE001 (whatever it is, the parent reports it)
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL
