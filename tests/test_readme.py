"""What the README and its companions say is so: code, verbs, options, columns, files, links."""

import contextlib
import io
import re
from pathlib import Path

import pytest
import typer

import sketches
from bolton_jsna import catalogue
from bolton_jsna.building import _maps, _protected_counts, _tables, inputs
from bolton_jsna.building._options import BuildOptions
from bolton_jsna.cli import main as cli
from bolton_jsna.tables import schemas

PAGES = (
    "README.md",
    "docs/refresh.md",
    "docs/indicators.md",
    "docs/projections.md",
    "docs/sentences.md",
    "docs/charts.md",
    "docs/chapter.md",
    "docs/many_authorities.md",
    "docs/site.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE-DATA.md",
    "data/raw/README.md",
    "data/processed/README.md",
    "maps/README.md",
)
SAID = re.compile(r"^print\(.*\)  # (.*)$", re.MULTILINE)


def test_python_of_the_readme_runs_and_prints_what_it_says(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOLTON_JSNA_WORKSPACE", raising=False)
    blocks = fences(text(root, "README.md"), "python")
    said = [line for block in blocks for line in SAID.findall(block)]
    printed = io.StringIO()
    names: dict[str, object] = {}

    with contextlib.redirect_stdout(printed):
        for block in blocks:
            exec(compile(block, "README.md", "exec"), names)  # noqa: S102

    assert len(said) >= 3
    assert printed.getvalue().splitlines() == said
    assert (tmp_path / "ward_idaci.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    "page",
    [
        *("docs/methods/rates.md", "docs/disclosure.md", "docs/indicators.md"),
        *("docs/projections.md", "docs/sentences.md", "docs/charts.md"),
        "docs/chapter.md",
        "docs/many_authorities.md",
        "docs/site.md",
    ],
)
def test_python_of_a_page_runs_and_prints_what_it_says(
    root: Path, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An example that saves a file must not leave it in the checkout.
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOLTON_JSNA_WORKSPACE", raising=False)
    code = "\n".join(fences(text(root, page), "python"))
    printed = io.StringIO()
    if page == "docs/chapter.md":
        # It prints the names of files; what is drawn in a chapter, its own tests look at.
        sketches.put_in_place(monkeypatch)
        sketches.dots(monkeypatch)

    with contextlib.redirect_stdout(printed):
        exec(compile(code, page, "exec"), {})  # noqa: S102

    assert "jsna." in code
    assert printed.getvalue().splitlines() == SAID.findall(code)


@pytest.mark.parametrize("page", PAGES)
def test_verbs_named_are_verbs_of_the_makefile(root: Path, page: str) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        verb for code in snippets(text(root, page)) for verb in re.findall(r"\bmake ([a-z]+)", code)
    }

    assert sorted(named - verbs) == []


def test_the_readme_and_contributing_name_every_verb(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    contributing = text(root, "CONTRIBUTING.md")

    assert sorted(verb for verb in verbs if f"`make {verb}`" not in contributing) == []
    assert all(f"make {verb}" in text(root, "README.md") for verb in ("build", "test", "help"))


@pytest.mark.parametrize("page", PAGES)
def test_options_named_are_options_of_the_command(root: Path, page: str) -> None:
    named = {
        option
        for code in snippets(text(root, page))
        if "bolton-jsna" in code or code.startswith("--")
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)
    }

    assert sorted(named - options()) == []


def test_the_readme_and_the_page_on_refreshing_name_every_option(root: Path) -> None:
    said = text(root, "README.md") + text(root, "docs/refresh.md")

    assert sorted(each for each in options() - {"--version", "--help"} if each not in said) == []


def test_the_readme_lists_the_columns_of_local_records(root: Path) -> None:
    section = part(text(root, "README.md"), "Your own records")
    # Columns of copies of the library's own table: docs/local_records.md describes them.
    own = {"birth_year_to_march", "illustrative"}
    wanted = [name for name in schemas.SCHEMAS["local_records"].names if name not in own]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == wanted


def test_the_readme_lists_the_outputs_of_a_build(root: Path, tmp_path: Path) -> None:
    section = part(text(root, "README.md"), "Two commands")
    bolton = inputs.gather("Bolton", BuildOptions(workspace=tmp_path))
    local = _protected_counts.local_counts(bolton)
    made = _tables.make_tables(bolton, local, _tables.comparisons(bolton))
    _, drawn = _maps.planned_maps(bolton, made["ward_profile"], local, attributions={})
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}

    own = {each.name for each in drawn if each.own_files}
    assert named == {
        *made,
        "profile",
        "projected_demand",
        "sources",
        "run.json",
        "sign_off",
        _maps.LAYERS,
        *("wards.gpkg", "wards.parquet"),
        *own,
    }


def test_the_note_on_raw_files_lists_every_dataset(root: Path) -> None:
    listed = re.findall(r"^\| `(\w+)/` \|", text(root, "data/raw/README.md"), re.MULTILINE)

    assert [*listed, "local_records"] == [each.id for each in catalogue.datasets()]


def test_the_note_on_raw_files_gives_the_addresses_of_the_catalogue(root: Path) -> None:
    note = text(root, "data/raw/README.md")

    assert [each.id for each in catalogue.datasets() if each.landing not in note] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_and_files_named_are_there(root: Path, page: str) -> None:
    here = (root / page).parent
    links = re.findall(r"\]\(([^)#]*)(#[^)]*)?\)", text(root, page))
    broken = [link for link, _ in links if "://" not in link and not (here / link).exists()]
    missing = [
        name
        for name in re.findall(r"(?:tests|scripts|notebooks)/[\w./]+\.\w+", text(root, page))
        if not (root / name).exists()
    ]

    assert broken == []
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_links_within_a_page_lead_to_a_heading(root: Path, page: str) -> None:
    for link, anchor in re.findall(r"\]\(([^):]*)#([^)]*)\)", text(root, page)):
        target = (root / page).parent / link if link else root / page
        headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}

        assert anchor in slugs


def test_the_readme_says_plainly_that_ward_referrals_are_illustrative(root: Path) -> None:
    opening, _, _ = text(root, "README.md").partition("\n## ")

    assert "illustrative until you give an extract of your own" in opening


def text(root: Path, page: str) -> str:
    return (root / page).read_text(encoding="utf-8")


def part(page: str, heading: str) -> str:
    """The section below a heading of the second level."""
    _, _, rest = page.partition(f"\n## {heading}\n")
    assert rest, heading
    return rest.partition("\n## ")[0]


def fences(page: str, language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def snippets(page: str) -> list[str]:
    """Every line of fenced code and every piece of code within the text."""
    lines = [line for block in fences(page, r"\w*") for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    return lines + re.findall(r"`([^`]+)`", prose)


def options() -> set[str]:
    """Every option that ``--help`` lists, before and behind the verb."""
    command = typer.main.get_command(cli.app)
    parts = [command, *command.commands.values()]  # type: ignore[attr-defined]
    return {
        name
        for each in parts
        for given in each.params
        for name in given.opts + given.secondary_opts
    } | {"--help"}
