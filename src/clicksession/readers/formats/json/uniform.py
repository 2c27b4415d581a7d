"""Lines of JSON that are all written as the first, as columns: cut at their quotation marks.

A parser of CSV whose delimiter is the quotation mark gives what stands between these. Of the pieces
only the values are taken; put together again with what stands between the values of the first line,
which was read strictly, they must give the very bytes. Then each line is the first with other
values.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clicksession.numerals import are_digits
from clicksession.readers.formats.decoding import is_utf8
from clicksession.readers.formats.json.templates import Template
from clicksession.readers.rows.flattening import MAX_FIELDS, without_hollow
from clicksession.readers.rows.pairs import may_lose_digits

__all__ = ["uniform_rows"]

# So many bytes say whether it is worth to look at all of them.
_SAMPLE_BYTES = 2**14

_QUOTE, _NEWLINE = b'"', b"\n"
_SPACE = ord(" ")
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


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
    # A backslash takes the meaning of what follows it: it may hide a quotation mark.
    if not content or b"\\" in content or b"\r" in content or not is_utf8(content):
        return None
    content = content if content.endswith(_NEWLINE) else content + _NEWLINE
    template = Template.of(content[: content.index(_NEWLINE)])
    if template is None or len(template.values) > MAX_FIELDS:
        return None
    sample = content[: content.rfind(_NEWLINE, 0, _SAMPLE_BYTES) + 1]
    if len(sample) < len(content) and _values(sample, template) is None:
        return None
    texts = _values(content, template)
    columns = None if texts is None else _typed(texts, template)
    return None if columns is None else pa.table(without_hollow(columns))


def _values(content: bytes, template: Template) -> list[pa.Array] | None:
    """Return what stands in the place of each value, if all else is as the template says."""
    numbers = [each.mark + each.text.count(_QUOTE) - 1 for each in template.constants[:-1]]
    pieces = _pieces(content, template.quotes + 1, numbers)
    if pieces is None:
        return None
    values = [
        piece if value.is_text else _bare(piece, before.text, after.text)
        for piece, value, before, after in zip(
            pieces, template.values, template.constants, template.constants[1:], strict=False
        )
    ]
    constants = [each.text.decode() for each in template.constants]
    constants[-1] += "\n"
    parts: list[object] = [constants[0]]
    for value, constant in zip(values, constants[1:], strict=True):
        parts += [value, constant]
    again = pc.binary_join_element_wise(*parts, "").buffers()[2]
    is_same = again.size == len(content) and again.equals(pa.py_buffer(content))
    return values if is_same else None


def _pieces(content: bytes, count: int, numbers: list[int]) -> list[pa.Array] | None:
    """Return some of the pieces between quotation marks, if each line has so many of them."""
    names = [str(number) for number in range(count)]
    try:
        table = pa.csv.read_csv(
            pa.py_buffer(content),
            # In one thread: several blocks are parsed at once.
            read_options=pa.csv.ReadOptions(
                use_threads=False, block_size=len(content) + 1, column_names=names
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=_QUOTE.decode(),
                quote_char=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=False,
            ),
            convert_options=pa.csv.ConvertOptions(
                include_columns=[names[number] for number in numbers],
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return [column.combine_chunks() for column in table.columns]


def _bare(pieces: pa.Array, before: bytes, after: bytes) -> pa.Array:
    """Return pieces without what belongs to the constants before and after the value."""
    start = len(before) - before.rindex(_QUOTE) - 1
    end = after.find(_QUOTE) if _QUOTE in after else len(after)
    cut = pc.binary_slice(pieces.view(pa.binary()), start, -end if end else None)
    return cut.view(pa.string())


def _typed(texts: list[pa.Array], template: Template) -> dict[str, pa.Array] | None:
    columns: dict[str, pa.Array] = {}
    for value, found in zip(template.values, texts, strict=True):
        column = found if value.is_text else _scalars(found)
        if column is None or (value.is_text and not _holds_no_control(found)):
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
    floats = _cast(tokens, pa.float64())
    return None if floats is None or may_lose_digits(floats) else floats


def _holds_no_control(texts: pa.Array) -> bool:
    """Say whether texts hold no control character: JSON has none in quotation marks."""
    codes = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    return bool(codes.min(initial=_SPACE) >= _SPACE)


def _cast(tokens: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return tokens.cast(kind)
    except pa.ArrowInvalid:
        # Of more digits.
        return None
