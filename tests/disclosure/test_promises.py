"""What is promised of hidden counts holds: the short form of the table of promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from hiding import churn, crossed, lines
from hiding.method import Limits, hid_before, hides
from hiding.tables import Printed

from bolton_jsna.disclosure._one_way_table import hide
from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS

LIMITS = Limits(1, 5, 5)


def test_every_promise_of_the_short_run_holds(root):
    done = subprocess.run(
        [sys.executable, str(root / "benchmarks" / "disclosure.py"), "quick"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every promise holds." in done.stdout
    barred = re.findall(r"^ .*  at (?:most|least) .*$", done.stdout, re.MULTILINE)
    assert len(barred) >= 25
    hidden = re.search(r"^  hidden counts +(\d+)", done.stdout, re.MULTILINE)
    assert int(hidden[1]) >= 15


@pytest.mark.parametrize("rule", [DFE, LOCAL, NHS], ids=["DFE", "LOCAL", "NHS"])
def test_the_second_writing_hides_the_same(rule):
    limits = Limits(rule.least, rule.threshold, rule.width)
    draw = np.random.default_rng(1)
    for _ in range(300):
        size, mean = int(draw.integers(1, 9)), float(draw.choice([2, 6, 20]))
        line = draw.poisson(draw.gamma(0.7, mean / 0.7, size=size)).astype(np.int64)
        assert hide(line, rule).tolist() == hides(line[None], limits)[0].tolist()


def with_the_smallest_other(line):
    """Hide small counts and the smallest of the others."""
    hidden = (line >= 1) & (line <= 5)
    hidden[np.argmin(np.where(line > 5, line, 10**6))] = True
    return hidden


def test_the_auditor_of_one_way_tables_sees_what_is_revealed():
    line = np.array([5, 6, 6, 40, 50])
    hidden = with_the_smallest_other(line)
    # With a sum of 11 and another 6 shown, one of them is 5 and the other 6.
    assert lines.values_left(line, hidden, LIMITS, with_the_smallest_other) == [{5, 6}] * 2
    old = hid_before(np.array([[4, 12, 40, 50]]), LIMITS)[0]
    assert old.tolist() == [True, True, False, False]
    left = lines.values_left_by_size(np.array([4, 12, 40, 50]), old, LIMITS, hid_before)
    assert left == {1, 2, 3, 4, 5, 11, 12, 13, 14, 15}


def test_the_auditor_by_size_finds_what_trying_everything_finds():
    draw = np.random.default_rng(3)
    for _ in range(40):
        line = np.append(draw.integers(1, 9, size=3), 30)
        old = hid_before(line[None], LIMITS)[0]
        if not old.any() or old.all():
            continue
        by_size = lines.values_left_by_size(line, old, LIMITS, hid_before)
        tried = lines._tried(
            line, np.flatnonzero(old), lambda each: hid_before(each[None], LIMITS)[0]
        )
        assert all(each == by_size for each in tried)


def test_the_auditor_of_releases_sees_a_count_that_crossed():
    """Six were five before, and all else stood: four of the five values need more moves."""
    chain = np.array([[5, 20, 30, 40, 50], [6, 20, 30, 40, 50]])
    openly = churn.values_left(chain, churn.openly(hides, LIMITS), LIMITS, [1])
    assert openly[0, 0] == {5}
    held = churn.values_left(chain, churn.holding(hides, LIMITS), LIMITS, [10])
    assert min(map(len, held.values())) >= 5


def test_the_auditor_of_tables_sees_a_method_that_looks_at_counts():
    """Where what is hidden turns on a count, no other counts are printed alike."""
    _, tables = crossed.random_tables(np.random.default_rng(27), largest=4)
    printed = Printed(tables)

    def by_size(given):
        counts = printed.of(given)
        hidden = (counts <= 5) | (counts == counts[counts > 5].min())
        names = {name: hidden[printed.places[name]] for name in given}
        return {
            name: table.assign(count=table["count"].astype("Int64").mask(names[name]))
            for name, table in given.items()
        }

    found = crossed.left(tables, by_size, Limits(0, 5, 6), seconds=5)
    assert found.few > 0
