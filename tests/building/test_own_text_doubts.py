"""Own text next to hidden figures: what is asked about, and what is not."""

import pandas as pd
import pytest

from bolton_jsna.building._own_text_doubts import doubts, doubts_of_reason
from bolton_jsna.chapter.own_text import read_own_text

WARDS = pd.DataFrame(
    {
        "area_code": ["E05000001", "E05000002", "E05000003"],
        "area_name": ["Astley Bridge", "Queens Park & Central", "Rumworth"],
        "plans": [None, None, 44],
        "plans_status": ["suppressed", "suppressed", "value"],
    }
)
GROUPS = pd.DataFrame(
    [
        ("category", "Sexual abuse", "suppressed"),
        ("category", "Neglect", "value"),
        ("category", "Other", "suppressed"),
        ("category", "All", "suppressed"),
        ("ward", "E05000001", "suppressed"),
    ],
    columns=["by", "group", "status"],
).assign(group_name=lambda rows: rows["group"].replace("E05000001", "Astley Bridge"))


def asked(text):
    own = read_own_text({"chapter/text/need.md": text}, {"need": "Need"})
    return doubts(own, {"ward_profile": WARDS, "local_counts": GROUPS})


def test_a_number_next_to_a_hidden_figure_is_asked_about_whatever_it_is():
    found = asked(
        "In Astley Bridge there were 3 plans. In Rumworth there were 44. Astley Bridge is in the "
        "north. Only one family lives in Astley Bridge."
    )
    assert len(found) == 2
    assert all("Astley Bridge" in each and "gives nothing away" in each for each in found)
    assert "In Astley Bridge there were 3 plans." in found[0]
    assert "Only one family" in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "ASTLEY BRIDGE had 3.",
        "Astley Bridge's three plans are all of one school.",
        "Astley\nBridge had 3.",
        "Queen's Park and Central had a pair of plans.",
        "Queens Park & Central had twins on a plan.",
        "E05000001 had 3.",
        "There were 3 plans for sexual abuse.",
        "Other had 3.",
        "Astley Bridge is in the north. There were 3 plans.",
        "Astley Bridge is in the north. There were 3 plans for neglect.",
        "We looked at this in Astley Bridge:\n\n- homes are old\n- 3 plans",
        "## Astley Bridge\n\nThere were 3 plans.",
        "## Astley Bridge\n\n### Plans\n\n- three",
        "## Three plans in Astley Bridge\n\nThat is all.",
        "# A section of our own\n\n## Astley Bridge\n\nThere were 3 plans.",
    ],
)
def test_a_name_is_known_however_it_is_written_and_before_the_number(text):
    assert len(asked(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Rumworth had 44.",
        "Astley Bridge opened a hub on 3 May 2024, and another in 2023/24.",
        "Astley Bridge is in the north.\n\nThere are 20 wards.",
        "Astley Bridge is in the north. In Rumworth there were 44.",
        "## Astley Bridge\n\nIn Rumworth there were 44.",
        "## Astley Bridge\n\nA hub.\n\n## Elsewhere\n\nThere are 20 wards.",
        "We work with 12 other councils.",
        "There were 130 plans for neglect.",
    ],
)
def test_other_numbers_are_not_asked_about(text):
    assert asked(text) == []


def test_the_reason_for_accepting_a_file_is_asked_about_too():
    tables = {"ward_profile": WARDS, "local_counts": GROUPS}
    (found,) = doubts_of_reason("Three plans of Astley Bridge came late", tables)
    assert found.startswith("The reason in accept= (--accept)")
    assert doubts_of_reason("The export is of 3 teams", tables) == []
    assert doubts_of_reason("", {}) == []
