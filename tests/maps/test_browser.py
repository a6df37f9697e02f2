"""Pages in headless Chromium with the network off: drawn, walked by keyboard, safe, accessible."""

import pytest

from bolton_jsna.maps import (
    Uncertainty,
    bivariate_map,
    choropleth_map,
    layered_map,
    save_map,
    spec_of,
)
from browsing import violations

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\"'><svg onload=alert(3)>",
    "{{7*7}} ${alert(4)} &lt;b&gt;",
]
PRESSED = "path.area[aria-pressed=true]"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Maps(dict):
    """Maps by name, each made when it is first asked for."""

    def __init__(self, figures, wards) -> None:
        self.figures = figures
        self.options = {
            "boundaries": wards,
            "sources": ["Contains OS data © Crown copyright and database right 2023."],
            "notes": ["Children aged 0-17 are modelled."],
            "details": {"children": "Children"},
            "illustrative": True,
        }

    def __missing__(self, name):
        self[name] = made = getattr(self, f"make_{name}")()
        return made

    def make_idaci(self):
        return choropleth_map(
            self.figures, "idaci", label="IDACI", title="Deprivation", **self.options
        )

    def make_rate(self):
        named = {"label": "Rate", "title": "Rate", "palette": "orange", "classes": 3}
        return choropleth_map(self.figures, "rate", **named, **self.options)

    def make_sure(self):
        rate = self.figures["rate"]
        limits = self.figures.assign(lower=rate - 99, upper=rate + 99, count=19)
        sure = Uncertainty(count="count", benchmark=519.4)
        return choropleth_map(limits, "rate", title="Uncertain", uncertainty=sure, **self.options)

    def make_both(self):
        return bivariate_map(
            self.figures,
            "idaci",
            "rate",
            title="Child deprivation and referrals",
            x_label="IDACI",
            y_label="Rate",
            y_unit="per 10,000 children",
            **self.options,
        )

    def make_all(self):
        return layered_map(self["idaci"], self["rate"], self["both"])


@pytest.fixture
def maps(figures, wards):
    return Maps(figures, wards)


@pytest.fixture
def open_map(maps, tmp_path, visit):
    def open_(name, **size):
        return visit(save_map(maps[name], tmp_path / f"{name}.html"), **size)

    return open_


def _fills(page) -> list[str]:
    return page.eval_on_selector_all("path.area", "all => all.map(e => e.getAttribute('fill'))")


def _panel(page) -> str:
    return page.inner_text("#panel")


@pytest.mark.parametrize("name", ["idaci", "rate", "both", "all"])
def test_every_area_is_drawn_in_its_paint_and_nothing_is_asked(open_map, maps, name):
    seen = open_map(name)
    layer = spec_of(maps[name]).layers[0]
    expected = [
        paint.fill if paint.pattern == "none" else f"url(#pattern-{key})"
        for paint, key in zip(layer.paints, layer.painted, strict=True)
    ]
    assert _fills(seen.page) == expected
    boxes = seen.page.eval_on_selector_all(
        "path.area", "all => all.map(e => e.getBoundingClientRect().width)"
    )
    assert min(boxes) > 20
    seen.quiet()


LEGEND = """() => {
    const box = e => { const b = e.getBoundingClientRect();
        return [b.x + scrollX, b.y + scrollY, b.width, b.height].map(v => v.toFixed(1)).join(); };
    const seen = [];
    const look = () => seen.push(box(document.querySelector('.legend:not([hidden])')) +
        box(document.querySelector('#table')) + box(document.querySelector('#map')));
    look();
    for (const area of document.querySelectorAll('path.area')) {
        area.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
        look();
        area.dispatchEvent(new MouseEvent('mouseout', {bubbles: true}));
        look();
    }
    return [seen.length, new Set(seen).size];
}"""
"""How often the legend, map and table were looked at while every area was pointed at, and how
many different places they had."""

PANEL_IN_VIEW = """() => {
    const box = document.querySelector('#panel.filled').getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
}"""

NAMES_OUTSIDE = """() => [...document.querySelectorAll('.names text')].filter(text => {
    const svg = text.ownerSVGElement, whole = text.textContent.replace(/[^A-Za-z]/g, '');
    return ![...document.querySelectorAll('path.area')].some(area => {
        const name = area.getAttribute('aria-label').split(':')[0].replace(/[^A-Za-z]/g, '');
        return name === whole && [...text.children].every((line, at) => {
            const first = line.getStartPositionOfChar(0);
            const last = line.getEndPositionOfChar(line.textContent.length - 1);
            return [first, last].every(end => [0, -0.7].every(up => {
                const corner = svg.createSVGPoint();
                corner.x = end.x;
                corner.y = end.y + up * text.getAttribute('font-size');
                return area.isPointInFill(corner);
            }));
        });
    });
}).map(text => text.textContent)"""
"""The names on the map whose lines begin or end outside their area."""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_of_layers_of_a_build(visit, bolton_built, width):
    path = bolton_built / "maps" / "ward_layers.html"
    assert path.stat().st_size <= 300_000
    seen = visit(path, width=width)
    page = seen.page
    layers = page.locator(".choices label").all_inner_texts()
    assert layers[0].startswith("Children in low-income families and referrals")
    assert all("2025" in text and ("per 10,000" in text or "%" in text) for text in layers)
    assert page.locator("#words li").count() == len(layers) == 4
    assert "IDACI" not in page.locator("main").inner_text()
    assert "(IDACI)" in page.locator("footer").inner_text()
    for at in range(4):
        page.locator("input[name=layer]").nth(at).check()
        assert page.locator(".legend:visible").count() == 1
        shown = page.locator(f"#legend-{at}")
        assert shown.is_visible()
        assert "2025" in shown.inner_text()
        assert page.locator("path.area").count() == 20
        assert page.evaluate(LEGEND) == [41, 1]
        box = "e => e.scrollWidth - e.clientWidth"
        assert page.locator("#scroll").evaluate(box) <= 0
        heads = page.locator("#figures th[scope=col]").evaluate_all(
            "all => all.map(e => e.textContent)"
        )
        names = ("", "Children in low-income families", "Referrals", "Children on protection plans")
        if at:
            column = heads.index(f"Class: {names[at]}") + 1
            cells = page.locator(f"#figures tbody tr :nth-child({column})").all_inner_texts()
            for line in shown.locator("ul").first.locator("li").all():
                label, count = line.locator("span").all_inner_texts()
                assert cells.count(label) == int(count.split()[0])
    named = page.locator(".names text").count()
    assert named >= (15 if width > 1000 else 1)
    assert page.inner_text("#fit") == f"{named} of 20 names fit. Zoom in for more."
    assert page.evaluate(NAMES_OUTSIDE) == []
    page.evaluate("bolton_jsna_map.setZoom(bolton_jsna_map.getZoom() + 1.3, {animate: false})")
    assert page.locator(".names text").count() >= (17 if width > 1000 else 9)
    assert page.evaluate(NAMES_OUTSIDE) == []
    page.get_by_label("Ward names on the map").uncheck()
    assert page.locator(".names text").count() == 0
    assert page.inner_text("#fit") == ""
    page.mouse.move(0, 0)
    for text, answer in (
        ("BL1 1AP", "BL1 1AP is counted in Queens Park & Central, which is marked on the map."),
        ("bl11ap", "BL1 1AP is counted in Queens Park & Central, which is marked on the map."),
        ("BL1 1FH", "BL1 1FH is counted in Queens Park & Central, which is marked on the map."),
        ("M1 1AA", "M1 1AA is not a postcode in the list of this map."),
        ("BL1 1", "BL1 1 is a part of a postcode. Write all of it, such as BL"),
        ("heaton lostock AND chew moor ward", "Heaton, Lostock & Chew Moor is marked on the map."),
    ):
        page.get_by_label("Find a ward by name or postcode").fill(text)
        page.keyboard.press("Enter")
        assert page.inner_text("#found").startswith(answer)
    assert page.get_attribute("#found", "role") == "status"
    assert page.inner_text("#panel h2") == "Heaton, Lostock & Chew Moor"
    page.wait_for_function(PANEL_IN_VIEW, timeout=5_000)
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    page.locator("path.area").nth(4).dispatch_event("click")
    page.wait_for_function(PANEL_IN_VIEW, timeout=5_000)
    assert "Royal Mail" in page.locator("footer").inner_text()
    page.locator("summary").click()
    assert violations(page, WCAG) == []
    seen.quiet()


def test_boltons_twenty_wards_in_four_layers_of_one_small_file(bolton, visit, tmp_path):
    maps = [choropleth_map(bolton, name, classes=3) for name in ("idaci", "rate", "plans")]
    every = layered_map(*maps, bivariate_map(bolton, "idaci", "rate"), title="Bolton")
    path = save_map(every, tmp_path / "bolton.html")
    assert path.stat().st_size < 300_000
    seen = visit(path)
    assert seen.page.locator("path.area").count() == 20
    assert seen.page.locator("#figures tbody tr").count() == 20
    seen.quiet()


def test_patterns_of_states_are_in_the_page(open_map):
    seen = open_map("rate")
    wanted = {fill[5:-1] for fill in _fills(seen.page) if fill.startswith("url(")}
    assert wanted == {"pattern-state-suppressed"}
    assert seen.page.locator("pattern#pattern-state-suppressed").count() == 1


def test_the_legend_and_the_table_agree(open_map, maps):
    page = open_map("rate").page
    shown = [" ".join(text.split()) for text in page.locator("#legend-0 li").all_inner_texts()]
    entries = spec_of(maps["rate"]).layers[0].entries
    assert shown == [
        f"{entry.label} {entry.count} {'ward' if entry.count == 1 else 'wards'}"
        for entry in entries
    ]
    cells = page.locator("#figures td.class").all_inner_texts()
    assert {entry.label: cells.count(entry.label) for entry in entries} == {
        entry.label: entry.count for entry in entries
    }


def test_the_map_is_one_stop_and_keys_reach_every_area(open_map, maps):
    seen = open_map("rate")
    page = seen.page
    names = [place.name for place in spec_of(maps["rate"]).places]
    page.get_by_label("Ward names on the map").focus()
    stops = []
    for _ in range(4):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.dataset.code || ''"))
    assert [code for code in stops if code] == ["E05099001"]
    assert page.locator("path.area[tabindex='0']").count() == 1
    page.locator("path.area").first.focus()
    for at, name in enumerate(names):
        assert name in _panel(page)
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label.startswith(f"{name}: ")
        page.keyboard.press("PageDown" if at < 8 else "Escape")
    # An area is read out as it is reached: the panel does not say it again.
    assert page.get_attribute("#panel", "aria-live") is None
    # Three rows of three, from the south-west.
    page.locator("path.area").first.focus()
    for key, at in (
        *(("ArrowRight", 1), ("ArrowUp", 4), ("ArrowLeft", 3), ("ArrowLeft", 3), ("ArrowUp", 6)),
        *(("ArrowDown", 3), ("End", 8), ("Home", 0), ("PageUp", 8)),
    ):
        page.keyboard.press(key)
        assert names[at] in _panel(page)
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    assert names[8] in _panel(page)
    assert page.locator("path.area[tabindex='0']").get_attribute("data-code") == "E05099009"
    page.locator("path.area").nth(8).focus()
    page.keyboard.press("Escape")
    assert page.locator(PRESSED).count() == 0
    assert names[8] in _panel(page)
    page.evaluate("document.activeElement.blur()")
    assert "Point at a ward, or tap it" in _panel(page)
    seen.quiet()


def test_focus_is_drawn_around_the_area(open_map):
    page = open_map("rate").page
    box = "e => { const b = e.getBBox(); return {x: b.x, width: b.width}; }"
    rim = page.locator("path[stroke='#000000']")
    assert rim.evaluate(box)["width"] == 0
    page.locator("path.area").nth(4).focus()
    page.keyboard.press("Escape")
    drawn = rim.evaluate(box)
    area = page.locator("path.area").nth(4).evaluate(box)
    assert drawn["width"] == pytest.approx(area["width"], abs=2)
    assert drawn["x"] == pytest.approx(area["x"], abs=2)


def test_the_panel_shows_states_and_never_a_number_for_them(open_map):
    page = open_map("rate").page
    page.locator("path.area").nth(1).click()
    told = _panel(page)
    assert "Brook & Mill" in told
    assert "Suppressed" in told
    page.locator("path.area").nth(7).hover()
    assert "Heath" in _panel(page)
    page.mouse.move(5, 5)
    assert "Brook & Mill" in _panel(page)


def test_two_areas_of_one_name_are_found_by_their_code(figures, wards, visit, tmp_path):
    wards = wards.assign(area_name=[*wards["area_name"][:7], "St Mary's", "Saint Marys"])
    page = visit(save_map(choropleth_map(figures, "idaci", boundaries=wards), tmp_path / "a.html"))
    page = page.page
    answers = []
    for text in ("st marys", "E05099008"):
        page.fill("#find", text)
        page.keyboard.press("Enter")
        answers.append(page.inner_text("#found"))
    assert "2 wards have the name \u201cst marys\u201d" in answers[0]
    assert "St Mary's (E05099008)" in answers[0]
    assert answers[0].endswith("Write the code of one of them.")
    assert answers[1] == "St Mary's is marked on the map."


def test_an_area_is_found_by_name_and_nothing_is_guessed(open_map):
    page = open_map("both").page
    for text, answer, chosen in (
        ("inner", "Inner Park is marked on the map.", "E05099009"),
        ("BROOK AND MILL", "Brook & Mill is marked on the map.", "E05099002"),
        ("e05099004", "Dale is marked on the map.", "E05099004"),
        ("church  town ward", "Church Town is marked on the map.", "E05099003"),
        ("re", "2 wards have \u201cre\u201d in their name: Ash Green, Great Hill.", None),
        ("nowhere", "No ward has \u201cnowhere\u201d in its name.", None),
        ("BL1 1AA", "This map has no postcodes. Write the name of a ward.", None),
        ("...", "No ward has", None),
        ("  ", "Write the name of a ward.", None),
    ):
        page.locator("path.area").first.press("Enter")
        page.fill("#find", text)
        page.keyboard.press("Enter")
        assert page.inner_text("#found").startswith(answer)
        pressed = [each.get_attribute("data-code") for each in page.locator(PRESSED).all()]
        assert pressed == ([chosen] if chosen else [])
        assert ("Point at a ward" in _panel(page)) == (chosen is None)
        # The figures are announced with the area, once.
        said = page.text_content("#said")
        assert said.startswith(answer.split(" is marked")[0]) if chosen else said == ""
    page.fill("#find", "dale")
    page.keyboard.press("Enter")
    page.locator("path.area").first.click()
    assert page.text_content("#found") == page.text_content("#said") == ""


def test_layers_are_switched_by_keyboard(open_map, maps):
    seen = open_map("all")
    page = seen.page
    page.locator("path.area").nth(1).click()
    page.locator("input[name=layer]").first.focus()
    layers = spec_of(maps["all"]).layers
    for at in (1, 2):
        page.keyboard.press("ArrowRight")
        assert page.locator(f"#legend-{at}").is_visible()
        assert not page.locator("#legend-0").is_visible()
        plain = [paint.fill for paint in layers[at].paints if paint.pattern == "none"]
        assert [fill for fill in _fills(page) if not fill.startswith("url(")] == plain
        assert "Suppressed" in _panel(page)
    seen.quiet()


def test_the_table_is_sorted_with_gaps_last(open_map):
    page = open_map("rate").page
    page.locator("th button", has_text="Rate").click()
    cells = "#figures tbody tr td:nth-child(3)"
    up = page.locator(cells).all_inner_texts()
    assert up[:3] == ["0", "210", "305"]
    assert set(up[-2:]) == {"Suppressed", "Not available"}
    page.locator("th button", has_text="Rate").click()
    assert page.locator(cells).all_inner_texts()[0] == "905"
    assert page.locator("th[aria-sort=descending]").count() == 1
    page.locator("path.area").nth(0).focus()
    assert "Ash Green" in page.locator("tr.here").inner_text()


def test_the_table_is_downloaded_as_csv(open_map):
    page = open_map("rate").page
    with page.expect_download() as caught:
        page.click("#download")
    assert caught.value.suggested_filename == "rate.csv"
    text = caught.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "Ward,Code,Rate,Children,Class on the map"
    assert "Brook & Mill,E05099002,Suppressed,1200,Suppressed" in text.splitlines()
    assert "Illustrative local data." in text


def test_hostile_text_runs_nothing_and_is_shown_as_it_is(figures, wards, visit, tmp_path):
    names = [*HOSTILE, *wards["area_name"][4:]]
    frame = figures.assign(remark=(HOSTILE * 3)[:9], lower=0.0, upper=999.0, events=7)
    shown = choropleth_map(
        frame,
        "rate",
        boundaries=wards.assign(area_name=names),
        title=HOSTILE[1],
        subtitle=HOSTILE[0],
        label=HOSTILE[0],
        unit=HOSTILE[1],
        details={"remark": HOSTILE[2]},
        uncertainty=Uncertainty(
            count="events", count_label=HOSTILE[1], benchmark=519.4, benchmark_label=HOSTILE[2]
        ),
        notes=HOSTILE,
        sources=HOSTILE,
        source=HOSTILE[0],
    )
    seen = visit(save_map(layered_map(shown, shown), tmp_path / "hostile.html"))
    page = seen.page
    assert page.title() == HOSTILE[1]
    assert page.inner_text("h1") == HOSTILE[1]
    for at in range(9):
        page.locator("path.area").nth(at).focus()
    told = {page.inner_text("#panel h2")}
    for at, place in enumerate(spec_of(shown).places):
        page.locator("path.area").nth(at).focus()
        told.add(page.inner_text("#panel h2"))
        assert place.name in told
    page.fill("#find", HOSTILE[0])
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2") == HOSTILE[0]
    assert f"Source: {HOSTILE[0]}" in _panel(page)
    assert HOSTILE[2] in page.inner_text("#legend-0")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("img, main b, main script, svg[onload]").count() == 0
    seen.quiet()


@pytest.mark.parametrize(("name", "width"), [("sure", 320), ("both", 1200)])
def test_axe_finds_no_violation_of_wcag_a_or_aa(open_map, name, width):
    page = open_map(name, width=width, height=800).page
    page.locator("path.area").nth(1).click()
    assert violations(page, WCAG) == []


# 600 pixels stand for a window of 1200 at 200 per cent zoom.
@pytest.mark.parametrize("name", ["rate", "both", "sure", "all"])
@pytest.mark.parametrize("width", [320, 600])
def test_nothing_is_cut_off_in_a_narrow_window(open_map, name, width):
    page = open_map(name, width=width, height=700).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    out = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
            const apart = e.closest('.scroll, #map, .hidden, .skip, datalist');
            if (apart || !e.getClientRects().length) { return false; }
            const box = e.getBoundingClientRect();
            return box.right > innerWidth + 0.5 || box.left < -0.5;
        }).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert out == []


def test_a_printed_page_shows_map_and_table_without_the_tools(open_map):
    seen = open_map("all", width=1400)
    page = seen.page
    page.locator("input[name=layer]").nth(1).check()
    fills = _fills(page)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})
    for name in ("#tools", "#download", "#map"):
        assert not page.locator(name).is_visible()
    assert page.locator("#figures").is_visible()
    # The whole map stands there as a picture that is as wide as the paper allows.
    drawn = page.eval_on_selector_all(
        "#print path[fill]", "all => all.map(e => e.getAttribute('fill'))"
    )
    assert [fill for fill in drawn if fill in set(fills)] == fills
    box = page.locator("#print svg").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 700
    heads = [head for head in page.locator("#figures th[scope=col]").all() if head.is_visible()]
    assert [head.inner_text() for head in heads] == [
        "Ward",
        "Code",
        "Children",
        "Rate",
        "Class: Rate",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") == 700
    seen.quiet()


def test_a_map_is_printed_on_paper(open_map, tmp_path):
    seen = open_map("both", width=1400)
    seen.page.locator("path.area").first.click()
    seen.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    seen.page.emulate_media(media="print")
    seen.page.set_viewport_size({"width": 690, "height": 1000})
    cells = "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    assert seen.page.eval_on_selector_all(".cross th, .cross td", cells) <= 690
    # The legend stands next to the map; the figures of the chosen ward have the width of the page.
    boxes = [
        seen.page.locator(each).bounding_box() for each in ("#print svg", "#legend-0", "#panel")
    ]
    drawn, legend, panel = boxes
    assert legend["y"] < drawn["y"] + drawn["height"]
    assert panel["y"] >= legend["y"] + legend["height"]
    assert panel["width"] > 600
    short = seen.page.locator("td.class").first.get_attribute("data-short")
    assert short == "Low / low"
    content = seen.page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert content.startswith(b"%PDF")
    assert seen.page.locator("#print svg").count() == 1
    seen.quiet()


def test_marks_lie_over_the_classes_and_under_the_borders(figures, wards, visit, tmp_path):
    limits = {"lower": figures["rate"] - 200, "upper": figures["rate"] + 200}
    frame = figures.assign(**limits, count=[9, 40, 40, 9, 40, 40, 40, 40, 40])
    sure = Uncertainty(count="count", benchmark=519.4)
    shown = choropleth_map(frame, "rate", boundaries=wards, uncertainty=sure, source="Made up")
    plain = choropleth_map(figures, "idaci", boundaries=wards)
    seen = visit(save_map(layered_map(shown, plain), tmp_path / "marks.html"))
    page = seen.page
    marks = spec_of(shown).layers[0].marks
    fills = "all => all.map(e => e.getAttribute('fill'))"
    assert page.eval_on_selector_all("path.mark", fills) == [
        f"url(#mark-{mark.key})" for mark in marks
    ]
    order = page.eval_on_selector_all(
        "#map svg path", "all => all.map(e => e.getAttribute('class') || 'line')"
    )
    kinds = [kind.split()[0] for kind in order]
    assert kinds == ["area"] * 9 + ["mark"] * 2 + [kinds[-1]] * (len(kinds) - 11)
    assert kinds[-1] not in {"area", "mark"}
    legend = " ".join(page.inner_text("#legend-0").split())
    for mark in marks:
        assert f"{mark.label} {mark.count} wards" in legend
    cells = page.locator("#figures tbody").inner_text()
    assert cells.count("Not significantly different") == marks[0].count
    assert cells.count("Low: fewer than 20") == marks[1].count
    # A mark does not stand between the pointer and its area.
    page.locator("path.area").nth(3).click()
    told = _panel(page)
    for text in ("Dale", "105 to 505", "Lower", "Low: fewer than 20", "Source: Made up"):
        assert text in told
    assert page.locator("path.area[aria-pressed=true]").count() == 1
    page.locator("input[name=layer]").nth(1).check()
    assert page.locator("path.mark").count() == 0
    seen.quiet()


def test_larger_areas_are_drawn_and_found_over_many_small_ones(visit, tmp_path):
    import geopandas as gpd
    import pandas as pd
    import shapely

    def squares(side, across):
        places = [(x, y) for y in range(across) for x in range(across)]
        west, south = 370_000, 408_000
        return [
            shapely.box(
                west + x * side, south + y * side, west + (x + 1) * side, south + (y + 1) * side
            )
            for x, y in places
        ]

    codes = [f"E010{at:05}" for at in range(64)]
    names = [f"Bolton {at:03}A" for at in range(64)]
    many = gpd.GeoDataFrame(
        {"area_code": codes, "area_name": names, "score": pd.Series(range(64)) / 64},
        geometry=squares(500, 8),
        crs="EPSG:27700",
    )
    wards = gpd.GeoDataFrame(
        {"area_code": [f"E0509900{at}" for at in range(4)], "area_name": ["A", "B", "C", "St D"]},
        geometry=squares(2000, 2),
        crs="EPSG:27700",
    )
    postcodes = pd.DataFrame(
        {"postcode": ["BL1 1AA", "bl1 1ab", "BL1 1AC"], "lsoa_code": [codes[0], codes[63], None]}
    )
    shown = choropleth_map(many, "score", lines=wards, postcodes=postcodes)
    seen = visit(save_map(shown, tmp_path / "many.html"))
    page = seen.page
    assert page.locator("path.area[tabindex='0']").count() == 1
    page.locator("path.area").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "Bolton 003A" in _panel(page)
    assert page.locator("path.area[tabindex='0']").get_attribute("data-code") == "E01000003"
    assert page.locator(".names text").all_text_contents() == ["A", "B", "C", "St D"]
    assert page.get_by_label("Ward names on the map").is_checked()
    for text, answer in (
        ("BL1 1AB", "BL1 1AB is counted in Bolton 063A, which is marked"),
        ("BL1 1AC", "The LSOA in which BL1 1AC is counted is not known."),
        ("saint d", "St D is marked on the map."),
    ):
        page.get_by_label("Find an LSOA or ward by name, or by postcode").fill(text)
        page.keyboard.press("Enter")
        assert page.inner_text("#found").startswith(answer)
    # The line around the ward is as wide as the ward, and no small area is chosen.
    rim = page.locator("path[stroke='#000000']").bounding_box()
    area = page.locator("path.area").first.bounding_box()
    assert rim["width"] == pytest.approx(4 * area["width"], abs=6)
    assert page.locator("path.area[aria-pressed=true]").count() == 0
    # It is there again after an area was pointed at.
    page.locator("path.area").first.hover()
    page.mouse.move(5, 5)
    assert page.locator("path[stroke='#000000']").bounding_box() == rim
    seen.quiet()
