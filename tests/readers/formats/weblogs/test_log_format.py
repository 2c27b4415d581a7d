"""A log_format as the server's configuration says it: each field comes back, or none does."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession import formats
from tests.readers.door import ran

SCHEMA = cs.EventSchema.preset("combined")
NGINX = r"""
    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';
"""
APACHE = (
    r"""LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D" timed"""
)
JSON = """log_format j escape=json '{"t":"$time_iso8601","a":"$remote_addr",'
    '"u":"$http_user_agent"}';"""
CLF = '[01/May/2024:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 200'
AT = "2024-05-01 10:00:00"


def read(folder: Path, log_format: str, *lines: str) -> tuple[list[dict[str, Any]], cs.ReadReport]:
    """Return what is known of each event, and the report."""
    path = folder / "access.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    report = cs.ReadReport()
    options: dict[str, Any] = {"on_error": "quarantine", "report": report}
    form = formats.Weblog(log_format=log_format)
    found = cs.read_events(path, schema=SCHEMA, format=form, **options, drop_duplicates=None)
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    return [{n: v for n, v in row.items() if v is not None} for row in rows], report


LTSV = r"time:$time_local\thost:$remote_addr\treq:$request\tua:$http_user_agent\tref:$http_referer"
APACHE_LTSV = (
    r'LogFormat "time:%{%d/%b/%Y:%H:%M:%S %z}t\thost:%h\treq:%r\tua:%{User-Agent}i'
    r'\tref:%{Referer}i" ltsv'
)
LABELED = "time:01/May/2024:10:00:00 +0000\thost:192.0.2.1\treq:GET /a b HTTP/1.1\tua:M x\tref:h i"
LABELED_SAYS = {"user_id": "192.0.2.1 M x", "path": "/a b", "referer": "h i"}

# A format, a line, and what the line says beside the user and the time.
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "nginx, labels between tabs": (f"'{LTSV}'", LABELED, LABELED_SAYS),
    "nginx, labels between tabs, without the quotes": (LTSV, LABELED, LABELED_SAYS),
    "Apache, labels between tabs": (APACHE_LTSV, LABELED, LABELED_SAYS),
    "nginx, the escape without the directive": (
        """escape=json '{"t":"$time_iso8601","a":"$remote_addr","u":"$http_user_agent"}'""",
        r'{"t":"2024-05-01T10:00:00+00:00","a":"192.0.2.1","u":"An \"agent\""}',
        {"user_id": '192.0.2.1 An "agent"'},
    ),
    "nginx, as in its configuration": (
        NGINX,
        rf'192.0.2.1 - - {CLF} 5 "-" "Odd \x22agent\x22" "203.0.113.4, 10.0.0.1"',
        {
            "user_id": '192.0.2.1 Odd "agent"',
            "path": "/a?b=1",
            "bytes": 5,
            "http_x_forwarded_for": "203.0.113.4, 10.0.0.1",
        },
    ),
    "nginx, the text alone": (
        '$remote_addr - $remote_user [$time_local] "$request" $status rt=$request_time '
        'uct="$upstream_connect_time" urt=$upstream_response_time',
        f'192.0.2.1 - anna b {CLF} rt=0.012 uct="0.1, 0.2" urt=0.1, - : 0.3',
        {
            "user_id": "192.0.2.1",
            "remote_user": "anna b",
            "request_time": 0.012,
            "upstream_connect_time": "0.1, 0.2",
            "upstream_response_time": "0.1, - : 0.3",
        },
    ),
    "nginx, escape=json": (
        JSON,
        r'{"t":"2024-05-01T12:00:00+02:00","a":"192.0.2.1","u":"O\"d\\d \u00e9"}',
        {"user_id": '192.0.2.1 O"d\\d é'},
    ),
    "nginx, escape=json, no agent": (
        JSON,
        '{"t":"2024-05-01T12:00:00+02:00","a":"192.0.2.1","u":""}',
        {"user_id": "192.0.2.1"},
    ),
    "nginx, escape=none": (
        """log_format n escape=none '$remote_addr $time_iso8601 "$http_user_agent"';""",
        r'192.0.2.1 2024-05-01T10:00:00+00:00 "a\x22\"',
        {"user_id": r"192.0.2.1 a\x22" + "\\"},
    ),
    "nginx, who was forwarded": (
        "$http_x_forwarded_for $msec $scheme://$host$request_uri",
        "192.0.2.1, 10.0.0.1 1714557600.000 https://shop.example/a?b=1",
        {"user_id": "192.0.2.1", "host": "shop.example", "path": "/a?b=1"},
    ),
    "nginx, a path and its arguments": (
        "$remote_addr $time_iso8601 $uri$is_args$args",
        "192.0.2.1 2024-05-01T10:00:00+00:00 /a?b=1",
        {"user_id": "192.0.2.1", "uri": "/a", "args": "b=1"},
    ),
    "nginx, bars between": (
        "$remote_addr|$time_iso8601|$http_user_agent|$request|$my_own",
        "192.0.2.1|2024-05-01T10:00:00+00:00|Mozilla (X11)|GET / HTTP/1.1|x",
        {"user_id": "192.0.2.1 Mozilla (X11)", "method": "GET", "my_own": "x"},
    ),
    "nginx, braces": (
        "${remote_addr}:$remote_port [$time_local] ${status}x",
        "2001:db8::1:5555 [01/May/2024:10:00:00 +0000] 200x",
        {"user_id": "2001:db8::1", "port": 5555, "status": 200},
    ),
    "Apache, as in its configuration": (
        APACHE,
        rf'shop.example:443 192.0.2.1 - anna {CLF} 5 "-" "Odd \"agent\" \\" 1234',
        {
            "user_id": '192.0.2.1 Odd "agent" \\',
            "remote_user": "anna",
            "server_name": "shop.example",
            "server_port": 443,
            "bytes_sent": 5,
            "duration_microseconds": 1234,
        },
    ),
    "Apache, the text alone": (
        '%h %l %u %t "%r" %>s %b',
        f"192.0.2.1 - - {CLF} -",
        {"user_id": "192.0.2.1", "method": "GET", "status": 200},
    ),
    "Apache, in quotes": (
        r'"%h %t \"%r\" %>s"',
        f"192.0.2.1 {CLF}",
        {"user_id": "192.0.2.1", "path": "/a?b=1"},
    ),
    "Apache, CustomLog": (
        r'CustomLog "logs/access log" "%h %t \"%r\" %>s" env=!local',
        f"192.0.2.1 {CLF}",
        {"user_id": "192.0.2.1", "path": "/a?b=1"},
    ),
    "Apache, a form of strftime": (
        "%{%Y-%m-%dT%H:%M:%S%z}t %h",
        "2024-05-01T12:00:00+0200 192.0.2.1",
        {"user_id": "192.0.2.1"},
    ),
    "Apache, a time in several parts": (
        "%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t %a %{c}a",
        "01/May/2024 12:00:00.000 +0200 192.0.2.1 10.0.0.1",
        {"user_id": "192.0.2.1", "peer_address": "10.0.0.1"},
    ),
    "Apache, a fraction beside %t": (
        "%h %t %{usec_frac}t",
        "192.0.2.1 [01/May/2024:10:00:00 +0000] 000000",
        {"user_id": "192.0.2.1"},
    ),
    "Apache, seconds since 1970": ("%{%s}t %h", "1714557600 192.0.2.1", {"user_id": "192.0.2.1"}),
    "Apache, seconds and their fraction": (
        "%{sec}t%{usec_frac}t %h",
        "1714557600000000 192.0.2.1",
        {"user_id": "192.0.2.1"},
    ),
    "Apache, microseconds, and the end": (
        "%{begin:usec}t %{end:msec}t %h",
        "1714557600000000 1714557600123 192.0.2.1",
        {"user_id": "192.0.2.1", "end_time": "1714557600123"},
    ),
    "Apache, what only some answers have": (
        "%h %t %!200,304{X-Forwarded-For}i %400,501{Host}i",
        "192.0.2.1 [01/May/2024:10:00:00 +0000] 203.0.113.4, 10.0.0.1 -",
        {"user_id": "192.0.2.1", "x_forwarded_for": "203.0.113.4, 10.0.0.1"},
    ),
    "Apache, path and query": (
        '%h %t "%m %U%q %H" %X %{SSL_PROTOCOL}x 100%%',
        '192.0.2.1 [01/May/2024:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" + TLSv1.3 100%',
        {"user_id": "192.0.2.1", "path": "/a", "query": "?b=1", "ssl_protocol": "TLSv1.3"},
    ),
    "Apache, one thing twice": (
        "%h %t %s %>s %{Host}i %{Host}i",
        "192.0.2.1 [01/May/2024:10:00:00 +0000] 301 200 a b",
        {"user_id": "192.0.2.1", "status": 301, "status_2": 200, "host": "a", "host_2": "b"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_line_says(case: str, tmp_path: Path) -> None:
    log_format, line, expected = CASES[case]
    (found,), report = read(tmp_path, log_format, line)
    assert report.rows_refused == 0
    assert found["timestamp"] == pd.Timestamp(AT, tz="UTC")
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("case", CASES)
def test_a_line_of_another_form_is_refused(case: str, tmp_path: Path) -> None:
    log_format, line, _ = CASES[case]
    # One field more, behind what stands between the fields.
    mark = next((mark for mark in "|\t" if mark in line), " ")
    found, report = read(tmp_path, log_format, line, f"{line}{mark}x", f"x{mark}{line}", "x", line)
    assert (len(found), report.rows_refused) == (2, 3)
    assert [row.line for row in report.quarantine] == [2, 3, 4]


def test_lines_of_other_forms_among_those_of_this(tmp_path: Path) -> None:
    good = f'192.0.2.1 - - {CLF} 5 "-" "Mozilla" "-"'
    bad = [
        f'192.0.2.1 - - {CLF} 5 "-" "Mozilla"',
        f'192.0.2.1 - - {CLF} 5 "Mozilla" "-" "-" "-"',
        f'shop.example:443 192.0.2.1 - - {CLF} 5 "-" "Mozilla" "-"',
        f'192.0.2.1 - - {CLF} 5 "-" "Moz"illa" "-"',
        f'192.0.2.1 203.0.113.4 - - {CLF} 5 "-" "Mozilla" "-"',
        "#Fields: date time",
    ]
    found, report = read(tmp_path, NGINX, good, *bad, good)
    assert [row["user_id"] for row in found] == ["192.0.2.1 Mozilla"] * 2
    assert [row.line for row in report.quarantine] == [2, 3, 4, 5, 6, 7]
    assert all("no line of this log_format" in row.detail for row in report.quarantine)


@pytest.mark.parametrize(
    ("log_format", "said"),
    [
        ("$remote_addr$host", r"\$remote_addr and \$host stand side by side"),
        ("%h%u %t", "%h and %u stand side by side"),
        ("$remote_addr $http_user_agent $status", r"\$http_user_agent may hold blanks"),
        ("$remote_addr $hostx $host_is$x", r"\$host_is and \$x stand side by side"),
        ("$remote_addr ${host}at", r"\$\{host\} ends at 'at'"),
        ("%h $remote_addr", "It could be nginx's, by .*, or Apache's"),
        ("nothing", "It names nothing that a server writes"),
        ("%h %{%H:%M}t", "no more than: hour, minute"),
        ("%h %{%c}t", "'%c' in '%{%c}t' is not read"),
        ("%h %{%d/%b/%Y %T %Z}t", "'%Z' in .* is not read"),
        ("%h 100% %t", "'%.*' is nothing that Apache writes"),
        (r'LogFormat "%h %t\n%r"', "several lines"),
        ("log_format x escape=odd '$remote_addr'", "[Ii]ts escape=odd is none of nginx's"),
        ("", "`log_format` must be the server's own text"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_at_once(log_format: str, said: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=said):
        formats.Weblog(log_format=log_format)


def test_the_main_job_with_a_log_format(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    line = f'192.0.2.1 - - {CLF} 5 "-" "Mozilla" "-"\n'
    path.write_text(line + line.replace("10:00", "10:20") + line.replace("10:00", "11:20"))
    form = formats.Weblog(log_format=NGINX)
    found = ran(path, tmp_path, schema=SCHEMA, format=form)
    assert found.users == ["192.0.2.1 Mozilla"] * 2
    # As a part of the schema, which a target keeps as text.
    schema = cs.EventSchema(user_id="visitor", timestamp="time", format=form)
    assert cs.EventSchema.from_json(schema.to_json()) == schema
    assert len(ran(path, tmp_path, schema=schema).sessions) == 2


# What nginx writes where it does not escape, and how a format says it.
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")))
_WORD = st.text("abcxyz019./=_é", min_size=1, max_size=6)
_FIELDS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "address": ("$remote_addr", st.ip_addresses().map(str)),
    "remote_user": ("$remote_user", st.from_regex("[a-z]{1,5}", fullmatch=True)),
    "status": ("$status", st.integers(100, 599)),
    "bytes": ("$body_bytes_sent", st.integers(0, 10**12)),
    "agent": ('"$http_user_agent"', _TEXT.filter(lambda text: text not in ("", "-"))),
    "referer": ('"$http_referer"', _TEXT.filter(lambda text: text not in ("", "-"))),
    "host": ("$host", _WORD),
    "x": ("$x", _WORD),
}


def escaped(value: object) -> str:
    return "".join(
        c if " " <= c <= "~" and c not in '"\\' else "".join(f"\\x{b:02X}" for b in c.encode())
        for c in str(value)
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_nginx_wrote_comes_back(data: st.DataObject, tmp_path: Path) -> None:
    others = data.draw(st.lists(st.sampled_from(sorted(_FIELDS)), unique=True))
    names = data.draw(st.permutations([*{"address", *others}, "time"]))
    mark = data.draw(st.sampled_from([" ", " | ", "\t", ";"]))
    spelled = {name: said for name, (said, _) in _FIELDS.items()} | {"time": "[$time_local]"}
    row = {name: data.draw(values) for name, (_, values) in _FIELDS.items() if name in names}
    shown = {
        name: f'"{escaped(value)}"' if spelled[name][0] == '"' else escaped(value)
        for name, value in row.items()
    } | {"time": "[01/May/2024:10:00:00 +0000]"}
    line = mark.join(shown[name] for name in names)
    (found,), _ = read(tmp_path, mark.join(spelled[name] for name in names), line)
    assert {name: found.get(name) for name in row} == row
    assert found["user_id"] == " ".join(row[n] for n in ("address", "agent") if n in row)


@pytest.mark.parametrize("log_format", [LTSV, APACHE_LTSV])
def test_a_label_more_is_no_part_of_the_last_one(log_format: str, tmp_path: Path) -> None:
    rows, report = read(tmp_path, log_format, f"{LABELED}\tmore:1")
    assert not rows
    assert dict(report.refused) == {"not_log_line": 1}
