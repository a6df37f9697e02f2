"""Pages in headless Chromium with the network off: drawn, walked by keyboard, safe, accessible."""

import warnings

import pytest

from bolton_jsna.maps import (
    Uncertainty,
    bivariate_map,
    choropleth_map,
    layered_map,
    save_map,
    spec_of,
)

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "\"'><svg onload=alert(3)>",
    "{{7*7}} ${alert(4)} &lt;b&gt;",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def maps(figures, wards):
    options = {
        "boundaries": wards,
        "sources": ["Contains OS data © Crown copyright and database right 2023."],
        "notes": ["Children aged 0-17 are modelled."],
        "details": {"children": "Children"},
        "illustrative": True,
    }
    idaci = choropleth_map(figures, "idaci", label="IDACI", title="Deprivation", **options)
    rate = choropleth_map(
        figures, "rate", label="Rate", title="Rate", palette="orange", classes=3, **options
    )
    limits = figures.assign(lower=figures["rate"] - 99, upper=figures["rate"] + 99, count=19)
    sure = choropleth_map(
        limits,
        "rate",
        title="Uncertain",
        uncertainty=Uncertainty(count="count", benchmark=519.4),
        **options,
    )
    both = bivariate_map(
        figures,
        "idaci",
        "rate",
        title="Child deprivation and referrals",
        x_label="IDACI",
        y_label="Rate",
        y_unit="per 10,000 children",
        **options,
    )
    layers = layered_map(idaci, rate, both)
    return {"idaci": idaci, "rate": rate, "both": both, "sure": sure, "all": layers}


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


def test_the_page_of_layers_of_a_build_is_walked_and_nothing_is_asked(visit, bolton_built):
    seen = visit(bolton_built / "maps" / "ward_layers.html")
    page = seen.page
    page.locator("button", has_text="Find").focus()
    for at in range(4):
        page.locator("input[name=layer]").nth(at).check()
        shown = page.locator(f"#legend-{at}")
        assert shown.is_visible()
        assert page.locator(".legend:visible").count() == 1
        assert page.locator("path.area").count() == 20
        page.locator("path.area").first.focus()
        walked = set()
        for _ in range(20):
            walked.add(page.evaluate("document.activeElement.dataset.code"))
            assert "Source:" in _panel(page)
            page.keyboard.press("Tab")
        assert len(walked) == 20
        if at < 3:
            heads = page.locator("#figures th[scope=col]").all_inner_texts()
            column = heads.index(f"Class: {('IDACI 2025', 'Referral rate', 'Plan rate')[at]}") + 1
            cells = page.locator(f"#figures tbody tr :nth-child({column})").all_inner_texts()
            for line in shown.locator("ul").first.locator("li").all():
                label, count = line.locator("span").all_inner_texts()
                assert cells.count(label) == int(count.split()[0])
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
    areas = {0: "0 areas", 1: "1 area"}
    assert shown == [
        f"{entry.label} {areas.get(entry.count, f'{entry.count} areas')}" for entry in entries
    ]
    cells = page.locator("#figures td.class").all_inner_texts()
    assert {entry.label: cells.count(entry.label) for entry in entries} == {
        entry.label: entry.count for entry in entries
    }


def test_tab_reaches_every_area_and_the_panel_follows(open_map, maps):
    seen = open_map("rate")
    page = seen.page
    page.locator("button", has_text="Find").focus()
    met = []
    for _ in range(14):
        page.keyboard.press("Tab")
        code = page.evaluate("document.activeElement.dataset.code || ''")
        if code:
            met.append(code)
            name = {p.code: p.name for p in spec_of(maps["rate"]).places}[code]
            assert name in _panel(page)
            assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
                f"{name}: "
            )
    assert met == [place.code for place in spec_of(maps["rate"]).places]
    assert page.get_attribute("#panel", "aria-live") == "polite"
    seen.quiet()


def test_arrows_walk_enter_keeps_and_escape_lets_go(open_map, maps):
    page = open_map("rate").page
    names = [place.name for place in spec_of(maps["rate"]).places]
    page.locator("path.area").first.focus()
    for key, at in (("ArrowRight", 1), ("ArrowDown", 2), ("ArrowLeft", 1), ("End", 8), ("Home", 0)):
        page.keyboard.press(key)
        assert names[at] in _panel(page)
    page.keyboard.press("ArrowLeft")
    assert names[8] in _panel(page)
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    assert names[8] in _panel(page)
    page.locator("path.area").nth(8).focus()
    page.keyboard.press("Escape")
    assert "Tab or the arrow keys" in _panel(page)


def test_focus_is_drawn_around_the_area(open_map):
    page = open_map("rate").page
    box = "e => { const b = e.getBBox(); return {x: b.x, width: b.width}; }"
    rim = page.locator("path[stroke='#000000']")
    assert rim.evaluate(box)["width"] == 0
    page.locator("path.area").nth(4).focus()
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


def test_an_area_is_found_by_name(open_map):
    page = open_map("both").page
    page.fill("#find", "inner")
    page.keyboard.press("Enter")
    assert "Inner Park" in _panel(page)
    assert page.evaluate("document.activeElement.dataset.code") == "E05099009"
    page.fill("#find", "nowhere")
    page.keyboard.press("Enter")
    assert page.inner_text("#found") == "No area has this name."


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
    assert text.splitlines()[0] == "Area,Code,Rate,Children,Class on the map"
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


@pytest.mark.parametrize("name", ["rate", "both", "sure", "all"])
@pytest.mark.parametrize("width", [1200, 320])
def test_axe_finds_no_violation_of_wcag_a_or_aa(open_map, name, width):
    with warnings.catch_warnings():
        # axe's package reads its own file in a way that newer Pythons advise against.
        warnings.simplefilter("ignore", DeprecationWarning)
        from axe_playwright_python.sync_playwright import Axe
    page = open_map(name, width=width, height=800).page
    page.locator("path.area").nth(1).click()
    found = Axe().run(page, options={"runOnly": WCAG})
    assert found.violations_count == 0, found.generate_report()


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
        "Area",
        "Code",
        "Children",
        "Rate",
        "Class: Rate",
    ]
    assert page.evaluate("document.documentElement.scrollWidth") == 700
    seen.quiet()


def test_a_map_is_printed_on_paper(open_map, tmp_path):
    seen = open_map("both", width=1400)
    content = seen.page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert content.startswith(b"%PDF")
    assert seen.page.locator("#print svg").count() == 1
    seen.quiet()


def test_marks_lie_over_the_classes_and_under_the_borders(figures, wards, visit, tmp_path):
    frame = figures.assign(lower=figures["rate"] - 200, upper=figures["rate"] + 200, count=9)
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
        assert f"{mark.label} {mark.count} areas" in legend
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


def test_many_areas_are_one_stop_for_tab(wards, visit, tmp_path):
    import geopandas as gpd
    import pandas as pd
    import shapely

    squares = [
        shapely.box(370_000 + x * 500, 408_000 + y * 500, 370_500 + x * 500, 408_500 + y * 500)
        for y in range(8)
        for x in range(8)
    ]
    many = gpd.GeoDataFrame(
        {
            "area_code": [f"E010{at:05}" for at in range(64)],
            "area_name": [f"Bolton {at:03}A" for at in range(64)],
            "score": pd.Series(range(64)) / 64,
        },
        geometry=squares,
        crs="EPSG:27700",
    )
    page = visit(save_map(choropleth_map(many, "score"), tmp_path / "many.html")).page
    assert page.locator("path.area[tabindex='0']").count() == 1
    page.locator("path.area").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "Bolton 003A" in _panel(page)
    assert page.locator("path.area[tabindex='0']").get_attribute("data-code") == "E01000003"
