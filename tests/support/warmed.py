"""What a forked command finds read already: the snapshot, and what a build makes of it.

The process that commands are forked from imports this. Counts are left open in its build, because
HiGHS, which hides them, starts threads that no fork has.
"""

import gc
import logging
import os
import tempfile
import warnings

import pytest

import sketches
from bolton_jsna import build


def _read() -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("BOLTON_JSNA_")]:
            patch.delenv(name)
        sketches.put_in_place(patch)
        # A warning that was given here would not be given again in a fork.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            logging.disable()
            build(workspace=folder, unprotected="what is read is kept, what is written is not")
            logging.disable(logging.NOTSET)


_read()
# What is read stays: no command looks through it again for what may be thrown away.
gc.collect()
gc.freeze()
