"""Any encoding comes out as UTF-8, however it is cut, with nothing lost and each place known."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession import EventSchema
from clicksession.readers.formats.decoding import decoded
from clicksession.readers.formats.json.reader import JsonReader

ENCODINGS = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252", "shift_jis", "ascii"]
WEIGHED = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp1252", "cp037"]


class Pieces(io.BytesIO):
    """A stream that gives no more than so much at a time."""

    most = 1

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.most if size is None or size < 0 else min(size, self.most))


def whole(content: bytes, encoding: str | None, most: int) -> bytes:
    stream = Pieces(content)
    stream.most = most
    found = decoded(stream, encoding)
    return b"".join(iter(lambda: found.read(most), b""))


@given(
    text=st.text(st.sampled_from('ab,\n\r"é表ﾃ😀')),
    encoding=st.sampled_from(ENCODINGS),
    most=st.integers(1, 9),
)
def test_a_text_comes_out_as_it_is(text: str, encoding: str, most: int) -> None:
    written = text.encode(encoding, "ignore")
    expected = written.decode(encoding).encode()
    assert whole(written, encoding, most) == expected
    mark = "\ufeff".encode(encoding, "ignore")
    if mark:
        assert whole(mark + written, None, most) == b"\xef\xbb\xbf" + expected
    assert whole(text.encode(), None, most) == text.encode()
    assert whole(text.encode(), "utf8", most) == text.encode()


@given(content=st.binary(), encoding=st.sampled_from(ENCODINGS), most=st.integers(1, 9))
def test_what_cannot_be_meant_is_kept_byte_by_byte(
    content: bytes, encoding: str, most: int
) -> None:
    text = whole(content, encoding, most).decode("utf-8", "surrogatepass")
    back = b"".join(
        bytes([ord(char) - 0xDC00]) if 0xDC00 <= ord(char) <= 0xDCFF else char.encode(encoding)
        for char in text
    )
    assert back.decode(encoding, "replace") == content.decode(encoding, "replace")
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            whole(content, encoding, most).decode("utf-8")


@given(text=st.text(st.sampled_from("ab\né€😀")), encoding=st.sampled_from(WEIGHED))
def test_each_byte_knows_what_it_stands_for(text: str, encoding: str) -> None:
    written = text.encode(encoding, "ignore")
    weights = decoded(io.BytesIO(written), encoding).weights  # type: ignore[attr-defined]
    assert sum(int(weights[byte]) for byte in written.decode(encoding).encode()) == len(written)


@pytest.mark.parametrize("encoding", ["shift_jis", "gbk", "utf-7", "iso2022_jp"])
def test_places_that_nobody_can_know(encoding: str) -> None:
    assert decoded(io.BytesIO(b"a"), encoding).weights is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_reader_of_another_format_reads_it(encoding: str) -> None:
    content = '{"user_id":"ü😀","timestamp":"2024-05-01"}\n'.encode(encoding)
    (batch,) = JsonReader().read(decoded(io.BytesIO(content)), "log.json", EventSchema())
    assert batch.rows["user_id"].to_pylist() == ["ü😀"]
