"""Give every reader damaged files and see that each is read or refused in the family's words.

    python benchmarks/fuzz_readers.py [--each N] [--seed S] [--minutes M] [KIND ...]

The kind ``mixed`` takes all in turn, for a short run.

Small files of each kind are made here, and copies of published files are added where
``BOLTON_JSNA_REFERENCE_DATA`` names their folder. Each case is one of them with its bytes, or the
bytes within its zip, changed at random from a seed: ``--seed`` and the number of a case make it
again. In every fourth case of a CSV it is cells and headings that are changed: for others of the
file, or for what a damaged figure, year or code may be. Cases run in a child with 1 GB of memory
and 20 seconds each; a child that ends is an abort of its case, and the next one goes on after it.
A case that is refused by the last net below the readers (``net``) has failed: a check is missing.
"""

import argparse
import contextlib
import csv
import gzip
import io
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import fuzz_examples as examples

SECONDS = 20
# Threads reserve address space, which the limit counts.
FEW_THREADS = {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
MEMORY = 2**30
_TOKENS = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xb2",
        "٣".encode(),
        b"9" * 5000,
        b"1e308",
        b"NaN",
        b"-1",
        b'"',
        b"<",
    ),
    *(b"<!DOCTYPE x>", b"<OGRVRTDataSource>", b"\x1b[2J", b"[" * 200, b"{" * 200, b"\n" * 50),
    *(b"31/02/2024", b"99999999", b"9999-12-31", b"0000-00-00", b"=1+1", b"\xf0\x9f\x98\x80"),
    *(b"\x00" * 8, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"PK\x03\x04", b";;;;"),
)
_CELLS = (
    *("", " ", "0", "-5", "1.5", "1e3", "1e308", "9" * 5000, "NaN", "inf", "c", "²", "٣", "20٣٣"),
    *("2024", "1999", "2024-25", "31/02/2024", "E08000001", "E99999999", "E0800000٣", "BL1 1AP"),
    *("Bolton", "90+", "0-17", "x" * 300, "a\nb", 'a"b', "=1+1", "\u00a0", "<b>"),
)


def changed(content: bytes, maker: random.Random) -> bytes:
    """Return bytes with a few changes, half of the time within a zip or gzip."""
    if maker.random() < 0.6:
        if content[:2] == b"\x1f\x8b":
            return gzip.compress(spoilt(gzip.decompress(content), maker))
        if content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            name = maker.choice(list(members))
            members[name] = spoilt(members[name], maker)
            return examples.zipped(members)
    return spoilt(content, maker)


def spoilt(content: bytes, maker: random.Random) -> bytes:
    """Return bytes with one to eight changes."""
    found = bytearray(content)
    for _ in range(maker.choice((1, 1, 2, 3, 8))):
        size = len(found)
        at = maker.randrange(size + 1)
        span = maker.choice((1, 1, 2, 4, 16, 200))
        way = maker.randrange(7)
        if way == 0 and size:
            found[at % size] ^= 1 << maker.randrange(8)
        elif way == 1:
            found[at : at + span] = maker.randbytes(span)
        elif way == 2:
            del found[at : at + span]
        elif way == 3:
            found[at:at] = found[at : at + span] * maker.choice((1, 2, 50))
        elif way == 4:
            found[at : at + maker.choice((0, span))] = maker.choice(_TOKENS)
        elif way == 5 and maker.random() < 0.3:
            del found[at:]
        else:
            other = maker.randrange(size + 1)
            found[at : at + span] = found[other : other + span]
    return bytes(found)


def misplaced(content: bytes, maker: random.Random) -> bytes:
    """Return a table of text with one to four cells changed, headings among them."""
    rows = list(csv.reader(io.StringIO(content.decode(errors="replace"))))
    for _ in range(maker.choice((1, 1, 2, 4))):
        # Half of the time a heading or a cell of the first rows.
        row = maker.choice(rows[: maker.choice((1, 3, len(rows)))]) or [""]
        at = maker.randrange(len(row))
        way = maker.randrange(5)
        if way == 0:
            row[at] = maker.choice(maker.choice(rows) or [""])
        elif way == 1:
            row[at] = maker.choice((row[at].upper(), row[at].lower(), f" {row[at]} "))
        elif way == 2:
            other = maker.randrange(len(row))
            row[at], row[other] = row[other], maker.choice((row[at], row[other]))
        elif way == 3:
            column = maker.choice(_CELLS)
            for each in rows[1:]:
                each[at : at + 1] = [column]
        else:
            row[at : at + maker.choice((0, 1))] = [maker.choice(_CELLS)]
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(rows)
    return made.getvalue().encode(errors="replace")


def reader(kind: str) -> Callable[[Path], object]:
    """Return what reads a kind."""
    from bolton_jsna.ingest import raw_tables
    from bolton_jsna.tables import boundaries
    from bolton_jsna.tables.local import counts as local_counts
    from bolton_jsna.tables.local import layouts as local_layouts
    from bolton_jsna.tables.local import records as local_records

    def records(path: Path) -> object:
        if local_counts.are_counts(path):
            return local_counts.read(path, whole=False)
        return local_records.read(path, kind=None if path.suffix == ".xml" else "referrals")

    datasets = {
        "children_in_need": "children_in_need",
        "idaci": "idaci",
        "idaci.xlsx": "idaci",
        "lookup": "lookup",
        "postcodes": "postcodes",
        "neighbours": "statistical_neighbours",
        "projections": "population_projections",
        "estimates": "population_estimates",
        "fingertips": "children_in_need",
        "children_in_need_2013": "children_in_need",
        "looked_after": "children_in_need",
        "nomis": "population_projections",
        "denominators": "population_estimates",
        "small_areas": "population_estimates",
        "code_point": "postcodes",
    }
    if kind in datasets:
        return lambda path: raw_tables.read_file(datasets[kind], path)
    if kind == "mapping":
        return local_layouts.mapping
    if kind in {"geojson", "gpkg", "geoparquet", "shapefile"}:
        return boundaries.read
    return records


def work(kind: str, seed: int, first: int, last: int) -> None:
    """Run cases in this process, one line for each."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    known = examples.kinds()
    mixed = [each for each in known if each != "neighbours"]
    ways = [kind] if kind != "mixed" else mixed
    sound = {each: known[each][1]() for each in ways}
    read = {each: reader(each) for each in ways}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, last):
            case, at = divmod(number, len(ways))
            way = ways[at]
            path = Path(folder) / known[way][0]
            maker = random.Random(f"{seed}/{way}/{case}")
            content = maker.choice(sound[way]) if case else sound[way][0]
            table = path.suffix == ".csv" and b"\x00" not in content
            damage = misplaced if table and case % 4 == 3 else changed
            path.write_bytes(damage(content, maker) if case else content)
            said = outcome(read[way], path)
            if not case and said != "read":
                said = f"sound {way} not read: {said}"
            print(json.dumps([number, said]), flush=True)


def outcome(read: Callable[[Path], object], path: Path) -> str:
    """Return how the reading of a file ends."""
    from bolton_jsna.core.errors import BoltonJsnaError

    try:
        read(path)
    except BoltonJsnaError as error:
        if examples.CANARY in f"{error} {error.__context__}":
            return f"quoted: {str(error)[:200]!r}"
        return f"net: {str(error)[:200]}" if "expected there" in str(error) else "refused"
    except Exception as error:
        return f"raised {error!r:.200}"
    return "read"


def run(kind: str, seed: int, each: int, until: float) -> Counter[str]:
    """Run the cases of a kind in children; return how many ended in which way."""
    found: Counter[str] = Counter()
    first = 0
    late: set[int] = set()
    while first < each and time.monotonic() < until:
        with tempfile.TemporaryFile() as errors:
            child = subprocess.Popen(
                [sys.executable, __file__, "--work", kind, str(seed), str(first), str(each)],
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **FEW_THREADS},
            )
            with child:
                first = watch(child, kind, first, found, until, late=late)
                child.kill()
            errors.seek(0)
            if last := errors.read().decode(errors="replace").strip().splitlines()[-1:]:
                print(f"    {last[0][:300]}")
    return found


def watch(
    child: "subprocess.Popen[bytes]",
    kind: str,
    first: int,
    found: Counter[str],
    until: float,
    *,
    late: set[int],
) -> int:
    """Count what a child says of its cases; return the number of the next one to run.

    A case that is late is run once more, alone: a busy machine makes it late, too.
    """
    stream = child.stdout
    assert stream is not None  # noqa: S101
    started = False
    while time.monotonic() < until:
        # The first case pays for the imports.
        ready, _, _ = select.select([stream], [], [], SECONDS if started else 3 * SECONDS)
        line = stream.readline() if ready else b""
        if not line:
            if ready and child.wait() == 0:
                return first
            if not ready and first not in late:
                late.add(first)
                return first
            found["late" if not ready else f"abort {child.wait()}"] += 1
            print(f"  {kind} case {first}: {'late' if not ready else child.returncode}")
            return first + 1
        started = True
        number, said = json.loads(line)
        way = said.partition(" ")[0].rstrip(":")
        found[way] += 1
        if way not in {"read", "refused"}:
            print(f"  {kind} case {number}: {said}")
        first = number + 1
    return first


def main() -> int:
    """Run every kind and print a line for each; return 1 where a case failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", default=[])
    parser.add_argument("--each", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=350)
    parser.add_argument("--minutes", type=float, default=60)
    given = parser.parse_args()
    until = time.monotonic() + 60 * given.minutes
    bad = 0
    for kind in given.kinds or examples.kinds():
        began = time.monotonic()
        if kind != "mixed" and not examples.kinds()[kind][1]():
            print(f"{kind:<18} no published file at hand")
            continue
        found = run(kind, given.seed, given.each, until)
        bad += sum(count for way, count in found.items() if way not in {"read", "refused"})
        told = ", ".join(f"{count} {way}" for way, count in sorted(found.items()))
        print(
            f"{kind:<18} {sum(found.values())} cases: {told}; {time.monotonic() - began:.0f} s",
            flush=True,
        )
    print(f"{bad} cases failed")
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], *map(int, sys.argv[3:6]))
    else:
        sys.exit(main())
