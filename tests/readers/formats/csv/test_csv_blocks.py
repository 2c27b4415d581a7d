"""What a record of CSV comes to does not depend on where a block ends, whatever its form."""

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clicksession import EventSchema, formats
from clicksession.readers.base import BadRow
from clicksession.readers.formats.csv import batching
from clicksession.readers.formats.csv import cuts as csv_cuts
from clicksession.readers.formats.csv import records as csv_records
from clicksession.readers.formats.csv.reader import CsvReader
from tests.readers.formats.csv.csv_oracle import meaning

NAMES = ("a", "b", "c")
FORMS = [
    formats.CSV(),
    formats.CSV(delimiter=";", quote="'"),
    formats.CSV(escape="\\"),
    formats.CSV(quote=None),
    formats.CSV(comment="#"),
    formats.CSV(comment="//", escape="\\"),
    formats.CSV(quote=None, escape="\\", comment="#"),
    formats.TSV(quote=None, escape="\\"),
    formats.TSV(quote='"'),
    formats.CSV(null_values=("x", "NULL")),
]
# What has a meaning in some form, often; and little else.
PIECES = [*'"";,\n\n\t', "\\", "\r\n", "\r", "\r\r\n", "'", "#", "//", "x", "d", "é"]
PIECES += ['""', '",', ',"', "\\N", "\0"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
SIZES = st.sampled_from([1, 2, 3, 5, 8, 13, 10**6])


def read(
    content: bytes, form: formats.CSV, size: int, limit: int = 10**6, many: int = 10**6
) -> tuple[list[tuple[int, list[Any]]], list[BadRow]]:
    """Return the rows with their lines, and the bad rows, of content cut into blocks."""
    reader = CsvReader()
    reader.form, reader.columns, reader.max_row_bytes = form, NAMES, limit
    rows, bad = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "BLOCK_BYTES", size)
        patch.setattr(csv_records, "_MANY", many)
        patch.setattr(csv_cuts, "_MANY", many)
        patch.setattr(batching, "_FEW", many)
        for batch in reader.read(io.BytesIO(content), "log.csv", EventSchema()):
            values = [batch.rows[name].to_pylist() for name in batch.rows.column_names]
            texts = [list(row) for row in zip(*values, strict=True)]
            rows += list(zip(batch.numbers, texts, strict=True))
            bad += list(batch.refused)
            for position, number in enumerate(batch.numbers):
                found = batch.find(position) if batch.find else None
                assert found is not None
                assert found.line == number
                assert content[found.offset :].startswith(found.raw)
    return rows, bad


@settings(max_examples=600)
@given(
    text=TEXTS,
    form=st.sampled_from(FORMS),
    size=SIZES,
    limit=st.sampled_from([3, 7, 10**6]),
    many=st.sampled_from([1, 3, 10**6]),
)
@example(text='"x,y\nx,y,x\nx,y,"\n', form=FORMS[0], size=2, limit=10**6, many=10**6)
@example(text='x,y,"é\n' * 3, form=FORMS[0], size=1, limit=7, many=1)
@example(text='"x\nyyyy"z\n', form=FORMS[0], size=10**6, limit=3, many=10**6)
@example(text='"x",\\""y\ny",x,y\n', form=FORMS[2], size=10**6, limit=10**6, many=10**6)
@example(text="x\\d,x,x\n", form=formats.CSV(quote=None, escape="\\"), size=1, limit=99, many=9)
@example(text="x,x,x\n#\0\nx,x,x\n", form=FORMS[4], size=10**6, limit=10**6, many=10**6)
def test_every_form_is_read_by_its_rule_wherever_blocks_end(
    text: str, form: formats.CSV, size: int, limit: int, many: int
) -> None:
    if form.quote and not form.escape:
        # A backslash may show that it is an escape; of that below.
        text = text.replace("\\", "")
    expected = meaning(text, form, len(NAMES), limit)
    rows, bad = read(text.encode(), form, size, limit, many)
    assert rows == expected.rows
    found = [(row.line, row.reason, row.raw) for row in bad]
    assert found == [
        # Of what is too long, as much as any block has.
        (line, why, raw.encode()[: limit + 1].rstrip(b"\r") if why == "too_long" else raw.encode())
        for line, why, raw in expected.bad
    ]


@settings(max_examples=300)
@given(
    text=TEXTS,
    form=st.sampled_from([formats.CSV(), formats.TSV(), formats.TSV(escape="\\")]),
    size=SIZES,
    prefix=st.sampled_from(["", "sep=;\n", 'x,y,"{\\"a\\":1}"\n', 'x\ty\t"a\tb"\n']),
)
def test_what_a_file_shows_does_not_depend_on_blocks(
    text: str, form: formats.CSV, size: int, prefix: str
) -> None:
    content = (prefix + text).encode()
    assert read(content, form, size) == read(content, form, 10**6)


@settings(max_examples=200)
@given(text=TEXTS, form=st.sampled_from([*FORMS, formats.TSV()]), size=SIZES)
def test_every_line_is_somewhere(text: str, form: formats.CSV, size: int) -> None:
    form = replace(form, comment=None)
    rows, bad = read(text.encode(), form, size)
    lines = [number for number, _ in rows] + [row.line for row in bad]
    assert len(set(lines)) == len(lines)
    if '"' not in text and "'" not in text and "\\" not in text:
        filled = [n for n, line in enumerate(text.split("\n"), 1) if line.strip("\r")]
        assert sorted(lines) == filled
