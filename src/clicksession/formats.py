"""Formats as values: which one a source has, and what is particular about it.

Wherever ``format=`` takes a name, it takes one of these too. The name alone means the format with
everything at its default.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from clicksession.display import call, differing
from clicksession.errors import ParameterError
from clicksession.log_format import FormatError, log_line

__all__ = ["CSV", "TSV", "Format", "Weblog", "format_from_text", "format_to_text"]


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What is particular about a source of a format."""

    name: ClassVar[str]

    def __repr__(self) -> str:
        return call(self, differing(self))


@dataclass(frozen=True, kw_only=True, repr=False)
class CSV(_Options):
    r"""Values between delimiters, a record a line; quoted values may hold newlines.

    Parameters
    ----------
    delimiter
        The character between two values. A first line ``sep=;``, as Excel writes it, says it too.
    quote
        The character around a value that holds what would else end it; doubled within, it stands
        for itself. In the middle of a value it is a character like others. ``None``: it is one
        everywhere. ``"auto"``: as the beginning of the file shows.
    escape
        A character that takes the meaning from the next one. Where there are quotes: from a
        quotation mark within quotes, as Spark writes it (``"{\"a\":1}"``). Where there are none:
        from whatever ends a value, as Adobe writes it, and before a letter it makes a control
        character (``\t``, ``\n``), as in MySQL's, PostgreSQL's and ClickHouse's. Left out: none,
        or a backslash within quotes where the beginning of the file shows it.
    encoding
        How characters are written, by Python's name for it. Left out: UTF-8, or UTF-16 where a
        byte-order mark says so.
    comment
        What a line begins with that is no record.
    null_values
        What stands for null outside of quotes, besides nothing at all.
    skip
        How many lines stand before the header, or before the first record.

    Examples
    --------
    >>> CSV(delimiter=";").delimiter
    ';'
    """

    name: ClassVar[str] = "csv"

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    encoding: str | None = None
    comment: str | None = None
    null_values: tuple[str, ...] = ("\\N",)
    skip: int = 0

    def __post_init__(self) -> None:
        who = type(self).__name__
        one = "one character of ASCII"
        _check(who, "delimiter", one, self.delimiter, _is_character(self.delimiter))
        must = f"{one}, 'auto' or None"
        quoted = self.quote in (None, "auto") or _is_character(self.quote)
        _check(who, "quote", must, self.quote, quoted)
        must = f"{one}, or None"
        escaped = self.escape is None or _is_character(self.escape)
        _check(who, "escape", must, self.escape, escaped)
        if self.escape is not None and self.escape == self.quote:
            # A quotation mark that escapes itself is a doubled one.
            object.__setattr__(self, "escape", None)
        for parameter in ("quote", "escape"):
            value = getattr(self, parameter)
            _check(who, parameter, "another than the delimiter", value, value != self.delimiter)
        for parameter in ("encoding", "comment"):
            value = getattr(self, parameter)
            good = value is None or (isinstance(value, str) and bool(value))
            _check(who, parameter, "a text, or None", value, good)
        must = "an encoding of texts that Python knows, or None"
        _check(who, "encoding", must, self.encoding, _is_encoding(self.encoding))
        good = isinstance(self.skip, int) and not isinstance(self.skip, bool) and self.skip >= 0
        _check(who, "skip", "a whole number, not below zero", self.skip, good)
        values = (self.null_values,) if isinstance(self.null_values, str) else self.null_values
        good = not isinstance(values, bytes) and all(isinstance(v, str) for v in values)
        _check(who, "null_values", "texts", self.null_values, good)
        object.__setattr__(self, "null_values", tuple(values))


@dataclass(frozen=True, kw_only=True, repr=False)
class TSV(CSV):
    r"""Values between tabs, else as `CSV`; quotation marks mean nothing unless the file shows it.

    Examples
    --------
    >>> TSV(escape="\\").quote
    'auto'
    """

    name: ClassVar[str] = "tsv"

    delimiter: str = "\t"
    quote: str | None = "auto"


@dataclass(frozen=True, kw_only=True, repr=False)
class Weblog(_Options):
    """The access log of a web server.

    Parameters
    ----------
    log_format
        The form of a line, as it stands in the server's configuration: nginx's ``log_format``
        (``$remote_addr - $remote_user [$time_local] …``) or Apache's ``LogFormat`` (``%h %l %u
        …``), with or without the directive's name, its quotes and its ``escape=``. A line is of
        this form or no event. Left out: the common or the combined format.

    Raises
    ------
    ParameterError
        The form is none of theirs, or has things side by side that cannot be told apart in a line.

    Examples
    --------
    >>> Weblog(log_format="%h %l %u %t").log_format
    '%h %l %u %t'
    """

    name: ClassVar[str] = "weblog"

    log_format: str | None = None

    def __post_init__(self) -> None:
        good = self.log_format is None or (isinstance(self.log_format, str) and self.log_format)
        must = "the server's own text, or None"
        _check("Weblog", "log_format", must, self.log_format, bool(good))
        if self.log_format is not None:
            _check_log_format(self.log_format)


Format = CSV | TSV | Weblog
"""A format with what is particular about a source of it."""

_FORMATS: dict[str, type[Any]] = {kind.name: kind for kind in (CSV, TSV, Weblog)}


def format_to_text(format: Format) -> str:
    r"""Return a format as text: its name, and what is not at its default.

    Examples
    --------
    >>> format_to_text(CSV()), format_to_text(CSV(delimiter=";"))
    ('csv', 'csv {"delimiter": ";"}')
    """
    defaults = {field.name: field.default for field in fields(format)}
    own = {name: value for name, value in asdict(format).items() if value != defaults[name]}
    return f"{format.name} {json.dumps(own)}" if own else format.name


def format_from_text(text: str) -> str | Format:
    """Return the format of a text that `format_to_text` made; a name alone stays a name.

    Examples
    --------
    >>> format_from_text('csv {"delimiter": ";"}') == CSV(delimiter=";")
    True
    >>> format_from_text("json")
    'json'
    """
    name, space, own = text.partition(" ")
    if not space:
        return name
    made: Format = _FORMATS[name](**json.loads(own))
    return made


def _check_log_format(text: str) -> None:
    try:
        log_line(text)
    except FormatError as error:
        must = "nginx's log_format or Apache's LogFormat"
        hint = f"{error.reason[0].upper()}{error.reason[1:]}. {error.hint}".strip()
        raise ParameterError("formats.Weblog", "log_format", must, text, hint) from None


def _is_character(value: object) -> bool:
    is_one = isinstance(value, str) and len(value) == 1
    return is_one and str(value).isascii() and value not in ("\r", "\n", "\0")


def _is_encoding(name: str | None) -> bool:
    try:
        # Some codecs of Python are of bytes; encoding a text by one is an error.
        return name is None or "".encode(name) is not None
    except (LookupError, ValueError):
        return False


def _check(who: str, parameter: str, must: str, got: object, holds: bool) -> None:
    if not holds:
        raise ParameterError(f"formats.{who}", parameter, must, got)
