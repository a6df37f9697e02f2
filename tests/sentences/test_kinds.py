"""What each sentence is about, by which a writer chooses and orders them."""

import pytest

import bolton_jsna as jsna

WORDS = {
    "figure": "per 10,000 children (95% interval",
    "region": "compared with the rest of the region",
    "usual": "usually lie between",
    "neighbours": "statistical neighbours",
    "trend": "Between 2021 and 2025",
    "caution": "does not make an area unusual",
}


@pytest.fixture(scope="module")
def profile():
    panel = jsna.profile("Bolton")
    rows = panel[panel["indicator"].isin(["referrals", "cpp_at_31_march"])]
    return jsna.describe(rows)


@pytest.mark.parametrize("kind", WORDS)
def test_sentences_of_a_profile(profile, kind):
    found = [each.text for each in profile.sentences if each.kind == kind]
    assert found
    assert all(WORDS[kind] in each for each in found[:1])
    others = [each.text for each in profile.sentences if each.kind != kind]
    assert not any(WORDS[kind] in each for each in others)


def test_sentences_of_neighbours():
    found = jsna.describe(jsna.compare_with_neighbours("Bolton", "referrals", year=2025))
    assert [each.kind for each in found.sentences] == ["figure", "usual", "neighbours"]


def test_sentences_of_a_figure_that_is_not_compared():
    figures = jsna.load_children_in_need(["Bolton", "England"], indicators="referrals", years=2025)
    found = jsna.compare_with_benchmark(figures, "England").query("area_name == 'Bolton'")
    row = found.assign(verdict_95="not_compared", ratio_reason="given as an example")
    kinds = [each.kind for each in jsna.describe(row).sentences]
    assert kinds == ["figure", "benchmark"]
