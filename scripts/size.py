"""Count the rooms, modules and lines of the package: code, docstrings, comments and blank lines."""

from __future__ import annotations

import argparse
import ast
import collections
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "bolton_jsna"
COLUMNS = ("modules", "lines", "code", "docstring", "comment", "blank")
WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def counted(text: str) -> collections.Counter[str]:
    """The lines of one module by what they hold."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
            docstrings |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = text.splitlines()
    found = collections.Counter(modules=1, lines=len(lines))
    for number, line in enumerate(lines, start=1):
        if number in docstrings:
            found["docstring"] += 1
        elif not line.strip():
            found["blank"] += 1
        elif line.lstrip().startswith("#"):
            found["comment"] += 1
        else:
            found["code"] += 1
    return found


def main() -> None:
    """Print a line for each room and one for the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE)
    package = parser.parse_args().package
    rooms: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for path in sorted(package.rglob("*.py")):
        first, *rest = path.relative_to(package).parts
        rooms[first if rest else "(top level)"] += counted(path.read_text(encoding="utf-8"))
    rooms["whole"] = sum(rooms.values(), collections.Counter())
    print(f"{'room':12}" + "".join(f"{name:>11}" for name in COLUMNS))
    for room, found in rooms.items():
        print(f"{room:12}" + "".join(f"{found[name]:11,}" for name in COLUMNS))


if __name__ == "__main__":
    main()
