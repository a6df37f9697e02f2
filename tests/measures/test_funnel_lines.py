"""The lines of a funnel: from the table of its limits in one call, and never other lines."""

import numpy as np
import pandas as pd
import pytest

from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.measures.funnel import funnel_limits
from bolton_jsna.measures.funnel_lines import funnel_lines

COUNTS = [30, 55, 12, 88, 41, 9, 62, 30, 47, 70, 21, 33]
FRAME = pd.DataFrame({"count": COUNTS, "population": [1000 + 150 * at for at in range(12)]})


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"limits": "exact"},
        {"limits": "normal", "confidence": [0.9, 0.999]},
        {"scale": "root", "per": 1_000},
        {"overdispersion": "additive", "target": 250},
        {"overdispersion": "multiplicative", "scale": "root"},
        {"statistic": "proportion", "denominator": "population"},
        {"statistic": "ratio", "count": "count", "denominator": "population", "per": 100},
    ],
)
def test_the_lines_of_a_table_run_through_its_own_limits(options):
    found = funnel_limits(FRAME, **options)
    names = {name: options[name] for name in ("count", "denominator") if name in options}
    at = found["population"].iloc[[0, -1]].to_numpy(dtype=float)
    lines = funnel_lines(found, smallest=at[0], largest=at[1], points=2, **names)
    assert lines["denominator"].tolist() == pytest.approx(at)
    for name in lines.columns[1:]:
        assert lines[name].tolist() == pytest.approx(found[name].iloc[[0, -1]].tolist())


def test_lines_reach_past_every_area_and_hidden_rows_do_not_matter():
    hidden = pd.DataFrame({"count": [np.nan], "population": [9e9], "status": ["suppressed"]})
    frame = pd.concat([FRAME.assign(status="value"), hidden], ignore_index=True)
    lines = funnel_lines(funnel_limits(frame))
    assert lines["denominator"].iloc[0] < FRAME["population"].min()
    assert FRAME["population"].max() < lines["denominator"].iloc[-1] < 3000
    assert len(lines) == 100


def test_one_level_needs_its_name_and_is_checked():
    found = funnel_limits(FRAME, confidence=0.9)
    with pytest.raises(UsageError, match="limits of one level and does not show which"):
        funnel_lines(found)
    with pytest.raises(UsageError, match="limits of the frame are not those of these options"):
        funnel_lines(found, confidence=0.95)
    assert funnel_lines(found, confidence=0.9).columns[-1] == "funnel_upper"


def test_repeated_events_widen_lines_as_those_of_all_areas_together():
    frame = FRAME.assign(persons=[each // 2 for each in COUNTS])
    found = funnel_limits(frame, limits="normal")
    lines = funnel_lines(found)
    plain = funnel_lines(funnel_limits(FRAME, limits="normal"))
    factor = 2 * sum(COUNTS) / frame["persons"].sum() - 1
    wide, narrow = (each["funnel_upper_95"] - each["funnel_target"] for each in (lines, plain))
    assert (wide / narrow).to_numpy() == pytest.approx(factor**0.5)
    assert funnel_lines(found, repeats=1)["funnel_upper_95"].equals(plain["funnel_upper_95"])
    with pytest.raises(UsageError, match=r"no column 'persons'.*Write repeats="):
        funnel_lines(found.drop(columns="persons"))


@pytest.mark.parametrize(
    ("frame", "options", "error", "message"),
    [
        (FRAME, {}, SchemaError, r"no limits of a funnel.*funnel_lines\(funnel_limits\(frame\)\)"),
        ([1], {}, UsageError, "expected a DataFrame"),
        (funnel_limits(FRAME), {"target": 9}, UsageError, "target= is given as well as a frame"),
        (funnel_limits(FRAME), {"per": 9, "phi": 2}, UsageError, "phi=, per= is given as well"),
        (
            funnel_limits(FRAME.assign(year=[2024, 2025] * 6), by="year"),
            {},
            UsageError,
            "several funnels .*Give the rows of one",
        ),
        (
            funnel_limits(FRAME.head(5), overdispersion="additive"),
            {},
            UsageError,
            "No row of the frame has limits",
        ),
        (
            funnel_limits(FRAME).assign(ratio=1.0),
            {},
            UsageError,
            r"has rate, ratio, so its funnel may be of any.*Write statistic='rate'",
        ),
        (
            funnel_limits(FRAME).assign(other=FRAME["population"] ** 1.1),
            {"denominator": "other"},
            UsageError,
            "'rate' of the frame is not 'count' over 'other' in one unit",
        ),
        (
            funnel_limits(FRAME.rename(columns={"population": "people"}), denominator="people"),
            {},
            SchemaError,
            "population",
        ),
        (None, {"largest": 9}, UsageError, "target= is missing. Give the frame"),
        (None, {"target": 9}, UsageError, "largest= is missing"),
        (None, {"target": 1, "smallest": 9, "largest": 9}, UsageError, "from smallest=9 to larg"),
        (None, {"target": 1, "smallest": 0, "largest": 9}, UsageError, "smallest=0"),
        (None, {"target": 100, "largest": 9, "statistic": "proportion"}, UsageError, "below 100"),
    ],
)
def test_what_is_not_one_funnel_is_rejected(frame, options, error, message):
    with pytest.raises(error, match=message):
        funnel_lines(frame, **options)
