"""CSV and TSV as systems write them: each form by its option, or as the file shows it."""

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import clicksession as cs
from clicksession import formats
from clicksession.readers.formats.csv.reader import CsvReader, TsvReader
from tests.readers.door import ran

T = "2024-05-01T10:00:00Z"
HEAD = "user_id,timestamp,note\n"


def read(path: Path, content: str | bytes, **options: Any) -> tuple[pd.DataFrame, cs.ReadReport]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = cs.ReadReport()
    return cs.read_events(path, report=report, **options), report


def notes(path: Path, content: str | bytes, **options: Any) -> list[Any]:
    found, _ = read(path, content, **options)
    return [None if pd.isna(value) else value for value in found["note"]]


TSV_QUOTES = {
    "a mark that opens and one that closes": ('"unclosed', "x", 'last" '),
    "marks that would close": ('"unclosed', "x", 'last"'),
    "one mark": ('5" screen', '"', 'a"b'),
    "a value that is quoted by its author": ('"red shoes"', "red", "shoes"),
    "marks in two columns": ('"a', 'b"', '"'),
    "doubled by nobody": ('""', "x", 'say ""hi""'),
}


@pytest.mark.parametrize("case", TSV_QUOTES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_no_mark_swallows_a_row_of_tsv(case: str, end: str, tmp_path: Path) -> None:
    values = TSV_QUOTES[case]
    rows = [f"u{n}\t{T}\t{value}" for n, value in enumerate(values)]
    content = end.join(["user_id\ttimestamp\tnote", *rows, ""])
    assert notes(tmp_path / "log.tsv", content) == list(values)
    run = ran(tmp_path / "log.tsv", tmp_path)
    assert sorted(run.events["note"]) == sorted(values)
    assert run.users == ["u0", "u1", "u2"]


def test_no_mark_swallows_a_row_that_is_bad(tmp_path: Path) -> None:
    content = f'user_id\ttimestamp\tnote\nu\t{T}\t"a\nbad\nv\t{T}\tb"\n'
    found, report = read(tmp_path / "log.tsv", content, on_error="quarantine")
    assert found["note"].tolist() == ['"a', 'b"']
    assert [row.raw for row in report.quarantine] == [b"bad"]


SHOWN = {
    "a tab in quotes": f'user_id\ttimestamp\tnote\nu\t{T}\t"a\tb"\n',
    "a newline in quotes": f'user_id\ttimestamp\tnote\nu\t{T}\t"a\nb"\n',
    "doubled marks": f'user_id\ttimestamp\tnote\nu\t{T}\t"6"" screen"\n',
    "a header in quotes": f'"user_id"\t"timestamp"\t"note"\n"u"\t"{T}"\t"x"\n',
    "every value in quotes": f'user_id\ttimestamp\tnote\n"u"\t"{T}"\t"x"\n""\t"{T}"\t\n',
}


@pytest.mark.parametrize("case", SHOWN)
def test_tsv_that_shows_its_quotes(case: str, tmp_path: Path) -> None:
    expected = list(csv.reader(io.StringIO(SHOWN[case], newline=""), delimiter="\t"))[1:]
    found = notes(tmp_path / "log.tsv", SHOWN[case])
    assert [value or "" for value in found] == [row[2] for row in expected]


def test_quotes_that_come_later_are_asked_for(tmp_path: Path) -> None:
    rows = f"u\t{T}\tx\n" * 4000 + f'u\t{T}\t"a\tb"\n'
    content = f"user_id\ttimestamp\tnote\n{rows}"
    with pytest.raises(cs.errors.BadRowError, match=r"format=formats\.TSV\(quote='\"'\)"):
        read(tmp_path / "log.tsv", content)
    found = notes(tmp_path / "log.tsv", content, format=formats.TSV(quote='"'))
    assert found[-1] == "a\tb"


def test_what_one_says_of_quotes_counts(tmp_path: Path) -> None:
    content = SHOWN["a header in quotes"].replace('"user_id"\t"timestamp"\t"note"', "a\tb\tnote")
    schema = cs.EventSchema(user_id="a", timestamp="b")
    with pytest.raises(cs.errors.BadRowError, match="b is no time"):
        read(tmp_path / "log.tsv", content, format=formats.TSV(quote=None), schema=schema)
    assert notes(tmp_path / "log.tsv", content, format=formats.TSV(quote='"'), schema=schema) == [
        "x"
    ]


def test_what_stands_for_null(tmp_path: Path) -> None:
    content = f'{HEAD}\\N,{T},\\N\nNULL,{T},"\\N"\n,{T},""\n'
    found, _ = read(tmp_path / "log.csv", content)
    assert found["user_id"].fillna("null").tolist() == ["null", "NULL", "null"]
    assert notes(tmp_path / "log.csv", content) == [None, "\\N", ""]
    form = formats.CSV(null_values=("NULL", "\\N"))
    assert read(tmp_path / "log.csv", content, format=form)[0]["user_id"].isna().all()
    assert notes(tmp_path / "log.tsv", content.replace(",", "\t")) == [None, '"\\N"', '""']
    run = ran(tmp_path / "log.csv", tmp_path)
    assert run.users == ["NULL"]


NO_HEADER = {
    "log.csv": [
        (f"u,{T}\n", r"columns=\[…\] names the columns"),
        (f"u,{T}\nv,{T}\n", r"columns=\[…\] names the columns"),
        ("page,place\n", r"its first line is no header: it has none of .*, but 'page', 'place'"),
        (f"user_id;timestamp\nu;{T}\n", r'format=formats\.CSV\(delimiter=";"\)'),
        (f"user_id;timestamp;price\nu;{T};1,5\n", r'format=formats\.CSV\(delimiter=";"\)'),
        (f"user_id|timestamp\nu|{T}\n", r'format=formats\.CSV\(delimiter="\|"\)'),
        (f"user_id\ttimestamp\nu\t{T}\n", r'format="tsv"'),
        (f"# made by hand\nuser_id,timestamp\nu,{T}\n", r'format=formats\.CSV\(comment="#"\)'),
        (f"Report\nMay\nuser_id,timestamp\nu,{T}\n", r"format=formats\.CSV\(skip=…\)"),
    ],
    "log.tsv": [
        (f"u\t{T}\n", r"columns=\[…\] names the columns"),
        (f"user_id,timestamp\nu,{T}\n", r'format="csv"'),
        (f"user_id|timestamp\nu|{T}\n", r'format=formats\.TSV\(delimiter="\|"\)'),
    ],
}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [(name, content, said) for name, cases in NO_HEADER.items() for content, said in cases],
)
def test_a_header_that_is_none_is_an_error(
    name: str, content: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(cs.errors.BadRowError, match=said) as caught:
        cs.read_events(tmp_path / name)
    assert name in str(caught.value)
    with pytest.raises(cs.errors.BadRowError):
        ran(tmp_path / name, tmp_path)
    report = cs.ReadReport()
    assert cs.read_events(tmp_path / name, on_error="quarantine", report=report).empty
    assert dict(report.refused) == {"unreadable": 1}


@pytest.mark.parametrize(
    "content",
    [
        f'{{"user_id":"u","timestamp":"{T}"}}\n',
        f'{{"timestamp":"{T}"}}\n{{"timestamp":"{T}"}}\n',
        '[{"user_id":"u"},\n{"user_id":"u"}]\n',
        '{"user_id": 1}\n',
    ],
)
@pytest.mark.parametrize("reader", [CsvReader, TsvReader])
def test_json_is_no_header(reader: type[CsvReader], content: str) -> None:
    batches = reader().read(io.BytesIO(content.encode()), "x", cs.EventSchema())
    with pytest.raises(cs.errors.BadRowError, match=r'begins as JSON does.*format="json"'):
        list(batches)


def test_what_the_names_of_folders_say_is_there_without_a_header() -> None:
    reader = CsvReader()
    reader.known = ("user_id", "timestamp")
    (batch,) = reader.read(io.BytesIO(b"page\n/\n"), "x", cs.EventSchema())
    assert batch.rows.to_pydict() == {"page": ["/"]}


@pytest.mark.parametrize("content", ["", "\n", "\n\n", HEAD, HEAD + "\n"])
def test_a_header_alone_and_nothing_at_all_are_no_rows(content: str, tmp_path: Path) -> None:
    assert read(tmp_path / "log.csv", content)[0].empty


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_header_alone_is_no_row_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    assert read(tmp_path / "log.csv", HEAD.encode(encoding))[0].empty
    with pytest.raises(cs.errors.BadRowError, match="'page', 'place'"):
        read(tmp_path / "other.csv", "page,place\n".encode(encoding))


BY_OPTION: dict[str, tuple[str | bytes, formats.CSV]] = {
    "semicolons": (f"user_id;timestamp;note\nu;{T};a,b\n", formats.CSV(delimiter=";")),
    "bars": (f"user_id|timestamp|note\nu|{T}|a,b\n", formats.CSV(delimiter="|")),
    "control characters": (
        f"user_id\x01timestamp\x01note\nu\x01{T}\x01a,b\n",
        formats.CSV(delimiter="\x01", quote=None),
    ),
    "other quotes": (f"{HEAD}u,{T},'a,b'\n", formats.CSV(quote="'")),
    "no quotes": (
        f'user_id;timestamp;note\nu;{T};a,b\n"v;{T};a,b\n',
        formats.CSV(quote=None, delimiter=";"),
    ),
    "a comment first": (f'# a "comment\n{HEAD}u,{T},"a,b"\n', formats.CSV(comment="#")),
    "comments between": (
        f'{HEAD}//x\nu,{T},"a,b"\n//"\nv,{T},"a,b"\n//',
        formats.CSV(comment="//"),
    ),
    "lines before": (f'Report\n"May\n{HEAD}u,{T},"a,b"\n', formats.CSV(skip=2)),
    "Latin": (f'{HEAD}ü,{T},"a,b"\n'.encode("latin-1"), formats.CSV(encoding="latin-1")),
    "UTF-16 without a mark": (
        f'{HEAD}ü,{T},"a,b"\n'.encode("utf-16-be"),
        formats.CSV(encoding="utf-16-be"),
    ),
    "Japanese": (f'{HEAD}表,{T},"a,b"\n'.encode("shift_jis"), formats.CSV(encoding="shift_jis")),
    "backslashes": (f'{HEAD}u,{T},"a,b"\nv,{T},"a,b"\n', formats.CSV(escape="\\")),
}


@pytest.mark.parametrize("case", BY_OPTION)
def test_what_an_option_says(case: str, tmp_path: Path) -> None:
    content, form = BY_OPTION[case]
    assert set(notes(tmp_path / "log.csv", content, format=form)) == {"a,b"}
    run = ran(tmp_path / "log.csv", tmp_path, format=form)
    assert set(run.events["note"]) == {"a,b"}
    if form.encoding is None:
        assert len(run.events) == str(content).count(T)


def test_the_first_line_that_excel_understands(tmp_path: Path) -> None:
    content = f"sep=;\r\nuser_id;timestamp;note\r\nu;{T};a,b\r\n"
    assert notes(tmp_path / "log.csv", content) == ["a,b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["log.csv", "log.tsv"])
def test_a_byte_order_mark_is_seen(encoding: str, name: str, tmp_path: Path) -> None:
    mark = "\ufeff" if encoding[-3:] in ("-le", "-be") else ""
    content = f"{mark}{HEAD}ü,{T},é€😀\nbad\nv,soon,x\n"
    if name == "log.tsv":
        content = content.replace(",", "\t")
    written = content.encode(encoding)
    found, report = read(tmp_path / name, written, on_error="quarantine")
    assert found["note"].tolist() == ["é€😀"]
    assert [(row.line, row.reason) for row in report.quarantine] == [
        (3, "field_count"),
        (4, "bad_time"),
    ]
    unmarked = encoding if mark or encoding == "utf-8-sig" else f"{encoding}-le"
    for row in report.quarantine:
        raw = row.raw.decode().encode(unmarked.removesuffix("-sig"))
        assert row.offset is not None
        assert written[row.offset :].startswith(raw)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    said = r'it is not UTF-8 \(byte 24\); format=formats\.CSV\(encoding="cp1252"\)'
    with pytest.raises(cs.errors.BadRowError, match=said):
        read(tmp_path / "log.csv", f"{HEAD}u,{T},é\n".encode("cp1252"))
    said = r'header cannot be read \(it is not UTF-8\)\. format=formats\.CSV\(encoding="cp1252"\)'
    with pytest.raises(cs.errors.BadRowError, match=said):
        read(tmp_path / "log.csv", f"user_id,timestamp,é\nu,{T},é\n".encode("cp1252"))
    said = r'bytes of zero\)\. format=formats\.CSV\(encoding="utf-16-le"\)'
    with pytest.raises(cs.errors.BadRowError, match=said):
        read(tmp_path / "log.csv", f"{HEAD}u,{T},x\n".encode("utf-16-le"))


def test_what_an_encoding_cannot_mean_is_a_bad_row(tmp_path: Path) -> None:
    rows = [f"u,{T},é".encode("cp1252"), b"v,\x81,x", f"w,{T},€".encode("cp1252"), b"bad"]
    content = HEAD.encode() + b"\n".join(rows)
    form = formats.CSV(encoding="cp1252")
    found, report = read(tmp_path / "log.csv", content, format=form, on_error="quarantine")
    assert found["note"].tolist() == ["é", "€"]
    kept = list(report.quarantine)
    assert [(row.line, row.reason) for row in kept] == [(3, "not_utf8"), (5, "field_count")]
    assert "it is not cp1252" in kept[0].detail
    assert [row.offset for row in kept] == [content.index(rows[1]), content.index(b"bad")]
    raw = kept[0].raw.decode("utf-8", "surrogatepass")
    assert raw.encode("cp1252", "surrogateescape") == rows[1]


SPARK = [
    '{"a":1}',
    '{"a":1,"b":"x,y"}',
    "C:\\temp",
    "\\\\server\\share",
    "C:\\",
    'said "so" and \\n \\\\ here',
    'a line\nand "another"',
    '{"a":"x\\ny"}',
    '"',
    '\\"',
    "C:\\dir, x\\",
    '"first',
]


def as_spark(value: str) -> str:
    """Write a value as Spark 4 does."""
    if not any(mark in value for mark in ',\n"'):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize("form", [None, formats.CSV(escape="\\")])
@pytest.mark.parametrize("value", SPARK)
def test_csv_as_spark_writes_it(value: str, form: Any, tmp_path: Path) -> None:
    rows = [f"u{n},{T},{as_spark(text)}\n" for n, text in enumerate(('{"a":1}', value, "x"))]
    assert notes(tmp_path / "log.csv", HEAD + "".join(rows), format=form) == ['{"a":1}', value, "x"]
    run = ran(tmp_path / "log.csv", tmp_path, format=form)
    assert sorted(run.events["note"]) == sorted(['{"a":1}', value, "x"])


@pytest.mark.parametrize("value", [value for value in SPARK if '"' in value])
def test_what_spark_writes_is_never_misread_where_the_beginning_does_not_show_it(
    value: str, tmp_path: Path
) -> None:
    rows = [f"u{n},{T},x\n" for n in range(4000)]
    content = HEAD + "".join([*rows, f"v,{T},{as_spark(value)}\n"])
    found, report = read(tmp_path / "log.csv", content, on_error="quarantine")
    assert found["note"].unique().tolist() == ["x"]
    assert report.rows_refused
    with pytest.raises(cs.errors.BadRowError, match=r'format=formats\.CSV\(escape="\\\\"\)'):
        read(tmp_path / "log.csv", content)
    again = cs.read_events(report.quarantine, format=formats.CSV(escape="\\"), on_error="skip")
    # The lines of a value that was cut in two are rows of their own by now.
    assert again.empty if "\n" in value else again["note"].tolist() == [value]


def test_doubled_marks_beside_backslashes_are_doubled_marks(tmp_path: Path) -> None:
    content = f'{HEAD}u,{T},"C:\\"\nu,{T},"say ""hi\\"""\n'
    assert notes(tmp_path / "log.csv", content) == ["C:\\", 'say "hi\\"']


def test_something_behind_a_closing_mark_is_refused(tmp_path: Path) -> None:
    content = f'{HEAD}u,{T},"a"b\nv,{T},"a" \nw,{T},a "b" c\nx,{T},5"\ny,{T},"a\nb"c\n'
    found, report = read(tmp_path / "log.csv", content, on_error="quarantine")
    assert found["note"].tolist() == ['a "b" c', '5"']
    assert [(row.line, row.reason) for row in report.quarantine] == [
        (2, "stray_quote"),
        (3, "stray_quote"),
        (6, "stray_quote"),
        (7, "field_count"),
    ]


def test_a_header_that_is_no_record_is_never_skipped(tmp_path: Path) -> None:
    for header in ('"user_id"x,timestamp,note\n', '"user_id,timestamp,note\n'):
        with pytest.raises(cs.errors.BadRowError, match="line 1: its header cannot be read"):
            read(tmp_path / "log.csv", f"{header}user_id,timestamp,b\nu,{T},x\n")


ADOBE = f'u\t{T}\tsearch\\\tfor\\\n5\\\\6 "inches\nv\t{T}\t\\N\nw\t{T}\tC:\\\\temp\\tnow\n'


def test_an_adobe_feed_is_kept_whole(tmp_path: Path) -> None:
    options: Any = {
        "format": formats.TSV(escape="\\"),
        "columns": ["user_id", "timestamp", "note"],
    }
    expected = ['search\tfor\n5\\6 "inches', None, "C:\\temp\tnow"]
    assert notes(tmp_path / "hit_data.tsv", ADOBE, **options) == expected
    run = ran(tmp_path / "hit_data.tsv", tmp_path, **options)
    assert run.users == ["u", "v", "w"]


ESCAPED = {"\\t": "\t", "\\n": "\n", "\\\\": "\\", "\\'": "'", "\\q": "\\q", "\\d": "\\d"}


@pytest.mark.parametrize("written", ESCAPED)
def test_escapes_of_databases(written: str, tmp_path: Path) -> None:
    for delimiter in ("\t", "|", "d"):
        head = "user_id timestamp note\n".replace("d", "D") if delimiter == "d" else HEAD
        content = f"{head}u,{T},x{written}x\n".replace(",", delimiter).replace(" ", delimiter)
        schema = cs.EventSchema(user_id="user_iD") if delimiter == "d" else None
        form = formats.TSV(delimiter=delimiter, quote=None, escape="\\")
        meant = "d" if (delimiter, written) == ("d", "\\d") else ESCAPED[written]
        found = notes(tmp_path / "log.tsv", content, format=form, schema=schema)
        assert found == [f"x{meant}x"]


FORMS: list[tuple[formats.CSV, str]] = [
    (formats.CSV(), "{},{},{}"),
    (formats.CSV(delimiter=";"), "{};{};{}"),
    (formats.CSV(quote="'"), "{},{},'{}'"),
    (formats.CSV(quote=None), "{},{},{}"),
    (formats.CSV(escape="\\"), '{},{},"\\"{}"'),
    (formats.CSV(comment="#"), "{},{},{}"),
    (formats.CSV(encoding="utf-16"), "{},{},{}"),
    (formats.CSV(encoding="cp1252"), "{},{},{}"),
    (formats.CSV(null_values=("NULL",)), "{},{},{}"),
    (formats.CSV(skip=1), "{},{},{}"),
    (formats.TSV(), "{}\t{}\t{}"),
    (formats.TSV(), '{}\t{}\t"{}\t"'),
    (formats.TSV(escape="\\"), "{}\t{}\t\\\t{}"),
]


@pytest.mark.parametrize(("form", "line"), FORMS, ids=range(len(FORMS)))
@pytest.mark.parametrize("columns", [None, ["user_id", "timestamp", "no te"]])
def test_a_bad_row_can_be_read_again(
    form: formats.CSV, line: str, columns: Any, tmp_path: Path
) -> None:
    names = ("user_id", "timestamp", "no te")
    lines = [line.format("u", T, "é"), line.format("v", "soon", "é"), line.format("w", T, "é")]
    head = [] if columns else [line.replace("\\\t", "").replace('\\"', "").format(*names)]
    if '{}\t"' in line and not columns:
        head = ["\t".join(names)]
    content = "\n".join([*(["skipped"] * form.skip), *head, *lines, ""])
    written = content.encode(form.encoding or "utf-8")
    options: Any = {"format": form, "columns": columns, "on_error": "quarantine"}
    found, report = read(tmp_path / "log", written, **options)
    assert found["user_id"].tolist() == ["u", "w"]
    report.quarantine.write(tmp_path / "bad.ndjson")
    kept = cs.Quarantine.read(tmp_path / "bad.ndjson")
    assert [row.raw.decode() for row in kept] == [lines[1]]
    repaired = kept.repaired(lambda raw: raw.replace(b"soon", T.encode()))
    again = cs.read_events(repaired, drop_duplicates=None)
    assert again["user_id"].tolist() == ["v"]
    name = next(name for name in again if name not in ("user_id", "timestamp"))
    assert again[name].tolist() == found[name].tolist()[:1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"delimiter": "ab"}, "`delimiter` must be one character of ASCII"),
        ({"delimiter": "é"}, "`delimiter` must be one character of ASCII"),
        ({"delimiter": "\n"}, "`delimiter` must be one character of ASCII"),
        ({"delimiter": '"'}, "`quote` must be another than the delimiter"),
        ({"escape": ","}, "`escape` must be another than the delimiter"),
        ({"encoding": "klingon"}, "`encoding` must be an encoding of texts"),
        ({"encoding": "base64"}, "`encoding` must be an encoding of texts"),
        ({"skip": -1}, "`skip` must be a whole number"),
        ({"skip": True}, "`skip` must be a whole number"),
    ],
)
def test_options_that_cannot_be_meant(options: Any, said: str) -> None:
    with pytest.raises(cs.errors.ParameterError, match=said):
        formats.CSV(**options)


def test_a_mark_that_escapes_itself_is_doubled() -> None:
    assert formats.CSV(escape='"') == formats.CSV()
