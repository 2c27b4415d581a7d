"""A source that holds something and says nothing is an error, not an empty source."""

import re
from collections.abc import Iterable, Iterator

from clicksession.errors import BadRowError
from clicksession.formats import CSV, Format
from clicksession.readers.base import Batch
from clicksession.readers.formats.choosing import name_of
from clicksession.readers.formats.decoding import encoding_of
from clicksession.schema import REQUIRED, EventSchema

__all__ = ["header_names", "require_rows"]

_DELIMITED = ("csv", "tsv")
_BOM = "\ufeff"
_SHOWN = 80


def require_rows(
    batches: Iterable[Batch],
    start: bytes,
    name: str,
    format: str | Format,
    schema: EventSchema,
    known: Iterable[str],
    *,
    has_columns: bool,
) -> Iterator[Batch]:
    """Yield the batches; refuse a source without rows whose only line is no header either.

    Nor may a format pass over all of its lines.

    A header names what feeds a user or a time. Of other formats, no line is taken for a header.

    Parameters
    ----------
    start
        Its first bytes.
    known
        What is known of its rows without it, by path.
    has_columns
        Whether the caller names the columns.

    Raises
    ------
    BadRowError
        There is a line, and it is neither a row nor a header.
    """
    heard = False
    for batch in batches:
        heard = heard or bool(batch.rows.num_rows or batch.refused)
        yield batch
    form = _form_of(format)
    if heard or name_of(format) not in _DELIMITED or not (lines := _lines(start, form)):
        return
    skip = form.skip
    if len(lines) <= skip:
        reason = f"it has no more than {len(lines):,} lines, and skip={skip:,} passes over them"
        raise BadRowError(name, reason, "Give the number of lines before the header.")
    text = _text(lines[skip:], form)
    if not text:
        return
    paths = {path for column in REQUIRED for path in schema.paths(column)}
    if not has_columns and paths.intersection([*known, *_names(text, form)]):
        return
    raise BadRowError(
        name,
        f"it has no row, and its only line is no header: it names none of "
        f"{', '.join(map(repr, sorted(paths)))}, but reads {text[:_SHOWN]!r}",
        "Names of columns that the file does not hold are given by columns=[…]; what it holds "
        "else, by format=….",
    )


def header_names(start: bytes, format: str | Format) -> list[str]:
    r"""Return what may be names in the first line of a delimited source, whatever delimits them.

    Examples
    --------
    >>> header_names(b'user;"at"\n7;2024-05-01\n', "csv")
    ['user', 'at']
    """
    form = _form_of(format)
    return _names(_text(_lines(start, form)[form.skip :], form), form)


def _form_of(format: str | Format) -> CSV:
    return format if isinstance(format, CSV) else CSV()


def _names(text: str, form: CSV) -> list[str]:
    return [name.strip(" \"'") for name in re.split(f"[,;|\t{re.escape(form.delimiter)}]", text)]


def _lines(start: bytes, form: CSV) -> list[str]:
    """Return the lines that a source begins with."""
    text = start.decode(form.encoding or encoding_of(start) or "utf-8", "replace")
    return text.removeprefix(_BOM).splitlines()


def _text(lines: list[str], form: CSV) -> str:
    """Return the first line that is no comment; nothing, where there is none."""
    for line in lines:
        if line.strip() and not (form.comment and line.startswith(form.comment)):
            return line
    return ""
