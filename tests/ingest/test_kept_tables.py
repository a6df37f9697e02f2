"""What was read before: the tables and remarks of the file, never those of another or older one."""

import gzip
import hashlib
import os
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bolton_jsna.core import atomic
from bolton_jsna.core.errors import BoltonJsnaError, MissingDataError, WorkspaceError
from bolton_jsna.ingest import _cache_folder, _parquet_tables, kept_tables
from bolton_jsna.ingest import raw_tables as raw
from bolton_jsna.tables import idaci, population
from bolton_jsna.tables.reader_notes import gathered

PROJECTIONS = "population_projections"
NAME = "2022snpppopulation.csv"
AREAS = ("E08000001", "E08000002", "E08000003")


def projections(*, areas=AREAS, years=(2022, 2023, 2024), shift=0, sexes=("persons",), gap=None):
    """A wide table of projections by single year of age."""
    lines = [",".join(["AREA_CODE,AREA_NAME,COMPONENT,SEX,AGE_GROUP", *map(str, years)])]
    for number, code in enumerate(areas):
        for sex in sexes:
            for age in range(91):
                label = "90 and over" if age == 90 else age
                people = [str(1000 + shift + number + age + year % 7) for year in years]
                if (code, age) != gap:
                    lines.append(",".join([f"{code},x,Population,{sex},{label}", *people]))
    return "\n".join(lines) + "\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BOLTON_JSNA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_tables, "SMALLEST", 0)
    return tmp_path / "cache" / "tables"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / NAME
    path.write_text(projections())
    return path


def read(path, dataset=PROJECTIONS, reader=None, **options):
    return kept_tables.read(dataset, path, reader or population.read_projections, options)


def never(*_, **__):
    raise AssertionError("the file was read again")


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_exact=True, check_index_type="exact")
    assert one.attrs == other.attrs == {}


def entries(cache):
    return sorted(cache.glob("*"))


def test_a_second_reading_takes_nothing_from_the_file_but_its_sha256(cache, file):
    first = read(file)
    same(first, population.read_projections(file))
    same(first, read(file, reader=never))
    assert len(entries(cache)) == 1


def test_a_table_from_the_cache_may_be_changed(cache, file):
    read(file)
    kept = read(file, reader=never)
    kept.loc[0, ["population", "year", "area_name"]] = [7.0, 2030, "Mine"]
    assert kept.loc[0, ["population", "year", "area_name"]].tolist() == [7.0, 2030, "Mine"]
    for column in ("population", "year"):
        assert kept[column].array.copy()[:1].tolist() == [kept.loc[0, column]]
    same(population.read_projections(file), read(file, reader=never))


def test_remarks_are_made_again(cache, file):
    file.write_text(projections(gap=(AREAS[1], 4)) + "Source: ONS\n")
    with gathered() as first:
        read(file)
    with gathered() as second:
        read(file, reader=never)
    assert second == first
    assert any("lines of text" in each for each in second)


def test_a_file_that_cannot_be_read_has_its_message_each_time(cache, file):
    file.write_text(projections().replace("AGE_GROUP", "NOTHING"))
    for _ in range(2):
        with pytest.raises(BoltonJsnaError, match="has no column"):
            read(file)
    assert entries(cache) == []


def test_a_file_that_was_revised_in_place_is_read_anew(cache, file, tmp_path):
    workspace = tmp_path / "w"
    own = workspace / "data/raw" / PROJECTIONS / NAME
    own.parent.mkdir(parents=True)
    own.write_text(projections())
    status = own.stat()
    before = raw.table(PROJECTIONS, workspace)
    own.write_text(projections(shift=1))
    os.utime(own, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (own.stat().st_size, own.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    after = raw.table(PROJECTIONS, workspace)
    assert (after["population"] - before["population"]).unique().tolist() == [1]
    assert len(entries(cache)) == 1  # the earlier table of this file is gone


def rename(path):
    return path.rename(path.with_name(path.name.replace(path.name.split(".")[1], "0" * 32)))


def rewritten(path, content):
    """Put other bytes under the key of an entry, with the mark of whole ones."""
    place, key, _, ending = path.name.split(".")
    path.unlink()
    digest = hashlib.sha256(content).hexdigest()[:32]
    path.with_name(f"{place}.{key}.{digest}.{ending}").write_bytes(content)


def foreign_table():
    import io

    out = io.BytesIO()
    pd.DataFrame({"area_code": ["E08000001"], "population": [1.0]}).to_parquet(out)
    return out.getvalue()


def of_another_key(path):
    frame = _parquet_tables.unpacked(path.read_bytes())
    facts = {"key": "0" * 32, "said": [], "regular": False}
    return _parquet_tables.packed(frame.assign(population=1.0), facts)


DAMAGE = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: path.write_bytes(b""),
    "flipped": lambda path: path.write_bytes(bytes([*path.read_bytes()[:-9], *b"\xff" * 9])),
    "renamed": rename,
    "foreign": lambda path: rewritten(path, foreign_table()),
    "no parquet": lambda path: rewritten(path, b"PAR1 and nothing else PAR1"),
    "of another key": lambda path: rewritten(path, of_another_key(path)),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_or_foreign_entry_is_read_again(damage, cache, file):
    first = read(file)
    damage(*entries(cache))
    same(first, read(file))
    same(first, read(file, reader=never))


@pytest.mark.parametrize("part", [0, 1, 2, 3], ids=["code", "pandas", "pyarrow", "year"])
def test_an_entry_of_another_version_is_not_used(part, cache, file, monkeypatch):
    version = kept_tables._version()
    read(file)
    changed = [*version[:part], "another", *version[part + 1 :]]
    monkeypatch.setattr(kept_tables, "_version", lambda: changed)
    assert kept_tables._found(cache, kept_tables._key(PROJECTIONS, NAME, "0", {})) is None
    with pytest.raises(AssertionError, match="read again"):
        read(file, reader=never)


def test_the_name_of_a_file_and_the_options_are_part_of_the_key(cache, file):
    read(file)
    other = file.rename(file.with_name("2018-based.csv"))
    with pytest.raises(AssertionError):
        read(other, reader=never)
    with pytest.raises(AssertionError):
        read(other, dataset="population_estimates", reader=never)


def test_a_file_that_is_replaced_while_it_is_read_is_not_kept(cache, file):
    def replaced(path):
        found = population.read_projections(path)
        path.write_text(projections(shift=1))
        return found

    read(file, reader=replaced)
    assert entries(cache) == []


def closed(*_, **__):
    raise WorkspaceError("cannot be written")


@pytest.mark.parametrize("how", ["closed", "a file", "open to others", "a link", "off"])
def test_without_a_folder_that_is_ones_own_all_is_read_from_the_file(
    how, cache, file, monkeypatch, tmp_path
):
    calls = []

    def counted(path):
        calls.append(path)
        return population.read_projections(path)

    if how == "closed":
        monkeypatch.setattr(atomic, "write", closed)
    elif how == "a file":
        cache.parent.write_text("")
    elif how == "open to others":
        cache.mkdir(parents=True)
        cache.chmod(0o777)
    elif how == "a link":
        (tmp_path / "elsewhere").mkdir()
        cache.parent.mkdir()
        cache.symlink_to(tmp_path / "elsewhere")
    else:
        monkeypatch.setenv("BOLTON_JSNA_CACHE", "off")
    same(read(file, reader=counted), read(file, reader=counted))
    assert len(calls) == 2
    assert not list(tmp_path.rglob("*.parquet"))


def test_the_folder_is_for_its_owner_only(cache, file):
    read(file)
    assert os.name != "posix" or cache.stat().st_mode & 0o777 == 0o700


def test_an_entry_that_others_could_have_written_is_not_used(cache, file):
    read(file)
    cache.chmod(0o777)
    with pytest.raises(AssertionError):
        read(file, reader=never)


@pytest.mark.parametrize("gone", [("XDG_CACHE_HOME",), ("XDG_CACHE_HOME", "HOME")])
def test_the_folder_of_a_user(gone, monkeypatch, tmp_path):
    monkeypatch.delenv("BOLTON_JSNA_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    for each in gone:
        monkeypatch.delenv(each, raising=False)
    found = _cache_folder.folder()
    assert found is None or found.parts[-3:] == (".cache", "bolton-jsna", "tables")


SOME = st.lists(st.sampled_from([*AREAS, "E09000001"]), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / NAME
    path.write_text(projections(sexes=("males", "females")))
    return path


@given(areas=SOME, ages=st.one_of(st.none(), st.tuples(st.integers(0, 90), st.integers(0, 90))))
def test_some_areas_and_ages_come_out_of_the_table_of_the_whole_file(areas, ages, whole):
    options = {"areas": tuple(areas)} | ({"ages": (min(ages), max(ages))} if ages else {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOLTON_JSNA_CACHE", str(whole.parent / "cache"))
        patch.setattr(kept_tables, "SMALLEST", 0)
        read(whole)
        if not set(areas) & set(AREAS):
            with pytest.raises(MissingDataError, match="no row of the areas"):
                read(whole, **options)
            return
        wanted = population.read_projections(whole, **options)
        same(wanted, read(whole, reader=never, **options))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("projections.csv", projections()),
        (NAME, projections(gap=(AREAS[1], 90))),
        (NAME, projections() + "E08000004,x,Population,persons,0,1,1,1\n"),
    ],
    ids=["no base year in the name", "an age less", "an area with one age"],
)
def test_some_areas_of_an_irregular_file_are_read_from_the_file(name, text, cache, tmp_path):
    path = tmp_path / name
    path.write_text(text)
    read(path)
    with pytest.raises(AssertionError):
        read(path, reader=never, areas=AREAS[:1])
    wanted = population.read_projections(path, areas=AREAS[:1])
    same(wanted, read(path, areas=AREAS[:1]))
    same(wanted, read(path, reader=never, areas=AREAS[:1]))


def test_two_processes_at_once_read_the_same(cache, file, tmp_path):
    code = (
        "import sys, hashlib, pandas as pd, pathlib\n"
        "from bolton_jsna.ingest import kept_tables\n"
        "from bolton_jsna.tables import population\n"
        "kept_tables.SMALLEST = 0\n"
        "for _ in range(6):\n"
        "    for each in pathlib.Path(sys.argv[2]).glob('*.parquet'):\n"
        "        each.unlink(missing_ok=True)\n"
        "    found = kept_tables.read('population_projections', pathlib.Path(sys.argv[1]), "
        "population.read_projections, {})\n"
        "    print(hashlib.sha256(pd.util.hash_pandas_object(found).to_numpy()).hexdigest())\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, file, cache], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    printed = [each for run in runs for each in run.communicate()[0].split()]
    assert [run.returncode for run in runs] == [0, 0]
    assert len(printed) == 12
    assert len(set(printed)) == 1
    read(file)
    same(population.read_projections(file), read(file, reader=never))
    assert not [each for each in entries(cache) if each.name.endswith(atomic.DRAFT)]


def test_the_cache_does_not_grow_without_end(cache, file, monkeypatch):
    read(file)
    (first,) = entries(cache)
    os.utime(first, (1, 1))
    left = cache / f".x.{atomic.DRAFT}"
    left.write_text("of a killed run")
    os.utime(left, (1, 1))
    monkeypatch.setattr(_cache_folder, "MOST", int(first.stat().st_size * 1.5))
    other = file.with_name("2018-based.csv")
    other.write_text(projections(years=(2018, 2019, 2020)))
    read(other)
    assert len(entries(cache)) == 1
    assert first not in entries(cache)
    read(other, reader=never)


def test_own_records_are_never_kept(cache, tmp_path):
    """Not even an extract that somebody put into the folder of a dataset."""
    assert not [each for each in kept_tables.KEPT if "local" in each or "record" in each]
    for dataset in sorted(kept_tables.KEPT - {"indicators"}):
        path = tmp_path / "data/raw" / dataset / "extract.csv"
        path.parent.mkdir(parents=True)
        rows = "".join(f"referral,C{n},2025-01-0{n % 9 + 1},{n % 18},BL1 1AP\n" for n in range(900))
        path.write_text("kind,child_id,date,age,postcode\n" + rows)
        with pytest.raises(BoltonJsnaError), gathered():
            raw.table(dataset, tmp_path)
    assert entries(cache) == []


FILES = (
    ("idaci", "idaci/File_3_-_IoD2019_Supplementary_Indices_-_IDACI_and_IDAOPI.csv.gz"),
    ("idaci", "idaci/File_6_-_IoD2019_Population_Denominators.csv.gz"),
    ("idaci", "idaci/File_3_IoD2025_Supplementary_Indices_IDACI_and_IDAOPI.xlsx"),
    ("population_estimates", "population/mye_la_syoa_sex_2000_2023.csv.gz"),
    ("statistical_neighbours", "neighbours/sn_model_2025_wide.csv"),
)


@pytest.mark.reference
@pytest.mark.parametrize(("dataset", "name"), FILES, ids=[each.split("/")[1] for _, each in FILES])
def test_published_files_come_back_as_they_were_read(dataset, name, cache, reference):
    from bolton_jsna.ingest._readers import reader_of

    path = reference / name
    reader = idaci.part_of if dataset == "idaci" else reader_of(dataset)
    options = {"areas": ("E08000001",)} if dataset == "population_estimates" else {}
    with gathered() as said:
        fresh = reader(path, **options)
    read(path, dataset, reader, **options)
    with gathered() as again:
        kept = read(path, dataset, never, **options)
    assert again == said
    if dataset == "idaci":
        assert (kept.name, kept.edition, kept.others) == (fresh.name, fresh.edition, ())
        kept, fresh = kept.frame, fresh.frame
    same(fresh, kept)


def test_a_file_in_a_zip_is_kept_by_its_own_bytes(cache, tmp_path):
    import zipfile

    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"data/{NAME}", projections())
    inside = path / "data" / NAME
    same(read(inside), read(inside, reader=never))


def test_a_small_file_is_not_kept(cache, file, monkeypatch):
    monkeypatch.setattr(kept_tables, "SMALLEST", 2**15)
    packed = file.with_name(f"{NAME}.gz")
    packed.write_bytes(gzip.compress(projections().encode()))
    read(packed)
    assert entries(cache) == []
