"""Frames as notebooks make them by accident: odd labels, types, gaps and shapes, by name."""

from collections.abc import Callable

import numpy as np
import pandas as pd

NUMBERS = ("count", "population", "persons", "rate", "idaci_rank", "idaci_score", "p", "value")


def _first(frame, names):
    return next((name for name in names if name in frame.columns), None)


def _codes(frame):
    return [n for n in frame.columns if str(n).endswith("code") or n in {"group", "ward", "family"}]


def _with(frame, name, values):
    return frame.assign(**{name: values}) if name is not None else None


def _text_as_categories(frame):
    text = [n for n in frame.columns if n != "geometry" and frame[n].map(type).eq(str).any()]
    return frame.astype(dict.fromkeys(text, "category"))


def _year(make):
    def odd(frame):
        return _with(frame, "year", make(frame["year"])) if "year" in frame.columns else None

    return odd


def _number(make):
    def odd(frame):
        name = _first(frame, NUMBERS)
        return _with(frame, name, make(frame[name].astype(object))) if name else None

    return odd


def _first_cell(value):
    def made(column):
        changed = column.copy()
        changed.iloc[:1] = [value]
        return changed

    return made


def _plain(frame, **how):
    """All columns but the shapes, whose types pandas cannot convert."""
    names = [each for each in frame.columns if each != "geometry"]
    out = frame.copy()
    for name in names:
        out[name] = frame[name].convert_dtypes(**how)
    return out


ODD: dict[str, Callable] = {
    "repeated index": lambda f: f.set_axis([0] * len(f)),
    "index named like a column": lambda f: f.set_index(f.columns[0], drop=False),
    "levels named like columns": lambda f: f.set_index([*f.columns[:2]], drop=False),
    "text index": lambda f: f.set_axis([f"row {at // 2}" for at in range(len(f))]),
    "whole-number codes": lambda f: f.assign(**{n: range(len(f)) for n in _codes(f)[:1]}),
    "mixed codes": lambda f: f.assign(
        **{n: [1, *f[n].astype(object).iloc[1:]] for n in _codes(f)[:1]}
    ),
    "missing codes": lambda f: f.assign(
        **{n: [None, *f[n].astype(object).iloc[1:]] for n in _codes(f)[:1]}
    ),
    "categories": _text_as_categories,
    "category of numbers": _number(lambda c: c.astype("category")),
    "year of dates": _year(lambda c: pd.Series(pd.Timestamp("2025-01-01"), index=c.index)),
    "year of text": _year(lambda c: c.astype(str)),
    "year missing": _year(lambda c: _first_cell(None)(c.astype(object))),
    "year of halves": _year(lambda c: pd.to_numeric(c, errors="coerce").astype(float) + 0.5),
    "year as a category": _year(lambda c: c.astype("category")),
    "objects": lambda f: f.astype({n: object for n in f.columns if n != "geometry"}),
    "missing by pandas": _plain,
    "Arrow": lambda f: _plain(f, dtype_backend="pyarrow"),
    "NA among objects": _number(_first_cell(pd.NA)),
    "text among numbers": _number(_first_cell("c")),
    "infinite": _number(_first_cell(np.inf)),
    "negative": _number(_first_cell(-3)),
    "truth values": _number(lambda c: pd.Series([True] * len(c), index=c.index)),
    "dates for numbers": _number(lambda c: pd.Series(pd.Timestamp("2025-01-01"), index=c.index)),
    "lists for numbers": _number(lambda c: pd.Series([[1]] * len(c), index=c.index)),
    "complex numbers": _number(_first_cell(3j)),
    "durations": _number(lambda c: pd.Series(pd.Timedelta("1D"), index=c.index)),
    "huge": _number(lambda c: pd.Series([1e308] * len(c), index=c.index)),
    "lists for codes": lambda f: f.assign(**{n: [["x"]] * len(f) for n in _codes(f)[:1]}),
    "lists for states": lambda f: _with(f, "status", [["value"]] * len(f)),
    "dicts": lambda f: f.assign(**{n: [{}] * len(f) for n in f.columns if n != "geometry"}),
    "nothing known": _number(lambda c: pd.Series([np.nan] * len(c), index=c.index)),
    "column twice": lambda f: pd.concat([f, f[[f.columns[0]]]], axis=1),
    "two rows of headings": lambda f: f.set_axis(
        pd.MultiIndex.from_tuples([(n, "") for n in f.columns]), axis=1
    ),
    "no rows": lambda f: f.iloc[:0],
    "one row": lambda f: f.iloc[:1],
    "no columns": lambda f: f[[]],
    "numbered columns": lambda f: f.set_axis(range(f.shape[1]), axis=1),
    "no frame": lambda f: None if f.empty else "no frame",
    "a list": lambda f: [1, 2],
}
