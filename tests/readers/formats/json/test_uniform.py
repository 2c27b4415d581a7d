"""Lines that are written alike, and blocks that are parsed ahead: faster, and nothing else."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import clicksession as cs
from clicksession.readers.base import Batch
from clicksession.readers.formats import blocks, in_order
from clicksession.readers.formats.blocks import Block
from clicksession.readers.formats.json import attempts as json_attempts
from clicksession.readers.formats.json import uniform as json_uniform
from clicksession.readers.formats.json.block import BlockParser, Closer
from clicksession.readers.formats.json.reader import JsonReader
from clicksession.readers.formats.json.strict import RefusedError, loaded
from clicksession.readers.formats.json.uniform import uniform_rows
from clicksession.readers.rows.flattening import batch_of

_NUMBERS = st.one_of(
    st.integers(-(2**64), 2**64),
    st.integers(0, 9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1e300, 2.0**53, 5e-324]),
)
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    _NUMBERS,
    st.text(max_size=5),
    st.sampled_from(["", "null", "2024-05-01", "7", "}", "{", '"', ", ", ": 1, ", "\\", "\0", "é"]),
    st.just([1]),
    st.just({}),
)
_KEYS = st.sampled_from(["id", "a", "b", "a.b", "", "é", ": ", "}", "null"])
_SHAPES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    _KEYS,
    st.one_of(st.sampled_from(["text", "number", "any"]), st.dictionaries(_KEYS, st.just("any"))),
    min_size=1,
    max_size=4,
)


@st.composite
def _logs(draw: st.DrawFn) -> bytes:
    """Draw lines of a few shapes, then perhaps spoil a byte."""
    shapes = draw(st.lists(_SHAPES, min_size=1, max_size=3))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), ("\t,", "\r:\t")]))
    kinds = {"text": st.text("abc: {},", max_size=4), "number": st.integers(0, 99), "any": _VALUES}

    def filled(shape: dict[str, Any]) -> dict[str, Any]:
        return {
            key: filled(kind) if isinstance(kind, dict) else draw(kinds[kind])
            for key, kind in shape.items()
        }

    records = [filled(draw(st.sampled_from(shapes))) for _ in range(draw(st.integers(1, 6)))]
    lines = [
        json.dumps(record, ensure_ascii=False, separators=separators).encode() for record in records
    ]
    content = b"\n".join(lines) + draw(st.sampled_from([b"", b"\n"]))
    place = draw(st.integers(0, len(content)))
    spoilt = draw(st.sampled_from([b"", b'"', b"\n", b" ", b"0", b"}", b"\xff", b"\t", b","]))
    return content[:place] + spoilt + content[place + draw(st.integers(0, 1)) * bool(spoilt) :]


def _one_by_one(content: bytes) -> pa.Table | None:
    """Return what comes of the lines when each is read strictly, by itself."""
    records = []
    try:
        for line in content.removesuffix(b"\n").split(b"\n"):
            value = loaded(line)
            assert isinstance(value, dict), "an event is an object"
            records.append(value)
    except RefusedError:
        return None
    return batch_of(records, range(len(records)), "line").rows


_SPOILT = [b'"', b"\n", b" ", b"0", b"}", b"\t", b",", b"\r", b"a", b"", b"\\", b"\xff"]


@st.composite
def _uniform_logs(draw: st.DrawFn) -> bytes:
    """Draw lines of one kind, of which some byte is perhaps another."""
    kinds = draw(st.dictionaries(_KEYS, st.booleans(), min_size=1, max_size=4))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (",\t", "\t:\r")]))
    texts, numbers = st.text("ab: {},é", max_size=4), st.integers(0, 200) | st.just(None)
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        record = {key: draw(texts if is_text else numbers) for key, is_text in kinds.items()}
        nested = {"by": record} if len(kinds) > 1 else record
        lines.append(json.dumps(nested, ensure_ascii=False, separators=separators).encode())
    content = b"\n".join(lines) + b"\n"
    if draw(st.booleans()):
        place = draw(st.integers(0, len(content) - 1))
        spoilt = draw(st.sampled_from(_SPOILT))
        content = content[:place] + spoilt + content[place + 1 :]
    return content


@given(_logs() | _uniform_logs(), st.sampled_from([8, 2**14]))
@example(b'{"a": 1}\n{"a": 2} ', 8)
@example(b'{"a": 1, "b": "x"}\n{"b": "y", "a": 2}\n', 8)
@example(b'{"a": "x", "b": 1}\n{"a": "x", "c": 1}\n', 8)
@example(b'{"a": 1}\n{"a": 1, 2}\n', 8)
@example(b'{"a": 1}\n{"a": 07}\n', 8)
@example(b'{"a": 1}\n{"a": +7}\n', 8)
@example(b'{"a": 1}\n{"a": -}\n', 8)
@example(b'{"a": 1}\n{"a": 1.}\n', 8)
@example(b'{"a": 1}\n{"a":  2}\n', 8)
@example(b'{"a": 1}\n{"a": }\n', 8)
@example(b'{"a": 1 }\n{"a": }\n', 8)
@example(b'{"a": "1"}\n{"a": "\t"}\n', 8)
@example(b'{"a": "1"}\n{"a": "\x00"}\n', 8)
@example(b'{"a": "1"}\n{"a": "\xff"}\n', 8)
@example(b'{"a": "1"}\n{"a": "\\n"}\n', 8)
@example(b'{"a": "x"}\n{"a": "\xc3"}\n{"a": "\xa9"}\n', 8)
@example(b'{"a"\r: 1}\n{"a"\r: 2}\n', 8)
@example(b'{"a"\t: 1}\n{"a"\t: 2}\n', 8)
@example(b'{"a"\t:1}\n{"b"\t:1}\n', 8)
@example(b'{"a":\t1\t}\n{"a":\t2\r}\n', 8)
@example(b'{"a":1.5}\n{"a":-0}\n', 8)
@example(b'{"a": "1"}\n{"a": "\xc3\xa9"}\n', 8)
@example(b'{"a": 1}\r\n{"a": 2}\r\n', 8)
@example(b'{"a": 1}\n{"a": 2\r}\n', 8)
@example(b'{"a": "1"}\n{"a": "\r"}\n', 8)
@example(b'{"a": "1", "b": 2}\n{"a": """"\n', 8)
@example(b'{"a": "1"}\n{"a": "}\n{"a": """}\n', 8)
@example(b'{"a": 1}\n{"a": NaN}\n', 8)
@example(b'{"a": 1}\n{"a": 9007199254740993.0}\n', 8)
@example(b'{"a": 1, "a": 2}\n', 8)
@example(b'{"a":\t{"b": 1}}\n', 8)
@example(b'{"a":\t{}}\n{"a":\t{}}\n', 8)
@example(b'{"a": "x", "b": [{"c": 7}]}\n', 8)
@example(b'{"a": {}, "b.c": 1, "b": {"c": 2}}\n', 8)
@example(b'{"a": null}\n{"a": {"b": 1}}\n', 8)
def test_what_is_cut_is_what_is_parsed(content: bytes, sample: int) -> None:
    with mock.patch.object(json_uniform, "_SAMPLE_BYTES", sample):
        found = uniform_rows(content)
    if found is None:
        return
    wanted = _one_by_one(content)
    assert wanted is not None, "lines that are no JSON came out"
    assert found.schema == wanted.schema
    # Of floats, each is told from its neighbour, and 0.0 from -0.0.
    assert list(map(repr, found.to_pylist())) == list(map(repr, wanted.to_pylist()))


def test_lines_of_one_kind_take_the_shorter_way() -> None:
    rows = [{"id": n, "by": {"name": f"é{n}", "age": None}} for n in range(9)]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    assert uniform_rows(content) is not None
    other = json.dumps({"id": 1, "by": {"nome": "x", "age": None}})
    assert uniform_rows(content + f"{other}\n".encode()) is None


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_plain_lines_take_the_short_way(end: bytes) -> None:
    values = {"number": 7, "text": "x", "none": None, "truth": True, "inner": {"price": 1.5}}
    other = {"number": 8, "text": "", "none": None, "truth": False, "inner": {"price": 2.0}}
    content = "\n".join(map(json.dumps, (values, other, values))).encode() + end
    found, wanted = uniform_rows(content), _one_by_one(content)
    assert found is not None
    assert wanted is not None
    assert found.to_pylist() == wanted.to_pylist()
    assert found.column_names[-1] == "inner.price"


@pytest.mark.parametrize(
    "line",
    [b'{"a": "\\u0041"}', b'{"a": [1]}', b'{"a": 12345678901234567890}', b'{"a": {}}', b"7", b""],
)
def test_what_is_not_plain_is_for_the_parser(line: bytes) -> None:
    assert uniform_rows(b'{"a": 1}\n' + line + b"\n") is None


def test_lines_that_end_with_a_carriage_return_take_the_shorter_way() -> None:
    found = uniform_rows(b'{"a": 1, "b": "x"}\r\n{"a": 2, "b": "y"}\r\n')
    assert found is not None
    assert found.to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@pytest.mark.parametrize("code", [*range(0x0A), *range(0x0B, 0x20)])
def test_a_control_character_in_a_text_is_for_the_parser(code: int) -> None:
    assert uniform_rows(b'{"a": "x"}\n{"a": "y' + bytes([code]) + b'z"}\n') is None


def test_many_kinds_of_lines_are_for_the_parser() -> None:
    lines = [json.dumps({f"key{number}": number}) for number in range(100)]
    assert uniform_rows("\n".join(lines).encode()) is None


# -- blocks that are parsed ahead of whoever takes them ----------------------------------------


def _batches(stream: BinaryIO) -> Iterator[Batch]:
    return JsonReader().read(stream, "log", cs.EventSchema())


def _told(content: bytes) -> list[tuple[object, ...]]:
    """Return all that is told of a log, batch by batch."""
    return [
        (
            batch.rows.schema,
            batch.rows.to_pylist(),
            list(batch.numbers),
            list(batch.refused),
            [batch.whereabouts(row) for row in range(batch.rows.num_rows)],
        )
        for batch in _batches(io.BytesIO(content))
    ]


_LINE = '{{"user_id": {0}, "timestamp": "2024-05-01T10:00:00Z", "page": "{0}"}}'
_ODD = {
    40: "{oops",
    90: '{"user_id": 1,\n "timestamp": "2024-05-01T10:00:00Z",\n "page": "over lines"}',
    130: '{"user_id": "text", "timestamp": 1714557600, "tags": [1, 2]}',
    170: '[{"user_id": 2, "timestamp": 1714557600}, {"user_id": 3, "timestamp": "x"}]',
    200: '{"user_id": 1, "user_id": 2}',
    231: "",
    260: '{"user_id": 5, "timestamp": 1714557600, "page": "' + "long" * 500 + '"}',
    290: '{"user_id": 6, "timestamp": "2024-05-01 10:00:00"} {"user_id": 7}',
}
_CONTENT = "\n".join(_ODD.get(number, _LINE.format(number)) for number in range(400)).encode()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have blocks of a few lines, and threads for all of them."""
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 600)
    monkeypatch.setattr(json_attempts, "_WORTH_BYTES", 1)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("end", [b"", b"\n", b'\n{"user_id": 9, "times'])
def test_ahead_or_not_the_same_comes_out(end: bytes) -> None:
    ahead = _told(_CONTENT + end)
    with mock.patch.object(json_attempts, "_WORTH_BYTES", 2**30):
        assert ahead == _told(_CONTENT + end)
    assert ahead == _told(_CONTENT + end), "which thread is the first makes no difference"
    with mock.patch.object(BlockParser, "parse", return_value=Closer.LINES):
        slow = _told(_CONTENT + end)
    assert [row for batch in ahead for row in batch[2]] == [
        row for batch in slow for row in batch[2]
    ]
    assert [bad for batch in ahead for bad in batch[3]] == [
        bad for batch in slow for bad in batch[3]
    ]
    assert [at for batch in ahead for at in batch[4]] == [at for batch in slow for at in batch[4]]


@pytest.mark.usefixtures("small_blocks")
def test_few_blocks_wait_for_whoever_takes_them() -> None:
    begun: list[int] = []
    parse: Callable[..., Any] = BlockParser.parse

    def counted(parser: BlockParser, block: Block, *known: Any) -> Any:
        begun.append(block.offset)
        return parse(parser, block, *known)

    stream = io.BytesIO("\n".join(map(_LINE.format, range(2_000))).encode())
    with mock.patch.object(BlockParser, "parse", counted):
        for taken, _ in enumerate(_batches(cast(BinaryIO, stream)), 1):
            assert len(set(begun)) <= taken + in_order.AHEAD
            # The first comes without waiting for others.
            assert taken > 1 or len(begun) == 1
    names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("clicksession-parse") for name in names)


class _Broken(io.BytesIO):
    """A stream that breaks off."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 5_000:
            raise cs.errors.ReadError("log", "it broke off", "")
        return super().read(size)


@pytest.mark.usefixtures("small_blocks")
def test_what_came_before_a_failure_comes_out_before_it() -> None:
    lines = "\n".join(map(_LINE.format, range(400))).encode()
    found: list[int] = []
    with pytest.raises(cs.errors.ReadError):
        found.extend(n for batch in _batches(cast(BinaryIO, _Broken(lines))) for n in batch.numbers)
    whole = lines[:5_000].count(b"\n")
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= whole
