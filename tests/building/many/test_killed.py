"""A run that is killed is resumed: the same files, and nothing made twice."""

import os
from pathlib import Path

import pytest

import soak_many
from raw_files import lay_raw


@pytest.mark.skipif(os.name != "posix", reason="kills a group of processes by a signal")
def test_a_run_that_is_killed_twice_is_resumed(tmp_path: Path) -> None:
    raw = lay_raw(tmp_path) / "data" / "raw"
    options = ["--no-maps"]
    assert soak_many.soak(raw, ["Rochdale", "Bolton"], options, kills=2, seed=3) >= 1
