"""Access logs: what a server writes comes back, and a line that is none is named."""

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.formats import blocks, text_lines

COMBINED = cs.EventSchema.preset("combined")
LINE = '203.0.113.7 - - [01/May/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 7 "-" "Firefox"\n'

# What a server writes as it is; it escapes quotes, backslashes and bytes that are no text.
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")))
_QUOTED = _TEXT.filter(lambda text: text not in ("", "-"))
_WORD = st.from_regex(r"[A-Za-z0-9.:_-]{1,12}", fullmatch=True)
_HOST = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True).filter(lambda word: word != "-")
_ADDRESS = _HOST | st.ip_addresses().map(str)
_USER = st.from_regex(r"[A-Za-z_][A-Za-z0-9._@-]{0,12}", fullmatch=True)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    time = draw(st.datetimes(pd.Timestamp("1995-01-01"), pd.Timestamp("2100-01-01")))
    return {
        "address": draw(_ADDRESS),
        "remote_user": draw(st.none() | _USER),
        "time": pd.Timestamp(time).floor("s"),
        "offset": draw(st.integers(-13 * 4, 14 * 4)) * 15,
        "path": "/" + draw(_WORD),
        "status": draw(st.integers(100, 599)),
        "bytes": draw(st.none() | st.integers(0, 10**18 - 1)),
        "referer": draw(st.none() | _QUOTED),
        "agent": draw(st.none() | _QUOTED),
    }


def escaped(text: str | None) -> str:
    return "-" if text is None else text.replace("\\", "\\\\").replace('"', '\\"')


def written(request: dict[str, Any]) -> str:
    sign = "-" if request["offset"] < 0 else "+"
    hours, minutes = divmod(abs(request["offset"]), 60)
    local = request["time"] + pd.Timedelta(minutes=request["offset"])
    size = "-" if request["bytes"] is None else request["bytes"]
    return (
        f"{request['address']} - {request['remote_user'] or '-'} "
        f"[{local:%d/%b/%Y:%H:%M:%S} {sign}{hours:02}{minutes:02}] "
        f'"GET {request["path"]} HTTP/1.1" {request["status"]} {size} '
        f'"{escaped(request["referer"])}" "{escaped(request["agent"])}"'
    )


@given(st.lists(requests(), min_size=1, max_size=5))
def test_what_a_server_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, expected: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "access.log"
    path.write_bytes("\n".join(map(written, expected)).encode())
    found = cs.read_events(path, schema=COMBINED, format="weblog", drop_duplicates=None)
    for name in ("address", "remote_user", "path", "status", "bytes", "referer", "agent"):
        values = [None if pd.isna(value) else value for value in found[name]]
        assert values == [request[name] for request in expected], name
    times = [request["time"].tz_localize("UTC") for request in expected]
    assert found["timestamp"].tolist() == times
    users = [" ".join(filter(None, (r["address"], r["agent"]))) for r in expected]
    assert found["user_id"].tolist() == users


def test_the_format_is_told_by_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "access.log.1").write_text(LINE * 2)
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(LINE.encode()))
    schema = cs.EventSchema(user_id="visitor", timestamp="time")
    assert len(cs.read_events(tmp_path / "access.log.*", schema=schema, drop_duplicates=None)) == 3


def test_the_common_format_has_no_agent(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text('::1 - - [01/May/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 7\r\n')
    found = cs.read_events(path, schema=COMBINED)
    assert found["user_id"].tolist() == ["::1"]
    assert found[["referer", "agent"]].isna().all(axis=None)


def test_what_follows_the_agent_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(LINE + LINE.rstrip() + ' "198.51.100.2" 0.012\n')
    rest = cs.read_events(path, schema=COMBINED)["rest"]
    assert rest.isna().tolist() == [True, False]
    assert rest[1] == '"198.51.100.2" 0.012'


BAD = {
    "no such line": (b"what is this", "is no line of an access log: what is this"),
    "cut off": (LINE[:60].encode(), "is no line of an access log: 203"),
    "a quote that does not end": (LINE.replace('x"', "x").encode(), "is no line"),
    "a size that is no number": (LINE.replace(" 7 ", " x ").encode(), "is no line"),
    "not UTF-8": (LINE.replace("Fire", "\x00").encode().replace(b"\0", b"\xff"), "is not UTF-8"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_line_that_is_none_is_named(case: str, tmp_path: Path) -> None:
    line, said = BAD[case]
    path = tmp_path / "access.log"
    path.write_bytes(LINE.encode() * 2 + b"\n" + line.rstrip(b"\n") + b"\n" + LINE.encode())
    with pytest.raises(cs.errors.BadRowError, match=rf"access\.log, line 4: it {said}"):
        cs.read_events(path, schema=COMBINED)


def test_many_lines_go_by_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "_TOGETHER", 3)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 700)
    lines = [LINE, "x" * 3_000 + "\n", LINE, "bad\n", LINE, LINE, LINE, "bad\n", LINE, "\n", LINE]
    path = tmp_path / "access.log"
    path.write_text("".join(lines))
    report = cs.ReadReport()
    options: dict[str, Any] = {"schema": COMBINED, "max_row_bytes": 1_000, "report": report}
    found = cs.read_events(path, on_error="quarantine", **options, drop_duplicates=None)
    assert (len(found), report.rows_read) == (7, 10)
    kept = report.quarantine.to_frame()
    assert kept[["line", "reason"]].values.tolist() == [
        [2, "too_long"],
        [4, "not_log_line"],
        [8, "not_log_line"],
    ]
    content = path.read_bytes()
    assert all(content[at:].startswith(b"bad") for at in kept["offset"][1:])


@pytest.mark.parametrize("time", ["31/Feb/2024:10:00:00", "01/Mai/2024:10:00:00"])
def test_a_time_that_is_none_is_named(time: str, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(LINE + LINE.replace("01/May/2024:10:00:00", time))
    with pytest.raises(cs.errors.BadRowError, match=r"access\.log, line 2: time is no time"):
        cs.read_events(path, schema=COMBINED)


def test_bad_lines_are_set_aside_and_read_again_after_repair(tmp_path: Path) -> None:
    bad = [line.rstrip(b"\n") for line, _ in BAD.values()]
    bad += [LINE.replace("May", "Mai").rstrip().encode(), LINE[:-1].encode() + b"\0", b"x" * 999]
    path = tmp_path / "access.log"
    path.write_bytes(b"\n".join([LINE.rstrip().encode(), *bad, b"", LINE.encode()]))
    report = cs.ReadReport()
    options: dict[str, Any] = {"schema": COMBINED, "max_row_bytes": 500}
    found = cs.read_events(
        path, on_error="quarantine", report=report, **options, drop_duplicates=None
    )
    assert len(found) == report.rows_out == 2
    kept = report.quarantine.to_frame()
    reasons = ["not_log_line"] * 4 + ["not_utf8", "bad_time", "nul_bytes", "too_long"]
    by_line = kept.sort_values("line")
    assert by_line["reason"].tolist() == reasons
    assert by_line["line"].tolist() == list(range(2, 10))
    content = path.read_bytes()
    for offset, line in zip(by_line["offset"], bad, strict=True):
        assert content[offset:].startswith(line)
    assert report.rows_read == 10
    mended = report.quarantine.repaired(
        lambda raw: raw.replace(b"Mai", b"May") if b"Mai" in raw else None
    )
    again = cs.read_events(mended, schema=COMBINED, drop_duplicates=None)
    assert again["user_id"].tolist() == ["203.0.113.7 Firefox"]
