"""The rules of the chapter as a page, looked at in Chromium: each returns what is wrong.

A page is looked at as a person does: all of it is scrolled by first, because frames and pictures
that are out of sight are not drawn.
"""

import re
import subprocess

from browsing import violations

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

WALK = """async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 700) {
        scrollTo(0, y);
        await new Promise(done => setTimeout(done, 30));
    }
    scrollTo(0, 0);
    await new Promise(done => setTimeout(done, 100));
}"""

WIDE = """() => [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return box.width > 2 && box.height > 2 && style.visibility !== 'hidden' &&
        !one.closest('svg, .scroll, .hidden, .skip-link, .skip') &&
        (box.right > innerWidth + 1 || box.left < -1);
}).map(one => `${one.tagName} ${one.className} ${one.textContent.slice(0, 40)}`)"""
"""What leaves the window at the left or the right."""

CUT_WORDS = """() => [...document.querySelectorAll('svg text')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.left < -1 || box.right > innerWidth + 1);
}).map(one => one.textContent)"""

SMALL_WORDS = """() => [...document.querySelectorAll('.jsna-chart svg text')].filter(one =>
    one.getBoundingClientRect().width && one.closest('svg').getScreenCTM() &&
    parseFloat(one.getAttribute('font-size')) * one.closest('svg').getScreenCTM().a < 9.5
).map(one => one.textContent)"""

SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input, select')].filter(
    one => {
        const box = one.getBoundingClientRect();
        const inText = one.tagName === 'A' && getComputedStyle(one).display === 'inline';
        const label = one.tagName === 'INPUT' && one.closest('label');
        return box.width > 2 && !inText && !label && !one.matches('.skip-link') &&
            (box.height < 23.9 || box.width < 23.9);
    }).map(one => `${one.tagName} ${one.textContent}`)"""

FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body || one.tagName === 'IFRAME') { return null; }
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const x = box.left + Math.min(box.width, innerWidth - box.left) / 2;
    const y = Math.max(box.top, 0) +
        (Math.min(box.bottom, innerHeight) - Math.max(box.top, 0)) / 2;
    const there = document.elementFromPoint(x, y);
    const seen = there && (one.contains(there) || there.contains(one));
    const svg = one.closest('svg');
    return { name: `${one.tagName} ${one.getAttribute('aria-label') || one.textContent}`,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: Boolean(seen || (svg && box.top < innerHeight && box.bottom > 0)) };
}"""

PRINTED = """() => [...document.querySelectorAll('.jsna-map')].map(place => [
    [...place.querySelectorAll('iframe')].some(one => one.getBoundingClientRect().height > 0),
    place.querySelector('img').getBoundingClientRect().width,
    place.querySelector('img').naturalWidth])"""


def walk(page):
    """Scroll by all of a page."""
    page.evaluate(WALK)


def axe(page):
    """What axe finds in a page and in each of its frames, against A and AA."""
    return [fault for frame in page.frames for fault in violations(frame, WCAG)]


def reflow(page, width, height=900):
    """No sideways scroll, nothing cut, no words too small and no target too small."""
    page.set_viewport_size({"width": width, "height": height})
    walk(page)
    faults = []
    for frame in page.frames:
        inside = frame.evaluate("innerWidth")
        wide = frame.evaluate("document.documentElement.scrollWidth")
        if wide > inside:
            faults.append(f"{wide} pixels in a window of {inside}")
        for look in (WIDE, CUT_WORDS, SMALL_TARGETS):
            faults += frame.evaluate(look)
    faults += page.evaluate(SMALL_WORDS)
    faults += _frames_too_low(page)
    return faults


def _frames_too_low(page, tries=50):
    """Maps that are higher than their frames; a busy machine may need a while to fit them."""
    for _ in range(tries):
        low = [
            f"a map of {tall} pixels in a frame of {room}"
            for tall, room in (
                each.evaluate("[document.documentElement.scrollHeight, innerHeight]")
                for each in page.frames[1:]
            )
            if tall > room + 1
        ]
        if not low:
            return []
        page.wait_for_timeout(100)
    return low


def focus(page, stops=400):
    """Each stop of Tab is seen and has a ring; returns the faults and the names of the stops."""
    faults, names = [], []
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    for _ in range(stops):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUS)
        if found is None:
            if page.evaluate("document.activeElement === document.body"):
                break
            continue
        names.append(found["name"])
        if not found["ring"] or not found["seen"]:
            faults.append(found)
    return faults, names


def scrolls_have_names(page):
    """What scrolls sideways is a stop of Tab with a name; what does not is none."""
    return page.evaluate("""() => [...document.querySelectorAll('.scroll')].filter(one => {
        const scrolls = one.scrollWidth > one.clientWidth + 1;
        const named = one.tabIndex === 0 && one.getAttribute('role') === 'region' &&
            document.getElementById(one.getAttribute('aria-labelledby'));
        return scrolls ? !named : one.tabIndex === 0;
    }).map(one => one.textContent.slice(0, 40))""")


def maps_on_paper(page):
    """On paper each map is its picture."""
    page.emulate_media(media="print")
    found = page.evaluate(PRINTED)
    page.emulate_media(media="null")
    return [each for each in found if each[0] or each[1] < 100 or each[2] < 100]


def paper(page, path):
    """Print a page on A4 and return the words of each sheet, in the order in which they stand."""
    page.pdf(path=str(path), prefer_css_page_size=True, tagged=True)
    command = ["pdftotext", "-layout", str(path), "-"]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [re.sub(r"\s+", " ", each).strip() for each in printed.split("\f")[:-1]]


def paper_faults(sheets, document):
    """Nothing is cut; mark, date, version and number on each sheet."""
    faults = []
    for number, sheet in enumerate(sheets, 1):
        if document.mark and not sheet.startswith(document.mark):
            faults.append(f"sheet {number} does not begin with the mark")
        ending = f"bolton-jsna {document.version} Page {number} of {len(sheets)}"
        if not sheet.endswith(ending) or f"figures to {document.dated}" not in sheet:
            faults.append(f"sheet {number} ends with {sheet[-90:]!r}")
        if len(sheet) < 150:
            faults.append(f"sheet {number} is all but empty: {sheet!r}")
    faults += _torn(sheets, document)
    letters = _letters(" ".join(sheets))
    wanted = [word for text in _printed(document) for word in text.split()]
    return faults + [
        f"{each!r} is not on paper" for each in wanted if _letters(each) not in letters
    ]


def _torn(sheets, document):
    """Titles of tables that are torn, or not on the sheet of their headings and first row."""
    letters = [_letters(each) for each in sheets]
    for number, given in enumerate(document.tables(), 1):
        title = _letters(f"Table {number}: {given.title}")
        held = [each for each in letters if title in each]
        row = given.rows[0] if given.rows else ()
        first = [_letters(word) for each in row for word in each.text.split()]
        if not any(all(each in sheet[sheet.index(title) :] for each in first) for sheet in held):
            yield f"the title of Table {number} is not above its first row"


def _printed(document):
    """What must be on paper: cells, headings, titles, notes, addresses."""
    for given in document.tables():
        yield from (each.name for each in given.columns)
        yield from (cell.text for row in given.rows for cell in row)
    for given in (*document.tables(), *document.figures()):
        yield from (given.title, *given.notes, *given.sources)
    for _, section in document.headings():
        yield section.title
    for block in document.blocks():
        spans = getattr(block, "spans", ())
        yield from (each.text for each in spans)
        yield from (each.address for each in spans if re.match("https?://|mailto:", each.address))


def heads_repeated(sheets, given):
    """Return the sheets that have rows of a table, told by its first column, without headings."""
    first = [each[0].text for each in given.rows]
    head = given.columns[-1].name.split()[0]
    rows = {n: sum(each in sheet for each in first) for n, sheet in enumerate(sheets, 1)}
    held = [number for number, count in rows.items() if count]
    return held, [number for number in held if head not in sheets[number - 1]]


def _letters(text):
    return re.sub(r"\W+", "", text)
