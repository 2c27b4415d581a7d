"""Work and memory grow with the bytes of CSV that come, and not with their square or bad rows."""

import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clicksession import EventSchema, formats
from clicksession.readers.formats.csv import records as csv_records
from clicksession.readers.formats.csv.cuts import Cutter
from clicksession.readers.formats.csv.reader import CsvReader

HEADER = b"user_id,timestamp,note\n"
GOOD = b"u,2024-05-01T10:00:00Z," + b"x" * 1000 + b"\n"

_READ = """
import sys
from pathlib import Path
import clicksession as cs
report = cs.ReadReport()
batches = cs.scan_events(sys.argv[1], on_error=sys.argv[2], report=report, drop_duplicates=None)
rows = sum(map(len, batches))
# What the system says of resources counts what the process was forked from, too.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
peak = int(status["VmHWM"].split()[0]) // 1024
print(rows, report.rows_refused, peak)
"""


def peak(path: Path, content: bytes, on_error: str = "skip") -> tuple[int, int, int]:
    """Return the rows, the refused ones, and the megabytes that a process of its own held."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc, which says what a process has held")
    path.write_bytes(gzip.compress(content, 1))
    command = [sys.executable, "-c", _READ, str(path), on_error]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, refused, held = map(int, done.stdout.split())
    return rows, refused, held


BAD: dict[str, Callable[[int], bytes]] = {
    "too few fields": lambda count: b"a\n" * count,
    "something behind a closing mark": lambda count: b'u,"a"b,c\n' * count,
    "bytes of zero": lambda count: b"\0,,\n" * count,
}


@pytest.mark.parametrize("on_error", ["skip", "quarantine"])
def test_bad_rows_cost_no_memory(on_error: str, tmp_path: Path) -> None:
    few, many = 1000, 60_000
    bad = BAD["too few fields"]
    rows, refused, small = peak(tmp_path / "few.csv", HEADER + bad(few) + GOOD, on_error)
    assert (rows, refused) == (1, few)
    rows, refused, large = peak(tmp_path / "many.csv", HEADER + bad(many) + GOOD, on_error)
    assert (rows, refused) == (1, many)
    assert large - small < 30


@pytest.mark.parametrize("kind", BAD)
def test_bad_rows_come_in_parts(kind: str) -> None:
    content = HEADER + BAD[kind](40_000)
    batches = CsvReader().read(io.BytesIO(content), "log.csv", EventSchema())
    sizes = [len(batch.refused) for batch in batches]
    assert sum(sizes) == 40_000
    assert max(sizes) <= 2**14


def test_good_rows_come_in_parts() -> None:
    content = HEADER + b"1,2,3\n" * 300_000
    batches = CsvReader().read(io.BytesIO(content), "log.csv", EventSchema())
    assert max(len(batch.numbers) for batch in batches) <= 2**17


@pytest.mark.parametrize("line", [GOOD, GOOD.replace(b"x" * 100, b'x""x' + b"x" * 96)])
def test_an_open_mark_costs_no_more_than_the_longest_row(line: bytes, tmp_path: Path) -> None:
    count = 17_000
    content = HEADER + b'v,2024-05-01T10:00:00Z,"open\n' + line * count
    rows, refused, held = peak(tmp_path / "log.csv", content)
    assert (rows, refused) == (count, 1)
    assert held < 600


class Trickle(io.BytesIO):
    """A stream that gives little at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 2**12) if size != -1 else -1)


CONTENTS = {
    "an open mark": b'"' + b"x,y\n" * 100_000,
    "an open mark before doubled ones": b'"' + b'x""y,\n' * 60_000,
    "a mark in each line": b'u,"x\n' * 60_000,
    "something behind a mark in each line": b'u,"x\ny"z\n' * 40_000,
    "one long line": b"x" * 400_000,
    "escapes before newlines": b"x\\\n" * 130_000,
}


@pytest.mark.parametrize("case", CONTENTS)
@pytest.mark.parametrize("limit", [2**15, 2**24])
def test_nothing_is_looked_at_again_and_again(
    case: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0
    cuts = Cutter.cuts

    def counted(self: Cutter, content: bytes, *rest: Any) -> Any:
        nonlocal looked_at
        looked_at += len(content)
        return cuts(self, content, *rest)

    monkeypatch.setattr(Cutter, "cuts", counted)
    monkeypatch.setattr(csv_records, "BLOCK_BYTES", 2**14)
    content = CONTENTS[case]
    reader = CsvReader()
    reader.columns, reader.max_row_bytes = ("user_id", "timestamp"), limit
    escape = "\\" if "escapes" in case else None
    reader.form = formats.CSV(escape=escape, quote=None if escape else '"')
    refused = sum(
        len(batch.refused) + len(batch.numbers)
        for batch in reader.read(Trickle(content), "log.csv", EventSchema())
    )
    assert refused
    # Twice at most for all that a record may hold, and once more as the beginning.
    assert looked_at < 8 * len(content)
