"""Maps as parts of a longer page: put together in it from what they share."""

import json
import re

import pytest

from bolton_jsna.maps import choropleth_map
from bolton_jsna.maps.html import parts


@pytest.fixture
def root(figures, wards):
    frame = wards.merge(figures, on="area_code")
    return choropleth_map(frame, "idaci", boundaries=wards, title='"Deprivation" & <b>').get_root()


def pieces_of(text):
    return json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text)[1])


def test_the_pieces_make_the_page_again(root):
    shared = pieces_of(parts.part_script())
    made = pieces_of(parts.part(root, "<svg/>", "figure-1"))
    whole = "".join(shared[each] if isinstance(each, int) else each for each in made)
    assert whole == root.render(style=parts._STYLE, script=parts._SCRIPT)
    assert sorted(each for each in made if isinstance(each, int)) == [0, 1, 2, 3]


def test_what_is_not_shared_is_small(root):
    text = parts.part(root, "<svg/>", "figure-1")
    assert len(text) < 30_000
    assert "Leaflet 1.9.4" not in text


def test_a_name_that_looks_like_what_is_shared_stays_a_text(figures, wards):
    wards.loc[0, "area_name"] = "0"
    wards.loc[1, "area_name"] = '",0,"'
    root = choropleth_map(figures, "idaci", boundaries=wards).get_root()
    made = pieces_of(parts.part(root, "<svg/>", "figure-1"))
    assert sum(isinstance(each, int) for each in made) == 4


def test_titles_and_words_are_escaped(root):
    text = parts.part(root, "<svg/>", "figure-1")
    assert 'data-title="Map: &quot;Deprivation&quot; &amp; &lt;b&gt;"' in text
    assert f'<p id="figure-1-words">{root.spec.description[:20]}' in text.replace("&#x27;", "'")
    assert "<b>" not in text
