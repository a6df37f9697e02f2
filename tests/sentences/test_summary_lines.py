"""The lines of a summary: what is not compared is not called lower or higher."""

from bolton_jsna.sentences.summary_lines import about_rate

FACTS = {
    "rate": 503.0,
    "count": 3803,
    "lower": 485.5,
    "upper": 521.0,
    "method": "Byar, repeated events",
    "status": "value",
    "england": 519.4,
    "against_england": "similar",
    "unusual": "not_available",
    "against_neighbours": "similar",
    "against_neighbours_reason": "",
    "usual_lower": 343.2,
    "usual_centre": 590.5,
    "usual_upper": 1015.9,
    "used": 10,
    "of": 10,
    "model": "2025",
    "mean": 605.0,
    "median": 594.2,
    "lowest": 422.3,
    "highest": 934.4,
    "lower_beyond_chance": 3,
    "higher_beyond_chance": 7,
    "rank": 8,
    "rank_of": 11,
    "rank_first": 8,
    "rank_last": 9,
}


def test_a_rate_has_its_lines():
    lines = about_rate(FACTS, "Bolton")
    assert lines[0].startswith("503.0 per 10,000 children (3,803 in all; 95% interval 485.5 to 521")
    assert any("3 lower and 7 higher than Bolton by more than chance" in each for each in lines)
    assert lines[-1] == "8th highest of 11 (95% interval 8th to 9th)"


def test_a_hidden_rate_is_compared_with_nothing():
    hidden = FACTS | {
        "rate": None,
        "status": "suppressed",
        "against_england": "not_compared",
        "against_neighbours": "not_available",
        "against_neighbours_reason": "the area's own rate is suppressed",
        "lower_beyond_chance": 0,
        "higher_beyond_chance": 0,
        "rank": None,
        "rank_first": None,
        "rank_last": None,
    }
    text = "\n".join(about_rate(hidden, "Bolton"))
    assert text.startswith("no rate (suppressed)\nEngland 519.4\n")
    for word in ("lower", "higher", "similar", "below", "above", "3,803"):
        assert word not in text
