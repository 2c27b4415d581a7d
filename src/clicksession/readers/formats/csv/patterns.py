"""What records and values of CSV look like: patterns in which nothing is tried twice."""

import re

from clicksession.formats import CSV

__all__ = ["record_patterns", "values_in_quotes"]


def record_patterns(mark: bytes, quote: bytes, escape: bytes) -> tuple[bytes, bytes]:
    """Return what a record is, and one up to what stands behind a mark that closes a value.

    Nothing in them is tried twice, so that time and memory do not grow with the square.
    """
    no = re.escape(mark) + rb"\n"
    if not quote:
        back = re.escape(escape)
        line = rb"[^" + back + rb"\n]*+(?:" + back + rb".[^" + back + rb"\n]*+)*+\n"
        record = line if escape else rb"[^\n]*+\n"
        return record, rb"(?!)"
    mark, quoted = re.escape(mark), _quoted_pattern(quote, escape)
    plain = rb"[^" + re.escape(quote) + no + rb"][^" + no + rb"]*+"
    field = rb"(?>" + quoted + rb"|" + plain + rb"|)"
    # Once its mark is there, a further field cannot fail: before Python 3.11.5, what is repeated
    # possessively and fails halfway is taken for found (cpython 100061).
    fields = field + rb"(?:" + mark + field + rb")*+"
    # Behind an unquoted value there is its end, and behind none no quotation mark.
    behind = rb"(?<=" + re.escape(quote) + rb")(?:[^\r" + no + rb"]|\r++[^\r\n])"
    return fields + rb"\r*+\n", fields + behind


def values_in_quotes(form: CSV) -> re.Pattern[bytes]:
    """Return what finds the values in quotes among well-formed records, quotes and all."""
    if form.quote is None:
        return re.compile(rb"(?!)")
    escape = form.escape.encode() if form.escape else b""
    begins = rb"(?<![^" + re.escape(form.delimiter.encode()) + rb"\n])"
    return re.compile(begins + _quoted_pattern(form.quote.encode(), escape), re.DOTALL)


def _quoted_pattern(quote: bytes, escape: bytes) -> bytes:
    mark, back = re.escape(quote), re.escape(escape)
    inner = rb"[^" + mark + back + rb"]*+"
    paired = mark + mark + (rb"|" + back + rb"." if escape else rb"")
    return mark + inner + rb"(?:(?:" + paired + rb")" + inner + rb")*+" + mark
