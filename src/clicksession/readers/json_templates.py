"""What lines of JSON that are written alike have in common: all but their values.

Lines of a log are mostly written by one program, key after key in one order. Cut at its quotation
marks, such a line is texts by turns with what stands between them, and all of it that is no value
is the same in each line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clicksession.readers.json_strict import RefusedError, loaded
from clicksession.readers.records import leaves

__all__ = ["Constant", "Field", "Template", "Token", "template_of"]

_QUOTE = b'"'

# What stands behind a key: a colon, and what may be a value that is no text.
_BEHIND_KEY = re.compile(rb"( *: *)([^ ,{}]*)")


@dataclass(frozen=True)
class Constant:
    """A piece that is the same in all lines."""

    text: bytes


@dataclass(frozen=True)
class Field:
    """A piece that is a text, and the keys that lead to it."""

    path: str


@dataclass(frozen=True)
class Token:
    """A piece with a value that is no text, what stands before it, and what behind it."""

    path: str
    before: bytes
    behind: bytes


Template = tuple[Constant | Field | Token, ...]
"""The pieces of a line, which stand between its quotation marks."""


def template_of(line: bytes) -> Template | None:
    r"""Return what lines like this one have in common; nothing, where that is not so simple.

    The line has no backslash. What holds a list is not simple, and no more is an object without a
    field, or a path that comes twice, as in ``{"a.b": 1, "a": {"b": 2}}``.

    Examples
    --------
    >>> template_of(b'{"id": 1, "by": "ann"}')[2:]
    (Token(path='id', before=b': ', behind=b', '), Constant(text=b'by'), Constant(text=b': '), \
Field(path='by'), Constant(text=b'}'))
    >>> template_of(b'{"id": [1]}')
    """
    try:
        record = loaded(line)
    except RefusedError:
        return None
    if not isinstance(record, dict):
        return None
    values = dict(leaves(record))
    pieces = line.split(_QUOTE)
    template = tuple(_template(pieces, iter(values)))
    found = [piece.path for piece in template if not isinstance(piece, Constant)]
    # A list is no value that was found, and a path that comes twice was found once too often.
    return template if found and found == list(values) else None


def _template(pieces: list[bytes], paths: Iterator[str]) -> Iterator[Constant | Field | Token]:
    """Give the pieces of a line as what they are: those in quotation marks by turns with others."""
    for number, piece in enumerate(pieces):
        if number % 2:
            is_key = pieces[number + 1].lstrip(b" ").startswith(b":")
            yield Constant(piece) if is_key else Field(next(paths, ""))
            continue
        token = _BEHIND_KEY.match(piece)
        if token and token[2]:
            yield Token(next(paths, ""), token[1], piece[token.end() :])
        else:
            yield Constant(piece)
