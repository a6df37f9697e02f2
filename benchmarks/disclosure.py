"""Show that what is promised of hidden counts holds: whoever knows the method learns too little.

    python benchmarks/disclosure.py [quick | lines | crossed[=SETS] | churn[=PAIRS]
                                     | weeks | usual | time]

The auditor (``hiding``) shares no code with the library. He knows the rule, the method and all that
is shown, tries counts that agree with it, and keeps those that the library prints in the very same
way. Each hidden count must keep as many possible values as the rule says.

*lines*: random lines of counts under a known total, as they are hidden and as they once were.
*crossed*: tables that cross, with all margins. *churn*: releases of a line between which few
records change. *weeks*: ordinary weeks of an authority. *usual*: what a usual authority still
shows. *time*: builds with and without protection, and after fifty others. *quick*: all but the
last, small. All draws are seeded. The run ends with code 1 where a promise does not hold.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

from hiding import churn, clock, crossed, lines, remembered, usual, weeks
from hiding.method import Counts, Limits, Mask, Method, hid_before, hides, limits_of
from hiding.tables import ALL, Printed, Tables

from bolton_jsna import suppress
from bolton_jsna.disclosure._one_way_table import hide
from bolton_jsna.disclosure.group_merging import merged, trees
from bolton_jsna.disclosure.rules import DFE, LOCAL, NHS, SuppressionRule

RULES = {"DFE": DFE, "LOCAL": LOCAL, "NHS": NHS}
BELIEVED = 10
"""Records that whoever has all releases believes to have changed between two, at most."""


LARGEST = (3, 4, 3, 5, 4, 3, 6, 4, 12, 20)
"""The most wards of a set of tables that cross, set by set."""

QUICK = (19, 27)
"""Sets for the short run, of at most 4 wards."""

SECONDS = 180
"""How long one set is looked at."""


class Row(NamedTuple):
    """A line of a table: what was found, and within what it must lie."""

    what: str
    found: float
    least: float | None = None
    most: float | None = None

    @property
    def missed(self) -> bool:
        """Whether a promise does not hold."""
        return (self.least is not None and not self.found >= self.least) or (
            self.most is not None and not self.found <= self.most
        )


def of_lines(*, quick: bool) -> Iterator[Row]:
    """Show what is left of hidden counts of lines."""
    for name, rule in RULES.items():
        limits = limits_of(rule)
        yield from _of_lines(name, rule, limits, 40 if quick else 1_000)


def _of_lines(name: str, rule: SuppressionRule, limits: Limits, number: int) -> Iterator[Row]:
    def now(line: Counts) -> Mask:
        return hide(line, rule)

    hidden = few = whole = in_whole = few_in_whole = unlike = 0
    before = few_before = 0
    for seed in range(number):
        line = lines.random_line(np.random.default_rng(seed), limits)
        mask = now(line)
        unlike += int((mask != hides(line[None], limits)[0]).sum())
        if mask.all():
            left = lines.values_left_of_a_whole_line(line, limits, now)
            whole, in_whole = whole + 1, in_whole + len(left)
            few_in_whole += sum(len(each) < limits.wanted for each in left)
        elif mask.any():
            left = lines.values_left(line, mask, limits, now)
            hidden += len(left)
            few += sum(len(each) < limits.wanted for each in left)
        old = hid_before(line[None], limits)[0]
        if old.any() and not old.all() and old.sum() <= 7:
            told = len(lines.values_left_by_size(line, old, limits, hid_before)) < limits.wanted
            before, few_before = before + int(old.sum()), few_before + told * int(old.sum())
    yield Row(f"{name}: lines", number)
    yield Row(f"{name}: cells in which the library and its second writing differ", unlike, most=0)
    yield Row(f"{name}: hidden counts", hidden)
    yield Row(f"{name}: of these with fewer than {limits.wanted} possible values", few, most=0)
    yield Row(f"{name}: lines hidden whole", whole)
    yield Row(f"{name}: their counts", in_whole)
    yield Row(f"{name}: of these with fewer than {limits.wanted} values", few_in_whole, most=0)
    yield Row(
        f"{name}: share with fewer as lines were hidden before", few_before / max(before, 1), 0.05
    )


def of_crossed(*, quick: bool, number: int = 200) -> Iterator[Row]:
    """Show what is left of hidden counts of tables that cross."""
    remembered.remember()
    began = time.perf_counter()
    every = [(seed, LARGEST[seed % len(LARGEST)]) for seed in range(number)]
    sets = [(seed, 4) for seed in QUICK] if quick else every
    cells = hidden = few = late = whole = in_whole = few_in_whole = replayed = unlike = 0
    for seed, largest in sets:
        kind, tables = crossed.random_tables(np.random.default_rng(seed), largest=largest)
        rule = (DFE, LOCAL)[seed % 2]
        warned = _Warned.during(lambda: suppress(tables, rule=rule))  # noqa: B023 (called here)
        found = crossed.left(tables, _protect(rule), limits_of(rule), seconds=SECONDS)
        cells += sum(map(len, tables.values()))
        replayed, unlike = replayed + found.replayed, unlike + found.unlike
        if found.whole or warned:
            whole, in_whole = whole + 1, in_whole + found.hidden
            few_in_whole += found.few
        else:
            hidden += found.hidden
            few, late = few + found.few * (not found.open), late + found.few * found.open
        if found.few:
            print(f"  set {seed} ({kind}, {rule.name}): {found}", flush=True)
    yield Row("sets of tables that cross", len(sets))
    yield Row("their cells", cells)
    yield Row("hidden counts", hidden)
    yield Row("of these with fewer values than the rule wants, all tries made", few, most=0)
    yield Row("of these with fewer values found when the time ran out", late, most=0)
    yield Row("sets hidden whole, or with a warning that totals leave no safe way", whole)
    yield Row("their hidden counts", in_whole)
    yield Row("of these without as many values found", few_in_whole, most=0)
    yield Row("other counts that were protected and printed", replayed)
    yield Row("of these not printed alike", unlike)
    yield Row("seconds", round(time.perf_counter() - began))


class _Warned(logging.Handler):
    """Notes that the library warns of something."""

    warned = False

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self.warned = True

    @classmethod
    def during(cls, run: Callable[[], Any]) -> bool:
        """Say whether the library warns while something runs."""
        _log, handler = logging.getLogger("bolton_jsna"), cls(logging.WARNING)
        _log.addHandler(handler)
        logging.disable(logging.NOTSET)
        try:
            run()
        finally:
            _log.removeHandler(handler)
            logging.disable(logging.WARNING)
        return handler.warned


def _protect(rule: SuppressionRule) -> Callable[[Tables], Mapping[str, pd.DataFrame]]:
    return lambda tables: suppress(tables, rule=rule)


def of_churn(*, quick: bool, number: int = 500) -> Iterator[Row]:
    """Show what is left of hidden counts to whoever has all releases."""
    for releases, times in ((2, 8 if quick else number), (5, 2 if quick else number // 5)):
        for name, rule in (("DFE", DFE), ("LOCAL", LOCAL)):
            yield from _of_chains(name, rule, releases, times // 2)


def _of_chains(name: str, rule: SuppressionRule, releases: int, number: int) -> Iterator[Row]:
    limits = limits_of(rule)
    publish = _publisher(rule)
    in_the_open = churn.openly(_method(rule), limits)
    held = 0
    found = {each: [0, 0, 0, 0] for each in ("held", "known", "open")}
    for seed in range(number):
        chain = churn.random_chain(np.random.default_rng(seed), releases, limits)
        held += sum(each.of != at for at, each in enumerate(publish(chain)))
        exactly = np.abs(np.diff(chain, axis=0)).sum(axis=1).tolist()
        believed = [max(BELIEVED, each) for each in exactly]
        for how, publisher, budgets in (
            ("held", publish, believed),
            ("known", publish, exactly),
            ("open", in_the_open, believed),
        ):
            if how != "held" and seed >= number // 5:
                continue
            left = churn.values_left(chain, publisher, limits, budgets)
            for place, values in left.items():
                small = limits.least <= chain[place] <= limits.most
                few = len(values) < limits.wanted
                for at, each in enumerate((True, few, small, small and few)):
                    found[how][at] += each
    what = f"{name}: {'pairs' if releases == 2 else f'chains of {releases}'}"
    yield Row(what, number)
    yield Row(f"{what}: releases held", held, least=number / 20)
    yield Row(f"{what}: hidden counts that are out", found["held"][0])
    yield Row(f"{what}: of these with fewer than {limits.wanted} values", found["held"][1], most=0)
    yield Row(f"{what}: of them small", found["held"][3], most=0)
    yield Row(
        f"{what}: share of small ones told to whoever knows how many changed, a fifth of the pairs",
        _share(found["known"]),
    )
    yield Row(f"{what}: share of small ones told if nothing were held", _share(found["open"]))


def _share(found: list[int]) -> float:
    return found[3] / max(found[2], 1)


def _method(rule: SuppressionRule) -> Method:
    return lambda many, _: np.array([hide(each, rule) for each in many])


def _publisher(rule: SuppressionRule) -> churn.Publisher:
    """Return the library as a publisher of releases of a line."""

    def publish(many: Counts) -> list[churn.Out]:
        written: dict[str, pd.DataFrame] = {}
        out = []
        for at, counts in enumerate(many):
            table = pd.DataFrame(
                {
                    "ward": [*(f"ward{n:02d}" for n in range(len(counts))), ALL],
                    "count": [*counts, counts.sum()],
                }
            )
            done = suppress(table, rule=rule, also=dict(written), if_told="hold")
            as_of = done["as_of"].dropna() if "as_of" in done else []
            out.append(
                churn.Out(
                    int(as_of.iloc[0]) if len(as_of) else at,
                    done["count"].isna().to_numpy(dtype=bool)[:-1],
                )
            )
            written[str(at)] = done
        return out

    return publish


def _line_out(
    table: pd.DataFrame, by: str, rule: SuppressionRule, before: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return a line as a build prints it: small groups joined, then protected."""
    tree = trees().get({"category": "abuse"}.get(by, by))
    joined = table if tree is None else merged(table, rule, tree)
    return suppress(joined, rule=rule, also=before, if_told="hold")


def of_weeks(*, quick: bool) -> Iterator[Row]:
    """Show what becomes of the tables of ordinary weeks."""
    number = 3 if quick else 200
    for name, rule in (("DFE", DFE), ("LOCAL", LOCAL)):

        def protect(tables: Tables, before: Mapping[str, pd.DataFrame]) -> Tables:
            return {
                by: _line_out(table, by, rule, before.get(by))  # noqa: B023 (called here only)
                for by, table in tables.items()
            }

        found = weeks.run(np.random.default_rng(0), number, protect)
        yield Row(f"{name}: weeks", number)
        yield Row(f"{name}: share in which nothing had to be held anew", found.quiet / number, 0.9)
        yield Row(f"{name}: longest time that a line was held, in weeks", found.longest)
        for table, states in found.became.items():
            for state, times in sorted(states.items()):
                yield Row(f"{name}: {table}: share {state}", times / number)


def of_usual(*, quick: bool) -> Iterator[Row]:
    """Show what a usual authority still shows, and how near to the fewest further cells it is."""
    number = 3 if quick else 20
    for by in weeks.BY:
        seen = rows = 0
        for seed in range(number):
            plans = usual.children(np.random.default_rng(seed), usual.PLANS)
            one, of = usual.shown(_line_out(usual.line(plans, by), by, LOCAL), by)
            seen, rows = seen + one, rows + of
        yield Row(f"LOCAL: plans by {by}: share of rows shown by themselves", seen / rows)
    for name, rule in (("DFE", DFE), ("LOCAL", LOCAL)):
        yield from _nearly_fewest(name, rule, 2 if quick else 40)


def _nearly_fewest(name: str, rule: SuppressionRule, number: int) -> Iterator[Row]:
    limits = limits_of(rule)
    ours = fewest = solved = whole = 0
    for seed in range(number):
        tables = usual.crossed(np.random.default_rng(seed))
        printed = Printed(tables)
        counts = printed.of(tables)
        hidden = printed.of(suppress(tables, rule=rule)) < 0
        if (hidden | (counts == 0)).sum() >= len(counts) - 1:
            whole += 1
            continue
        best = usual.fewest(printed, counts, limits)
        if best is None:
            continue
        solved += 1
        fewest += best
        ours += usual.further(counts, hidden, limits)
    yield Row(f"{name}: tables of 6 by 4 to 10 by 5", number)
    yield Row(f"{name}: hidden whole, as the true sums leave too little", whole)
    yield Row(f"{name}: others that were solved", solved, least=(number - whole) * 0.8)
    yield Row(f"{name}: fewest further cells", fewest)
    yield Row(f"{name}: further cells", ours)
    yield Row(f"{name}: more than the fewest, share", ours / max(fewest, 1) - 1, most=0.15)


def of_time(*, quick: bool) -> Iterator[Row]:
    """Show how long builds take."""
    bare, protected = clock.open_and_protected(1 if quick else 3)
    yield Row("seconds of a build without protection", bare)
    yield Row("seconds more with protection", protected - bare, most=2)
    kept, after = clock.after_releases(2 if quick else 50)
    yield Row("different releases before", kept)
    yield Row("seconds more after them", after - bare, most=5)


PARTS: dict[str, Callable[..., Iterator[Row]]] = {
    "lines": of_lines,
    "crossed": of_crossed,
    "churn": of_churn,
    "weeks": of_weeks,
    "usual": of_usual,
    "time": of_time,
}


def main(asked: list[str]) -> int:
    """Print the tables that are asked for and return the exit code."""
    logging.disable(logging.WARNING)
    logging.getLogger("bolton_jsna").propagate = False
    quick = asked in ([], ["quick"])
    missed = 0
    for each in [each for each in PARTS if each != "time"] if quick else asked:
        name, _, number = each.partition("=")
        began = time.perf_counter()
        print(name)
        for row in PARTS[name](quick=quick, **({"number": int(number)} if number else {})):
            _print(row)
            missed += row.missed
        print(f"  ({time.perf_counter() - began:.0f} s)", flush=True)
    print("Every promise holds." if not missed else f"{missed} promises do not hold.")
    return 1 if missed else 0


def _print(row: Row) -> None:
    bars = [
        f"at {word} {bar:g}"
        for word, bar in (("least", row.least), ("most", row.most))
        if bar is not None
    ]
    number: Any = f"{row.found:,.3f}".rstrip("0").rstrip(".")
    print(f"  {row.what:<100} {number:>9}  {', '.join(bars)}{'  MISSED' if row.missed else ''}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
