"""Our readers keep the contract that others can run; so does a plug-in that is installed."""

import io
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from clicksession import EventSchema
from clicksession.readers.formats.snowplow import FIELDS
from clicksession.testing import ReaderContract

Rows = Sequence[Mapping[str, Any]]


class TestJson(ReaderContract):
    @pytest.fixture
    def format(self) -> str:
        return "json"

    def encode(self, rows: Rows) -> bytes:
        return "".join(json.dumps(row) + "\n" for row in rows).encode()

    def bad_row(self) -> bytes:
        return b"{oops\n"


class TestJsonArray(TestJson):
    def encode(self, rows: Rows) -> bytes:
        return json.dumps(rows, indent=2).encode()

    def bad_row(self) -> bytes:
        return b"[17]"

    def test_a_bad_row_is_set_aside(self, format: str, tmp_path: Any) -> None:
        pytest.skip("what is kept of an array is its element")


class TestCsv(ReaderContract):
    delimiter = ","

    @pytest.fixture
    def format(self) -> str:
        return "csv"

    def encode(self, rows: Rows) -> bytes:
        file = io.StringIO()
        names = ["event_id", "user_id", "timestamp"]
        file.write(self.delimiter.join(names) + "\n")
        for row in rows:
            # Python's writer cannot tell null from an empty text.
            fields = ["" if row[n] is None else f'"{row[n]}"' for n in names]
            file.write(self.delimiter.join(fields) + "\n")
        return file.getvalue().encode()

    def bad_row(self) -> bytes:
        return b"a single field\n"


class TestTsv(TestCsv):
    delimiter = "\t"

    @pytest.fixture
    def format(self) -> str:
        return "tsv"


def _table(rows: Rows) -> pa.Table:
    kinds = {"event_id": pa.int64(), "user_id": pa.string(), "timestamp": pa.string()}
    return pa.Table.from_pylist([dict(row) for row in rows], pa.schema(kinds))


class TestParquet(ReaderContract):
    @pytest.fixture
    def format(self) -> str:
        return "parquet"

    def encode(self, rows: Rows) -> bytes:
        file = io.BytesIO()
        pq.write_table(_table(rows), file)
        return file.getvalue()


class TestOrc(TestParquet):
    @pytest.fixture
    def format(self) -> str:
        return "orc"

    def encode(self, rows: Rows) -> bytes:
        file = io.BytesIO()
        orc.write_table(_table(rows), file)
        return file.getvalue()


class TestArrow(TestParquet):
    @pytest.fixture
    def format(self) -> str:
        return "arrow"

    def encode(self, rows: Rows) -> bytes:
        file = io.BytesIO()
        feather.write_feather(_table(rows), file, chunksize=10)
        return file.getvalue()


class TestAvro(TestParquet):
    codec = "deflate"

    @pytest.fixture
    def format(self) -> str:
        return "avro"

    def encode(self, rows: Rows) -> bytes:
        fastavro = pytest.importorskip("fastavro", reason='needs pip install "clicksession[avro]"')
        kinds = {"event_id": "long", "user_id": ["null", "string"], "timestamp": "string"}
        fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
        file = io.BytesIO()
        kind = {"type": "record", "name": "event", "fields": fields}
        fastavro.writer(file, kind, rows, codec=self.codec, sync_interval=100)
        return file.getvalue()


class TestAvroOfSpark(TestAvro):
    codec = "snappy"


class TestSnowplow(ReaderContract):
    @pytest.fixture
    def format(self) -> str:
        return "snowplow"

    def schema(self) -> EventSchema:
        return EventSchema(timestamp="collector_tstamp")

    def rows(self) -> Rows:
        # A field without a text is null there.
        return [{**row, "user_id": row["user_id"] or None} for row in super().rows()]

    def encode(self, rows: Rows) -> bytes:
        lines = []
        for row in rows:
            said = {**row, "collector_tstamp": row["timestamp"]}
            fields = ["" if said.get(name) is None else str(said[name]) for name in FIELDS]
            lines.append("\t".join(fields) + "\n")
        return "".join(lines).encode()

    def bad_row(self) -> bytes:
        return b"a\tfew\tfields\n"


class TestWeblog(ReaderContract):
    @pytest.fixture
    def format(self) -> str:
        return "weblog"

    def schema(self) -> EventSchema:
        return EventSchema(event_id="bytes", user_id="remote_user", timestamp="time")

    def rows(self) -> Rows:
        return [{**row, "user_id": row["user_id"] or None} for row in super().rows()]

    def encode(self, rows: Rows) -> bytes:
        lines = []
        for row in rows:
            clock = row["timestamp"][11:19]
            lines.append(
                f"192.0.2.1 - {row['user_id'] or '-'} [01/May/2024:{clock} +0000] "
                f'"GET / HTTP/1.1" 200 {row["event_id"]}\n'
            )
        return "".join(lines).encode()

    def bad_row(self) -> bytes:
        return b"no line of a log\n"


class TestW3c(ReaderContract):
    @pytest.fixture
    def format(self) -> str:
        return "w3c"

    def schema(self) -> EventSchema:
        return EventSchema(event_id="sc-bytes", user_id="cs-username", timestamp="time")

    def rows(self) -> Rows:
        return [{**row, "user_id": row["user_id"] or None} for row in super().rows()]

    def encode(self, rows: Rows) -> bytes:
        lines = ["#Version: 1.0", "#Fields: date time cs-username sc-bytes"]
        for row in rows:
            time = row["timestamp"].rstrip("Z").replace("T", " ")
            lines.append(f"{time} {row['user_id'] or '-'} {row['event_id']}")
        return "".join(f"{line}\r\n" for line in lines).encode()

    def bad_row(self) -> bytes:
        return b"2024-05-01 10:00:00 ann\n"


class TestAlb(ReaderContract):
    kind, end = "http ", ' - - arn:a "Root=1"'

    @pytest.fixture
    def format(self) -> str:
        return "alb"

    def schema(self) -> EventSchema:
        return EventSchema(event_id="sent_bytes", user_id="agent", timestamp="time")

    def rows(self) -> Rows:
        return [{**row, "user_id": row["user_id"] or None} for row in super().rows()]

    def encode(self, rows: Rows) -> bytes:
        return "".join(
            f"{self.kind}{row['timestamp']} shop 192.0.2.1:7 - -1 -1 -1 400 - 0 {row['event_id']} "
            f'"GET http://shop.example:80/ HTTP/1.1" "{row["user_id"] or "-"}"{self.end}\n'
            for row in rows
        ).encode()

    def bad_row(self) -> bytes:
        return self.encode(self.rows()[:1]).replace(b" -1", b"", 1)


class TestElb(TestAlb):
    kind, end = "", " - -"

    @pytest.fixture
    def format(self) -> str:
        return "elb"


class TestS3Access(ReaderContract):
    @pytest.fixture
    def format(self) -> str:
        return "s3_access"

    def schema(self) -> EventSchema:
        return EventSchema(event_id="bytes", user_id="requester", timestamp="time")

    def rows(self) -> Rows:
        return [{**row, "user_id": row["user_id"] or None} for row in super().rows()]

    def encode(self, rows: Rows) -> bytes:
        return "".join(
            f"owner shop [01/May/2024:{row['timestamp'][11:19]} +0000] 192.0.2.1 "
            f"{row['user_id'] or '-'} 3E57 REST.GET.OBJECT a%2520b.jpg "
            f'"GET /a%20b.jpg HTTP/1.1" 200 - {row["event_id"]} 7 7 7 "-" "curl" -\n'
            for row in rows
        ).encode()

    def bad_row(self) -> bytes:
        return self.encode(self.rows()[:1]).replace(b" 3E57", b"", 1)


_PLUGIN = '''
"""Rows as words: an id, a user and a time, with a blank between them."""

import pyarrow as pa

from clicksession.readers.base import BadRow, Batch


class Words:
    def read(self, stream, source, schema):
        rows, numbers, refused, offset = [], [], [], 0
        for number, line in enumerate(stream, 1):
            words = line.decode().split()
            if len(words) == 3:
                rows.append(words)
                numbers.append(number)
            else:
                place = f"line {number}"
                detail = "it has not three words"
                bad = BadRow(source, place, number, offset, "words", detail, line, len(line))
                refused.append(bad)
            offset += len(line)
        columns = list(zip(*rows)) or [[], [], []]
        names = ["event_id", "user_id", "timestamp"]
        table = pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, columns)})
        yield Batch(table, numbers, "line", refused)
'''
_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "words-reader"
version = "1.0"

[project.entry-points."clicksession.readers"]
words = "words_reader:Words"
"""
_USE = """
import pytest
import clicksession as cs
from clicksession.testing import ReaderContract

class TestWords(ReaderContract):
    @pytest.fixture
    def format(self):
        return "words"

    def encode(self, rows):
        lines = [" ".join(str(value) for value in row.values()) for row in rows]
        return "".join(line + "\\n" for line in lines).encode()

    def rows(self):
        return [row for row in super().rows() if row["user_id"]]

    def bad_row(self):
        return b"two words\\n"

def test_by_its_suffix(tmp_path):
    (tmp_path / "log.words").write_text("1 ann 2024-05-01\\n")
    assert cs.read_events(tmp_path / "log.words")["user_id"].tolist() == ["ann"]
"""


def test_a_plug_in_that_is_built_and_installed(tmp_path: Path) -> None:
    project, site = tmp_path / "project", tmp_path / "site"
    (project / "words_reader").mkdir(parents=True)
    (project / "words_reader" / "__init__.py").write_text(_PLUGIN)
    (project / "pyproject.toml").write_text(_PROJECT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, "--target", site, project], capture_output=True, text=True, check=False
    )
    if "No module named" in done.stderr:
        pytest.skip(f"needs pip and hatchling: pip install hatchling ({done.stderr[-200:]})")
    assert done.returncode == 0, done.stderr
    (tmp_path / "test_words.py").write_text(_USE)
    code = f"import sys; sys.path.insert(0, {str(site)!r}); import pytest; "
    options = ["-q", "-p", "no:cacheprovider", str(tmp_path / "test_words.py")]
    code += f"sys.exit(pytest.main({options!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 passed" in done.stdout
