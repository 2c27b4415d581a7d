r"""What the beginning of a file shows of its form, where the user has not said it.

Only the first `SAMPLE_BYTES` are looked at, so that the rest, and how it is cut into blocks, makes
no difference. What they do not show is as the format says by default.
"""

import re
from dataclasses import replace

from clicksession.formats import CSV
from clicksession.readers.formats.csv.cuts import Cutter

__all__ = ["SAMPLE_BYTES", "said_by_first_line", "shown_by"]

SAMPLE_BYTES = 2**16

# What Excel understands, and what exports write for it.
_SAYS_DELIMITER = re.compile(rb'"?sep=([^"\r\n\0\x80-\xff])"?\r?\n', re.IGNORECASE)
_BACKSLASH = "\\"


def said_by_first_line(form: CSV, start: bytes) -> tuple[CSV, int]:
    """Return the form with the delimiter that a first line ``sep=;`` names, and its length."""
    said = _SAYS_DELIMITER.match(start)
    if said is None:
        return form, 0
    return replace(form, delimiter=said.group(1).decode()), said.end()


def shown_by(form: CSV, start: bytes, whole: bool, fields: int | None) -> CSV:
    r"""Return the form, with what its beginning shows.

    Quotation marks that may be there (``"auto"``) are, where reading them leaves none out of place
    and at least one of these holds: without them more records have another number of fields than
    the first; in some value they are doubled; every value of the first record is in quotes, or
    every value of those after it.

    Quotation marks within quotes are escaped by a backslash where a value shows it
    (``"{\"a\":1}"``), and reading it so leaves no mark out of place.

    Parameters
    ----------
    start
        The first bytes.
    whole
        Whether they are all that there are.
    fields
        How many fields a record has; None where the first one says it.
    """
    sample = start if whole else start[: start.rfind(b"\n") + 1]
    if form.quote == "auto":
        quoted = replace(form, quote='"')
        form = replace(form, quote='"' if _has_quotes(quoted, sample, whole, fields) else None)
    if form.quote is not None and form.escape is None and form.delimiter != _BACKSLASH:
        escaped = replace(form, escape=_BACKSLASH)
        if f"{_BACKSLASH}{form.quote}".encode() in sample:
            plain = _Look(form, sample, whole, fields)
            other = _Look(escaped, sample, whole, fields)
            if plain.misplaced > other.misplaced == 0 and other.wrong <= plain.wrong:
                form = escaped
    return form


def _has_quotes(form: CSV, sample: bytes, whole: bool, fields: int | None) -> bool:
    if b'"' not in sample:
        return False
    quoted = _Look(form, sample, whole, fields)
    plain = _Look(replace(form, quote=None), sample, whole, fields)
    if quoted.misplaced or quoted.wrong > plain.wrong or quoted.swallows(form.delimiter.encode()):
        return False
    if quoted.wrong < plain.wrong:
        return True
    first, *others = quoted.records or [[]]
    values = [value for record in others if len(record) == quoted.fields for value in record]
    return (
        any(value[:1] == b'"' and b'""' in value[1:-1] for value in values)
        or _are_quoted(first)
        or _are_quoted(values)
    )


def _are_quoted(values: list[bytes]) -> bool:
    return any(values) and all(value[:1] in (b'"', b"") for value in values)


class _Look:
    """What a sample comes to when it is read as of some form.

    Attributes
    ----------
    records
        The values of each record.
    fields
        How many a record has to have.
    misplaced
        How many lines have a quotation mark out of place.
    wrong
        The same with the records that have more or fewer fields than the first.
    """

    def __init__(self, form: CSV, sample: bytes, whole: bool, fields: int | None) -> None:
        if sample and not sample.endswith(b"\n"):
            sample += b"\n"
        cutter = Cutter(form)
        cuts = list(cutter.cuts(sample, len(sample), whole))
        self._texts = [
            sample[start:end]
            for cut in cuts
            for start, end in zip(cut.starts.tolist(), cut.ends.tolist(), strict=True)
        ]
        self.records = [cutter.fields(text) for text in self._texts]
        self.misplaced = sum(len(cut.wrong) for cut in cuts)
        if fields is None:
            fields = len(self.records[0]) if self.records else 0
        self.fields = fields
        counts = [len(record) for record in self.records]
        self.wrong = self.misplaced + sum(count != fields for count in counts)

    def swallows(self, mark: bytes) -> bool:
        """Say whether a value of several lines may be two marks far apart with records between.

        Then both the line where it begins and the line where it ends are whole records.
        """
        for text in self._texts:
            lines = text.split(b"\n")
            ends = (lines[0].count(mark) + 1, lines[-1].count(mark) + 1)
            if len(lines) > 1 and ends == (self.fields, self.fields):
                return True
        return False
