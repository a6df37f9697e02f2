"""The types in a signature are what its arguments may be."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from bolton_jsna.core.areas import Area, area
from bolton_jsna.core.argument_types import check_fields, checked
from bolton_jsna.core.errors import UsageError

Size = Literal["column", "page"]


@checked
def shown(
    frame: "pd.DataFrame | None" = None,
    *others: int,
    by: Sequence[str] = (),
    per: float = 100,
    size: Size = "page",
    step: float | Literal["decile"] | None = None,
    names: str | Sequence[str] | None = None,
    every: Iterable[int] | int | None = None,
    ages: tuple[int, int] = (0, 17),
    labels: Mapping[str, str] | None = None,
    path: str | Path | None = None,
    place: str | int | Area | None = None,
    day: dt.date | None = None,
    large: bool = False,
    each: Callable[[int], None] | None = None,
) -> dict[str, object]:
    """What arrived."""
    return dict(locals())


@pytest.mark.parametrize(
    ("given", "arrived"),
    [
        ({"by": "year"}, ["year"]),
        ({"by": pd.Index(["a", "b"])}, ["a", "b"]),
        ({"by": (each for each in "ab")}, ["a", "b"]),
        ({"by": None}, ()),
        ({"names": "year"}, "year"),
        ({"per": np.float64(0.5)}, 0.5),
        ({"per": Fraction(1, 2)}, 0.5),
        ({"every": np.int64(3)}, 3),
        ({"every": range(2)}, range(2)),
        ({"every": {3}}, {3}),
        ({"large": np.bool_(True)}, True),
        ({"step": "decile"}, "decile"),
        ({"day": pd.Timestamp("2025-03-31")}, pd.Timestamp("2025-03-31")),
        ({"place": area("Bolton")}, area("Bolton")),
        ({"each": print}, print),
    ],
)
def test_what_fits_arrives(given, arrived):
    ((name, _),) = given.items()
    assert shown(**given)[name] == arrived


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"frame": "a.csv"},
            "frame='a.csv' is of the type str; expected a DataFrame or None. Read the file",
        ),
        (
            {"frame": pd.Series([1])},
            "frame is of the type Series; expected a DataFrame or None. Give a table",
        ),
        ({"by": ["a", 3]}, "by holds a value of the type int (3); expected a list of texts."),
        ({"by": {"a"}}, "by={'a'} is of the type set; expected a list of texts."),
        (
            {"by": pd.DataFrame({"a": [1]})},
            "by is of the type DataFrame; expected a list of texts.",
        ),
        ({"per": "x"}, "per='x' is of the type str; expected a number. Write for example per=100."),
        ({"per": float("nan")}, "per=nan is not a number; expected a number."),
        ({"per": True}, "per=True is of the type bool; expected a number."),
        ({"size": "pag"}, "size='pag' is not known. Known: 'column', 'page'. Did you mean 'page'?"),
        ({"size": np.zeros(2)}, "size=array([0., 0.]) is not known. Known: 'column', 'page'."),
        (
            {"step": "decil"},
            "step='decil' is not known; expected a number, 'decile' or None. Did you",
        ),
        ({"step": []}, "step=[] is of the type list; expected a number, 'decile' or None."),
        ({"every": "x"}, "every='x' is of the type str; expected a list of whole numbers, a whole"),
        ({"ages": 5}, "ages=5 is of the type int; expected (a whole number, a whole number)."),
        ({"ages": (1, 2, 3)}, "ages=(1, 2, 3) is of the type tuple; expected (a whole number, a "),
        (
            {"labels": [1]},
            "labels=[1] is of the type list; expected a dict with text for",
        ),
        (
            {"labels": {"a": 1}},
            "labels holds for 'a' a value of the type int (1); expected a dict",
        ),
        ({"path": b"x"}, "path=b'x' is of the type bytes; expected text, a path or None."),
        ({"place": 3.5}, "place=3.5 is of the type float; expected an area (name, GSS code, DfE n"),
        ({"day": 2025}, "day=2025 is of the type int; expected a date or None."),
        ({"large": 1}, "large=1 is of the type int; expected True or False."),
        ({"each": "x"}, "each='x' is of the type str; expected a function or None."),
    ],
)
def test_what_does_not_fit_is_named_with_what_was_expected(given, message):
    with pytest.raises(UsageError) as caught:
        shown(**given)
    assert str(caught.value).startswith(message)


def test_a_list_in_place_of_several_arguments():
    assert shown(None, 1, 2)["others"] == (1, 2)
    with pytest.raises(UsageError, match=r"others is given as a list.*shown\(\*others\)"):
        shown(None, [1, 2])


def test_a_result_in_place_of_its_table():
    @dataclass
    class Result:
        text: str
        table: pd.DataFrame

    with pytest.raises(UsageError, match=r"type Result; .* Give one of its tables: \.table\."):
        shown(Result("x", pd.DataFrame()))


def test_a_wrong_call_names_the_function_and_its_arguments():
    with pytest.raises(TypeError, match=r"shown\(\): .*'sise'.*Did you mean 'size'.*It takes: fr"):
        shown(sise="page")
    assert list(inspect.signature(shown).parameters)[:2] == ["frame", "others"]


def test_fields_are_checked_as_arguments_are():
    @dataclass(frozen=True)
    class Rule:
        share: float = 0.5
        similar: Literal["hatched", "plain"] = "plain"

        def __post_init__(self):
            check_fields(self)

    assert Rule(1).share == 1
    with pytest.raises(UsageError, match="share='x' is of the type str; expected a number"):
        Rule("x")
    with pytest.raises(UsageError, match=r"similar='plan' is not known.*Did you mean 'plain'"):
        Rule(similar="plan")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"labels": {"a": "x", "s": None}}, "type NoneType;.* Correct it, or leave 's' out of lab"),
        (
            {"labels": {None: "x"}},
            "has a key .*NoneType;.* or leave None out of labels=",
        ),
        ({"step": float("nan")}, r"step=nan is not a number;.* Write a number for step=, or leave"),
    ],
)
def test_the_advice_is_of_the_part_that_does_not_fit(given, message):
    with pytest.raises(UsageError, match=message):
        shown(**given)
