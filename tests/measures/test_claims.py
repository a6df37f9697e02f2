"""Every word of comparison is as rarely wrong as it says: the short form of the table of claims."""

import contextlib
import importlib.util
import io
import re

import pytest


@pytest.fixture(scope="module")
def table(root):
    """What the short run prints, as lines."""
    path = root / "benchmarks" / "claims.py"
    spec = importlib.util.spec_from_file_location("claims", path)
    claims = importlib.util.module_from_spec(spec)
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.syspath_prepend(str(path.parent))
        spec.loader.exec_module(claims)
        assert claims.main((), quick=True) in {0, 1}
    return printed.getvalue().splitlines()


def test_every_barred_line_holds(table):
    missed = [line for line in table if line.endswith("MISSED")]
    assert missed == []
    counted = re.search(r"(\d+) of (\d+) lines hold", table[-1])
    assert counted[1] == counted[2]
    assert int(counted[1]) >= 50


def found(table, beginning):
    lines = [line for line in table if line.startswith(beginning)]
    assert lines, f"no line begins with {beginning!r}"
    return [float(line.split()[-2]) for line in lines]


def test_what_the_words_replace_was_wrong_much_more_often(table):
    """The pooled comparison, the marker and plain limits: why they are no longer the default."""
    assert min(found(table, "area like its ten neighbours, 300 events, of one size: beyond")) > 0.5
    assert min(found(table, "authority like the others of England, 300 events: beyond")) > 0.5
    assert min(found(table, "marker of Fingertips called: referrals, years in random")) > 0.2
    plain = found(table, "limits hold the true rate: 2 referrals a child, geometric, repeats not")
    assert max(plain) < 0.85
