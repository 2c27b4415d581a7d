"""What lines of JSON that are written alike have in common: all but their values.

Lines of a log are mostly written by one program, key after key in one order. Of such a line all
that stands between its values is the same in each line, and its values stand between the same of
its quotation marks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from clicksession.readers.formats.json.strict import RefusedError, loaded
from clicksession.readers.rows.flattening import leaves

__all__ = ["Constant", "Template", "Value"]

_QUOTE = b'"'

# What stands behind a key: a colon, and what may be a value that is no text.
_BEHIND_KEY = re.compile(rb"([ \t\r]*:[ \t\r]*)([^][ \t\r,{}]*)")


@dataclass(frozen=True)
class Constant:
    """A part of a line that is no value.

    Attributes
    ----------
    text
        The bytes.
    mark
        Which of the line's quotation marks it holds first, from 1; of one that holds none, one
        more than there are.
    before
        How many of its bytes stand before that mark.
    """

    text: bytes
    mark: int
    before: int


@dataclass(frozen=True)
class Value:
    """A value: the keys that lead to it, and whether it is in quotation marks."""

    path: str
    is_text: bool


@dataclass(frozen=True)
class Template:
    """A line without its values.

    Attributes
    ----------
    quotes
        How many quotation marks it has.
    constants
        What stands before its values, between them and behind them.
    values
        Its values, one fewer.
    """

    quotes: int
    constants: tuple[Constant, ...]
    values: tuple[Value, ...]

    @classmethod
    def of(cls, line: bytes) -> "Template | None":
        r"""Return what lines like this one have in common; nothing, where that is not so simple.

        The line has no backslash. What holds a list is not simple, and no more is an object
        without a field, or a path that comes twice, as in ``{"a.b": 1, "a": {"b": 2}}``.

        Examples
        --------
        >>> template = Template.of(b'{"id": 1, "by": {"name": "ann"}}')
        >>> [constant.text for constant in template.constants]
        [b'{"id": ', b', "by": {"name": "', b'"}}']
        >>> [value.path for value in template.values]
        ['id', 'by.name']
        >>> Template.of(b'{"id": [1]}')
        """
        try:
            record = loaded(line)
        except RefusedError:
            return None
        paths = [path for path, _ in leaves(record)] if isinstance(record, dict) else []
        pieces = line.split(_QUOTE)
        if not paths or len(set(paths)) < len(paths) or any(b"[" in each for each in pieces[::2]):
            return None
        texts, are_texts = _parted(pieces)
        if len(are_texts) != len(paths):
            # Of an object without a field, no value was found.
            return None
        values = tuple(Value(*each) for each in zip(paths, are_texts, strict=True))
        return cls(len(pieces) - 1, tuple(_placed(texts, len(pieces))), values)


def _parted(pieces: list[bytes]) -> tuple[list[bytes], list[bool]]:
    """Return the constants of a line, and of each value between them whether it is a text.

    The pieces stand between its quotation marks: those inside by turns with those outside.
    """
    texts, are_texts = [pieces[0]], []
    for inside, outside in zip(pieces[1::2], pieces[2::2], strict=False):
        behind = _BEHIND_KEY.match(outside)
        if behind is None:
            are_texts.append(True)
            texts[-1] += _QUOTE
            texts.append(_QUOTE + outside)
            continue
        texts[-1] += _QUOTE + inside + _QUOTE
        if behind[2]:
            are_texts.append(False)
            texts[-1] += behind[1]
            texts.append(outside[behind.end() :])
        else:
            texts[-1] += outside
    return texts, are_texts


def _placed(texts: list[bytes], end: int) -> Iterator[Constant]:
    """Give the constants with the marks that they hold."""
    mark = 1
    for text in texts:
        before = text.find(_QUOTE)
        yield Constant(text, end, len(text)) if before < 0 else Constant(text, mark, before)
        mark += text.count(_QUOTE)
