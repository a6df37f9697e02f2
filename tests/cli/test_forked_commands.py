"""A command that is forked does and says what one in a Python of its own does."""

import os
from pathlib import Path

import pytest

from command_line import command


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["build", "--area", "Roachdale"],
        ["build", "--frobnicate"],
        ["check", "no-such-file.csv"],
        ["--verbose", "status", "--area", "Rochdale"],
    ],
    ids=" ".join,
)
def test_both_ways_say_the_same(tmp_path, arguments):
    forked = command(*arguments, cwd=tmp_path)
    fresh = command(*arguments, cwd=tmp_path, fresh=True)
    assert forked.stdout + forked.stderr
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        fresh.returncode,
        fresh.stdout,
        fresh.stderr,
    )


def test_a_forked_command_has_a_folder_an_environment_and_a_process_of_its_own(tmp_path):
    here, around = Path.cwd(), dict(os.environ)
    env = {**os.environ, "BOLTON_JSNA_WORKSPACE": "nowhere"}
    done = command("status", cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert "There is no folder 'nowhere'" in done.stderr
    assert command("status", cwd=tmp_path).returncode == 0
    assert (Path.cwd(), dict(os.environ)) == (here, around)


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX")
def test_a_forked_command_is_held_to_its_memory(tmp_path):
    """Less than it has already: whatever it needs more, it does not get."""
    path = tmp_path / "x.csv"
    path.write_text("Child ID,Date,Postcode\n" + "A1,03/05/2024,BL1 1AP\n" * 2_000_000)
    done = command("check", path, "--kind", "referrals", cwd=tmp_path, memory=2**27)
    assert done.returncode == 1
    assert "'x.csv' cannot be read: it needs more memory than is free" in done.stderr
