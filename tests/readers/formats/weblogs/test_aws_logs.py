"""Access logs of AWS: each form of the years is read by the places of its fields, no other."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession.readers.formats.weblogs.aws import AlbReader, ElbReader, S3AccessReader

ALB = (
    "http 2024-05-01T10:00:00.186641Z app/shop/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.000 "
    '0.001 0.000 200 200 34 366 "GET http://shop.example:80/a?b=1 HTTP/1.1" "curl/7.46.0" - - '
    'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/shop/7 "Root=1-58337262-36d228ad"'
)
ALB_LATER = (
    ' "shop.example"',
    ' "arn:aws:acm:eu-west-1:1:certificate/1"',
    " 0",
    " 2024-05-01T10:00:00.180000Z",
    ' "waf,forward"',
    ' "-"',
    ' "-"',
    ' "10.0.0.1:80"',
    ' "200"',
    ' "-"',
    ' "-"',
    " TID_dc57",
    ' "-"',
    ' "-"',
    ' "-"',
)
ELB = (
    "2024-05-01T10:00:00.943945Z shop 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 "
    '200 0 29 "GET http://shop.example:80/ HTTP/1.1"'
)
ELB_LATER = (' "curl/7.38.0"', " -", " -")
S3 = (
    "79a59df9 shop [01/May/2024:10:00:00 +0000] 192.0.2.1 79a59df9 3E57427F REST.GET.OBJECT "
    'a%2520b.jpg "GET /a%20b.jpg HTTP/1.1" 200 - 2662992 3462992 70 10 "-" "curl/7.15.1"'
)
S3_LATER = (
    " -",
    " s9lz=",
    " SigV4",
    " ECDHE",
    " AuthHeader",
    " s3.eu",
    " TLSv1.2",
    " -",
    " Yes",
    " eu-1",
)
KINDS = {
    "alb": (ALB, ALB_LATER, AlbReader),
    "elb": (ELB, ELB_LATER, ElbReader),
    "s3_access": (S3, S3_LATER, S3AccessReader),
}


def read(folder: Path, kind: str, *lines: str) -> tuple[pd.DataFrame, cs.ReadReport]:
    path = folder / "log"
    path.write_text("".join(f"{line}\n" for line in lines))
    report = cs.ReadReport()
    schema = cs.EventSchema.preset(kind)
    return cs.read_events(
        path, schema=schema, on_error="quarantine", report=report, drop_duplicates=None
    ), report


def years(kind: str) -> list[str]:
    """Return a line as it was in each year: every field came at the end."""
    line, later, _ = KINDS[kind]
    return [line + "".join(later[:count]) for count in range(len(later) + 1)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_of_each_year(kind: str, tmp_path: Path) -> None:
    reader = KINDS[kind][2]
    lines = [*years(kind), years(kind)[-1] + " new1 new2"]
    found, report = read(tmp_path, kind, *lines)
    assert (len(found), report.rows_refused) == (len(lines), 0)
    assert found["user_id"].str.startswith("192.0.2.1").all()
    rest = [value for value in found["rest"] if not pd.isna(value)]
    assert rest == ["new1 new2"]
    names = [name for name in reader.fields if name in found]
    known = found[names].notna().sum(axis="columns").tolist()
    assert known == sorted(known)
    # Alone in a file, a line is what it is among the others.
    for number, line in enumerate(lines):
        alone, _ = read(tmp_path, kind, line)
        expected = {name: value for name, value in found.loc[number].items() if not pd.isna(value)}
        values = {name: value for name, value in alone.loc[0].items() if not pd.isna(value)}
        assert values == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_that_lacks_a_field_is_refused(kind: str, tmp_path: Path) -> None:
    line, _, reader = KINDS[kind]
    words = line.split(" ")
    # Taken from among the fields, so that those after it would be shifted.
    whole = words.index(next(word for word in words if word.startswith('"')))
    lines = [" ".join(words[:place] + words[place + 1 :]) for place in range(whole)]
    found, report = read(tmp_path, kind, *lines)
    kept = len(found)
    said = "no line of"
    assert all(said in row.detail for row in report.quarantine)
    assert kept == 0
    assert reader.least <= len(reader.fields)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("alb", '"Root=1-58337262-36d228ad"', "Root=1-58337262-36d228ad"),
        ("alb", '"curl/7.46.0"', '"curl"7.46.0"'),
        ("alb", "http 2024", "2024"),
        ("alb", " 366 ", " x "),
        ("elb", '"GET http', "GET http"),
        ("elb", "T10:00:00.943945Z", ""),
        ("s3_access", '"curl/7.15.1"', '"curl "7.15.1""'),
        ("s3_access", '"curl/7.15.1"', '"x" - h s c a host tls arn acl region "y"'),
        ("s3_access", "[01/May/2024:10:00:00 +0000]", "01/May/2024:10:00:00 +0000"),
    ],
)
def test_a_line_of_another_form_is_refused(kind: str, old: str, new: str, tmp_path: Path) -> None:
    line = years(kind)[-1]
    assert old in line
    found, report = read(tmp_path, kind, line, line.replace(old, new), line)
    assert len(found) == 2
    (bad,) = report.quarantine
    assert (bad.line, bad.reason) == (2, "not_log_line")


def test_what_was_asked_of_a_balancer(tmp_path: Path) -> None:
    odd = ALB.replace("curl/7.46.0", r"Odd \x22agent\x22 \xC3\xA9").replace(
        "192.0.2.1", "2001:db8::1"
    )
    malformed = ALB.replace("GET http://shop.example:80/a?b=1 HTTP/1.1", "- http://shop:80- -")
    found, _ = read(
        tmp_path, "alb", ALB, odd, malformed.replace("10.0.0.1:80 0.000 0.001", "- -1 -1")
    )
    columns = ["address", "port", "method", "url", "path", "target", "target_processing_time"]
    rows = found[columns].astype(object).where(found[columns].notna(), None).values.tolist()
    asked = ["GET", "http://shop.example:80/a?b=1", "/a?b=1"]
    assert rows == [
        ["192.0.2.1", 2817, *asked, "10.0.0.1:80", 0.001],
        ["2001:db8::1", 2817, *asked, "10.0.0.1:80", 0.001],
        ["192.0.2.1", 2817, None, None, None, None, -1.0],
    ]
    assert found["agent"][1] == 'Odd "agent" é'


def test_connections_without_requests(tmp_path: Path) -> None:
    line = ELB.replace("200 200", "- -").replace("GET http://shop.example:80/ HTTP/1.1", "- - - ")
    found, _ = read(tmp_path, "elb", line + ' "-" - -')
    (row,) = found.to_dict("records")
    assert row["user_id"] == "192.0.2.1"
    assert pd.isna(row["method"])
    assert pd.isna(row["elb_status_code"])


def test_texts_of_s3_are_as_they_stand(tmp_path: Path) -> None:
    unquoted = S3.replace('"-" "curl/7.15.1"', "- -")
    backslash = S3.replace("curl/7.15.1", "curl\\")
    found, _ = read(tmp_path, "s3_access", S3, unquoted, backslash)
    values: list[Any] = [None if pd.isna(agent) else agent for agent in found["agent"]]
    assert values == ["curl/7.15.1", None, "curl\\"]
    assert found["key"].tolist() == ["a%2520b.jpg"] * 3
    assert found["path"].tolist() == ["/a%20b.jpg"] * 3
