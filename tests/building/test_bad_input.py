"""Bad input gives one clear error and an exit code; the last good build stays as it was."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bolton_jsna.building._outputs import outputs_of
from command_line import command as run

C1 = "data/raw/children_in_need/c1_children_in_need_referrals_and_rereferrals_2013_to_2025.csv"
SNPP = "data/raw/population_projections/2022snpppopulationsyoamigcat23.csv"
FILE_7 = "data/raw/idaci/File_7_IoD2025.csv"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, lay_rochdale: Callable[[Path], Path]) -> Path:
    """A workspace with raw files and a good build of Rochdale."""
    workspace = lay_rochdale(tmp_path_factory.mktemp("rochdale"))
    done = run("build", "--area", "Rochdale", "--quiet", cwd=workspace)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return workspace


def spoil(content: bytes, how: str) -> bytes:
    if how == "missing column":
        return content.replace(b"referral_count", b"referrals_made", 1)
    if how == "html":
        return b"<!DOCTYPE html>\n<html><body>Page not found</body></html>"
    if how == "empty":
        return b""
    if how == "damaged zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.csv", content)
        return packed.getvalue()[:-200]
    if how == "wrong edition":
        return content.replace(b"(2021)", b"(2031)").replace(b"(2024)", b"(2034)")
    raise ValueError(how)


@pytest.mark.parametrize(
    ("path", "how", "words"),
    [
        (C1, "missing column", "referrals_made"),
        (C1, "html", "is a web page, not data"),
        (C1, "empty", "is empty"),
        (C1, "damaged zip", "is damaged"),
        (SNPP, "damaged zip", "is damaged"),
        (SNPP, "html", "is a web page, not data"),
        (FILE_7, "wrong edition", "File_7_IoD2025.csv"),
        (FILE_7, "empty", "is empty"),
    ],
)
def test_a_bad_raw_file_is_one_message_and_exit_code_1(
    good: Path, path: str, how: str, words: str
) -> None:
    file = good / path
    before = outputs_of(good / "data/processed") | outputs_of(good / "maps")
    content = file.read_bytes()
    file.write_bytes(spoil(content, how))
    try:
        done = run("build", "--area", "Rochdale", cwd=good)
    finally:
        file.write_bytes(content)

    assert done.returncode == 1
    assert done.stdout == ""
    assert words in done.stderr
    assert done.stderr.startswith("bolton-jsna: ")
    assert "Traceback" not in done.stderr
    assert outputs_of(good / "data/processed") | outputs_of(good / "maps") == before
    assert not [each for each in good.iterdir() if each.name.startswith(".")]


def test_latin_1_bytes_are_read(good: Path) -> None:
    file = good / C1
    content = file.read_bytes()
    file.write_bytes(content.replace(b"Oldham", b"Oldh\xe2m"))
    try:
        done = run("build", "--area", "Rochdale", "--quiet", cwd=good)
    finally:
        file.write_bytes(content)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--area", "Roachdale"], "Did you mean 'Rochdale'"),
        (["--area", "North West"], "upper-tier authorities only; found North West"),
        (["--area", "Cumbria"], "ended in 2023"),
        (["--workspace", "nowhere"], "There is no folder 'nowhere'"),
        (["--frobnicate"], "No such option"),
    ],
)
def test_wrong_use_is_exit_code_2(good: Path, arguments: list[str], words: str) -> None:
    done = run("build", *arguments, cwd=good)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_local_records_that_are_not_there(good: Path) -> None:
    done = run("build", "--area", "Rochdale", "--local-records", "none.csv", cwd=good)
    assert done.returncode == 1
    assert "There is no file 'none.csv'" in done.stderr


def test_version_and_help(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path, fresh=True).stdout.startswith("bolton-jsna ")
    assert "--local-records" in run("build", "--help", cwd=tmp_path).stdout
