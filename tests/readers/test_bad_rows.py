"""Every kind of bad row has its reason; every row is accounted for; nothing is lost."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats import blocks
from clicksession.readers.formats.json import lines as json_lines
from clicksession.readers.formats.json import window as json_window
from clicksession.readers.sources import ahead

GOOD = b'{"user_id": 1, "timestamp": "2024-05-01T10:00:00Z", "n": %d}'


def deep(levels: int, opening: bytes, closing: bytes) -> bytes:
    inner = opening * levels + b"1" + closing * levels
    return b'{"user_id": 1, "timestamp": 1714557600, "x": ' + inner + b"}"


LINES: list[tuple[str, bytes]] = [
    ("not_json", b"{oops"),
    ("not_json", b'{"user_id": 1, "timestamp": 1714557600} and more'),
    ("not_json", b'{"user_id": 1, "timestamp": 1714557600,}'),
    ("not_json", b'{"user_id": ' + b"9" * 5000 + b', "timestamp": 1714557600}'),
    ("not_utf8", b'{"user_id": "\xff\xfe", "timestamp": 1714557600}'),
    ("nul_bytes", b"\0" * 4096),
    ("nul_bytes", b'{"user_id": "a\0b", "timestamp": 1714557600}'),
    ("too_deep", deep(600, b'{"a":', b"}")),
    ("too_deep", deep(600, b"[ ", b" ]")),
    ("too_deep", deep(101, b'{"a":', b"}")),
    ("too_deep", deep(101, b"[", b"]")),
    ("duplicate_keys", b'{"user_id": 1, "timestamp": 1714557600, "a": 1, "a": 2}'),
    ("duplicate_keys", b'{"user_id": 1, "timestamp": 1714557600, "a": {"b": 1, "b": 2}}'),
    ("duplicate_keys", b'{"user_id": 1, "timestamp": 1714557600, "a": 1, "\\u0061": 1}'),
    ("not_a_number", b'{"user_id": 1, "timestamp": 1714557600, "a": NaN}'),
    ("not_a_number", b'{"user_id": 1, "timestamp": 1714557600, "a": Infinity}'),
    ("not_a_number", b'{"user_id": 1, "timestamp": 1714557600, "a": -Infinity}'),
    ("not_a_number", b'{"user_id": 1, "timestamp": NaN}'),
    ("half_character", b'{"user_id": "\\ud83d", "timestamp": 1714557600}'),
    ("not_object", b"17"),
    ("not_object", b"null"),
    ("not_object", b'"text"'),
    ("bad_time", b'{"user_id": 1, "timestamp": "soon"}'),
    ("bad_time", b'{"user_id": 1, "timestamp": ""}'),
    ("bad_time", b'{"user_id": 1, "timestamp": true}'),
    ("past_time", b'{"user_id": 1, "timestamp": "0001-01-01"}'),
    ("past_time", b'{"user_id": 1, "timestamp": 0}'),
    ("ambiguous_time", b'{"user_id": 1, "timestamp": 2024050110}'),
    ("future_time", b'{"user_id": 1, "timestamp": "2100-01-01T00:00:01Z"}'),
    ("future_time", b'{"user_id": 1, "timestamp": "9999-12-31"}'),
    ("future_time", b'{"user_id": 1, "timestamp": 4102444801}'),
    ("too_long", b'{"user_id": 1, "timestamp": 1714557600, "a": "' + b"x" * 200_000 + b'"}'),
]


def read(path: Path, content: bytes, **options: Any) -> tuple[pd.DataFrame, cs.ReadReport]:
    path.write_bytes(content)
    report = cs.ReadReport()
    options = {"on_error": "quarantine", "report": report, "max_row_bytes": 150_000, **options}
    return cs.read_events(path, **options), report


def limit_for(reason: str, line: bytes) -> int:
    return len(line) - 1 if reason == "too_long" else 2 * 10**6


@pytest.mark.parametrize("shape", ["lines", "small blocks", "first", "last", "array"])
@pytest.mark.parametrize(("reason", "line"), LINES, ids=range(len(LINES)))
def test_each_kind_of_bad_line(
    reason: str, line: bytes, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shape == "small blocks":
        monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
        monkeypatch.setattr(json_lines, "FEW_BYTES", 100)
    good = [GOOD % number for number in range(6)]
    at = {"first": 0, "last": 6}.get(shape, 3)
    rows = [*good[:at], line, *good[at:]]
    if shape == "array":
        if not could_be_element(line):
            pytest.skip("in an array, nobody could say where such an element ends")
        content = b"[" + b",\n".join(rows) + b"]"
    else:
        content = b"\n".join(rows) + b"\n"
    limit = limit_for(reason, line)
    found, report = read(tmp_path / "log.json", content, max_row_bytes=limit)
    assert found["n"].dropna().tolist() == [0, 1, 2, 3, 4, 5]
    assert dict(report.refused) == {reason: 1}
    assert (report.rows_read, report.rows_out) == (7, 6)
    (bad,) = report.quarantine
    assert (bad.file, bad.reason) == (str(tmp_path / "log.json"), reason)
    assert bad.line == content[: content.index(line)].count(b"\n") + 1
    assert bad.offset == content.index(line)
    assert bad.size == len(line)
    if reason == "too_long":
        assert bad.raw == line[: len(bad.raw)]
        assert len(bad.raw) == 4096
    else:
        assert bad.raw == line
    with pytest.raises(cs.errors.BadRowError) as caught:
        cs.read_events(tmp_path / "log.json", max_row_bytes=limit)
    assert f"line {bad.line}: " in str(caught.value)
    assert bad.detail.rstrip(".") in str(caught.value)
    skipped = cs.ReadReport()
    options: Any = {"max_row_bytes": limit, "on_error": "skip", "report": skipped}
    assert cs.read_events(tmp_path / "log.json", **options).equals(found)
    assert dict(skipped.refused) == {reason: 1}
    assert len(skipped.quarantine) == 0


def could_be_element(line: bytes) -> bool:
    text = line.decode("latin-1")
    return (
        text.count("{") == text.count("}")
        and text.count("[") == text.count("]")
        and "}{" not in text
    )


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda content: pa.compress(content, "zstd", asbytes=True),
}


@pytest.mark.parametrize("compression", COMPRESS)
def test_a_compressed_file_that_is_cut_short(compression: str, tmp_path: Path) -> None:
    lines = [GOOD % (number * 7919 % 100_003) for number in range(30_000)]
    whole = COMPRESS[compression](b"\n".join(lines))
    (tmp_path / "log.json.gz").write_bytes(whole[: len(whole) // 2])
    report = cs.ReadReport()
    found = cs.read_events(tmp_path / "log.json.gz", on_error="quarantine", report=report)
    assert dict(report.refused) == {"truncated": 1}
    (bad,) = report.quarantine
    assert found["n"].tolist() == [json.loads(line)["n"] for line in lines[: len(found)]]
    if compression != "bz2":  # its blocks are of 900 kB: all or nothing
        assert len(found) > 1000
    rest = b"\n".join(lines)[bad.offset or 0 :] if bad.offset is not None else b""
    assert rest.startswith(bad.raw)
    with pytest.raises(cs.errors.BadRowError, match=r"cut short or damaged.*Is the file whole\?"):
        cs.read_events(tmp_path / "log.json.gz")


def test_a_damaged_byte_in_a_compressed_file(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"\n".join(GOOD % number for number in range(1000))))
    packed[-8] ^= 1  # of the checksum: all rows came, and none can be trusted
    found, report = read(tmp_path / "log.json.gz", bytes(packed))
    assert len(found) == 999
    assert dict(report.refused) == {"truncated": 1}


def test_csv_that_is_cut_short(tmp_path: Path) -> None:
    rows = "".join(f"u{number * 7919 % 100_003},2024-05-01\n" for number in range(50_000))
    packed = gzip.compress(b"user_id,timestamp\n" + rows.encode())
    found, report = read(tmp_path / "log.csv.gz", packed[: len(packed) // 2])
    assert 1000 < len(found) < 50_000
    assert dict(report.refused) == {"truncated": 1}


CSV_ROWS = [
    ("field_count", b"ann"),
    ("field_count", b"ann,2024-05-01,3,4"),
    ("nul_bytes", b"a\0nn,2024-05-01,3"),
    ("not_utf8", b"\xff,2024-05-01,3"),
    ("bad_time", b"ann,soon,3"),
    ("future_time", b"ann,9999-12-31,3"),
    ("too_long", b"ann,2024-05-01," + b"3" * 9000),
]


@pytest.mark.parametrize(("reason", "line"), CSV_ROWS, ids=range(len(CSV_ROWS)))
@pytest.mark.parametrize("at", [0, 3, 6])
def test_each_kind_of_bad_record(reason: str, line: bytes, at: int, tmp_path: Path) -> None:
    good = [b'"u,\n%d",2024-05-01,%d' % (number, number) for number in range(6)]
    content = b"\n".join([b"user_id,timestamp,n", *good[:at], line, *good[at:]]) + b"\n"
    found, report = read(tmp_path / "log.csv", content, max_row_bytes=8000)
    assert found["n"].astype(int).tolist() == [0, 1, 2, 3, 4, 5]
    assert dict(report.refused) == {reason: 1}
    (bad,) = report.quarantine
    assert bad.line == content[: content.index(line)].count(b"\n") + 1
    assert bad.offset == content.index(line)
    assert bad.raw == (line[:4096] if reason == "too_long" else line)


def test_a_line_longer_than_memory_would_like_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_CHUNK_BYTES", 1000)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(json_window, "CHUNK", 1000)
    monster = b'{"user_id": 1, "timestamp": 1714557600, "x": "' + b"y" * 50_000 + b'"}'
    for content in (
        b"\n".join([GOOD % 1, monster, GOOD % 2]),
        b"[" + b",".join([GOOD % 1, monster, GOOD % 2]) + b"]",
    ):
        found, report = read(tmp_path / "log.json", content, max_row_bytes=5000)
        assert found["n"].tolist() == [1, 2]
        (bad,) = report.quarantine
        assert (bad.reason, bad.size) == ("too_long", len(monster))


def test_the_bound_in_the_future(tmp_path: Path) -> None:
    found, report = read(tmp_path / "log.json", GOOD % 1, latest="2024-05-01")
    assert (len(found), dict(report.refused)) == (0, {"future_time": 1})
    found, report = read(tmp_path / "log.json", GOOD % 1, latest="2024-05-01T10:00:00")
    assert (len(found), dict(report.refused)) == (1, {})


def test_bad_rows_are_counted_where_nobody_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(GOOD % 1 + b"\n{oops\n")
    assert len(cs.read_events(tmp_path / "log.json", on_error="skip")) == 1
    with pytest.raises(cs.errors.ParameterError, match=r"`report` must be a .*ReadReport where"):
        cs.read_events(tmp_path / "log.json", on_error="quarantine")
    with pytest.raises(cs.errors.ParameterError, match="`on_error` must be 'raise', 'quar"):
        cs.read_events(tmp_path / "log.json", on_error="ignore")  # type: ignore[arg-type]


_ROWS = st.lists(
    st.one_of(
        st.builds(lambda n: GOOD % n, st.integers(0, 99)),
        st.sampled_from(
            [line for reason, line in LINES if reason != "too_long" and len(line) < 200]
        ),
        # Elements of an array are rows of their own, and a comma alone is none.
        st.binary(max_size=20).map(lambda raw: raw.translate(None, b"\n\r[,\x1e")),
    ),
    max_size=12,
)


@given(rows=_ROWS, size=st.integers(1, 300), few=st.integers(1, 300))
def test_every_line_is_accounted_for(
    rows: list[bytes], size: int, few: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [GOOD % 1, *rows]
    path = tmp_path_factory.mktemp("any") / "log.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", size)
        patch.setattr(json_lines, "FEW_BYTES", few)
        found, report = read(path, b"\n".join(rows))
    lines = [line for line in rows if line.strip(b" \t\r\n")]
    assert report.rows_read == len(lines)
    assert report.rows_out == len(found)
    # White space around a value is no part of it.
    expected = [line.strip(b" \t\r\n") for line in lines if is_bad(line)]
    assert [bad.raw.strip(b" \t\r\n") for bad in report.quarantine] == expected


def is_bad(line: bytes) -> bool:
    """Say whether a line is no event, in plain Python."""
    found: list[Any] = []
    try:
        value = json.loads(
            line.decode("utf-8"), object_pairs_hook=lambda p: found.append(p) or dict(p)
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return True
    twice = any(len(dict(pairs)) < len(pairs) for pairs in found)
    if not isinstance(value, dict) or twice or b"NaN" in line or b"Infinity" in line:
        return value != [] if isinstance(value, list) else True
    time = value.get("timestamp")
    if isinstance(time, str):
        parsed = pd.to_datetime(time, utc=True, errors="coerce", format="ISO8601")
        return bool(pd.isna(parsed) or not 1995 <= parsed.year < 2100)
    return (
        isinstance(time, bool)
        or (isinstance(time, int) and not 788_918_400 <= time <= 4_102_444_800)
        or time == 2024050110
        or line.count(b"[") > 100
    )
