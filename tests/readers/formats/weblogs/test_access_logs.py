"""Access logs of every common kind: who asked is read right, or the line is refused."""

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import formats
from clicksession.readers.formats import blocks
from clicksession.readers.formats.weblogs.values import clients
from tests.readers.door import ran

COMBINED = cs.EventSchema.preset("combined")
AT = '[01/May/2024:10:00:00 +0000] "GET / HTTP/1.1" 200 10 "-" "Mozilla"'

# What stands before the time, and the user; None: the line is refused.
FRONTS: dict[str, tuple[str, str | None]] = {
    "IPv4": ("192.0.2.1 - -", "192.0.2.1"),
    "IPv6": ("2001:db8::1 - -", "2001:db8::1"),
    "IPv6 of IPv4": ("::ffff:192.0.2.1 - -", "::ffff:192.0.2.1"),
    "IPv6 with a zone": ("fe80::1%eth0 - -", "fe80::1%eth0"),
    "a resolved name": ("dsl-7.example.net - -", "dsl-7.example.net"),
    "a shortened address": ("192.0.2.xxx - -", "192.0.2.xxx"),
    "with a port": ("192.0.2.1:5555 - -", "192.0.2.1"),
    "IPv6 with a port": ("[2001:db8::1]:5555 - -", "2001:db8::1"),
    "a user": ("192.0.2.1 - anna", "192.0.2.1"),
    "a user of two words": ("192.0.2.1 - anna b", "192.0.2.1"),
    "an empty user": ('192.0.2.1 - ""', "192.0.2.1"),
    "a user with a quote": (r"192.0.2.1 - an\"na", "192.0.2.1"),
    "an ident": ("192.0.2.1 anna -", "192.0.2.1"),
    "vhost_combined": ("shop.example:443 192.0.2.1 - -", "192.0.2.1"),
    "vhost_combined, an address": ("127.0.1.1:80 192.0.2.1 - -", "192.0.2.1"),
    "vhost_combined, a resolved name": (
        "shop.example:443 dsl-7.example.net - -",
        "dsl-7.example.net",
    ),
    "vhost_combined, a user of two words": ("shop.example:443 192.0.2.1 - anna b", "192.0.2.1"),
    "a server without a port": ("shop.example 2001:db8::1 - anna", "2001:db8::1"),
    "forwarded": ("192.0.2.1, 203.0.113.4 - -", "192.0.2.1"),
    "forwarded without blanks": ("192.0.2.1,203.0.113.4 - anna b", "192.0.2.1"),
    "forwarded by three": ("192.0.2.1:80, 2001:db8::1, 203.0.113.4 - -", "192.0.2.1"),
    "forwarded IPv6": ("2001:db8::1, 203.0.113.4 - -", "2001:db8::1"),
    "forwarded unknown": ("unknown, 192.0.2.1 - -", "192.0.2.1"),
    "not forwarded": ("-, 2001:db8::1 - -", "2001:db8::1"),
    "a server, forwarded": ("shop.example:443 192.0.2.1, 203.0.113.4 - -", "192.0.2.1"),
    "a container": ("2024-05-01T10:00:00.123456789Z stdout F 192.0.2.1 - -", "192.0.2.1"),
    "a container with an offset": ("2024-05-01T12:00:00+02:00 stderr F 192.0.2.1 - -", "192.0.2.1"),
    "a part of a container's line": ("2024-05-01T10:00:00Z stdout P 192.0.2.1 - -", None),
    "a time": ("2024-05-01T10:00:00Z 192.0.2.1 - -", "192.0.2.1"),
    "the journal": ("May 01 10:00:00 host nginx[1]: 192.0.2.1 - -", "192.0.2.1"),
    "the journal in ISO": ("2024-05-01T10:00:00+0000 host nginx[1]: 192.0.2.1 - -", "192.0.2.1"),
    "syslog": ("<190>May  1 10:00:00 host nginx: 192.0.2.1 - -", "192.0.2.1"),
    "syslog of RFC 5424": (
        "<190>1 2024-05-01T10:00:00Z host nginx 7 - - 192.0.2.1 - -",
        "192.0.2.1",
    ),
    "a pod": ("[pod/nginx-1/nginx] 192.0.2.1 - -", "192.0.2.1"),
    "compose": ("nginx-1  | 192.0.2.1 - -", "192.0.2.1"),
    "compose with a time": ("nginx-1  | 2024-05-01T10:00:00Z 192.0.2.1 - -", "192.0.2.1"),
    "the journal, a server": (
        "May 01 10:00:00 host httpd[1]: shop.example:443 192.0.2.1 - -",
        "192.0.2.1",
    ),
    "two addresses": ("192.0.2.1 203.0.113.4 - -", None),
    "an address where the user is": ("192.0.2.1 - 203.0.113.4", None),
    "an address before the user": ("192.0.2.1 - 203.0.113.4 anna", None),
    "a dash after the user": ("192.0.2.1 - anna -", None),
    "a dash before the user": ("192.0.2.1 - - anna", None),
    "a server without a client": ("shop.example - - -", None),
    "a server's port without a client": ("shop.example:443 - -", None),
    "two names": ("shop.example dsl-7.example.net - -", None),
    "a level": ("INFO nginx 192.0.2.1 - -", None),
    "a quoted address": ('"192.0.2.1" - -', None),
    "a date": ("May 01 192.0.2.1 - -", None),
    "a time of day": ("10:00:00 - -", None),
    "a word too many": ("192.0.2.1 - - x y", None),
    "nothing": ("", None),
}


def written(folder: Path, content: str | bytes, name: str = "access.log") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("text", ["192.0.2.1:80, 203.0.113.4", ":80, -"])
def test_the_address_comes_first_whether_or_not_it_is_known(text: str) -> None:
    assert list(clients(pa.array([text]))) == ["address", "port", "forwarded"]


@pytest.mark.parametrize("kind", FRONTS)
def test_who_asked(kind: str, tmp_path: Path) -> None:
    front, user = FRONTS[kind]
    report = cs.ReadReport()
    path = written(tmp_path, f"{front} {AT}\n")
    options: dict[str, Any] = {"on_error": "quarantine", "report": report, "format": "weblog"}
    found = cs.read_events(path, schema=COMBINED, **options)
    assert found["user_id"].tolist() == ([] if user is None else [f"{user} Mozilla"])
    reasons = [row.reason for row in report.quarantine]
    assert reasons == (["not_log_line"] if user is None else [])


def test_each_line_by_itself(tmp_path: Path) -> None:
    fronts = [*FRONTS.values()] * 2
    path = written(tmp_path, "".join(f"{front} {AT}\r\n" for front, _ in fronts))
    report = cs.ReadReport()
    options: dict[str, Any] = {"on_error": "quarantine", "report": report, "format": "weblog"}
    found = cs.read_events(path, schema=COMBINED, **options, drop_duplicates=None)
    assert found["user_id"].tolist() == [f"{user} Mozilla" for _, user in fronts if user]
    lines = [number for number, (_, user) in enumerate(fronts, 1) if user is None]
    assert [row.line for row in report.quarantine] == lines


_LINES = [f"{front} {AT}" for front, _ in FRONTS.values()] + [
    f'192.0.2.1 - - {AT} "198.51.100.2" 0.012',
    f"192.0.2.1 - - {AT[:-14]}",
    f"192.0.2.1 - - {AT}".replace("GET", r"GET\""),
    f"192.0.2.1 - - {AT}".replace("GET /", r"\x16\x03"),
    f"192.0.2.1 - - {AT}".replace("200", "2000"),
    f"192.0.2.1 - - {AT}x",
]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return what is known of each event of a log, in order."""
    options: dict[str, Any] = {"on_error": "quarantine", "report": cs.ReadReport()}
    found = cs.read_events(path, schema=COMBINED, format="weblog", **options, drop_duplicates=None)
    return [
        {name: value for name, value in row.items() if not pd.isna(value)}
        for row in found.to_dict("records")
    ]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.lists(st.integers(0, len(_LINES) - 1), max_size=12), size=st.integers(1, 300))
def test_a_line_comes_to_the_same_anywhere(
    numbers: list[int], size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = [rows_of(written(tmp_path, _LINES[number])) for number in sorted({*numbers})]
    by_number = dict(zip(sorted({*numbers}), alone, strict=True))
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    together = rows_of(written(tmp_path, "\n".join(_LINES[number] for number in numbers)))
    assert together == [row for number in numbers for row in by_number[number]]


def test_a_line_of_neither_an_address_nor_an_agent(tmp_path: Path) -> None:
    nobody = AT.replace("Mozilla", "-")
    assert nobody != AT
    path = written(tmp_path, f"192.0.2.1 - - {AT}\nunix: - - {nobody}\n- - - {nobody}\n")
    found = cs.read_events(path, schema=COMBINED)
    assert found["user_id"].isna().tolist() == [False, True, True]
    assert len(ran(str(path), tmp_path, schema=COMBINED).events) == 3


@pytest.mark.parametrize("address", ["-", "unix:", "unknown, -"])
def test_without_an_address_it_is_nobody(address: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{address} - - {AT}\n192.0.2.1 - - {AT}\n")
    found = cs.read_events(path, schema=COMBINED)
    assert found["user_id"].isna().tolist() == [True, False]


def test_what_stands_around_the_address_is_kept(tmp_path: Path) -> None:
    line = f"May 01 10:00:00 host nginx[1]: shop.example:443 192.0.2.1, 203.0.113.4 - anna b {AT}\n"
    (found,) = cs.read_events(written(tmp_path, line), schema=COMBINED).to_dict("records")
    expected = {
        "prefix": "May 01 10:00:00 host nginx[1]:",
        "server_name": "shop.example",
        "server_port": 443,
        "address": "192.0.2.1",
        "forwarded": "192.0.2.1, 203.0.113.4",
        "remote_user": "anna b",
    }
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("written_as", "meant"),
    [
        (r"Odd \"agent\" \\ 1", r'Odd "agent" \ 1'),
        (r"Odd \x22agent\x22 \x5C 1", r'Odd "agent" \ 1'),
        (r"caf\xC3\xA9", "café"),
        (r"\\x22", r"\x22"),
        (r"\xE9\x16", r"\xE9\x16"),
        (r"a\tb", r"a\tb"),
    ],
)
def test_what_servers_escape(written_as: str, meant: str, tmp_path: Path) -> None:
    path = written(
        tmp_path, f"192.0.2.1 - - {AT}\n192.0.2.2 - - {AT}\n".replace("Mozilla", written_as, 1)
    )
    assert cs.read_events(path, schema=COMBINED)["agent"].tolist() == [meant, "Mozilla"]


def test_the_main_job_on_a_log_behind_a_server(tmp_path: Path) -> None:
    content = f"shop.example:443 192.0.2.1 - - {AT}\n192.0.2.1, 203.0.113.4 - - {AT}\nmore\n"
    found = ran(written(tmp_path, content), tmp_path, schema=COMBINED, on_error="quarantine")
    assert found.users == ["192.0.2.1 Mozilla"]
    assert (found.report.reading.rows_read, found.report.reading.rows_refused) == (3, 1)


def test_nginx_as_json_with_its_own_time(tmp_path: Path) -> None:
    path = written(tmp_path, '{"u":"a","time":"01/May/2024:10:00:00 +0000"}\n', "access.json")
    try:
        found = ran(path, tmp_path, schema=cs.EventSchema(user_id="u", timestamp="time"))
    except cs.errors.BadRowError:
        pytest.skip("times of web servers are not read everywhere yet")
    assert [f"{time:%Y-%m-%d %H:%M:%S}" for time in found.events["timestamp"]] == [
        "2024-05-01 10:00:00"
    ]


EXPORTS = Path(__file__).parents[2] / "exports"
KINDS = {
    "access.log": "combined",
    "alb.log": "alb",
    "cloudfront.log": "cloudfront",
    "elb.log": "elb",
    "iis.log": "w3c",
    "s3_access.log": "s3_access",
}


@pytest.mark.parametrize("name", KINDS)
def test_the_main_job_on_each_kind(name: str, tmp_path: Path) -> None:
    schema = cs.EventSchema.preset(KINDS[name])
    found = ran(EXPORTS / name, tmp_path, schema=schema)
    # One visitor at 10:00, 10:10 and 11:15, another at 10:05; a web server's log has two more.
    assert len(found.sessions) == (4 if name == "access.log" else 3)
    assert found.report.reading.rows_read == found.report.reading.rows_out == len(found.events)


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_is_told_by_the_first_line(name: str, tmp_path: Path) -> None:
    # A name that says nothing, as S3 and CloudFront give, and bytes that gzip packed.
    path = written(
        tmp_path, gzip.compress((EXPORTS / name).read_bytes()), "E2AB.2024-05-01-10.XYZ.gz"
    )
    preset = cs.EventSchema.preset(KINDS[name])
    schema = cs.EventSchema(event_id=preset.event_id, user_id="visitor", timestamp="time")
    found = cs.read_events(path, schema=schema)
    assert found.equals(cs.read_events(EXPORTS / name, schema=preset))


@pytest.mark.parametrize("name", KINDS)
def test_a_log_of_another_kind_is_refused(name: str) -> None:
    for preset in {*KINDS.values()} - {KINDS[name]} - {"cloudfront", "w3c"}:
        report = cs.ReadReport()
        schema = cs.EventSchema.preset(preset)
        options: dict[str, Any] = {"on_error": "quarantine", "report": report}
        assert cs.read_events(EXPORTS / name, schema=schema, **options).empty
        assert report.rows_refused == report.rows_read > 0


def test_a_quarantine_of_a_log_format_is_read_again(tmp_path: Path) -> None:
    form = formats.Weblog(log_format="%h %{%Y-%m-%d %T}t %>s")
    path = written(
        tmp_path, "192.0.2.1 2024-05-01 10:00:00 200\n192.0.2.2 2024-05-01 10:00:00 2x0\n"
    )
    report = cs.ReadReport()
    options: dict[str, Any] = {"on_error": "quarantine", "report": report, "format": form}
    assert len(cs.read_events(path, schema=COMBINED, **options)) == 1
    mended = report.quarantine.repaired(lambda raw: raw.replace(b"2x0", b"200"))
    schema = cs.EventSchema(user_id="visitor", timestamp="time")
    assert cs.read_events(mended, schema=schema)["user_id"].tolist() == ["192.0.2.2"]
