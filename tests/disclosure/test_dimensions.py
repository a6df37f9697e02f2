"""Whatever stands beside a hidden count goes with it or is refused, for every table there is."""

import dataclasses
import functools
import re

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
import face
from bolton_jsna.core.errors import SchemaError, UsageError
from bolton_jsna.disclosure.rules import DFE, LOCAL

KNOWN = {
    *("age", "age_band", "area_code", "category", "indicator", "lsoa_code", "ward", "year"),
    *("area_level", "as_of", "area_name", "illustrative", "per", "population", "population_status"),
    *("population_year", "publication", "release", "source", "status", "count"),
}
"""What may stay beside a hidden count of the tables below: what counts are by, and of what."""


def frames(result):
    """Every table in what a function returns."""
    if isinstance(result, pd.DataFrame):
        return [result]
    if dataclasses.is_dataclass(result):
        result = {each.name: getattr(result, each.name) for each in dataclasses.fields(result)}
    if isinstance(result, dict):
        result = list(result.values())
    return [frame for each in result for frame in frames(each)] if isinstance(result, list) else []


@functools.cache
def tables(name):
    """The tables of a public function that hold counts, with a small one."""
    call = face.CALLS[name]()
    found = []
    for frame in frames(call()):
        if "count" not in frame:
            continue
        parts = ~(frame == "All").any(axis=1)  # another count in place of one would miss the sum
        key = [each for each in call.key if each in frame]
        whole = frame[frame["count"].notna() & parts].dropna(subset=key)
        whole = whole.sort_values([each for each in frame if each in key], ignore_index=True)
        whole = whole.assign(count=np.maximum(whole["count"].astype("int64"), 20))
        whole.loc[len(whole) // 2, "count"] = 3
        found.append((whole, key))
    return found


NAMES = [name for name in face.CALLS if "map" not in name and "static" not in name]
"""Functions that may give counts: maps are pictures."""


def refused(frame, **options):
    """The columns of a table that are refused one after the other, and what is left without."""
    gone = []
    while True:
        try:
            return gone, jsna.suppress(frame, **options)
        except SchemaError as error:
            said = re.search(r"not known: (.*?)\.(?: |$)", str(error))
            named = [each for each in frame if said and f"'{each}'" in said[1]]
            if not named:
                raise
            gone += named
            frame = frame.drop(columns=named)


@pytest.mark.parametrize("rule", [DFE, LOCAL], ids=["DFE", "LOCAL"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_stays_shown_next_to_a_hidden_count(name, rule):
    for table, key in tables(name):
        told = table["count"].astype(str)
        more = table.assign(
            half=table["count"] / 2,
            cuont=table["count"],
            many=table["count"] > 5,
            exact=pd.array(table["count"], dtype="Int64"),
            remark="n=" + told,
            wrad=told,
            mixed=[each if at else str(each) for at, each in enumerate(table["count"].tolist())],
            kinds=pd.Categorical(told),
            day=pd.Timestamp("2025-01-01") + pd.to_timedelta(table["count"], unit="D"),
        )
        gone, shown = refused(more, rule=rule, dimensions=key)
        assert {"remark", "wrad", "mixed", "kinds", "day"} <= set(gone)
        assert not {"half", "cuont", "many", "exact"} & set(gone)
        hidden = shown["count"].isna()
        assert hidden.any()
        for each in set(shown) - KNOWN - set(key):
            if each.endswith("_name"):
                continue
            assert shown.loc[hidden, each].isna().all(), each
        # Declared, it stays as it is.
        one = table[[each for each in table if each in KNOWN | set(key)]].assign(remark=told)
        for how in ("keep", "dimensions"):
            options = {"dimensions": key} | {how: [*key, "remark"] if how != "keep" else ["remark"]}
            # In any order: rows that stand by the size of their counts do not stay so.
            found = jsna.suppress(one, rule=rule, **options)["remark"]
            assert sorted(found) == sorted(told)
        # And whoever checks what is to be written is told.
        options = {"rule": rule, "dimensions": key}
        jsna.audit(shown, **options)
        with pytest.raises(UsageError, match="'half' has figures in"):
            jsna.audit(shown.assign(half=1.0), **options)
        with pytest.raises(SchemaError, match="'remark'"):
            jsna.audit(shown.assign(remark=told.to_numpy()), **options)


def test_many_functions_give_counts():
    """The tables above are no empty list."""
    assert sum(bool(tables(name)) for name in NAMES) >= 8
