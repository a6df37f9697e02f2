"""Check the types of the examples in README.md and docs/ with mypy, strictly.

    python scripts/docs_types.py [FOLDER]

With FOLDER the examples are written there, one file a page, and not checked: for another type
checker.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)


def write(folder: Path) -> None:
    """Write the Python blocks of every page to a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
        if blocks:
            name = page.relative_to(ROOT).with_suffix("").as_posix().replace("/", "_")
            (folder / f"{name}.py").write_text("\n".join(blocks), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write the examples to a folder, or check them."""
    if arguments:
        write(Path(arguments[0]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        # src has its own check.
        command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", folder]
        return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
