"""A name that is not known is answered with those like it, wherever they are in a long list."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bolton_jsna as jsna
from bolton_jsna.core.errors import SchemaError, UsageError, choice, some
from bolton_jsna.core.near_names import near_names
from bolton_jsna.core.table_checks import check_columns
from bolton_jsna.tables.children_in_need import check_indicator, indicators

MANY = [f"column_{number}" for number in range(40)]


@pytest.mark.parametrize(
    ("word", "best"),
    [
        ("referals", "referrals"),
        ("REFERRALS", "referrals"),
        ("plans", "cpp_started"),
        ("plans at 31 March", "cpp_at_31_march"),
        ("repeat plans", "cpp_second_or_subsequent"),
        ("repeat referrals", "re_referrals"),
        ("looked after children", "cla_started"),
        ("section47", "section_47"),
        ("s47 enquiries", "section_47"),
        ("initial conferences", "icpc"),
        ("police", "referrals_from_police"),
        ("no further action", "referrals_no_further_action"),
        ("assessments within 45 days", "assessments"),
        ("cpp_neglect", "cpp_started_neglect"),
    ],
)
@pytest.mark.parametrize(
    ("option", "call"),
    [
        ("indicators", lambda word: jsna.load_children_in_need("Bolton", indicators=word)),
        ("indicator", lambda word: jsna.compare_with_neighbours("Bolton", word)),
    ],
)
def test_an_unknown_indicator_is_answered_with_those_like_it(option, call, word, best):
    with pytest.raises(UsageError) as raised:
        call(word)
    message = str(raised.value)
    assert message.startswith(f"{option}={word!r} is not known. Did you mean {best!r}")
    assert message.endswith(f"? {len(indicators())} are known.")
    assert 1 <= message.count("'") / 2 - 1 <= 5


def test_an_indicator_like_none_is_answered_with_how_names_begin():
    with pytest.raises(UsageError) as raised:
        check_indicator("indicators", "domestic violence")
    assert "They begin with referrals, referred, re, cin, section, icpc, cpp, cla" in str(
        raised.value
    )
    assert "'cpp_started'" not in str(raised.value)


def test_of_many_choices_those_like_it_are_named_and_how_to_list_them():
    with pytest.raises(UsageError) as raised:
        choice("name", "colum_39", MANY, listing="Print MANY.")
    assert str(raised.value).startswith("name='colum_39' is not known. Did you mean 'column_39'")
    assert str(raised.value).endswith("40 are known. Print MANY.")
    with pytest.raises(UsageError, match=r"name=None is not known\. None of the 40 known is like"):
        choice("name", None, MANY)
    choice("name", "column_39", MANY)


def test_the_column_that_was_meant_is_named_among_many():
    with pytest.raises(SchemaError) as raised:
        check_columns(pd.DataFrame(columns=[*MANY, "Rates per 10,000"]), ["rate"])
    assert "It has 'Rates per 10,000', 'column_0'" in str(raised.value)
    assert "and 21 more" in str(raised.value)


def test_a_list_that_is_not_cut_keeps_its_order():
    assert some(["b", "a"], like="a") == "b, a"
    assert some(["b", "c", "a"], 1, like="a") == "a and 2 more"
    assert some(["b", "c", 1.5], 1, like=["1.5"]) == "1.5 and 2 more"


@given(st.text(max_size=300), st.lists(st.text(max_size=100), max_size=40))
def test_near_names_are_of_those_known_and_once(word, known):
    found = near_names(word, known)
    assert len(found) == len(set(found)) <= 5
    assert set(found) <= set(known)
    if word.strip() and word[:80] == word and len(known) < 40:
        assert near_names(word, [*known, word])[0].casefold() == word.casefold()


def test_of_a_wide_table_the_first_names_are_compared_and_no_more():
    assert near_names("wording", [*map(str, range(5_000)), "wording"]) == []
    assert near_names("wording", [*map(str, range(1_500)), "wording"]) == ["wording"]
