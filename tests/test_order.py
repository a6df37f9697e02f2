"""No result depends on the order of the rows that it is made from."""

import inspect

import numpy as np
import pandas as pd
import pytest

import bolton_jsna as jsna
import face
from same_result import assert_same


def test_every_public_name_is_in_the_registry():
    known = set(face.CALLS) | set(face.EXCUSED)
    assert set(jsna.__all__) - known == set(), "give it a call in face.py, or a reason"
    assert known - set(jsna.__all__) == set()
    assert not set(face.CALLS) & set(face.EXCUSED)
    assert all(face.EXCUSED.values())


def test_what_takes_a_frame_is_called():
    """An excuse cannot hide a function whose signature takes rows."""
    takes = {
        name
        for name in face.EXCUSED
        if inspect.isfunction(thing := getattr(jsna, name))
        and any(
            "Frame" in str(each.annotation) for each in inspect.signature(thing).parameters.values()
        )
    }
    assert takes == set()


def turned(frame, how):
    """The rows in another order; their index goes with them, or begins anew."""
    if how == "backwards":
        return frame.iloc[::-1]
    return frame.iloc[np.random.default_rng(how).permutation(len(frame))].reset_index(drop=True)


@pytest.mark.parametrize("name", [*face.CALLS, *face.READERS])
def test_no_result_depends_on_the_order_of_rows(name):
    call = {**face.CALLS, **face.READERS}[name]()
    kept = {each: frame.copy() for each, frame in call.frames.items()}
    expected = call()
    for how in ("backwards", 1, 2):
        assert_same(expected, call(**{k: turned(f, how) for k, f in call.frames.items()}), call.key)
    # One input at a time, as two in one order may hide what hangs on theirs.
    for each in call.frames if len(call.frames) > 1 else ():
        assert_same(expected, call(**{each: turned(call.frames[each], 3)}), call.key)
    for each, frame in call.frames.items():
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(kept[each]))
