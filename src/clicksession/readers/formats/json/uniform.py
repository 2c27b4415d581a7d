"""Lines of JSON that are all written as the first, as columns: found by their quotation marks.

The first line is read strictly. Of the others each must have as many marks as it, and at their
places the same between its values. Then each is the first with other values, and these are what
stands between.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.numerals import are_digits
from clicksession.readers.formats.json.templates import Template
from clicksession.readers.rows.flattening import MAX_FIELDS, without_hollow
from clicksession.readers.rows.pairs import may_lose_digits

__all__ = ["uniform_rows"]

# So many bytes say whether it is worth to look at all of them.
_SAMPLE_BYTES = 2**14

_QUOTE, _NEWLINE = ord('"'), b"\n"
_SPACE, _BACKSLASH = b" \\"
_BEYOND_ASCII = 2**7
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"

# What the places of texts in an array of Arrow count to.
_MOST_BYTES = 2**31 - 1

Codes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def uniform_rows(content: bytes) -> pa.Table | None:
    r"""Return the rows of whole lines, flat; nothing, where a parser has to look at them.

    That is where one has a backslash or a list, where some are written otherwise than the first,
    where a value is none, and where the values of one field are not of one type.

    Examples
    --------
    >>> lines = b'{"id": 1, "by": {"name": "ann"}}\n{"id": 2, "by": {"name": "bob"}}\n'
    >>> uniform_rows(lines).to_pylist()
    [{'id': 1, 'by.name': 'ann'}, {'id': 2, 'by.name': 'bob'}]
    >>> uniform_rows(lines + b'{"id": 3, "by": {"name": null}}\n')
    """
    if not content:
        return None
    content = content if content.endswith(_NEWLINE) else content + _NEWLINE
    first = content[: content.index(_NEWLINE)]
    template = None if b"\\" in first else Template.of(first)
    if template is None or len(template.values) > MAX_FIELDS:
        return None
    sample = content[: content.rfind(_NEWLINE, 0, _SAMPLE_BYTES) + 1]
    if 0 < len(sample) < len(content) and _values(sample, template) is None:
        return None
    texts = _values(content, template)
    columns = None if texts is None else _typed(texts, template)
    return None if columns is None else pa.table(without_hollow(columns))


def _values(content: bytes, template: Template) -> list[pa.Array] | None:
    """Return what stands in the place of each value, if all else is as the template says."""
    codes = np.frombuffer(content, dtype=np.uint8)
    # In one piece: what is found is much, and would be copied to be put together.
    marks = np.flatnonzero(codes == _QUOTE)
    if len(content) > _MOST_BYTES or len(marks) % template.quotes:
        return None
    lines = marks.reshape(-1, template.quotes)
    texts = [constant.text for constant in template.constants]
    texts[-1] += _NEWLINE
    begins = [
        lines[:, constant.mark - 1] - constant.before
        for constant in template.constants
        if constant.mark <= template.quotes
    ]
    ends = np.append(begins[0][1:], len(content))
    if len(begins) < len(texts):
        begins.append(ends - len(texts[-1]))
    parts = list(zip(begins, texts, strict=True))
    follow = (begins[-1] + len(texts[-1]) == ends).all()
    if not follow or not all(_are_there(codes, begin, text) for begin, text in parts):
        return None
    return _between(codes, begins, [len(text) for text in texts])


def _are_there(codes: Codes, begins: Places, text: bytes) -> bool:
    """Say whether a text stands at each of some places, which grow, and at the first for sure."""
    size = len(text)
    last = len(codes) - size
    if begins[-1] > last:
        return False
    # As many bytes as the text has, from each byte on: those that are asked for are taken at once.
    parts = np.ndarray((last + 1,), dtype=f"V{size}", buffer=codes, strides=(1,))
    found = parts[begins].view(np.uint8)
    return bool((found == np.frombuffer(text * len(begins), dtype=np.uint8)).all())


def _between(codes: Codes, begins: list[Places], sizes: list[int]) -> list[pa.Array] | None:
    """Return what stands between parts of lines; nothing, where two of them overlap.

    All of it is one array of Arrow, of values and what is between by turns, of which each column
    takes its own.
    """
    count, width = len(begins[0]), 2 * (len(begins) - 1)
    offsets = np.empty(count * width + 1, dtype=np.int32)
    offsets[-1] = len(codes)
    places = offsets[:-1].reshape(count, width)
    for number, (begin, size, end) in enumerate(zip(begins, sizes, begins[1:], strict=False)):
        places[:, 2 * number] = begin + size
        places[:, 2 * number + 1] = end
    if (places[:, ::2] > places[:, 1::2]).any():
        return None
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(codes)]
    everything = pa.Array.from_buffers(pa.string(), count * width, buffers)
    firsts = np.arange(0, count * width, width)
    return [everything.take(pa.array(firsts + number)) for number in range(0, width, 2)]


def _typed(texts: list[pa.Array], template: Template) -> dict[str, pa.Array] | None:
    columns: dict[str, pa.Array] = {}
    for value, found in zip(template.values, texts, strict=True):
        column = found if value.is_text else _scalars(found)
        if column is None or (value.is_text and not _are_plain(found)):
            return None
        columns[value.path] = column
    return columns


def _scalars(tokens: pa.Array) -> pa.Array | None:
    """Return the values that these texts are, which stand in no quotation marks.

    Nothing, where they are not of one type, or none; nor where a number has more digits than its
    type keeps.

    Examples
    --------
    >>> [_scalars(pa.array(tokens)).to_pylist() for tokens in (["1", "null"], ["2", "1.5"])]
    [[1, None], [2.0, 1.5]]
    >>> _scalars(pa.array(["1", "true"])), _scalars(pa.array(["07"]))
    (None, None)
    """
    if not tokens.null_count and are_digits(tokens):
        # As ids are.
        return _cast(tokens, pa.int64())
    is_null = pc.equal(tokens, "null")
    if pc.any(is_null).as_py():
        tokens = pc.if_else(is_null, None, tokens)
    if tokens.null_count == len(tokens):
        return pa.nulls(len(tokens))
    if are_digits(tokens.drop_null()):
        return _cast(tokens, pa.int64())
    truths = pc.equal(tokens, "true")
    if pc.all(pc.or_(truths, pc.equal(tokens, "false"))).as_py():
        return truths
    if not pc.all(pc.match_substring_regex(tokens, _NUMBER)).as_py():
        return None
    if not pc.any(pc.match_substring_regex(tokens, "[.eE]")).as_py():
        return _cast(tokens, pa.int64())
    if pc.any(pc.equal(tokens, "-0")).as_py():
        # It is a whole number, which has no sign of its own.
        return None
    floats = _cast(tokens, pa.float64())
    return None if floats is None or may_lose_digits(floats) else floats


def _are_plain(texts: pa.Array) -> bool:
    r"""Say whether texts in quotation marks are what stands there: UTF-8 without an escape.

    Nor with a control character, of which JSON has none there.

    Examples
    --------
    >>> [_are_plain(pa.array([text])) for text in ("a", "Zoë", r"a\n", "a\n")]
    [True, True, False, False]
    """
    # By numpy, which other threads need not wait for.
    codes = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    if codes.min(initial=_SPACE) < _SPACE or (codes == _BACKSLASH).any():
        return False
    if codes.max(initial=0) < _BEYOND_ASCII:
        return True
    try:
        # Each by itself: the end of one and the beginning of the next may make a character.
        texts.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _cast(tokens: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return tokens.cast(kind)
    except pa.ArrowInvalid:
        # Of more digits.
        return None
