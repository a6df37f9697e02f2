"""Text in Markdown as headings with blocks below them; an error where a chapter cannot have it.

What Markdown would change without a sign, such as the numbers of a list, is an error, because a
reader would find other numbers than the authors wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from bolton_jsna.chapter.document import LEVELS, Block, Bullets, Paragraph, Span
from bolton_jsna.core.errors import SourceError, short

if TYPE_CHECKING:
    from markdown_it.token import Token

_CAN: Final = "headings, paragraphs, lists, bold, italic and links"
_ADDRESS: Final = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_FOOTNOTE: Final = re.compile(r"\[\^[^\]\s]+\]")
_HASH: Final = re.compile(r"^#{1,6}[^#\s]", re.MULTILINE)
_TAG: Final = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(\s[^<>]*)?/?>")
_NOT_SUPPORTED: Final = {
    "table_open": "a table",
    "image": "a picture",
    "fence": "a block of code",
    "code_block": "a block of code (a line that begins with four spaces)",
    "footnote": "a footnote",
    "inner_list": "a list inside of a numbered list",
    "empty_heading": "a heading without words",
}


@dataclass
class Piece:
    """A heading and what stands below it; ``written`` is false if it is the name of the file."""

    title: str
    level: int
    written: bool
    blocks: list[Block] = field(default_factory=list)


def pieces(name: str, text: str) -> tuple[list[Piece], list[str]]:
    """Return the headings of a file with what stands below them, and doubts about its lines."""
    from markdown_it import MarkdownIt

    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise SourceError(
            f"{name}, line {line} has a character that is not text ({short(control[0])}). Expected "
            "a text file. Copy the text into Notepad and save it as UTF-8."
        )
    # Notes that nobody is to see; their lines stay, so that those below keep their numbers.
    shown = _COMMENT.sub(lambda each: "\n" * each[0].count("\n"), text)
    shown = re.sub(r"^(#{1,6})[\xa0\u2007\u202f]+", r"\1 ", shown, flags=re.MULTILINE)
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(shown)
    found = [Piece(_title_of(name), 1, written=False)]
    doubts: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "heading_open":
            title = _words(tokens[at + 1], name).strip()
            if not title:
                raise _not_supported("empty_heading", name, token)
            found.append(Piece(title, min(int(token.tag[1:]), LEVELS), written=True))
            at += 3
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            end = _end(tokens, at)
            found[-1].blocks.append(_list(tokens[at : end + 1], name))
            at = end + 1
        elif token.type == "inline":
            doubts += _doubts(token, name)
            found[-1].blocks.append(Paragraph(_spans(token, name), "author"))
            at += 1
        elif token.type in _NOT_SUPPORTED:
            raise _not_supported(token.type, name, token)
        else:
            at += 1
    return [each for each in found if each.written or each.blocks], doubts


def _title_of(name: str) -> str:
    """Return the heading of a file that has none: its name."""
    title = name.rpartition("/")[2].rpartition(".")[0].replace("_", " ").strip()
    return title[:1].upper() + title[1:]


def _doubts(token: Token, name: str) -> Iterator[str]:
    """Return what may not be meant as it is read."""
    for pattern, what in (
        (_HASH, "begins with # without a space after it, so it is text and not a heading"),
        (_TAG, "has HTML, which is printed as it is"),
    ):
        found = pattern.search(token.content)
        if found:
            line = (token.map or [0])[0] + token.content.count("\n", 0, found.start())
            quoted = token.content[found.start() :].partition("\n")[0]
            yield f"{name}, line {line + 1} {what}: {short(quoted)}"


def _line(token: Token | None) -> str:
    return f", line {token.map[0] + 1}" if token is not None and token.map else ""


def _not_supported(what: str, name: str, token: Token | None) -> SourceError:
    return SourceError(
        f"{name}{_line(token)} has {_NOT_SUPPORTED[what]}. Own text can have {_CAN}. Take "
        "it out, or add it to the Word file afterwards."
    )


def _end(tokens: list[Token], start: int) -> int:
    """Return where the list that begins at a token ends."""
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _list(tokens: list[Token], name: str) -> Bullets:
    """Return a list; a list inside of one with bullets is read as further items."""
    numbered = tokens[0].type == "ordered_list_open"
    first = tokens[0].attrGet("start")
    if first is not None:
        raise SourceError(
            f"{name}{_line(tokens[0])} has a list that begins with {first}, and a list of the "
            f"chapter begins with 1. To print the number as text, write {first}\\. with a "
            "backslash. If it goes on from a list above, put three spaces before what stands "
            "between them, which makes that a part of the item above."
        )
    items: list[list[Span]] = []
    above: list[list[Span]] = []
    for at, token in enumerate(tokens):
        if token.type in _NOT_SUPPORTED:
            raise _not_supported(token.type, name, token)
        if numbered and at and token.type in ("bullet_list_open", "ordered_list_open"):
            raise _not_supported("inner_list", name, token)
        if token.type == "list_item_open":
            items.append([])
            above.append(items[-1])
        elif token.type == "list_item_close":
            above.pop()
        elif token.type == "inline":
            above[-1].extend([Span(" ")] if above[-1] else [])
            above[-1].extend(_spans(token, name))
    return Bullets(tuple(Paragraph(tuple(each), "author") for each in items if each), numbered)


def _words(token: Token, name: str) -> str:
    return "".join(each.text for each in _spans(token, name))


def _spans(token: Token, name: str) -> tuple[Span, ...]:
    """Return the text of a paragraph in spans of one look."""
    if _FOOTNOTE.search(token.content):
        raise _not_supported("footnote", name, token)
    spans: list[Span] = []
    look: dict[str, Any] = {"bold": False, "italic": False, "address": ""}
    children = token.children or []
    for at, each in enumerate(children):
        if each.type in _NOT_SUPPORTED:
            raise _not_supported(each.type, name, token)
        if each.type in ("strong_open", "strong_close", "em_open", "em_close"):
            _not_between_digits(children, at, name, token)
            key = "bold" if each.type.startswith("strong") else "italic"
            look[key] = each.type.endswith("open")
        elif each.type == "link_open":
            look["address"] = _address(str(each.attrGet("href") or ""), name, token)
        elif each.type == "link_close":
            look["address"] = ""
        else:
            text = " " if each.type in ("softbreak", "hardbreak") else each.content
            if spans and replace(spans[-1], text="") == Span("", **look):
                spans[-1] = replace(spans[-1], text=spans[-1].text + text)
            elif text:
                spans.append(Span(text, **look))
    return tuple(spans)


def _not_between_digits(children: list[Token], at: int, name: str, token: Token) -> None:
    """Make sure that a mark of bold or italic does not stand between the digits of 5*3*2."""
    before = "".join(each.content for each in children[:at])[-1:]
    after = "".join(each.content for each in children[at:])[:1]
    if before.isdigit() and after.isdigit():
        raise SourceError(
            f"{name}{_line(token)} has {children[at].markup} between digits ({before} and "
            f"{after}), which Markdown reads as bold or italic and takes away. Write "
            f"\\{children[at].markup[0]} with a backslash to print it, or a space before it."
        )


def _address(address: str, name: str, token: Token) -> str:
    if _ADDRESS.fullmatch(address):
        return address
    raise SourceError(
        f"{name}{_line(token)} has a link to {short(address)!r}. Expected an address that begins "
        "with https://, http:// or mailto:."
    )
