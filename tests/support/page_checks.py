"""The rules of the chapter as a page: each returns what is wrong, so that none is no fault.

The first part reads the text of the page; :mod:`open_page_checks` looks at it in Chromium.
"""

import csv
import io
import itertools
import re
from urllib.parse import unquote

from lxml import html

from bolton_jsna.chapter.document import Bullets, Paragraph
from bolton_jsna.core.states import NUMERIC

WORDS = {"note": "Note:", "caution": "Caution:", "missing": "Missing:"}
MADE_UP = "Illustrative local data: these figures are made up"
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for")
CSV = "data:text/csv;charset=utf-8,"


def text_faults(text, document):
    """Return the faults of all checks that read the text of a page."""
    tree = html.fromstring(text)
    return [
        fault
        for check in (head, landmarks, outside, ids, headings, contents, words, figures, tables)
        for fault in check(tree, document)
    ] + marks(text, tree, document)


def said(element):
    """Return the words of an element with single spaces."""
    return plain(" ".join(element.itertext()))


def plain(text):
    return " ".join(text.split())


def squeezed(element):
    """Return the words of an element as they stand, however it is divided."""
    return plain("".join(element.itertext()))


def head(tree, document):
    """Language, title, one h1, and a policy that lets nothing in."""
    if tree.get("lang") != "en-GB":
        yield f"the language is {tree.get('lang')!r}"
    title = tree.findtext("head/title")
    if document.title not in title or not title.startswith(document.mark):
        yield f"the title is {title!r}"
    if [squeezed(each) for each in tree.iter("h1")] != [plain(document.title)]:
        yield "the title is not the only h1"
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    if not policy or not policy[0].startswith("default-src 'none'; "):
        yield f"the policy is {policy}"


def landmarks(tree, _):
    """Header, nav, main and footer once each; the first link goes to main."""
    for name in ("header", "nav", "main", "footer"):
        found = [each for each in tree.iter(name) if each.getparent().tag != "figure"]
        if len(found) != 1:
            yield f"there are {len(found)} elements {name}"
    first = next(tree.iter("a"), None)
    main = next(tree.iter("main")).get("id")
    if first is None or first.get("href") != f"#{main}":
        yield "the first link does not go to main"


def outside(tree, _):
    """Nothing is loaded, and links are to the page, to data, to the web or to mail."""
    for each in tree.iter("link", "base", "object", "embed", "video", "audio", "source", "form"):
        yield f"there is an element {each.tag}"
    for each in tree.xpath("//*[@src]"):
        if not each.get("src").startswith("data:image/"):
            yield f"{each.tag} loads {each.get('src')[:60]!r}"
    for each in tree.xpath("//a"):
        if not re.match(rf"#|https?://|mailto:|{re.escape(CSV)}", each.get("href", "")):
            yield f"a link goes to {each.get('href', '')[:60]!r}"
    for each in tree.xpath("//@*[starts-with(name(), 'on')]"):
        yield f"an element has a script {each[:60]!r}"
    for each in tree.iter("style"):
        if re.search(r"@import|url\(", each.text or ""):
            yield "a style loads something"


def ids(tree, _):
    """Every id is there once, and what is named by its id is there."""
    found = tree.xpath("//@id")
    yield from (f"the id {each!r} is there twice" for each in set(found) if found.count(each) > 1)
    asked = [each.lstrip("#") for each in tree.xpath("//a/@href[starts-with(., '#')]")]
    for name in REFERENCES:
        asked += [one for each in tree.xpath(f"//@{name}") for one in each.split()]
    asked += re.findall(r"url\(#([^)]+)\)", " ".join(tree.xpath("//svg//@fill")))
    yield from (f"nothing has the id {each!r}" for each in sorted(set(asked) - set(found)))


def headings(tree, document):
    """The headings of the document, each at its level below the h1, none skipped."""
    shown = [
        (int(each.tag[1]), squeezed(each))
        for each in tree.xpath("//main//*[@id]")
        if re.fullmatch("h[1-6]", each.tag)
    ]
    wanted = [(level + 1, plain(each.title)) for level, each in document.headings()]
    if shown != wanted:
        yield f"the headings are {shown}, expected {wanted}"
    levels = [1, *(level for level, _ in shown)]
    if any(after > before + 1 for before, after in itertools.pairwise(levels)):
        yield f"a level of the headings is skipped: {levels}"


def contents(tree, document):
    """The contents have a link to the heading of every section, in order."""
    by_id = {each.get("id"): squeezed(each) for each in tree.xpath("//*[@id]")}
    shown = [(squeezed(each), by_id.get(each.get("href")[1:])) for each in tree.xpath("//nav//a")]
    wanted = [(plain(each.title),) * 2 for _, each in document.headings()]
    if shown != wanted:
        yield f"the contents are {shown}, expected {wanted}"


def words(tree, document):
    """Every paragraph and item in order, with the word of its role and its links."""
    own = "self::p or self::li"
    found = tree.xpath(
        f"//main//*[{own}][not(ancestor::figure or ancestor::*[starts-with(@id, 'table-')])]"
    )
    given = []
    for block in document.blocks():
        given += [block] if isinstance(block, Paragraph) else []
        given += block.items if isinstance(block, Bullets) else []
    if len(found) != len(given):
        yield f"there are {len(found)} paragraphs and items, expected {len(given)}"
    for shown, one in zip(found, given, strict=False):
        wanted = plain(f"{WORDS.get(one.role, '')} {one.text}")
        if squeezed(shown) != wanted:
            yield f"a paragraph is {squeezed(shown)!r}, expected {wanted!r}"
        links = [each.address for each in one.spans if re.match("https?://|mailto:", each.address)]
        if shown.xpath(".//a/@href") != links:
            yield f"the links of {wanted[:40]!r} are {shown.xpath('.//a/@href')}"


def _block(tree, kind, given):
    found = tree.xpath(f"//*[@id='{kind}-{given.key}']")
    return found[0] if found else None


def _name(tree, element):
    """Return the text by which an element is known."""
    return said(tree.get_element_by_id(element.get("aria-labelledby")))


def _beside(block, given, name):
    """What figures and tables have: notes, sources, the word on made-up figures."""
    text = said(block)
    for each in (*given.notes, *given.sources):
        if plain(re.sub("^Sources?: ", "", each)) not in text:
            yield f"{name} does not have {each!r}"
    if given.sources and not re.search(r"\bSources?:", text):
        yield f"{name} does not name its source"
    if (MADE_UP in text) != given.illustrative:
        yield f"{name} is wrong on whether its figures are made up"


def figures(tree, document):
    """Number, title, subtitle, words, notes, sources, the link to the table, and the CSV."""
    numbers = {each.key: number for number, each in enumerate(document.tables(), 1)}
    for number, given in enumerate(document.figures(), 1):
        name, block = f"Figure {number}", _block(tree, "figure", given)
        if block is None or block.tag != "figure":
            yield f"{name} is not there"
            continue
        caption = said(block.find("figcaption"))
        if not caption.startswith(plain(f"{name}: {given.title}")):
            yield f"{name} has the caption {caption!r}"
        if plain(given.subtitle) not in caption:
            yield f"{name} does not have its subtitle"
        described = [
            each for each in block.xpath(".//p[@id]") if squeezed(each) == plain(given.alt)
        ]
        if not described:
            yield f"{name} does not have its words"
        drawn = block.xpath(".//svg[@role='group']/@aria-label | .//img/@alt")
        if not drawn or not all(drawn):
            yield f"{name} has a drawing without a name"
        links = {squeezed(each): each.get("href") for each in block.iter("a")}
        twin = f"The figures are in Table {numbers[given.table]}"
        if links.get(twin) != f"#table-{given.table}":
            yield f"{name} does not name its table"
        if not any(name in text and to.startswith(CSV) for text, to in links.items()):
            yield f"{name} has no CSV"
        yield from _beside(block, given, name)


def tables(tree, document):
    """Number and title as caption, headings with a scope, every cell, signs, and the CSV."""
    for number, given in enumerate(document.tables(), 1):
        name, block = f"Table {number}", _block(tree, "table", given)
        if block is None:
            yield f"{name} is not there"
            continue
        caption = _name(tree, next(block.iter("table")))
        if not caption.startswith(plain(f"{name}: {given.title}")):
            yield f"{name} has the caption {caption!r}"
        heads = block.xpath(".//thead/tr/th[@scope='col'][@role='columnheader']")
        if [squeezed(each) for each in heads] != [plain(each.name) for each in given.columns]:
            yield f"{name} has the headings {[squeezed(each) for each in heads]}"
        rows = block.xpath(".//tbody/tr")
        shown = [[squeezed(each) for each in row] for row in rows]
        if shown != [[plain(cell.text) for cell in row] for row in given.rows]:
            yield f"{name} has the cells {shown}"
        yield from _layout(block, given, name, heads, rows)
        for sign, _ in given.signs:
            if not block.xpath(f".//p[starts-with(., '{sign} ')]"):
                yield f"{name} does not explain {sign}"
        yield from _beside(block, given, name)
        yield from _csv(block, given, name, document.mark)


def _layout(block, given, name, heads, rows):
    if not all(squeezed(each) for row in rows for each in row) or block.xpath(".//*[@colspan]"):
        yield f"{name} has an empty or a merged cell"
    if not all(row[0].tag == "th" and row[0].get("scope") == "row" for row in rows):
        yield f"{name} has a row without a heading"
    right = ["number" in (each.get("class") or "") for each in heads]
    if right != [each.kind == "number" for each in given.columns]:
        yield f"{name} does not set its numbers to the right"


def _csv(block, given, name, mark):
    links = [each for each in block.iter("a") if each.get("href").startswith(CSV)]
    if len(links) != 1 or name not in squeezed(links[0]):
        yield f"{name} has {len(links)} CSV"
        return
    text = unquote(links[0].get("href").removeprefix(CSV))
    heads, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    more = len(heads) - len(given.columns)
    if more != bool(mark) + given.illustrative:
        yield f"the CSV of {name} does not say what its figures are: {heads}"
    for row, cells in zip(rows, given.rows, strict=True):
        for text, cell in zip(row[more:], cells, strict=True):
            wrong = text.lstrip("'") != cell.text
            if cell.value is not None and cell.status in NUMERIC:
                wrong = float(text) != float(cell.text.replace(",", ""))
            if wrong:
                yield f"the CSV of {name} has {text!r} for {cell.text!r}"
        if mark and row[0] != mark:
            yield f"a row in the CSV of {name} does not have the mark"


def marks(text, tree, document):
    """The mark first, on screen and on paper; date and version at the foot of both."""
    faults = []
    first = next(tree.iter("header"))[0]
    if document.mark and squeezed(first) != document.mark:
        faults.append("the mark is not the first thing")
    paper = re.search(r'@bottom-left \{ content: "(.*?)"; \}', text)
    feet = [squeezed(next(tree.iter("footer"))), paper.group(1) if paper else ""]
    wanted = (document.dated, f"bolton-jsna {document.version}")
    faults += [
        f"date and version are not at the foot: {foot!r}"
        for foot in feet
        if not all(each in foot for each in wanted)
    ]
    if document.mark and not re.search(r'@top-left \{ content: "[^"]', text):
        faults.append("the mark is not on each printed page")
    return faults
