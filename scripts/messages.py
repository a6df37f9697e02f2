"""Print every message of the package in one list, to be read as an officer in a hurry would.

A message is a text of three words or more that is not a docstring. What is put in when the message
is made stands in braces. ``--check`` reads docstrings and comments too, prints only the lines with
a word that plain English has another for, and fails if there are any.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "bolton_jsna"
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE-DATA.md",
    "docs",
    "data",
    "maps",
    "notebooks",
)
INSTEAD = {
    r"tell|tells|(?<!if-)told|telling": "say, report, show, print or name",
    r"lay|lays|laid(?! out)|laying": "put, add",
    r"nought": "zero",
    r"beside|besides": "compared with, next to, as well as",
    r"at hand|to be had|be had|can be meant|cannot be meant": "available, valid",
    r"lacks?|lacking|lacked|wanting": "is missing, has no",
    r"who(so)?ever|for all one knows": "anyone who",
    r"(?<![\"`])refuse|refuse[sd]|refusing": "reject, not accept",
    r"says so|say so|said so": "name what is said",
    r"(?<!there )(is|are|was|were) (?-i:none)": "there are no",
    r"(?<!there )(is|was) no (year|number|date|day|file|folder|area|code|table)": "is not a",
    r"(is|was) one that (is|was) no": "is not",
}
# Where the word is meant: what an operating system answers, a code of ethnicity, a key of the
# status in JSON, a method of files.
MEANT = re.compile(r'"[Rr]efused"|lacks\b(?=["=:)\]]| [:!]|,)|\.lacks\b|\.tell\(')
PATTERN = re.compile(rf"\b({'|'.join(INSTEAD)})\b", re.IGNORECASE)


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each text of a module that is not a docstring, in the order of its lines."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.JoinedStr):
            parts = (
                part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
                for part in node.values
            )
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        else:
            yield from texts(node)


def messages(path: Path) -> list[tuple[int, str]]:
    """The messages of one module with their lines."""
    found = texts(ast.parse(path.read_text(encoding="utf-8")))
    plain = ((line, " ".join(text.split())) for line, text in found)
    return [(line, text) for line, text in plain if len(re.findall(r"[A-Za-z]{2,}", text)) > 2]


def lines_to_change() -> Iterator[str]:
    """Lines of the package and the documents with a word that plain English has another for."""
    documents = [
        path
        for name in DOCUMENTS
        for path in [ROOT / name, *(ROOT / name).rglob("*.md"), *(ROOT / name).rglob("*.ipynb")]
    ]
    ours = [path for ending in ("py", "toml", "js") for path in PACKAGE.rglob(f"*.{ending}")]
    for path in sorted({*ours, *documents}):
        if path.is_file() and "third_party" not in path.parts:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if found := PATTERN.search(MEANT.sub("", line)):
                    yield f"{path.relative_to(ROOT)}:{number}: {found.group()!r}: {line.strip()}"


def main() -> None:
    """Print the messages, or with ``--check`` what is to be put in plain English."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="print lines to change and fail")
    parser.add_argument("--package", type=Path, default=PACKAGE, help="another copy to read")
    given = parser.parse_args()
    if given.check:
        found = list(lines_to_change())
        print("\n".join(found) or "No words to change.")
        sys.exit(bool(found))
    for path in sorted(given.package.rglob("*.py")):
        for line, text in messages(path):
            print(f"{path.relative_to(given.package)}:{line}: {text}")


if __name__ == "__main__":
    main()
