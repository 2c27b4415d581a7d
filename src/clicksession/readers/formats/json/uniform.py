"""Lines of JSON that are all written as the first, as columns: cut at their quotation marks.

A parser of CSV whose delimiter is the quotation mark gives what stands between these. Of the pieces
only the values are taken; put together again with what stands between the values of the first line,
which was read strictly, they must give the very bytes. Then each line is the first with other
values.
"""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clicksession.readers.formats.decoding import is_utf8
from clicksession.readers.formats.json.scalars import holds_no_control, scalars
from clicksession.readers.formats.json.templates import Template, Value
from clicksession.readers.rows.flattening import MAX_FIELDS, without_hollow

__all__ = ["uniform_rows"]

# So many bytes say whether it is worth to look at all of them.
_SAMPLE_BYTES = 2**14

_QUOTE, _NEWLINE = b'"', b"\n"


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
    if b"\r" in content or not _is_plain(content):
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


def _is_plain(content: bytes) -> bool:
    """Say whether content is UTF-8 in which nothing may hide a quotation mark.

    A backslash takes the meaning of what follows it.
    """
    return bool(content) and b"\\" not in content and is_utf8(content)


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
        column = _column(value, found)
        if column is None:
            return None
        columns[value.path] = column
    return columns


def _column(value: Value, found: pa.Array) -> pa.Array | None:
    if not value.is_text:
        return scalars(found)
    return found if holds_no_control(found) else None
