"""What is installed beside the records, and what a council is told that it can rely on."""

import importlib.metadata
import re
import tomllib

import pytest


@pytest.fixture(scope="module")
def required(root) -> list[str]:
    """The requirements of the project, as it writes them."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["dependencies"]


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower()


def brought(names: set[str]) -> dict[str, importlib.metadata.Distribution]:
    """The distributions of these names, and those that they need in turn."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = sorted(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or Python
        needs = found[name].requires or []
        waiting += [name_of(each) for each in needs if "extra ==" not in each]
    return found


def test_nothing_that_is_required_runs_code_at_each_start_of_python(required):
    """A line of a .pth file that begins with ``import`` is run whenever Python starts."""
    running = [
        f"{name}: {file}"
        for name, each in brought({name_of(each) for each in required}).items()
        for file in each.files or ()
        if file.suffix == ".pth"
        and re.search(r"^import[ \t]", each.locate_file(file).read_text("utf-8"), re.MULTILINE)
    ]
    assert running == []


@pytest.mark.parametrize(
    ("name", "lowest", "hole"),
    [
        ("requests", (2, 32, 4), "CVE-2024-47081"),
        ("urllib3", (2, 6), "CVE-2025-66418"),
        ("pyarrow", (23, 0, 1), "CVE-2026-25087"),
        ("filelock", (3, 20, 1), "CVE-2025-68146"),
        ("jinja2", (3, 1, 6), "CVE-2025-27516"),
        ("pillow", (10, 3), "CVE-2024-28219"),
    ],
)
def test_no_version_with_a_known_hole_is_allowed(required, name, lowest, hole):
    """Of published advisories: what brings each of these was, or was let in, without a limit."""
    (limit,) = [each for each in required if name_of(each) == name] or [f"{name}>=0"]
    allowed = tuple(int(part) for part in re.search(r">=([\d.]+)", limit)[1].split("."))
    assert allowed >= lowest, hole


def test_each_requirement_has_its_reason_and_its_lowest_version(root, required):
    """A package that is installed with this one is code that runs beside children's records."""
    page = root / "docs" / "dependencies.md"
    told = page.read_text(encoding="utf-8") if page.exists() else ""
    lowest = (root / "requirements-lowest.txt").read_text(encoding="utf-8")
    missing = []
    for each in required:
        name, version = re.match(r"([\w-]+)(?:\[\w+\])?>=([\d.]+)", each).groups()
        reason = rf"^\| `{name}` \| [^|]*\w[^|]* \| {re.escape(version)}\b"
        if not re.search(reason, told, re.MULTILINE):
            missing.append(f"{each} in docs/dependencies.md")
        if not re.search(rf"^{name}=={re.escape(version)}\b", lowest, re.MULTILINE):
            missing.append(f"{each} in requirements-lowest.txt")
    assert missing == []


def test_a_council_is_told_what_is_promised_what_is_not_and_how_to_report(root):
    page = root / "SECURITY.md"
    told = page.read_text(encoding="utf-8") if page.exists() else ""
    headings = re.findall(r"^## (.+)$", told, re.MULTILINE)
    asked = ["What is promised", "What is not promised", "How to report a fault"]
    assert [each for each in asked if each not in headings] == []
    parts = dict(zip(headings, re.split(r"^## .+$", told, flags=re.MULTILINE)[1:], strict=True))
    assert all(len(parts[each].split()) > 40 for each in asked)
    assert "never send a record of a child" in parts["How to report a fault"]
    # What it refers to is there.
    links = re.findall(r"\]\(([\w/.]+)", told)
    assert [each for each in links if not (root / each).exists()] == []
